"""Opportunities: mentors offer, mentees apply, the last place goes to one; introductions need two who say yes."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from conftest import at


@pytest.fixture(scope="module")
def place(new_program, people, apply):
    first, second, mentor, outsider = people(4)
    program = new_program(mentor_admission="OPEN", mentee_admission="OPEN")
    for person, role in ((first, "MENTEE"), (second, "MENTEE"), (mentor, "MENTOR")):
        apply(person, program, role)
    program["people"] = first, second, mentor, outsider
    return program


@pytest.fixture
def offer(place):
    def make(person, **changes):
        body = {"kind": "JOB_SHADOW", "title": "A day at the loom", "places": 1, "closes_at": at(days=7), **changes}
        return person.post(f"/v1/programs/{place['id']}/opportunities", body).ok(201)

    return make


def path(offered, step=""):
    return f"/v1/programs/{offered['program_id']}/opportunities/{offered['id']}{step}"


def decide(person, offered, application, accept=True):
    return person.post(path(offered, "/decide"), {"application_id": application["id"], "accept": accept})


def test_a_mentee_applies_and_the_mentor_gives_the_place(place, offer):
    first, second, mentor, _ = place["people"]
    offered = offer(mentor)
    mine = first.post(path(offered, "/apply"), {"message": "I would love to."}).ok(201)
    first.post(path(offered, "/apply")).problem(409, "ALREADY_APPLIED")
    theirs = second.post(path(offered, "/apply")).ok(201)
    assert [each["id"] for each in second.get(path(offered, "/applications")).ok()["items"]] == [theirs["id"]]
    assert len(mentor.get(path(offered, "/applications")).ok()["items"]) == 2
    decide(first, offered, mine).problem(403, "NOT_OFFERED_BY_YOU")
    assert decide(mentor, offered, mine).ok()["state"] == "ACCEPTED"
    assert decide(mentor, offered, mine).ok()["state"] == "ACCEPTED"
    full = mentor.get(path(offered)).ok()
    assert (full["state"], full["taken"]) == ("FULL", 1)
    decide(mentor, offered, theirs).problem(409, "NO_PLACE")
    decide(mentor, offered, mine, accept=False).problem(409, "ILLEGAL_TRANSITION")


def test_who_withdraws_gives_the_place_back(place, offer):
    first, second, mentor, _ = place["people"]
    offered = offer(mentor)
    decide(mentor, offered, first.post(path(offered, "/apply")).ok(201)).ok()
    assert first.post(path(offered, "/withdraw")).ok()["state"] == "WITHDRAWN"
    again = mentor.get(path(offered)).ok()
    assert (again["state"], again["taken"]) == ("OPEN", 0)
    assert decide(mentor, offered, second.post(path(offered, "/apply")).ok(201)).ok()["state"] == "ACCEPTED"
    first.post(path(offered, "/apply")).ok(201)


def test_mentors_offer_and_mentees_apply_and_nobody_outside_knows(place, offer, lead):
    first, _, mentor, outsider = place["people"]
    offered = offer(mentor)
    body = {"kind": "NETWORK", "title": "T", "places": 1, "closes_at": at(days=1)}
    first.post(f"/v1/programs/{place['id']}/opportunities", body).problem(403, "NOT_MENTOR")
    mentor.post(path(offered, "/apply")).problem(403, "NOT_MENTEE")
    for reply in (outsider.get(path(offered)), outsider.post(path(offered, "/apply")), outsider.get(path(offered, "/applications")),
                  outsider.get(f"/v1/programs/{place['id']}/opportunities"), outsider.post(f"/v1/programs/{place['id']}/opportunities", body)):
        reply.problem(404, "NOT_FOUND")
    assert offered["id"] in [each["id"] for each in first.get(f"/v1/programs/{place['id']}/opportunities").ok()["items"]]
    lead.get(path(offered)).ok()


def test_what_is_for_one_s_own_mentees_is_not_shown_to_others(place, offer):
    first, _, mentor, _ = place["people"]
    offered = offer(mentor, audience="OWN_MENTEES")
    first.get(path(offered)).problem(404, "NOT_FOUND")
    first.post(path(offered, "/apply")).problem(404, "NOT_FOUND")
    mentor.get(path(offered)).ok()


def test_what_is_closed_takes_nobody_and_closes_by_itself(place, offer, sql):
    first, second, mentor, _ = place["people"]
    offered, due = offer(mentor), offer(mentor)
    first.post(path(offered, "/close")).problem(403, "NOT_COORDINATOR")
    assert mentor.post(path(offered, "/close")).ok()["state"] == "CLOSED"
    second.post(path(offered, "/apply")).problem(409, "CLOSED")
    sql(f"update opportunity set created_at = now() - interval '2 d', closes_at = now() - interval '1 s' where id = '{due['id']}'; "
        f"update timer set due_at = now() where rpc = 'CloseDueOpportunity' and subject_id = '{due['id']}'")
    end = time.monotonic() + 15
    while mentor.get(path(due)).ok()["state"] != "CLOSED":
        assert time.monotonic() < end


@pytest.mark.parametrize("changes, status, code", [
    ({"places": 0}, 400, "OUT_OF_RANGE"), ({"places": -1}, 400, "OUT_OF_RANGE"), ({"closes_at": "2020-01-01T00:00:00Z"}, 422, "CLOSES_IN_THE_PAST"),
    ({"title": "\u200b"}, 422, "EMPTY_TITLE"), ({"kind": "BRIBE"}, 400, "UNKNOWN_VALUE")])
def test_an_offer_makes_sense(place, changes, status, code):
    body = {"kind": "JOB_SHADOW", "title": "T", "places": 1, "closes_at": at(days=7), **changes}
    assert place["people"][2].post(f"/v1/programs/{place['id']}/opportunities", body).problem(status, code)


def test_the_last_place_goes_to_exactly_one_of_two_hundred(place, offer, sql):
    """Two hundred applications, all accepted at once."""
    mentor = place["people"][2]
    offered = offer(mentor)
    rows = ", ".join(f"(uuid_v7(), '{offered['id']}', '{place['id']}', gen_random_uuid())" for _ in range(200))
    sql(f"insert into opportunity_application (id, opportunity_id, program_id, user_id) values {rows}")
    ids = sql(f"select id from opportunity_application where opportunity_id = '{offered['id']}'").split()
    with ThreadPoolExecutor(50) as several:
        answers = list(several.map(lambda one: decide(mentor, offered, {"id": one}), ids))
    assert sorted(answer.status for answer in answers) == [200] + [409] * 199
    assert {answer.json()["code"] for answer in answers if answer.status == 409} == {"NO_PLACE"}
    left = mentor.get(path(offered)).ok()
    assert (left["state"], left["taken"]) == ("FULL", 1)
    assert sql(f"select count(*) from opportunity_application where opportunity_id = '{offered['id']}' and state = 'ACCEPTED'") == "1"


@pytest.fixture
def introduce(place):
    def make(person, first, second):
        return person.post("/v1/introductions", {"program_id": place["id"], "first_id": first.id, "second_id": second.id,
                                                 "message": "You both weave."})

    return make


def test_two_are_introduced_when_both_say_yes(place, introduce):
    first, second, mentor, outsider = place["people"]
    made = introduce(mentor, first, second).ok(201)
    where = f"/v1/introductions/{made['id']}"
    assert first.get(where).ok()["user_ids"] == [] and sorted(mentor.get(where).ok()["user_ids"]) == sorted([first.id, second.id])
    assert first.post(where + "/answer", {"accept": True}).ok()["state"] == "PROPOSED"
    assert second.get(where).ok()["my_reply"] is None
    mentor.post(where + "/answer", {"accept": True}).problem(403, "NOT_YOURS")
    outsider.get(where).problem(404, "NOT_FOUND")
    assert second.post(where + "/answer", {"accept": True}).ok()["state"] == "ACCEPTED"
    assert first.get(where).ok()["user_ids"] == [second.id] and second.get(where).ok()["user_ids"] == [first.id]
    second.post(where + "/answer", {"accept": False}).problem(409, "ALREADY_ANSWERED")
    assert made["id"] in [each["id"] for each in first.get("/v1/me/introductions").ok()["items"]]


def test_one_no_ends_it_and_neither_learns_who_the_other_was(place, introduce):
    first, second, mentor, _ = place["people"]
    where = f"/v1/introductions/{introduce(mentor, first, second).ok(201)['id']}"
    assert first.post(where + "/answer", {"accept": False}).ok()["state"] == "DECLINED"
    second.post(where + "/answer", {"accept": True}).problem(409, "ILLEGAL_TRANSITION")
    assert first.get(where).ok()["user_ids"] == second.get(where).ok()["user_ids"] == []


def test_introductions_are_made_by_mentors_among_two_other_members(place, introduce):
    first, second, mentor, outsider = place["people"]
    introduce(first, second, mentor).problem(403, "NOT_MENTOR")
    introduce(outsider, first, second).problem(404, "NOT_FOUND")
    introduce(mentor, first, outsider).problem(422, "NOT_MEMBERS")
    introduce(mentor, first, first).problem(422, "TWO_PEOPLE")
    introduce(mentor, mentor, first).problem(422, "TWO_PEOPLE")


def test_two_yeses_at_the_same_instant_make_one_acceptance(place, introduce):
    first, second, mentor, _ = place["people"]
    where = f"/v1/introductions/{introduce(mentor, first, second).ok(201)['id']}"
    with ThreadPoolExecutor(2) as both:
        states = sorted(answer.ok()["state"] for answer in both.map(lambda one: one.post(where + "/answer", {"accept": True}), (first, second)))
    assert states == ["ACCEPTED", "PROPOSED"] and mentor.get(where).ok()["state"] == "ACCEPTED"
