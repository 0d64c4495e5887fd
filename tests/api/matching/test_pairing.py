"""Matches by hand and from files, who waits, and asking for another partner."""

import pytest
from pool import ANY_VERSION, eventually
from runs import Runs


@pytest.fixture
def pool(pools):
    return pools.make(mentors=2, mentees=2, matching_mode="ASSIGNED")


def by_hand(pool, mentor, mentee, **more):
    return pool.lead.post(f"{pool.path}/manual-matches", {"mentor_id": mentor.id, "mentee_id": mentee.id, **more})


def bring_in(pool, lines, dry_run=False):
    data = "\n".join(["mentor_email,mentee_email", *(f"{one},{other}" for one, other in lines)]).encode()
    return pool.lead.post(f"{pool.path}/imports/matches?dry_run={str(dry_run).lower()}", data=data, headers={"Content-Type": "text/csv"})


def end(pool, mentorship):
    pool.lead.post(f"/v1/mentorships/{mentorship}/close", {"close_reason": "OTHER"}).ok()
    pool.lead.post(f"/v1/mentorships/{mentorship}/closure/finish").ok()


def begin(pool, mentor, mentee):
    """A mentorship that both have accepted, and that matching knows."""
    made = eventually(lambda: by_hand(pool, mentor, mentee).json().get("id"))
    for party in (mentor, mentee):
        party.post(f"/v1/mentorships/{made}/accept").ok()
    return made


def test_a_match_by_hand_takes_places_and_asks_both(pool):
    mentor, (mentee, other) = pool.mentors[0], pool.mentees
    assert by_hand(pool, mentor, mentee, dry_run=True).ok()["id"] is None
    made = by_hand(pool, mentor, mentee).ok()["id"]
    asked = mentee.get(f"/v1/mentorships/{made}").ok()
    assert (asked["state"], asked["origin"]) == ("PENDING_ACCEPTANCE", "ADMIN")
    by_hand(pool, mentor, other).problem(409, "MENTOR_FULL")
    by_hand(pool, pool.mentors[1], mentee).problem(409, "MENTEE_FULL")
    mentee.post(f"/v1/mentorships/{made}/decline").ok()
    eventually(lambda: by_hand(pool, mentor, other).status == 200)


def test_a_match_by_hand_says_its_score_and_needs_a_reason_for_what_it_breaks(pool):
    mentor, mentee = pool.mentors[0], pool.mentees[0]
    assert by_hand(pool, mentor, mentee, dry_run=True).ok()["score"] is None
    path = f"{pool.path}/criteria"
    criteria = {"criteria": [{"key": "wishes", "kind": "PREFERENCE", "weight": 1, "missing_is_zero": True}], "min_score": 500}
    pool.lead.put(path, criteria, headers=ANY_VERSION).ok()
    pool.lead.post(f"{path}/validate").ok()
    pool.lead.post(f"{path}/publish").ok()
    tried = by_hand(pool, mentor, mentee, dry_run=True).ok()
    assert (tried["score"], tried["broken_rules"]) == (0, ["BELOW_MIN_SCORE"])
    by_hand(pool, mentor, mentee).problem(422, "REASON_NEEDED")
    assert by_hand(pool, mentor, mentee, reason="They know each other's work.").ok()["id"]


def test_who_is_no_member_is_not_matched_by_hand(pool, new_person):
    by_hand(pool, pool.mentors[0], new_person()).problem(404, "NOT_FOUND")
    by_hand(pool, pool.mentees[0], pool.mentors[0]).problem(404, "NOT_FOUND")
    by_hand(pool, pool.mentors[0], pool.mentors[0]).problem(422, "PAIR_OF_ONE")
    pool.mentees[0].post(f"{pool.path}/manual-matches", {"mentor_id": pool.mentors[0].id, "mentee_id": pool.mentees[0].id}) \
        .problem(403, "NOT_COORDINATOR")


def test_an_excluded_pair_is_never_matched_by_hand(pool, admin):
    mentor, mentee = pool.mentors[0], pool.mentees[0]
    admin.put("/v1/admin/exclusions", {"a": mentor.id, "b": mentee.id, "note": "For reasons."}).ok()
    for more in ({}, {"dry_run": True}, {"reason": "I insist."}):
        refusal = by_hand(pool, mentor, mentee, **more).problem(403, "PAIR_NOT_ALLOWED")
        assert "reasons" not in str(refusal)


