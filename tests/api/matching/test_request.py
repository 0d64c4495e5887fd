"""Requests: who may ask whom, what becomes of it, and that the last place goes to exactly one."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from pool import eventually

MESSAGE = "I would like to learn from you, for these reasons."


@pytest.fixture
def pool(pools):
    return pools.make(mentors=2, mentees=2)


def states(person, direction):
    return {each["id"]: each["state"] for each in person.get(f"/v1/match-requests?direction={direction}").ok()["items"]}


def past(match_sql, request, days=8):
    """As if it had been sent days ago, and its clock were to be looked at now."""
    match_sql(f"update match_request set created_at = created_at - interval '{days} days', expires_at = expires_at - interval '{days} days' "
              f"where id = '{request}'")
    match_sql(f"update timer set due_at = now() where subject_id = '{request}'")


def test_a_mentee_asks_and_a_mentor_accepts_and_a_mentorship_begins(pool):
    mentor, mentee = pool.mentors[0], pool.mentees[0]
    sent = pool.request(mentee, mentor).ok(201)
    assert (sent["state"], sent["to_id"], sent["mentorship_id"]) == ("SENT", mentor.id, sent["mentorship_id"])
    assert mentor.get("/v1/match-requests?direction=IN").ok()["items"][0]["message"] == MESSAGE
    accepted = mentor.post(f"/v1/match-requests/{sent['id']}/accept").ok()
    assert accepted["state"] == "ACCEPTED"
    begun = mentee.get(f"/v1/mentorships/{accepted['mentorship_id']}").ok()
    assert (begun["state"], begun["origin"], begun["mentor_ids"], begun["mentee_ids"]) == ("KICKOFF", "REQUEST", [mentor.id], [mentee.id])
    assert mentor.post(f"/v1/match-requests/{sent['id']}/accept").ok()["mentorship_id"] == accepted["mentorship_id"]


def test_the_last_place_supersedes_what_others_have_asked(pool):
    mentor, (one, other) = pool.mentors[0], pool.mentees
    first, second = pool.request(one, mentor).ok(201)["id"], pool.request(other, mentor).ok(201)["id"]
    elsewhere = pool.request(one, pool.mentors[1]).ok(201)["id"]
    mentor.post(f"/v1/match-requests/{first}/accept").ok()
    assert states(other, "OUT") == {second: "SUPERSEDED"}
    assert states(one, "OUT") == {first: "ACCEPTED", elsewhere: "SUPERSEDED"}
    mentor.post(f"/v1/match-requests/{second}/accept").problem(409, "MENTOR_FULL")
    pool.request(other, mentor).problem(409, "MENTOR_FULL")
    pool.request(one, pool.mentors[1]).problem(409, "MENTEE_FULL")


def test_two_hundred_accept_the_last_place_at_once_and_one_gets_it(pools, match_sql):
    pool = pools.make(mentors=1, mentees=0)
    mentor = pool.mentors[0]
    askers = [pools.new_person() for _ in range(8)]
    for person in askers:
        pool.add("MENTEE", person)
    pool.settle()
    sent = [pool.request(person, mentor).ok(201)["id"] for person in askers]
    mentor.get("/v1/me").ok()

    def accept(number):
        return mentor.post(f"/v1/match-requests/{sent[number % len(sent)]}/accept")

    with ThreadPoolExecutor(40) as many:
        answers = list(many.map(accept, range(200)))
    won = {answer.json()["id"] for answer in answers if answer.status == 200}
    lost = [answer for answer in answers if answer.status != 200]
    assert len(won) == 1
    assert {(answer.status, answer.json()["code"]) for answer in lost} == {(409, "MENTOR_FULL")}
    assert len(lost) == 200 - 200 // len(sent)
    assert match_sql(f"select count(*) from place where user_id = '{mentor.id}'") == "1"


def test_one_capacity_in_two_programs_goes_to_one(pools):
    """Flow 12: the places over all programs are one row."""
    one, other = pools.make(mentors=0, mentees=1), pools.make(mentors=0, mentees=1)
    mentor = pools.mentor(1)
    for pool in (one, other):
        pool.add("MENTOR", mentor)
        pool.settle()
    sent = [pool.request(pool.mentees[0], mentor).ok(201)["id"] for pool in (one, other)]
    with ThreadPoolExecutor(40) as many:
        answers = list(many.map(lambda n: mentor.post(f"/v1/match-requests/{sent[n % 2]}/accept"), range(200)))
    assert len({answer.json()["id"] for answer in answers if answer.status == 200}) == 1
    assert {answer.json()["code"] for answer in answers if answer.status != 200} == {"MENTOR_FULL"}


def test_in_a_program_that_assigns_nobody_asks(pools):
    pool = pools.make(matching_mode="ASSIGNED")
    pool.request(pool.mentees[0], pool.mentors[0]).problem(403, "MODE_NOT_ALLOWED")


def test_the_side_that_does_not_choose_does_not_ask(pools, pool):
    pool.request(pool.mentors[0], pool.mentees[0]).problem(403, "MODE_NOT_ALLOWED")
    both = pools.make(matching_mode="BOTH_CHOICE")
    assert both.request(both.mentors[0], both.mentees[0]).ok(201)["mentee_id"] == both.mentees[0].id
    both.request(both.mentees[0], both.mentors[0]).problem(409, "REQUEST_ALREADY_OPEN")


def test_a_paused_mentor_is_asked_by_nobody(pool, match_sql):
    mentor = pool.mentors[0]
    mentor.post("/v1/me/mentor/pause", {}).ok()
    eventually(lambda: match_sql(f"select eligible from match_profile where user_id = '{mentor.id}'") == "f")
    pool.request(pool.mentees[0], mentor).problem(409, "MENTOR_PAUSED")


def test_words_are_twenty_to_two_thousand_characters(pool):
    for words in ("", "Too short.", "x" * 2001):
        assert pool.request(pool.mentees[0], pool.mentors[0], words).status == 400
    pool.request(pool.mentees[0], pool.mentors[0], "ж" * 2000).ok(201)


def test_nobody_asks_themselves_or_people_who_are_not_there(pool, new_person):
    mentee = pool.mentees[0]
    pool.request(mentee, mentee).problem(422, "REQUEST_TO_ONESELF")
    pool.request(mentee, pool.mentees[1]).problem(404, "NOT_FOUND")
    pool.request(mentee, new_person()).problem(404, "NOT_FOUND")
    pool.request(new_person(), pool.mentors[0]).problem(404, "NOT_FOUND")


def test_at_most_so_many_requests_wait_at_once(pools):
    pool = pools.make(mentors=3, mentees=1)
    mentee = pool.mentees[0]
    rules = {"open_requests": 2, "request_days": 5}
    pool.lead.put(f"{pool.path}/matching-rules", rules, headers={"If-Match": "*"}).ok()
    sent = [pool.request(mentee, mentor).ok(201) for mentor in pool.mentors[:2]]
    pool.request(mentee, pool.mentors[2]).problem(409, "TOO_MANY_OPEN")
    pool.request(mentee, pool.mentors[0]).problem(409, "REQUEST_ALREADY_OPEN")
    mentee.post(f"/v1/match-requests/{sent[0]['id']}/withdraw").ok()
    pool.request(mentee, pool.mentors[2]).ok(201)


def test_after_a_no_the_same_two_wait(pool, match_sql):
    mentor, mentee = pool.mentors[0], pool.mentees[0]
    sent = pool.request(mentee, mentor).ok(201)["id"]
    answer = {"reason_code": "NO_TIME", "reason_text": "Between us: not this one."}
    declined = mentor.post(f"/v1/match-requests/{sent}/decline", answer).ok()
    assert (declined["state"], declined["reason_code"]) == ("DECLINED", "NO_TIME")
    seen = mentee.get(f"/v1/match-requests/{sent}").ok()
    assert seen["reason_code"] == "NO_TIME" and "Between us" not in str(seen)
    assert pool.lead.get(f"{pool.path}/match-requests").ok()["items"][0]["reason_text"] == answer["reason_text"]
    assert "again_at" in pool.request(mentee, mentor).problem(409, "DECLINED_RECENTLY")
    match_sql(f"update match_request set answered_at = answered_at - interval '31 days' where id = '{sent}'")
    pool.request(mentee, mentor).ok(201)


def test_only_the_two_see_a_request_and_each_does_their_part(pool):
    mentor, (mentee, other) = pool.mentors[0], pool.mentees
    sent = f"/v1/match-requests/{pool.request(mentee, mentor).ok(201)['id']}"
    other.get(sent).problem(404, "NOT_FOUND")
    other.post(f"{sent}/accept").problem(404, "NOT_FOUND")
    mentee.post(f"{sent}/accept").problem(404, "NOT_FOUND")
    mentor.post(f"{sent}/withdraw").problem(404, "NOT_FOUND")
    mentee.post(f"{sent}/withdraw").ok()
    assert mentee.post(f"{sent}/withdraw").ok()["state"] == "WITHDRAWN"
    mentor.post(f"{sent}/accept").problem(409, "ILLEGAL_TRANSITION")


def test_who_asked_reminds_once(pool, match_sql):
    mentee = pool.mentees[0]
    sent = pool.request(mentee, pool.mentors[0]).ok(201)["id"]
    mentee.post(f"/v1/match-requests/{sent}/remind").problem(409, "TOO_SOON")
    match_sql(f"update match_request set created_at = created_at - interval '25 hours' where id = '{sent}'")
    assert mentee.post(f"/v1/match-requests/{sent}/remind").ok()["reminded_at"]
    mentee.post(f"/v1/match-requests/{sent}/remind").problem(409, "REMINDED_ALREADY")


def test_a_request_is_reminded_of_twice_and_then_expires(pool, match_sql):
    mentor, mentee = pool.mentors[0], pool.mentees[0]
    sent = pool.request(mentee, mentor).ok(201)["id"]
    for reminded in (1, 2):
        past(match_sql, sent, 2.4)
        eventually(lambda: mentee.get(f"/v1/match-requests/{sent}").ok()["reminded"] == reminded)
    past(match_sql, sent, 2.4)
    eventually(lambda: mentee.get(f"/v1/match-requests/{sent}").ok()["state"] == "EXPIRED")
    mentor.post(f"/v1/match-requests/{sent}/accept").problem(410, "REQUEST_EXPIRED")


def test_accepting_when_the_time_is_over_is_too_late_even_before_the_clock_rings(pool, match_sql):
    mentor = pool.mentors[0]
    sent = pool.request(pool.mentees[0], mentor).ok(201)["id"]
    match_sql(f"update match_request set expires_at = now() where id = '{sent}'")
    mentor.post(f"/v1/match-requests/{sent}/accept").problem(410, "REQUEST_EXPIRED")


def test_three_silences_in_a_row_pause_a_mentor_who_comes_back_by_one_click(pools, match_sql):
    pool = pools.make(mentors=1, mentees=3)
    mentor = pool.mentors[0]
    for mentee in pool.mentees:
        sent = pool.request(mentee, mentor).ok(201)["id"]
        past(match_sql, sent)
        eventually(lambda: states(mentee, "OUT")[sent] == "EXPIRED")
    eventually(lambda: match_sql(f"select eligible from match_profile where user_id = '{mentor.id}'") == "f")
    pool.request(pool.mentees[0], mentor).problem(409, "MENTOR_PAUSED")
    assert mentor.get("/v1/me/profile").ok()["mentor"]["paused_until"] == "9999-12-31"
    mentor.post("/v1/me/mentor/resume").ok()
    eventually(lambda: pool.request(pool.mentees[0], mentor).status == 201)


def test_an_answer_ends_a_silence(pools, match_sql):
    pool = pools.make(mentors=1, mentees=3)
    mentor = pool.mentors[0]
    for number, mentee in enumerate(pool.mentees):
        sent = pool.request(mentee, mentor).ok(201)["id"]
        if number == 1:
            mentor.post(f"/v1/match-requests/{sent}/decline", {"reason_code": "OTHER"}).ok()
        else:
            past(match_sql, sent)
            eventually(lambda: states(mentee, "OUT")[sent] == "EXPIRED")
    assert match_sql(f"select missed from person where user_id = '{mentor.id}'") == "1"


def test_a_mentee_who_is_suspended_before_the_answer_cannot_be_had(pool, admin, match_sql):
    mentor, mentee = pool.mentors[0], pool.mentees[0]
    sent = pool.request(mentee, mentor).ok(201)["id"]
    admin.post(f"/v1/admin/users/{mentee.id}/suspend", {"reason": "To see what it does."}).ok()
    eventually(lambda: match_sql(f"select away from person where user_id = '{mentee.id}'") == "t")
    mentor.post(f"/v1/match-requests/{sent}/accept").problem(404, "NOT_FOUND")


def test_a_mentorship_made_elsewhere_supersedes_what_was_asked(pool):
    mentor, (mentee, other) = pool.mentors[0], pool.mentees
    sent = pool.request(other, mentor).ok(201)["id"]
    pool.lead.post(f"{pool.path}/mentorships", {"mentor_memberships": [pool.memberships[mentor.id]],
                                                "mentee_memberships": [pool.memberships[mentee.id]]}).ok(201)
    eventually(lambda: states(other, "OUT")[sent] == "SUPERSEDED")


def test_a_place_that_is_given_back_can_be_asked_for_again(pool):
    mentor, (mentee, other) = pool.mentors[0], pool.mentees
    sent = pool.request(mentee, mentor).ok(201)["id"]
    made = mentor.post(f"/v1/match-requests/{sent}/accept").ok()["mentorship_id"]
    pool.request(other, mentor).problem(409, "MENTOR_FULL")
    mentee.post(f"/v1/mentorships/{made}/close", {"close_reason": "OTHER"}).ok()
    pool.lead.post(f"/v1/mentorships/{made}/closure/finish").ok()
    eventually(lambda: pool.request(other, mentor).status == 201)
