"""P-R4: two hundred at the same instant, and one place."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from client import Client
from conftest import ANSWERS

MANY = 200


@pytest.fixture(scope="module")
def crowd(new_person):
    return [new_person() for _ in range(MANY)]


@pytest.fixture
def at_once(capsys):
    """at_once(calls): makes them all at the same instant, each over a connection of its own; answers how often which state came."""
    def do(calls):
        gate = Barrier(len(calls))

        def run(call):
            client = Client(call[0].url, call[0].token)
            gate.wait()
            began = time.monotonic()
            answer = client.post(call[1])
            return answer.json()["state" if answer.status == 200 else "code"], time.monotonic() - began

        with ThreadPoolExecutor(len(calls)) as pool:
            results = list(pool.map(run, calls))
        states = Counter(state for state, _ in results)
        with capsys.disabled():
            what = " and ".join(sorted({path.split("/")[-1] for _, path in calls}))
            print(f"\n{len(calls)} of {what} at once: {dict(states)}, the last after {max(seconds for _, seconds in results):.2f} s")
        return states

    return do


def drafts(crowd, program):
    """A complete registration of each, not handed in yet."""
    def make(person):
        path = f"/v1/memberships/{person.post(f'/v1/programs/{program}/memberships', {'role': 'MENTEE'}).ok(201)['id']}"
        person.put(f"{path}/answers", {"form_version": 1, "answers": ANSWERS}).ok()
        return person, path

    with ThreadPoolExecutor(8) as several:
        return list(several.map(make, crowd))


def counted(lead, program):
    return lead.get(f"/v1/programs/{program}").ok()["mentees"]


def test_of_two_hundred_who_join_at_once_one_gets_the_last_place(crowd, new_program, at_once, lead):
    program = new_program(mentee_admission="OPEN", mentee_capacity=1)["id"]
    states = at_once([(person, f"{path}/submit") for person, path in drafts(crowd, program)])
    assert states == {"ACTIVE": 1, "WAITLISTED": MANY - 1} and counted(lead, program) == 1


def test_of_two_hundred_who_are_approved_at_once_one_gets_the_last_place(crowd, new_program, at_once, lead):
    program = new_program(mentee_capacity=1)["id"]
    made = drafts(crowd, program)
    for person, path in made:
        assert person.post(f"{path}/submit").ok()["state"] == "SUBMITTED"
    states = at_once([(lead, f"{path}/approve") for _, path in made])
    assert states == {"ACTIVE": 1, "WAITLISTED": MANY - 1} and counted(lead, program) == 1


def test_of_two_hundred_who_leave_and_are_approved_at_once_all_have_left(crowd, new_program, at_once, lead):
    program = new_program(mentee_capacity=1)["id"]
    made = drafts(crowd[:MANY // 2], program)
    for person, path in made:
        person.post(f"{path}/submit").ok()
    states = at_once([call for person, path in made for call in ((lead, f"{path}/approve"), (person, f"{path}/withdraw"))])
    assert states["WITHDRAWN"] == MANY // 2 and states.keys() <= {"WITHDRAWN", "ACTIVE", "WAITLISTED", "ILLEGAL_TRANSITION"}
    assert {person.get(path).ok()["state"] for person, path in made} == {"WITHDRAWN"} and counted(lead, program) == 0