def test_programs_brings_no_excluded_pair_together_either(pool, admin):
    mentor, mentee = pool.mentors[0], pool.mentees[0]
    admin.put("/v1/admin/exclusions", {"a": mentor.id, "b": mentee.id}).ok()
    body = {"mentor_memberships": [pool.memberships[mentor.id]], "mentee_memberships": [pool.memberships[mentee.id]], "held": True}

    def refused():
        answer = pool.lead.post(f"{pool.path}/mentorships", body)
        if answer.status == 201:
            pool.lead.post(f"/v1/mentorships/{answer.json()['id']}/decline").ok()
        return answer.status == 403
    eventually(refused)
    pool.lead.post(f"{pool.path}/mentorships", body).problem(403, "PAIR_NOT_ALLOWED")
    data = f"mentor,mentee\n{mentor.id},{mentee.id}\n".encode()
    rows = pool.lead.post(f"{pool.path}/mentorships/import", data=data, headers={"Content-Type": "text/csv"}).ok()["items"]
    assert [row["code"] for row in rows] == ["PAIR_NOT_ALLOWED"]


def test_an_exclusion_lets_fall_what_was_proposed(pool, admin):
    mentor, mentee = pool.mentors[0], pool.mentees[0]
    made = by_hand(pool, mentor, mentee).ok()["id"]
    admin.put("/v1/admin/exclusions", {"a": mentor.id, "b": mentee.id}).ok()
    eventually(lambda: pool.lead.get(f"/v1/mentorships/{made}").ok()["state"] == "DECLINED")


def test_a_file_is_tried_and_then_brought_in_line_by_line(pool, admin):
    (mentor, second), (mentee, other) = pool.mentors, pool.mentees
    admin.put("/v1/admin/exclusions", {"a": second.id, "b": other.id}).ok()
    lines = [(mentor.email, mentee.email.upper()), (mentor.email, other.email), (second.email, other.email), ("nobody@people.example", other.email)]
    tried = bring_in(pool, lines, dry_run=True).ok()["items"]
    assert [(row["line"], row["code"]) for row in tried] == [(2, ""), (3, ""), (4, "PAIR_NOT_ALLOWED"), (5, "NOT_A_MEMBER")]
    assert not any(row["mentorship_id"] for row in tried)
    done = bring_in(pool, lines).ok()["items"]
    assert [row["code"] for row in done] == ["", "MENTOR_FULL", "PAIR_NOT_ALLOWED", "NOT_A_MEMBER"]
    assert mentee.get(f"/v1/mentorships/{done[0]['mentorship_id']}").ok()["origin"] == "IMPORT"
    again = bring_in(pool, lines[:1]).ok()["items"]
    assert again[0]["code"] in ("MENTOR_FULL", "ALREADY_PARTNERS") and not again[0]["mentorship_id"]


def test_a_file_that_is_none_is_refused(pool):
    def send(data):
        return pool.lead.post(f"{pool.path}/imports/matches", data=data, headers={"Content-Type": "text/csv"})
    send(b"who,knows\n").problem(422, "MALFORMED_FILE")
    send(b"mentor_email,mentee_email\n\xff\xfe,b\n").problem(400, "INVALID_UTF8")


def test_whoever_has_waited_longest_is_first_in_the_queue(pools, match_sql):
    pool = pools.make(mentors=1, mentees=3)
    for number, mentee in enumerate(pool.mentees):
        match_sql(f"update match_profile set waiting_since = now() - interval '{number + 1} days' where user_id = '{mentee.id}'")
    queue = pool.lead.get(f"{pool.path}/match-queue").ok()["items"]
    assert [each["user_id"] for each in queue] == [mentee.id for mentee in reversed(pool.mentees)]
    assert [(each["position"], each["days"], each["place_free"]) for each in queue] == [("1", 3, True), ("2", 2, False), ("3", 1, False)]
    assert queue[0]["forecast_on"] and queue[1]["forecast_on"] is None
    page = pool.lead.get(f"{pool.path}/match-queue?limit=2").ok()
    assert pool.lead.get(f"{pool.path}/match-queue?cursor={page['next_cursor']}").ok()["items"] == queue[2:]
    pool.mentees[0].get(f"{pool.path}/match-queue").problem(403, "NOT_COORDINATOR")


def test_coordinators_hear_of_those_who_wait_for_two_weeks_and_again_a_week_later(pools, match_sql):
    pool = pools.make(mentors=1, mentees=2)
    due = f"extract(epoch from due_at - now()) / 86400 from timer where rpc = 'WatchQueue' and subject_id = '{pool.id}'"
    assert 13.9 < float(match_sql(f"select {due}")) < 14
    match_sql(f"update match_profile set waiting_since = now() - interval '15 days' where user_id = '{pool.mentees[0].id}'; "
              f"update timer set due_at = now() where rpc = 'WatchQueue' and subject_id = '{pool.id}'")
    eventually(lambda: match_sql(f"select count(*) from outbox where name = 'QueueAged' and aggregate_id = '{pool.id}'") == "1")
    assert 6.9 < float(match_sql(f"select {due}")) < 7.1
    told = eventually(lambda: [each for each in pool.lead.get("/v1/me/inbox?limit=200").ok()["items"] if each["link"] and pool.id in each["link"]
                               and each["kind"] == "queue_aged"])
    assert "15 days" in told[0]["text"] and told[0]["link"].endswith(f"/programs/{pool.id}/match-queue")


