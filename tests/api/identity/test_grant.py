"""Roles: who holds them, who may give them, and how soon they end."""

import threading
import time
import uuid
from datetime import datetime, timedelta, timezone

import pytest


def in_seconds(seconds):
    return (datetime.now(timezone.utc) + timedelta(seconds=seconds)).isoformat()


def give(actor, person, role, **more):
    return actor.post("/v1/admin/grants", {"user_id": person.id, "role": role, **more})


def wait_for(check, seconds=8):
    end = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.1)


def site_grants(person):
    return [grant for grant in person.get("/v1/me/grants").ok()["items"] if not grant["program_id"]]


@pytest.fixture
def alone(admin):
    """The administrator, when nobody else holds a role that somebody has to hold."""
    for role in ("ADMIN", "SAFETY_OFFICER"):
        for grant in admin.get(f"/v1/admin/grants?role={role}&state=IN_FORCE&limit=200").ok()["items"]:
            if grant["user_id"] != admin.id:
                admin.delete(f"/v1/admin/grants/{grant['id']}").ok()
    return admin


def test_the_first_administrator_holds_both_roles_that_somebody_has_to_hold(admin):
    roles = {(grant["role"], grant["granted_by"]) for grant in site_grants(admin)}
    assert roles == {("ADMIN", None), ("SAFETY_OFFICER", None)}
    assert admin.get("/v1/me").ok()["roles"] == ["ADMIN", "SAFETY_OFFICER"]


def test_a_granted_role_works_and_a_revoked_one_stops_within_five_seconds(admin, new_person):
    person = new_person()
    person.get("/v1/admin/users").problem(403, "FORBIDDEN")
    grant = give(admin, person, "SUPPORT").ok(201)
    assert grant["state"] == "IN_FORCE" and grant["granted_by"] == admin.id
    wait_for(lambda: person.get("/v1/admin/users").status == 401)
    person.sign_in().get("/v1/admin/users").ok()
    admin.delete(f"/v1/admin/grants/{grant['id']}").ok()
    wait_for(lambda: person.get("/v1/admin/users").status == 401, 5)
    person.sign_in().get("/v1/admin/users").problem(403, "FORBIDDEN")


def test_a_revocation_may_be_repeated(admin, new_person):
    grant = give(admin, new_person(), "SUPPORT").ok(201)
    first = admin.delete(f"/v1/admin/grants/{grant['id']}").ok()
    again = admin.delete(f"/v1/admin/grants/{grant['id']}").ok()
    assert again["state"] == "REVOKED" and again["revoked_at"] == first["revoked_at"]


def test_grants_that_make_no_sense_are_refused(admin, new_person):
    person = new_person()
    program = str(uuid.uuid4())
    give(admin, admin, "SUPPORT").problem(403, "SELF_GRANT")
    admin.post("/v1/admin/grants", {"user_id": person.id, "role": "EMPEROR"}).problem(400, "UNKNOWN_VALUE", "/role")
    give(admin, person, "MENTOR", program_id=program).problem(422, "ROLE_BY_MEMBERSHIP")
    give(admin, person, "COORDINATOR").problem(422, "PROGRAM_NEEDED")
    give(admin, person, "SUPPORT", program_id=program).problem(422, "PROGRAM_NOT_WANTED")
    give(admin, person, "SUPPORT", starts_at=in_seconds(20), ends_at=in_seconds(10)).problem(422, "ENDS_BEFORE_START")
    admin.post("/v1/admin/grants", {"user_id": str(uuid.uuid4()), "role": "SUPPORT"}).problem(404, "NOT_FOUND")
    give(admin, person, "SUPPORT").ok(201)
    give(admin, person, "SUPPORT").problem(409, "ALREADY_GRANTED")


def test_the_last_administrator_stays(alone):
    for grant in site_grants(alone):
        alone.delete(f"/v1/admin/grants/{grant['id']}").problem(409, "LAST_HOLDER")
    alone.post(f"/v1/admin/users/{alone.id}/suspend", {"reason": "a mistake"}).problem(409, "LAST_HOLDER")
    alone.sign_in().post("/v1/me/deactivate").problem(409, "LAST_HOLDER")


def test_the_last_administrator_is_not_locked_out_though_guesses_locked_the_account(alone, stack, new_person):
    admin = alone
    officer = new_person()
    give(admin, officer, "SAFETY_OFFICER").ok(201)
    wait_for(lambda: officer.get("/v1/me").status == 401)
    officer.sign_in()
    locked = "set state = 'LOCKED', lock_cause = 'FAILED_SIGN_INS', locked_until = now() + interval '1 hour'"
    stack.postgres.sql(f"set search_path = identity; update account {locked} where id = '{admin.id}'", "ithaca")
    officer.post(f"/v1/admin/users/{admin.id}/lock", {"reason": "a mistake"}).problem(409, "LAST_HOLDER")
    opened = "set state = 'ACTIVE', lock_cause = null, locked_until = null"
    stack.postgres.sql(f"set search_path = identity; update account {opened} where id = '{admin.id}'", "ithaca")


