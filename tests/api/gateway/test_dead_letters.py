"""An event that a service cannot digest: it is set aside, dead after its tries, and an administrator decides."""

import time

import pytest

UNKNOWN = "0190aaaa-0000-7000-8000-000000000000"
POISON = "alter table notify.delivery add constraint poison check (kind <> 'verify_email') not valid"
CURE = "alter table notify.delivery drop constraint if exists poison"


def eventually(condition, seconds=20):
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, f"not in {seconds} s"
        time.sleep(0.05)
    return found


@pytest.fixture
def poison(stack):
    stack.postgres.sql(POISON)
    yield
    stack.postgres.sql(CURE)


def hurry(stack, event):
    """The last of the tries is now, and not in twelve minutes."""
    stack.postgres.sql(f"update notify.deferred_event set attempts = 5, due_at = now() where id = '{event}'")


def die(site, stack, admin):
    """An event whose effect fails until it is dead: its letter, and the address that a mail would go to."""
    address = f"poison.{time.time_ns():x}@people.example"
    site.post("/v1/auth/register", {"email": address, "password": "a bed of olive wood", "display_name": "Nobody",
                                    "locale": "en", "zone": "Europe/Athens"}).ok(202)
    event = eventually(lambda: stack.postgres.sql(
        "select id from notify.deferred_event where state = 'RETRYING' and error like '%POISON%'").strip())
    hurry(stack, event)
    return eventually(lambda: letter_of(admin, event)), address


def letter_of(admin, event):
    return next((letter for letter in admin.get("/v1/admin/dead-letters").ok()["items"] if letter["id"] == event), None)


def path_of(letter):
    return f"/v1/admin/dead-letters/{letter['service']}/{letter['id']}"


def test_a_dead_letter_is_inspected_and_replayed_when_its_cause_is_gone(site, stack, admin, mails, poison):
    letter, address = die(site, stack, admin)
    assert (letter["service"], letter["producer"], letter["state"], letter["attempts"]) == ("notify", "identity", "DEAD", 6)
    assert "POISON" in letter["error"] and int(letter["source_seq"]) > 0 and letter["name"]
    assert admin.get(path_of(letter)).ok() == letter

    assert admin.post(f"{path_of(letter)}/replay").ok()["state"] == "RETRYING"
    eventually(lambda: admin.get(path_of(letter)).ok()["state"] == "DEAD")
    assert not mails.all(address)

    stack.postgres.sql(CURE)
    admin.post(f"{path_of(letter)}/replay").ok()
    eventually(lambda: admin.get(path_of(letter)).ok()["state"] == "REPLAYED")
    mails.wait_for(address, "verify_email")
    assert letter_of(admin, letter["id"]) is None
    assert admin.post(f"{path_of(letter)}/replay").ok()["state"] == "REPLAYED"
    admin.post(f"{path_of(letter)}/drop").problem(409, "ILLEGAL_TRANSITION")
    decisions = stack.postgres.sql(f"select rpc, person_id from notify.audit where target_id = '{letter['id']}'").split()
    assert decisions == [f"ReplayDeadLetter|{admin.id}"] * 2


def test_a_dead_letter_is_dropped(site, stack, admin, mails, poison):
    letter, address = die(site, stack, admin)
    assert admin.post(f"{path_of(letter)}/drop").ok()["state"] == "DROPPED"
    assert admin.post(f"{path_of(letter)}/drop").ok()["state"] == "DROPPED"
    admin.post(f"{path_of(letter)}/replay").problem(409, "ILLEGAL_TRANSITION")
    stack.postgres.sql(CURE)
    assert letter_of(admin, letter["id"]) is None and not mails.all(address)


def test_a_letter_names_a_service_and_an_event_that_are_known(admin):
    admin.get(f"/v1/admin/dead-letters/notify/{UNKNOWN}").problem(404, "NOT_FOUND")
    admin.get(f"/v1/admin/dead-letters/gateway/{UNKNOWN}").problem(404, "NOT_FOUND")
    admin.get(f"/v1/admin/dead-letters/nobody/{UNKNOWN}").problem(404, "NOT_FOUND")
    admin.post("/v1/admin/dead-letters/notify/7/replay").problem(400, "INVALID_ID")
    admin.get("/v1/admin/dead-letters?limit=201").problem(400, "OUT_OF_RANGE")


def test_members_see_no_dead_letters(new_person):
    person = new_person()
    person.get("/v1/admin/dead-letters").problem(403, "FORBIDDEN")
    person.post(f"/v1/admin/dead-letters/notify/{UNKNOWN}/drop").problem(403, "FORBIDDEN")