def test_while_nobody_waits_for_long_nobody_is_told(pools, match_sql):
    pool = pools.make(mentors=1, mentees=1)
    match_sql(f"update timer set due_at = now() where rpc = 'WatchQueue' and subject_id = '{pool.id}'")
    due = f"select due_at > now() + interval '13 days' from timer where rpc = 'WatchQueue' and subject_id = '{pool.id}'"
    eventually(lambda: match_sql(due) == "t")
    assert match_sql(f"select count(*) from outbox where name = 'QueueAged' and aggregate_id = '{pool.id}'") == "0"


def state_of_rematch(match_sql, mentorship):
    return match_sql(f"select state from rematch where mentorship_id = '{mentorship}'")


def cool_off(match_sql, mentorship):
    """The mentorship has ended, and so has the time of cooling off."""
    eventually(lambda: state_of_rematch(match_sql, mentorship) == "COOLING_OFF")
    match_sql(f"update rematch set eligible_at = now() where mentorship_id = '{mentorship}'; "
              f"update timer set due_at = now() where subject_id = (select id from rematch where mentorship_id = '{mentorship}')")
    eventually(lambda: state_of_rematch(match_sql, mentorship) == "ELIGIBLE")


def test_a_mentor_who_asked_for_another_mentee_waits_until_they_have_one(pool, match_sql):
    mentor, second = pool.mentors
    mentee, other = pool.mentees
    made = begin(pool, mentor, mentee)
    eventually(lambda: mentor.post(f"/v1/mentorships/{made}/rematch", {"reason_code": "NOT_A_FIT"}).status == 200)
    end(pool, made)
    cool_off(match_sql, made)
    by_hand(pool, second, mentee).ok()
    assert state_of_rematch(match_sql, made) == "ELIGIBLE"
    by_hand(pool, mentor, other).ok()
    assert state_of_rematch(match_sql, made) == "MATCHED"


def test_asking_for_another_mentor_begins_a_time_of_cooling_off_and_then_a_run_takes_one_in(pool, match_sql):
    mentor, second = pool.mentors
    mentee = pool.mentees[0]
    made = begin(pool, mentor, mentee)
    path = f"/v1/mentorships/{made}/rematch"
    asked = eventually(lambda: mentee.post(path, {"reason_code": "CONFLICT", "keep_history": True}).json().get("state"))
    assert asked == "ASKED"
    pool.mentees[1].post(path, {"reason_code": "OTHER"}).problem(404, "NOT_FOUND")
    end(pool, made)
    eventually(lambda: state_of_rematch(match_sql, made) == "COOLING_OFF")
    by_hand(pool, second, mentee).problem(409, "PARTY_NOT_ACTIVE")
    cool_off(match_sql, made)
    by_hand(pool, mentor, mentee).problem(403, "PAIR_NOT_ALLOWED")
    runs = Runs(pool, match_sql)
    runs.criteria()
    runs.review()
    assert state_of_rematch(match_sql, made) == "IN_POOL"
    by_hand(pool, second, mentee).ok()
    assert state_of_rematch(match_sql, made) == "MATCHED"


def test_after_a_conflict_both_have_to_ask_for_each_other(pools, match_sql):
    pool = pools.make(mentors=1, mentees=1)
    mentor, mentee = pool.mentors[0], pool.mentees[0]
    match_sql(f"insert into exclusion (a, b, kind, source) values (least('{mentor.id}'::uuid, '{mentee.id}'), "
              f"greatest('{mentor.id}'::uuid, '{mentee.id}'), 'PAST_CONFLICT', 'BY_REMATCH')")
    by_hand(pool, mentor, mentee, dry_run=True).problem(403, "PAIR_NOT_ALLOWED")
    for one, other in ((mentor, mentee), (mentee, mentor)):
        by_hand(pool, mentor, mentee, dry_run=True).problem(403, "PAIR_NOT_ALLOWED")
        one.put(f"{pool.path}/favourites/{other.id}", {}).ok()
    by_hand(pool, mentor, mentee, dry_run=True).ok()


def test_a_rematch_can_be_taken_back(pool):
    mentee = pool.mentees[0]
    made = begin(pool, pool.mentors[0], mentee)
    path = f"/v1/mentorships/{made}/rematch"
    eventually(lambda: mentee.post(path, {"reason_code": "OTHER"}).status == 200)
    assert pool.lead.post(path, {"reason_code": "OTHER", "side": "MENTEE"}).ok()["state"] == "ASKED"
    assert mentee.post(f"{path}/withdraw").ok()["state"] == "WITHDRAWN"
    mentee.post(path, {"reason_code": "OTHER"}).problem(409, "REMATCH_ASKED")