def test_the_last_holders_grant_ends_when_there_is_another(alone, stack):
    admin = alone
    mine = next(g for g in site_grants(admin) if g["role"] == "ADMIN")
    sql = "set search_path = identity; "
    end = f"{sql}update role_grant set ends_at = now() where id = '{mine['id']}'; select schedule('EndGrant', '{mine['id']}', now())"
    stack.postgres.sql(end, "ithaca")
    due = f"select count(*) from identity.timer where rpc = 'EndGrant' and subject_id = '{mine['id']}' and due_at > now() + interval '5 minutes'"
    wait_for(lambda: "1" in str(stack.postgres.sql(due, "ithaca")))
    assert next(g for g in site_grants(admin) if g["id"] == mine["id"])["state"] == "IN_FORCE"
    stack.postgres.sql(f"{sql}update role_grant set ends_at = null where id = '{mine['id']}'", "ithaca")
    stack.postgres.sql(f"delete from identity.timer where rpc = 'EndGrant' and subject_id = '{mine['id']}'", "ithaca")


def test_who_begins_a_program_holds_its_grant_and_may_invite(admin, coordinator, new_person):
    person, body = new_person(), {"title": f"A second one {time.time_ns():x}"}
    give(admin, person, "COORDINATOR", program_id=coordinator.program_id).ok(201)
    wait_for(lambda: (made := person.post("/v1/programs", body)).status == 201 and body.update(id=made.ok(201)["id"]) is None)
    program = body["id"]
    wait_for(lambda: any(g["program_id"] == program for g in person.get("/v1/me/grants").ok()["items"]))
    give(person, new_person(), "COORDINATOR", program_id=program).ok(201)
    invitation = {"role": "MENTOR", "program_id": program, "max_uses": 3}
    token = person.post("/v1/admin/invitations", invitation).ok(201)["token"]
    preview = new_person().get(f"/v1/invitations/{token}").ok()
    assert preview["program_title"] == body["title"]


def test_programs_that_there_are_not_have_no_roles(admin, new_person):
    nowhere = str(uuid.uuid4())
    give(admin, new_person(), "COORDINATOR", program_id=nowhere).problem(404, "NOT_FOUND")
    invitation = {"role": "MENTEE", "program_id": nowhere, "max_uses": 2}
    admin.post("/v1/admin/invitations", invitation).problem(404, "NOT_FOUND")


def test_a_coordinator_gives_roles_of_the_own_program_only(coordinator, admin, new_person):
    person, foreign = new_person(), admin.post("/v1/programs", {"title": f"Foreign {uuid.uuid4()}"}).ok(201)["id"]
    grant = give(coordinator, person, "COORDINATOR", program_id=coordinator.program_id).ok(201)
    give(coordinator, person, "COORDINATOR", program_id=str(uuid.uuid4())).problem(404, "NOT_FOUND")
    give(coordinator, person, "SUPPORT").problem(404, "NOT_FOUND")
    listed = coordinator.get("/v1/admin/grants").ok()["items"]
    assert grant["id"] in {g["id"] for g in listed} and foreign not in {g["program_id"] for g in listed}
    coordinator.delete(f"/v1/admin/grants/{grant['id']}").ok()


def test_a_stranger_sees_and_gives_nothing(site, coordinator, new_person):
    person = new_person()
    person.get("/v1/admin/grants").problem(403, "NOT_COORDINATOR")
    assert give(person, coordinator, "COORDINATOR", program_id=coordinator.program_id).status in (403, 404)
    grant = coordinator.get("/v1/me/grants").ok()["items"][0]
    assert person.delete(f"/v1/admin/grants/{grant['id']}").status in (403, 404)
    site.get("/v1/me/grants").problem(401, "TOKEN_NEEDED")


def test_a_dated_grant_begins_and_ends_by_itself(admin, new_person):
    person = new_person()
    grant = give(admin, person, "SUPPORT", starts_at=in_seconds(2), ends_at=in_seconds(5)).ok(201)
    assert grant["state"] == "PLANNED" and person.get("/v1/me").ok()["roles"] == []
    wait_for(lambda: person.sign_in().get("/v1/me").ok()["roles"] == ["SUPPORT"], 10)
    wait_for(lambda: person.sign_in().get("/v1/me").ok()["roles"] == [], 12)
    assert admin.get(f"/v1/admin/grants?user_id={person.id}").ok()["items"][0]["state"] == "ENDED"


def test_two_administrators_cannot_remove_each_other_at_the_same_instant(alone, new_person):
    admin = alone
    other = new_person()
    give(admin, other, "ADMIN").ok(201)
    wait_for(lambda: other.get("/v1/me").status == 401)
    other.sign_in()
    mine = next(g for g in admin.get("/v1/me/grants").ok()["items"] if g["role"] == "ADMIN")
    theirs = next(g for g in other.get("/v1/me/grants").ok()["items"] if g["role"] == "ADMIN")
    statuses = []
    removals = [(admin, theirs["id"]), (other, mine["id"])]
    threads = [threading.Thread(target=lambda a=actor, i=id: statuses.append(a.delete(f"/v1/admin/grants/{i}").status))
               for actor, id in removals]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses.count(200) == 1, statuses
    if other.sign_in().get("/v1/me").ok()["roles"] == ["ADMIN"]:
        give(other, admin, "ADMIN").ok(201)
        other.delete(f"/v1/admin/grants/{theirs['id']}").ok()
    admin.sign_in()
