"""What administrators do with accounts."""

import time
import uuid

import pytest

PASSWORD = "the bed is made of an olive tree"


def decide(actor, person, what, reason="as agreed"):
    return actor.post(f"/v1/admin/users/{person.id}/{what}", {"reason": reason})


def sign_in(site, person):
    return site.post("/v1/auth/login", {"email": person.email, "password": person.password})


def wait_until_dead(person, seconds=5):
    end = time.monotonic() + seconds
    while (answer := person.get("/v1/me")).status == 200:
        assert time.monotonic() < end, "the token still works"
        time.sleep(0.05)
    answer.problem(401, "TOKEN_REVOKED")


@pytest.fixture
def new_administrator(admin, new_person):
    person = new_person()
    admin.post("/v1/admin/grants", {"user_id": person.id, "role": "ADMIN"}).ok(201)
    return person.sign_in()


def supporter(admin, new_person):
    person = new_person()
    admin.post("/v1/admin/grants", {"user_id": person.id, "role": "SUPPORT"}).ok(201)
    return person.sign_in()


def test_administrators_find_accounts_by_name_and_address(admin, new_person):
    name = f"Ευρύκλεια{time.time_ns():x}"
    person = new_person(name)
    for q in (name, name.upper(), name.replace("ύ", "υ"), person.email):
        assert [u["id"] for u in admin.get("/v1/admin/users", params={"q": q}).ok()["items"]] == [person.id], q
    user = admin.get(f"/v1/admin/users/{person.id}").ok()
    assert (user["email"], user["state"], user["created_via"]) == (person.email, "ACTIVE", "REGISTRATION")
    assert person.id not in [u["id"] for u in admin.get("/v1/admin/users", params={"q": name, "state": "LOCKED"}).ok()["items"]]
    administrators = [u["id"] for u in admin.get("/v1/admin/users", params={"role": "ADMIN"}).ok()["items"]]
    assert admin.id in administrators and person.id not in administrators
    admin.get("/v1/admin/users", params={"planet": "x"}).problem(400, "UNKNOWN_PARAMETER", "planet")


def test_support_sees_accounts_without_contact_data(admin, new_person):
    person = new_person()
    support = supporter(admin, new_person)
    answer = support.get(f"/v1/admin/users/{person.id}")
    assert answer.ok()["email"] == "" and person.email not in answer.text
    assert support.get("/v1/admin/users", params={"q": person.email}).ok()["items"] == []
    decide(support, person, "suspend").problem(403, "FORBIDDEN")
    support.post("/v1/admin/users", {"email": "x@people.example"}).problem(403, "FORBIDDEN")


def test_others_see_no_accounts(site, new_person):
    person = new_person()
    person.get(f"/v1/admin/users/{person.id}").problem(403, "FORBIDDEN")
    site.get("/v1/admin/users").problem(401, "TOKEN_NEEDED")


def test_plus_tags_are_accounts_of_their_own_and_flagged(admin, new_person):
    plain = new_person(email=f"ship.{time.time_ns():x}@people.example")
    tagged = new_person(email=plain.email.replace("@", "+mast@"))
    assert plain.id != tagged.id
    flags = [admin.get(f"/v1/admin/users/{p.id}").ok()["email_tagged"] for p in (plain, tagged)]
    assert flags == [False, True]


def test_a_suspension_ends_every_session_at_once_and_says_why_to_the_person_only(site, admin, mails, new_person):
    person = new_person()
    admin.post(f"/v1/admin/users/{person.id}/suspend", {}).problem(400, "REQUIRED", "/reason")
    user = decide(admin, person, "suspend").ok()
    assert user["state"] == "SUSPENDED" and user["state_reason"] == "as agreed"
    wait_until_dead(person)
    site.post("/v1/auth/refresh", {"refresh_token": person.refresh_token}).problem(401, "SESSION_REVOKED")
    assert sign_in(site, person).problem(403, "ACCOUNT_SUSPENDED")["appeal"]
    site.post("/v1/auth/login", {"email": person.email, "password": "something else that is wrong"}).problem(401, "INVALID_CREDENTIALS")
    decide(admin, person, "suspend", "again").ok()
    decide(admin, person, "lock").problem(409, "ILLEGAL_TRANSITION")
    decide(admin, person, "reactivate").ok()
    assert sign_in(site, person).ok()["access_token"]
    mails.wait_for(person.email, "account_suspended")
    mails.wait_for(person.email, "account_reinstated")


