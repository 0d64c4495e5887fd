"""Mentorships that rest, last longer and end: both sides ask, steps are taken, and the calendar does what nobody does."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from conftest import day, eventually
from mentorships import activate, begin, pair
from test_evaluation import RUBRIC, SCORES

CALENDAR = "select schedule('{rpc}', '{id}', now())"


@pytest.fixture
def two(lead, people, joined):
    """Mentor, mentee and the path of their mentorship, which is active."""
    mentor, mentee = people(2)
    return mentor, mentee, f"/v1/mentorships/{activate(lead, joined, [mentor], [mentee])['id']}"


def told(sql, path, name):
    return int(sql(f"select count(*) from outbox where name = '{name}' and aggregate_id = '{path[-36:]}'"))


def close(path, mentor, mentee, reason="COMPLETED"):
    mentor.post(f"{path}/close", {"close_reason": reason}).ok()
    mentor.post(f"{path}/closure/steps/FINAL_SESSION/complete").ok()
    mentee.post(f"{path}/closure/steps/HANDOVER/complete").ok()
    return mentor.post(f"{path}/closure/finish").ok()


def test_a_pause_needs_both_and_ends_by_itself(two, sql):
    mentor, mentee, path = two
    asked = mentor.post(f"{path}/pause", {"until": day(30)}).ok()
    assert asked["state"] == "ACTIVE" and [(ask["kind"], ask["asked_by"]) for ask in asked["asks"]] == [("PAUSE", mentor.id)]
    assert mentor.post(f"{path}/pause", {"until": day(30)}).ok() == asked
    paused = mentee.post(f"{path}/pause", {}).ok()
    assert (paused["state"], paused["paused_until"], paused["asks"]) == ("PAUSED", day(30), [])
    assert mentor.post(f"{path}/pause", {"until": day(30)}).ok() == paused
    sql(f"update mentorship set paused_until = current_date - 2 where id = '{path[-36:]}'")
    eventually(lambda: mentor.get(path).ok()["state"] == "ACTIVE")
    assert (told(sql, path, "MentorshipPaused"), told(sql, path, "MentorshipResumed")) == (1, 1)


def test_another_date_is_another_question(two, sql):
    mentor, mentee, path = two
    mentor.post(f"{path}/pause", {"until": day(30)}).ok()
    other = mentee.post(f"{path}/pause", {"until": day(10)}).ok()
    assert other["state"] == "ACTIVE" and other["asks"][0]["asked_by"] == mentee.id
    for _ in range(2):
        assert mentor.post(f"{path}/asks/PAUSE/drop").ok()["asks"] == []
    assert told(sql, path, "MentorshipAskDropped") == 1


def test_a_pause_lasts_sixty_days_at_most(two):
    mentor, _, path = two
    mentor.post(f"{path}/pause", {"until": day(90)}).problem(422, "PAUSE_TOO_LONG")
    mentor.post(f"{path}/pause", {"until": day(-1)}).problem(422, "PAUSE_TOO_LONG")
    mentor.post(f"{path}/pause", {}).problem(422, "UNTIL_NEEDED")
    mentor.post(f"{path}/resume", {}).ok()


def test_who_runs_the_program_decides_and_says_why(two, lead):
    mentor, mentee, path = two
    lead.post(f"{path}/pause", {"until": day(20)}).problem(422, "REASON_NEEDED")
    assert lead.post(f"{path}/pause", {"until": day(20), "reason": "Illness."}).ok()["state"] == "PAUSED"
    assert mentee.post(f"{path}/resume", {}).ok()["state"] == "PAUSED"
    assert mentor.post(f"{path}/resume", {}).ok()["state"] == "ACTIVE"


def test_it_lasts_longer_when_both_want_it_and_the_program_allows_it(two, lead):
    mentor, mentee, path = two
    planned = mentor.get(path).ok()["planned_end_on"]
    mentor.post(f"{path}/extend", {"until": day(100)}).problem(422, "NOT_LATER")
    mentor.post(f"{path}/extend", {"until": day(500)}).problem(422, "DURATION_OUTSIDE_PROGRAM")
    assert mentor.post(f"{path}/extend", {"until": day(300)}).ok()["planned_end_on"] == planned
    assert mentee.post(f"{path}/extend", {"until": day(300)}).ok()["planned_end_on"] == day(300)
    assert lead.post(f"{path}/extend", {"until": day(500), "reason": "Both asked for it."}).ok()["planned_end_on"] == day(500)


def test_closing_takes_its_steps(two, lead):
    mentor, mentee, path = two
    mentor.post(f"{path}/close", {"close_reason": "SAFETY"}).problem(422, "NOT_YOUR_REASON")
    closing = mentor.post(f"{path}/close", {"close_reason": "COMPLETED"}).ok()
    assert (closing["state"], closing["closing_by"]) == ("CLOSING", mentor.id) and closing["close_by"]
    closure = mentee.get(f"{path}/closure").ok()
    assert [(step["key"], bool(step["done_at"])) for step in closure["steps"] if step["mandatory"]] == [
        ("FINAL_SESSION", False), ("EXIT_SURVEYS", True), ("HANDOVER", False)]
    assert closure["post_contact_rule"]
    assert mentor.post(f"{path}/closure/finish").problem(422, "STEPS_MISSING")["missing"] == ["FINAL_SESSION", "HANDOVER"]
    mentor.post(f"{path}/closure/steps/HANDOVER/complete").problem(403, "NOT_YOUR_STEP")
    lead.post(f"{path}/closure/steps/FINAL_SESSION/complete").problem(404, "NOT_FOUND")
    mentor.post(f"{path}/closure/steps/FINAL_SESSION/complete").ok()
    mentee.post(f"{path}/closure/steps/HANDOVER/complete").ok()
    closed = lead.post(f"{path}/closure/finish").ok()
    assert (closed["state"], closed["close_reason"], closed["closed_incomplete"]) == ("CLOSED", "COMPLETED", False)
    assert mentor.post(f"{path}/closure/finish").ok() == closed
    mentor.post(f"{path}/extend", {"until": day(300)}).problem(409, "ILLEGAL_TRANSITION")


def test_two_who_close_at_once_close_it_once(two, sql):
    mentor, mentee, path = two
    wishes = [(mentor, "COMPLETED"), (mentee, "NOT_A_FIT")] * 4
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda wish: wish[0].post(f"{path}/close", {"close_reason": wish[1]}), wishes))
    assert [answer.status for answer in answers] == [200] * 8
    assert len({answer.json()["close_reason"] for answer in answers}) == 1 and told(sql, path, "MentorshipClosing") == 1
    mentor.post(f"{path}/closure/steps/FINAL_SESSION/complete").ok()
    mentee.post(f"{path}/closure/steps/HANDOVER/complete").ok()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda person: person.post(f"{path}/closure/finish"), (mentor, mentee) * 4))
    assert [answer.status for answer in answers] == [200] * 8 and told(sql, path, "MentorshipClosed") == 1


def test_after_three_weeks_it_is_closed_whatever_is_missing(two, sql):
    mentor, _, path = two
    mentor.post(f"{path}/close", {"close_reason": "NO_CONTACT"}).ok()
    sql(f"update mentorship set close_by = now() where id = '{path[-36:]}';" + CALENDAR.format(rpc="CloseOverdue", id=path[-36:]))
    closed = eventually(lambda: [found for found in [mentor.get(path).ok()] if found["state"] == "CLOSED"])[0]
    assert closed["closed_incomplete"]


def test_the_planned_end_is_announced_and_begins_the_closing(two, sql):
    mentor, _, path = two
    for days, count in ((29, 1), (20, 1), (10, 2), (2, 3)):
        sql(f"update mentorship set planned_end_on = current_date + {days} where id = '{path[-36:]}';"
            + CALENDAR.format(rpc="WatchEnd", id=path[-36:]))
        eventually(lambda: sql(f"select count(*) from timer where rpc = 'WatchEnd' and subject_id = '{path[-36:]}' and due_at > now()") == "1")
        eventually(lambda: told(sql, path, "MentorshipEndAnnounced") == count)
    sql(f"update mentorship set planned_end_on = current_date - 2 where id = '{path[-36:]}'")
    closing = eventually(lambda: [found for found in [mentor.get(path).ok()] if found["state"] == "CLOSING"])[0]
    assert (closing["close_reason"], closing["closing_by"]) == ("END_DATE", None)


def test_a_proposal_is_declined_and_not_closed(lead, people, joined):
    mentor, mentee = people(2)
    program, *memberships = joined([mentor], [mentee])
    path = f"/v1/mentorships/{pair(lead, program, *memberships).ok(201)['id']}"
    mentor.post(f"{path}/close", {"close_reason": "COMPLETED"}).problem(409, "ILLEGAL_TRANSITION")


def test_a_program_is_archived_when_every_mentorship_has_an_end(two, lead, sql, mails):
    mentor, mentee, path = two
    program = mentor.get(path).ok()["program_id"]
    assert lead.post(f"/v1/programs/{program}/archive").problem(409, "OPEN_MENTORSHIPS")["mentorships"] == 1
    mentor.post(f"/v1/programs/{program}/mentorships/close-all", {"closes_on": day(10)}).problem(403, "NOT_COORDINATOR")
    lead.post(f"/v1/programs/{program}/mentorships/close-all", {"closes_on": day(-10)}).problem(422, "ENDS_IN_THE_PAST")
    plan = {"closes_on": day(10)}
    assert lead.post(f"/v1/programs/{program}/mentorships/close-all", plan).ok() == {"shortened": 1, "declined": 0}
    assert mentor.get(path).ok()["planned_end_on"] == day(10) and told(sql, path, "MentorshipShortened") == 1
    assert mails.wait_for(mentee.email, "mentorship_shortened").subject.endswith("ends earlier")
    lead.post(f"/v1/programs/{program}/archive").ok()
    assert close(path, mentor, mentee)["state"] == "CLOSED"


def test_a_cohort_ends_when_every_mentorship_is_closing(lead, people, joined, new_cohort, apply, new_program):
    mentor, mentee = people(2)
    program = new_program(mentor_admission="OPEN", mentee_admission="OPEN")
    cohort = new_cohort(program)
    steps = f"/v1/programs/{program['id']}/cohorts/{cohort['id']}"
    lead.post(f"{steps}/open")
    mentors, mentees = [apply(mentor, program, "MENTOR")["id"]], [apply(mentee, program)["id"]]
    for step in ("close", "start-matching", "start"):
        lead.post(f"{steps}/{step}").ok()
    path = f"/v1/mentorships/{pair(lead, program, mentors, mentees).ok(201)['id']}"
    assert lead.get(path).ok()["cohort_id"] == cohort["id"]
    for person in (mentor, mentee):
        person.post(f"{path}/accept").ok()
    lead.post(f"{steps}/end").problem(409, "OPEN_MENTORSHIPS")
    mentor.post(f"{path}/close", {"close_reason": "BOTH_AGREED"}).ok()
    assert lead.post(f"{steps}/end").ok()["state"] == "ENDED"


def test_nothing_goes_over_but_what_the_mentee_names(two, lead, people, joined):
    mentor, mentee, path = two
    other = people(3)[2]
    mentee.post(f"{path}/handover", {"items": []}).problem(409, "ILLEGAL_TRANSITION")
    mentee.post(f"{path}/close", {"close_reason": "NOT_A_FIT"}).ok()
    mentor.post(f"{path}/handover", {"items": []}).problem(403, "NOT_YOUR_STEP")
    unknown = {"items": [{"kind": "GOAL", "thing_id": str(uuid.uuid4())}]}
    mentee.post(f"{path}/handover", unknown).problem(422, "UNKNOWN_ITEM")
    mentee.post(f"{path}/handover", {"to_mentorship_id": path[-36:]}).problem(422, "UNKNOWN_MENTORSHIP")
    following = begin(lead, joined, [other], [mentee])["id"]
    given = mentee.post(f"{path}/handover", {"to_mentorship_id": following}).ok()
    assert given["items"] == [] and given["accepted_at"] is None
    assert [s["done_by"] for s in mentee.get(f"{path}/closure").ok()["steps"] if s["key"] == "HANDOVER"] == [mentee.id]
    mentee.post(f"/v1/mentorships/{following}/handover/accept").problem(404, "NOT_FOUND")
    taken = other.post(f"/v1/mentorships/{following}/handover/accept").ok()
    assert taken["accepted_by"] == other.id and other.post(f"/v1/mentorships/{following}/handover/accept").ok() == taken
    assert other.get(f"/v1/mentorships/{following}/handover").ok()["items"] == [taken]
    mentor.get(f"/v1/mentorships/{following}/handover").problem(404, "NOT_FOUND")


def test_in_a_group_a_mentee_hands_over_nothing_of_another(lead, people, joined):
    mentor, mentee, other = people(3)
    path = f"/v1/mentorships/{activate(lead, joined, [mentor], [mentee, other])['id']}"
    program = mentor.get(path).ok()["program_id"]
    lead.put(f"/v1/programs/{program}/rubric", {"criteria": RUBRIC}, headers={"If-Match": "*"}).ok()
    goal = {"title": "Speak", "kind": "SKILL", "measure": {"type": "YES_NO"}}
    things = {person: [("GOAL", person.post(f"{path}/goals", goal).ok(201)["id"]),
                       ("TASK", mentor.post(f"{path}/tasks", {"title": "Read", "assignee_id": person.id}).ok(201)["id"]),
                       ("EVALUATION", mentor.put(f"{path}/evaluations/END", {"scores": SCORES, "subject_id": person.id}).ok()["id"])]
              for person in (mentee, other)}
    shared = ("GOAL", mentor.post(f"{path}/goals", goal).ok(201)["id"])
    mentor.post(f"{path}/close", {"close_reason": "COMPLETED"}).ok()
    for kind, thing in things[other]:
        body = {"items": [{"kind": kind, "thing_id": thing}]}
        assert mentee.post(f"{path}/handover", body).problem(422, "UNKNOWN_ITEM")["items"] == body["items"]
    mine = [{"kind": kind, "thing_id": thing} for kind, thing in (*things[mentee], shared)]
    assert len(mentee.post(f"{path}/handover", {"items": mine}).ok()["items"]) == 4
