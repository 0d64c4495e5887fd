"""Mentorships: who is brought together, who sees it, and how many a mentor takes on."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest


@pytest.fixture(scope="module")
def joined(new_program, apply):
    """joined(mentors, mentees, **design): a program with those people as active members; also their memberships."""
    def make(mentors, mentees, **design):
        program = new_program(mentor_admission="OPEN", mentee_admission="OPEN", **design)
        return (program, [apply(person, program, "MENTOR")["id"] for person in mentors],
                [apply(person, program)["id"] for person in mentees])

    return make


def pair(runner, program, mentors, mentees, **more):
    body = {"mentor_memberships": mentors, "mentee_memberships": mentees, **more}
    return runner.post(f"/v1/programs/{program['id']}/mentorships", body)


def take_on(person, count):
    person.put("/v1/me/profile/mentor", {"capacity_total": count, "open_to_mentor": True}, headers={"If-Match": "*"}).ok()


def test_a_coordinator_brings_members_together(lead, people, joined):
    mentor, mentee, stranger = people(3)
    program, mentors, mentees = joined([mentor], [mentee])
    made = pair(lead, program, mentors, mentees).ok(201)
    assert (made["state"], made["origin"]) == ("PENDING_ACCEPTANCE", "ADMIN")
    assert (made["mentor_ids"], made["mentee_ids"]) == ([mentor.id], [mentee.id])
    assert [(party["role"], party["accepted_at"]) for party in made["parties"]] == [("MENTOR", None), ("MENTEE", None)]
    for reader in (mentor, mentee, lead):
        assert reader.get(f"/v1/mentorships/{made['id']}").ok() == made
    stranger.get(f"/v1/mentorships/{made['id']}").problem(404, "NOT_FOUND")
    mine = mentee.get("/v1/me/mentorships").ok()["items"][0]
    assert (mine["id"], mine["role"], mine["program_title"]) == (made["id"], "MENTEE", program["title"])
    assert [item["id"] for item in lead.get(f"/v1/programs/{program['id']}/mentorships").ok()["items"]] == [made["id"]]
    mentor.get(f"/v1/programs/{program['id']}/mentorships").problem(404, "NOT_FOUND")


def test_groups_have_one_mentor_or_one_mentee(lead, people, joined):
    a, b, c, d = people(4)
    program, mentors, mentees = joined([a, b], [c, d])
    pair(lead, program, mentors, mentees).problem(422, "MANY_TO_MANY")
    assert len(pair(lead, program, mentors[:1], mentees).ok(201)["mentee_ids"]) == 2
    assert len(pair(lead, program, mentors[1:], mentees[:1]).ok(201)["mentor_ids"]) == 1


def test_who_is_no_active_member_is_not_paired(lead, people, joined):
    mentor, mentee = people(2)
    program, mentors, mentees = joined([mentor], [mentee])
    pair(lead, program, mentees, mentees).problem(422, "NOT_AN_ACTIVE_MEMBER")
    pair(lead, program, mentors, [str(uuid.uuid4())]).problem(422, "NOT_AN_ACTIVE_MEMBER")
    mentee.post(f"/v1/memberships/{mentees[0]}/pause").ok()
    assert pair(lead, program, mentors, mentees).problem(422, "NOT_AN_ACTIVE_MEMBER")["membership_id"] == mentees[0]
    pair(mentor, program, mentors, mentees).problem(403, "NOT_COORDINATOR")


def test_nobody_mentors_themselves(lead, people, joined, apply):
    mentor, = people(1)
    program, mentors, _ = joined([mentor], [], both_roles=True)
    mentee = apply(mentor, program)["id"]
    pair(lead, program, mentors, [mentee]).problem(409, "MENTORSHIP_WITH_SELF")


def test_two_are_paired_once_at_a_time(lead, people, joined):
    mentor, mentee = people(2)
    program, mentors, mentees = joined([mentor], [mentee])
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: pair(lead, program, mentors, mentees), range(8)))
    assert sorted(answer.status for answer in answers) == [201] + [409] * 7
    made = next(answer.json()["id"] for answer in answers if answer.status == 201)
    assert pair(lead, program, mentors, mentees).problem(409, "ALREADY_PAIRED")["mentorship_id"] == made


def test_a_held_proposal_is_the_coordinators_alone(lead, people, joined):
    mentor, mentee = people(2)
    program, mentors, mentees = joined([mentor], [mentee])
    held = pair(lead, program, mentors, mentees, held=True).ok(201)
    assert held["state"] == "PROPOSED"
    mentor.get(f"/v1/mentorships/{held['id']}").problem(404, "NOT_FOUND")
    assert held["id"] not in [item["id"] for item in mentor.get("/v1/me/mentorships").ok()["items"]]


def test_a_mentorship_ends_in_the_future(lead, people, joined):
    mentor, mentee = people(2)
    program, mentors, mentees = joined([mentor], [mentee])
    pair(lead, program, mentors, mentees, planned_end_on="2020-01-01").problem(422, "ENDS_IN_THE_PAST")