def test_a_lock_by_an_administrator_holds_until_it_is_opened(site, admin, new_person):
    person = new_person()
    device = sign_in(site, person).ok()["device_token"]
    assert decide(admin, person, "lock").ok()["lock_cause"] == "BY_ADMIN"
    wait_until_dead(person)
    sign_in(site, person).problem(403, "ACCOUNT_LOCKED")
    site.post("/v1/auth/login", {"email": person.email, "password": person.password, "device_token": device}).problem(403, "ACCOUNT_LOCKED")
    decide(admin, person, "reactivate").problem(409, "ILLEGAL_TRANSITION")
    assert decide(admin, person, "unlock").ok()["state"] == "ACTIVE"
    sign_in(site, person).ok()


def test_a_forced_sign_out_ends_sessions_and_nothing_else(site, admin, new_person):
    person = new_person()
    assert decide(admin, person, "force-logout").ok()["state"] == "ACTIVE"
    wait_until_dead(person)
    sign_in(site, person).ok()
    admin.post(f"/v1/admin/users/{uuid.uuid4()}/force-logout", {"reason": "x"}).problem(404, "NOT_FOUND")


def test_an_administrator_sends_the_reset_to_the_registered_address(admin, mails, new_person):
    person = new_person()
    decide(admin, person, "password-reset").ok(202)
    assert mails.wait_for(person.email, "password_reset").token


def test_a_corrected_address_needs_the_person_at_both_addresses(site, admin, mails, new_person):
    person = new_person()
    new = f"corrected.{time.time_ns():x}@people.example"
    admin.post(f"/v1/admin/users/{person.id}/email-correction", {"new_email": new, "reason": "misspelt"}).ok(202)
    assert admin.get(f"/v1/admin/users/{person.id}").ok()["email"] == person.email
    approve = mails.wait_for(person.email, "email_correction").token
    assert not mails.all(new)
    site.post("/v1/auth/email-change/approve", {"token": approve}).ok(204)
    confirm = mails.wait_for(new, "email_change_confirm").token
    assert admin.get(f"/v1/admin/users/{person.id}").ok()["email"] == person.email
    site.post("/v1/auth/email-change/confirm", {"token": confirm}).ok(204)
    assert admin.get(f"/v1/admin/users/{person.id}").ok()["email"] == new
    admin.post(f"/v1/admin/users/{admin.id}/email-correction", {"new_email": new, "reason": "x"}).problem(403, "OWN_ACCOUNT")


def propose(admin, person, new):
    path = f"/v1/admin/users/{person.id}/email-correction"
    admin.post(path, {"new_email": new, "reason": "The old mailbox is gone."}).ok(202)
    correction = admin.get(path).ok()
    assert (correction["new_email"], correction["user_id"], correction["proposed_by"]) == (new, person.id, admin.id)
    return path + "/agree", {"correction_id": correction["id"], "reason": "Came in with a passport."}


