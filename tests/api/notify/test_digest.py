"""What others do, in one mail a day or a week."""

import time
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from deliveries import settled

KIND = "program_to_approve"
ATHENS = ZoneInfo("Europe/Athens")


@pytest.fixture
def reader(admin, new_person):
    """Administers the site, so that programs to approve are news."""
    person = new_person()
    admin.post("/v1/admin/grants", {"user_id": person.id, "role": "ADMIN"}).ok(201)
    return person.sign_in()


def choose(person, cadence):
    return person.put("/v1/me/notification-preferences/digest", {"cadence": cadence})


def news(stack, admin, person, count):
    """That many further programs wait for approval, as the event would tell."""
    before = len(admin.get(f"/v1/admin/deliveries?user_id={person.id}&kind={KIND}").ok()["items"])
    programs = [admin.post("/v1/programs", {"title": f"Program {number}"}).ok(201)["id"] for number in range(count)]
    for program in programs:
        stack.postgres.sql(f"set search_path = notify; select plan('{KIND}', gen_random_uuid(), '{person.id}', '{program}')", "ithaca")
    return [one for one in settled(admin, person, KIND, before + 2 * count) if one["channel"] == "EMAIL"]


def digests(admin, person):
    return admin.get(f"/v1/admin/deliveries?user_id={person.id}&kind=digest").ok()["items"]


def make_due(stack, delivery):
    stack.postgres.sql(f"set search_path = notify; update delivery set due_at = now() where id = '{delivery['id']}'", "ithaca")


def states_when_told(admin, person, seconds=10):
    """Of the news to that person, once the digest took them along."""
    end = time.monotonic() + seconds
    while "DEFERRED" in (states := {one["state"] for one in settled(admin, person, KIND, 1)}):
        assert time.monotonic() < end, states
        time.sleep(0.05)
    return states


def test_the_choice_is_kept(reader):
    assert choose(reader, "WEEKLY").ok()["digest"] == "WEEKLY"
    assert choose(reader, "OFF").ok()["digest"] == "OFF"
    choose(reader, "HOURLY").problem(400, "UNKNOWN_VALUE", "/cadence")


def test_news_wait_for_the_end_of_the_night_and_come_in_one_mail(stack, admin, reader, mails):
    choose(reader, "DAILY").ok()
    waiting = news(stack, admin, reader, 2)
    assert {(one["state"], one["reason"]) for one in waiting} == {("DEFERRED", "DIGEST")}
    digest, = digests(admin, reader)
    tomorrow = datetime.now(ATHENS).date() + timedelta(days=1)
    assert datetime.fromisoformat(digest["due_at"].replace("Z", "+00:00")).astimezone(ATHENS).isoformat()[:16] == f"{tomorrow}T08:00"

    make_due(stack, digest)
    mail = mails.wait_for(reader.email, "digest")
    assert mail.subject.startswith("2 things happened")
    assert "Program 0 waits for approval" in mail.text and "Program 1 waits for approval" in mail.html
    assert mail.headers["list-unsubscribe"]
    assert states_when_told(admin, reader) == {"SENT"}
    assert mails.matching(reader.email, KIND) == []


def test_a_weekly_digest_comes_on_monday(stack, admin, reader):
    choose(reader, "WEEKLY").ok()
    news(stack, admin, reader, 1)
    due = datetime.fromisoformat(digests(admin, reader)[0]["due_at"].replace("Z", "+00:00")).astimezone(ATHENS)
    assert due.isoweekday() == 1 and timedelta() < due - datetime.now(timezone.utc) <= timedelta(days=7, hours=8)


def test_what_is_about_oneself_does_not_wait(admin, reader, mails):
    choose(reader, "DAILY").ok()
    admin.post("/v1/admin/grants", {"user_id": reader.id, "role": "SUPPORT"}).ok(201)
    assert mails.wait_for(reader.email, "role_granted", "support")


def test_more_than_ten_mails_a_day_come_as_a_digest(stack, admin, reader):
    reader.delete("/v1/me/notification-preferences/quiet-hours").ok(204)
    assert {one["state"] for one in news(stack, admin, reader, 10)} == {"SENT"}
    mailed = [one for one in news(stack, admin, reader, 2) if one["state"] == "DEFERRED"]
    assert {one["reason"] for one in mailed} == {"DAILY_CAP"} and len(mailed) == 2
    assert len(digests(admin, reader)) == 1


def test_a_digest_of_nothing_is_not_sent(stack, admin, reader, mails):
    choose(reader, "DAILY").ok()
    news(stack, admin, reader, 1)
    stack.postgres.sql(f"delete from notify.digest_line where user_id = '{reader.id}'", "ithaca")
    make_due(stack, digests(admin, reader)[0])
    delivery, = [one for one in settled(admin, reader, "digest", 1) if one["state"] != "DEFERRED"]
    assert (delivery["state"], delivery["reason"]) == ("SKIPPED", "STALE")
    assert mails.matching(reader.email, "digest") == []


def test_what_waited_goes_to_the_address_that_is_one_s_own_then(stack, site, admin, reader, mails):
    choose(reader, "DAILY").ok()
    news(stack, admin, reader, 1)
    moved = f"moved.{time.time_ns():x}@people.example"
    reader.post("/v1/me/email-change", {"new_email": moved}).ok(202)
    site.post("/v1/auth/email-change/confirm", {"token": mails.wait_for(moved, "email_change_confirm").token}).ok(204)
    make_due(stack, digests(admin, reader)[0])
    mails.wait_for(moved, "digest")
    assert mails.matching(reader.email, "digest") == []


@pytest.mark.parametrize("night, at, zone, hours", [
    ("21:00-08:00", "2026-03-28 23:00", "Europe/Athens", 8),  # the clocks go forward: an hour less
    ("21:00-08:00", "2026-10-24 23:00", "Europe/Athens", 10),  # and back: an hour more
    ("21:00-08:00", "2026-10-20 23:00", "Europe/Athens", 9),
    ("21:00-03:30", "2026-03-29 00:30", "Europe/Athens", 3),  # an end that there is not is that of the hour before (03:30 is 04:30)
    ("01:00-05:00", "2026-10-25 00:30", "Europe/Athens", 0),  # not yet
    ("01:00-05:00", "2026-10-25 04:30", "Europe/Athens", 0.5),
    ("13:00-14:00", "2026-06-01 13:15", "Asia/Kolkata", 0.75),
    ("13:00-14:00", "2026-06-01 14:00", "Asia/Kolkata", 0),
    ("-", "2026-06-01 23:00", "Asia/Kolkata", 0),
])
def test_a_night_ends_on_time_also_when_the_clocks_change(stack, night, at, zone, hours):
    starts, ends = (f"'{time}'" if time else "null" for time in night.split("-"))
    seconds = stack.postgres.sql(f"set search_path = notify; select night_left('{at}'::timestamp at time zone '{zone}', '{zone}', {starts}, {ends})")
    assert int(seconds) == hours * 3600


def test_whoever_wants_no_digest_is_not_sent_one(stack, admin, reader, mails):
    choose(reader, "DAILY").ok()
    news(stack, admin, reader, 1)
    reader.put("/v1/me/notification-preferences", {"items": [{"kind": "digest", "channels": []}]}).ok()
    make_due(stack, digests(admin, reader)[0])
    assert states_when_told(admin, reader) == {"SENT", "SKIPPED"}
