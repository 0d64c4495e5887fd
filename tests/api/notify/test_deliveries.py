"""The log of what was sent, and what happens when it cannot be."""

import json
import time
from datetime import datetime, timedelta, timezone

from deliveries import settled


def register(site, email):
    site.post("/v1/auth/register", {"email": email, "password": "a shroud for Laertes, unwoven", "display_name": "Nobody",
                                    "locale": "en", "zone": "Europe/Athens"}).ok(202)


def wait_for_new(admin, known, state, seconds=20):
    """The delivery of a verification mail in that state that was not there before."""
    end = time.monotonic() + seconds
    while True:
        for one in admin.get(f"/v1/admin/deliveries?kind=verify_email&state={state}&limit=200").ok()["items"]:
            if one["id"] not in known:
                return one
        assert time.monotonic() < end, f"no delivery became {state}"
        time.sleep(0.05)


def known(admin, state):
    return {one["id"] for one in admin.get(f"/v1/admin/deliveries?kind=verify_email&state={state}&limit=200").ok()["items"]}


def test_the_log_tells_what_went_to_whom_and_not_what_it_said(admin, new_person):
    person = new_person("Unmistakable Name")
    [sent] = settled(admin, person, "verify_email", 1)
    assert (sent["state"], sent["channel"], sent["attempts"], sent["answer"]) == ("SENT", "EMAIL", 1, "250 2.0.0")
    assert sent["sent_at"] and sent["due_at"] is None and sent["reason"] is None
    assert person.email not in json.dumps(sent) and "Unmistakable" not in json.dumps(sent)


def test_members_do_not_see_the_log(new_person):
    person = new_person()
    person.get("/v1/admin/deliveries").problem(403, "FORBIDDEN")
    person.get("/v1/admin/suppressions").problem(403, "FORBIDDEN")


def test_what_was_sent_is_not_sent_again(admin, new_person):
    person = new_person()
    [sent] = settled(admin, person, "verify_email", 1)
    problem = admin.post(f"/v1/admin/deliveries/{sent['id']}/resend").problem(409, "ILLEGAL_TRANSITION")
    assert problem["from"] == "SENT"


def test_an_address_that_is_refused_is_not_written_to_again(site, admin):
    before = known(admin, "BOUNCED")
    register(site, f"550.{time.time_ns():x}@refused.example")
    bounced = wait_for_new(admin, before, "BOUNCED")
    assert (bounced["reason"], bounced["answer"]) == ("REFUSED", "550 5.1.1")

    suppression = admin.get("/v1/admin/suppressions").ok()["items"][0]
    assert suppression["user_id"] == bounced["user_id"] and suppression["answer"] == "550 5.1.1"
    admin.post(f"/v1/admin/deliveries/{bounced['id']}/resend").ok()
    assert wait_for_state(admin, bounced, "SKIPPED")["reason"] == "SUPPRESSED"

    admin.delete(f"/v1/admin/suppressions/{suppression['id']}").ok(204)
    admin.delete(f"/v1/admin/suppressions/{suppression['id']}").problem(404, "NOT_FOUND")
    admin.post(f"/v1/admin/deliveries/{bounced['id']}/resend").ok()
    assert wait_for_state(admin, bounced, "BOUNCED")["attempts"] == 1


def wait_for_state(admin, delivery, state, seconds=20):
    end = time.monotonic() + seconds
    while True:
        found = admin.get(f"/v1/admin/deliveries?user_id={delivery['user_id']}&state={state}").ok()["items"]
        if found:
            return found[0]
        assert time.monotonic() < end, f"did not become {state}"
        time.sleep(0.05)


def test_a_refusal_for_now_is_tried_again_in_a_minute(site, admin):
    before = known(admin, "RETRYING")
    register(site, f"451.{time.time_ns():x}@refused.example")
    waiting = wait_for_new(admin, before, "RETRYING")
    assert (waiting["reason"], waiting["attempts"]) == ("REFUSED_FOR_NOW", 1)
    due = datetime.fromisoformat(waiting["due_at"].replace("Z", "+00:00")) - datetime.now(timezone.utc)
    assert timedelta(seconds=30) < due <= timedelta(seconds=60)


def test_an_address_that_puts_off_three_mails_is_left_alone_for_a_week(site, admin, stack):
    email = f"451.{time.time_ns():x}@refused.example"
    sql = "set search_path = notify; "
    before = known(admin, "RETRYING")
    register(site, email)
    first = wait_for_new(admin, before, "RETRYING")
    for _ in range(2):
        before = known(admin, "RETRYING")
        site.post("/v1/auth/email/resend", {"email": email}).ok(202)
        wait_for_new(admin, before, "RETRYING")
    [suppression] = [one for one in admin.get("/v1/admin/suppressions").ok()["items"] if one["user_id"] == first["user_id"]]
    until = datetime.fromisoformat(suppression["until"].replace("Z", "+00:00")) - datetime.now(timezone.utc)
    assert timedelta(days=6) < until <= timedelta(days=7)
    stack.postgres.sql(f"{sql}update suppression set until = now() where id = '{suppression['id']}'", "ithaca")
    end = time.monotonic() + 10
    while "1" in str(stack.postgres.sql(f"select count(*) from notify.suppression where id = '{suppression['id']}'", "ithaca")):
        assert time.monotonic() < end, "it does not end"
        time.sleep(0.2)


def test_mails_wait_while_the_mail_server_is_away_and_then_go_out_once(site, admin, mails, stack):
    before = known(admin, "RETRYING")
    address = f"patient.{time.time_ns():x}@people.example"
    stack.stop_process("mailbox")
    register(site, address)
    waiting = wait_for_new(admin, before, "RETRYING")
    assert (waiting["reason"], waiting["attempts"]) == ("SERVER_AWAY", 0)
    stack.start_process("mailbox")
    mails.wait_for(address, "verify_email", seconds=40)
    assert wait_for_state(admin, waiting, "SENT")["attempts"] == 1
    assert len(mails.all(address)) == 1


def test_mails_go_out_though_the_service_is_killed(site, mails, stack):
    address = f"robust.{time.time_ns():x}@people.example"
    register(site, address)
    stack.kill("notify")
    mails.wait_for(address, "verify_email", seconds=150)
    assert len({mail.headers["message-id"] for mail in mails.all(address)}) == 1