def test_two_administrators_correct_the_address_of_somebody_who_lost_the_old_one(admin, new_administrator, mails, new_person, site):
    person, new = new_person(), f"found.{time.time_ns():x}@people.example"
    path, agreement = propose(admin, person, new)
    admin.post(path, agreement).problem(422, "SECOND_ADMINISTRATOR_NEEDED")
    new_administrator.post(path, agreement).ok(202)
    new_administrator.post(path, agreement).ok(202)
    assert "administrators" in mails.wait_for(person.email, "email_change_requested").text
    site.post("/v1/auth/email-change/confirm", {"token": mails.wait_for(new, "email_change_confirm").token}).ok(204)
    assert admin.get(f"/v1/admin/users/{person.id}").ok()["email"] == new
    site.post("/v1/auth/email-change/revert", {"token": mails.wait_for(person.email, "email_changed").token}).ok(204)
    assert admin.get(f"/v1/admin/users/{person.id}").ok()["email"] == person.email


def test_nobody_agrees_to_a_correction_that_is_over_or_their_own(admin, new_administrator, new_person, mails, site):
    person, other = new_person(), new_person()
    path, agreement = propose(admin, person, f"one.{time.time_ns():x}@people.example")
    new_administrator.post(f"/v1/admin/users/{other.id}/email-correction/agree", agreement).problem(404, "NOT_FOUND")
    propose(admin, person, f"two.{time.time_ns():x}@people.example")
    new_administrator.post(path, agreement).problem(409, "CORRECTION_SETTLED")
    path, agreement = propose(admin, new_administrator, f"own.{time.time_ns():x}@people.example")
    new_administrator.post(path, agreement).problem(422, "OWN_ACCOUNT")
    admin.get(f"/v1/admin/users/{other.id}/email-correction").problem(404, "NOT_FOUND")


def test_an_invited_user_gets_a_mail(admin, mails):
    email = f"invited.{time.time_ns():x}@people.example"
    assert admin.post("/v1/admin/users", {"email": email}).ok(201)["state"] == "OPEN"
    assert mails.wait_for(email, "invitation").token


def test_no_route_lets_an_administrator_into_an_account(contract):
    names = {rpc["name"] for rpc in contract["rpcs"] if rpc["service"] == "identity" and (rpc.get("path") or "").startswith("/v1/admin/users")}
    assert names == {"SearchUsers", "GetUser", "InviteUser", "SuspendUser", "ReactivateUser", "LockUser", "UnlockUser", "ForceLogout",
                     "SendPasswordReset", "ProposeEmailCorrection", "GetEmailCorrection", "AgreeToEmailCorrection"}


def test_people_are_found_by_the_beginnings_of_their_names_words(admin, new_person):
    mark = f"z{time.time_ns():x}"
    person = new_person(f"Łukasz {mark} Żółć")
    for wanted in (f"{mark}", f"lukasz {mark[:-2]}", f"{mark.upper()} zolc", f"{mark} ZO"):
        found = admin.get("/v1/admin/users", params={"q": wanted}).ok()["items"]
        assert person.id in {one["id"] for one in found}, wanted
    assert admin.get("/v1/admin/users", params={"q": mark[2:]}).ok()["items"] == []


@pytest.mark.parametrize("name, wanted", [("Groß", "gross"), ("GROSS", "groß"), ("İbrahim", "ibrahim"), ("Işık", "isik"), ("ışık", "IŞIK")])
def test_letters_that_fold_in_their_own_way_are_found(admin, new_person, name, wanted):
    mark = f"z{time.time_ns():x}"
    person = new_person(f"{name} {mark}")
    found = admin.get("/v1/admin/users", params={"q": f"{wanted} {mark}"}).ok()["items"]
    assert [one["id"] for one in found] == [person.id]


def test_support_does_not_read_why_somebody_was_shut_out(admin, new_person):
    person, helper = new_person(), new_person()
    admin.post("/v1/admin/grants", {"user_id": helper.id, "role": "SUPPORT"}).ok(201)
    admin.post(f"/v1/admin/users/{person.id}/suspend", {"reason": "something intimate"}).ok()
    helper.sign_in()
    assert helper.get(f"/v1/admin/users/{person.id}").ok()["state_reason"] == ""
    assert admin.get(f"/v1/admin/users/{person.id}").ok()["state_reason"] == "something intimate"
