"""Who is told of what."""

import re
import time
from datetime import datetime, timedelta, timezone

import pytest

FORM = [{"title": "You", "questions": [{"key": "why", "title": "Why?", "kind": "SHORT", "required": True}]}]
DESIGN = {
    "summary": "Short.", "about": "Long.", "objectives": ["One"], "mentor_responsibilities": "Listen.",
    "mentee_responsibilities": "Ask.", "duration_min_days": 30, "duration_max_days": 90, "duration_default_days": 60,
    "matching_mode": "ASSIGNED", "required_policies": ["code-of-conduct"],
}


def eventually(holds, seconds=15):
    """What holds() answers, once that is something."""
    end = time.monotonic() + seconds
    while True:
        value = holds()
        if value:
            return value
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.05)


def test_a_forgotten_password_is_set_anew_by_mail(new_person, site, mails):
    person = new_person("Telemachus")
    site.post("/v1/auth/password/forgot", {"email": person.email}).ok(202)
    mail = mails.wait_for(person.email, "password_reset")
    assert mail.links[0].startswith(site.url + "/reset-password#token=")
    person.password = "a bow that nobody else can string"
    site.post("/v1/auth/password/reset", {"token": mail.token, "password": person.password}).ok(204)
    person.sign_in()
    mails.wait_for(person.email, "password_changed")


def test_an_address_in_use_is_told_and_gets_no_link_that_does_something(new_person, site, mails):
    person = new_person()
    site.post("/v1/auth/register", {"email": person.email, "password": "another shroud, another loom", "display_name": "Somebody",
                                    "locale": "en", "zone": "Europe/Athens"}).ok(202)
    mail = mails.wait_for(person.email, "registration_repeated")
    assert "#token=" not in mail.text and "have an account" in mail.subject


def test_an_unknown_address_that_forgot_its_password_gets_nothing(site, mails):
    address = f"nobody.{time.time_ns():x}@people.example"
    site.post("/v1/auth/password/forgot", {"email": address}).ok(202)
    time.sleep(1)
    assert mails.all(address) == []


def test_both_addresses_are_told_of_a_change(new_person, site, mails):
    person = new_person()
    new = f"new.{time.time_ns():x}@people.example"
    person.post("/v1/me/email-change", {"new_email": new}).ok(202)
    assert "#token=" not in mails.wait_for(person.email, "email_change_requested").text
    site.post("/v1/auth/email-change/confirm", {"token": mails.wait_for(new, "email_change_confirm").token}).ok(204)
    assert mails.wait_for(person.email, "email_changed").token


@pytest.mark.parametrize("role, words", [("SUPPORT", "You are part of support"), ("ADMIN", "You administer ")])
def test_a_new_role_is_named(admin, new_person, mails, role, words):
    person = new_person()
    admin.post("/v1/admin/grants", {"user_id": person.id, "role": role}).ok(201)
    assert mails.wait_for(person.email, "role_granted").subject.startswith(words)


def test_an_invitation_goes_to_whom_it_names(admin, site, mails):
    address = f"guest.{time.time_ns():x}@people.example"
    admin.post("/v1/admin/invitations", {"email": address, "role": "SUPPORT"}).ok(201)
    mail = mails.wait_for(address, "invitation")
    assert mail.subject.startswith("You are invited to ") and mail.text.startswith("Hello,\n")
    assert site.get(f"/v1/invitations/{mail.token}").ok()


@pytest.fixture(scope="module")
def program(admin, new_person):
    """A published program, open for registration, with its coordinator."""
    coordinator = new_person("Eumaeus")
    made = admin.post("/v1/programs", DESIGN | {"title": "Пастухи & Co <Ithaca>", "safety_officer_id": admin.id}).ok(201)
    path = f"/v1/programs/{made['id']}"
    admin.post("/v1/admin/grants", {"user_id": coordinator.id, "role": "COORDINATOR", "program_id": made["id"]}).ok(201)
    for role in ("MENTOR", "MENTEE"):
        eventually(lambda: coordinator.sign_in().put(f"{path}/forms/{role}", {"steps": FORM}, headers={"If-Match": "*"}).status == 200)
    coordinator.post(f"{path}/submit").ok()
    admin.post(f"{path}/approve").ok()
    now = datetime.now(timezone.utc)
    coordinator.post(f"{path}/cohorts", {
        "name": "Spring", "zone": "Europe/Athens", "registration_opens_at": (now - timedelta(1)).isoformat(),
        "registration_closes_at": (now + timedelta(7)).isoformat(), "starts_on": (now + timedelta(9)).date().isoformat(),
        "ends_on": (now + timedelta(99)).date().isoformat()}).ok(201)
    made["coordinator"] = coordinator
    return made


def test_a_registration_is_told_to_both_sides(program, new_person, mails):
    person = new_person("Philoetius")
    membership = person.post(f"/v1/programs/{program['id']}/memberships", {"role": "MENTEE"}).ok(201)
    path = f"/v1/memberships/{membership['id']}"
    person.put(f"{path}/answers", {"form_version": 1, "answers": [{"key": "why", "text": "Because"}]}).ok()
    person.post(f"{path}/submit").ok()

    received = mails.wait_for(person.email, "membership_received")
    assert "“Пастухи & Co <Ithaca>” as a mentee" in received.text
    assert "Пастухи &amp; Co &lt;Ithaca&gt;" in received.html
    assert received.links[0].endswith(f"/memberships/{membership['id']}")
    coordinator = program["coordinator"]
    review = eventually(lambda: coordinator.get("/v1/me/inbox?kind=membership_to_review").ok()["items"])
    assert review[0]["title"] == "New registration for Пастухи & Co <Ithaca>"
    assert review[0]["link"] == f"/programs/{program['id']}/memberships"

    coordinator.post(f"{path}/approve").ok()
    approved = mails.wait_for(person.email, "membership_approved")
    assert approved.subject == "You have a place in Пастухи & Co <Ithaca>"
    assert re.search(r"It begins on \d{1,2} [A-Z][a-z]+ 20\d\d\.", approved.text), approved.text
    told = eventually(lambda: person.get("/v1/me/inbox?kind=membership_approved").ok()["items"])
    assert told[0]["title"] == approved.subject


def test_what_has_moved_on_is_not_told_any_more(program, admin, new_person, mails, stack):
    person = new_person("Leodes")
    membership = person.post(f"/v1/programs/{program['id']}/memberships", {"role": "MENTEE"}).ok(201)
    path = f"/v1/memberships/{membership['id']}"
    person.put(f"{path}/answers", {"form_version": 1, "answers": [{"key": "why", "text": "Because"}]}).ok()
    person.post(f"{path}/submit").ok()
    mails.wait_for(person.email, "membership_received")
    stack.stop_process("notify")
    program["coordinator"].post(f"{path}/approve").ok()
    person.post(f"{path}/withdraw").ok()
    stack.start_process("notify")
    log = f"/v1/admin/deliveries?user_id={person.id}&kind=membership_approved&state=SKIPPED"
    skipped = eventually(lambda: (answer := admin.get(log)).status == 200 and answer.json()["items"], 40)
    assert {one["reason"] for one in skipped} == {"STALE"}
    assert not mails.matching(person.email, "membership_approved")


def test_texts_hold_no_braces(admin, mails):
    """Every placeholder of every mail that went out in this run was filled."""
    for mail in mails.all():
        assert not re.search(r"[{}]", mail.subject + mail.text), mail.text
