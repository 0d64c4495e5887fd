"""Runs: from the request to a proven solution."""

import hashlib
import http.client
import json
import uuid

import pytest
from pool import Pool, eventually
from runs import Runs, says

CROWD = """
set session_replication_role = replica;
create temp table crowd as select gen_random_uuid() as membership, gen_random_uuid() as person from generate_series(1, {size});
insert into member (membership_id, program_id, user_id, role, state, version) select membership, '{program}', person, 'MENTEE', 'ACTIVE', 1 from crowd;
insert into person (user_id) select person from crowd;
insert into match_profile (membership_id, program_id, user_id, role, eligible, profile_as_of, answers_as_of)
select membership, '{program}', person, 'MENTEE', true, now(), now() from crowd"""
HOURS = [{"key": "hours", "choices": ["MON-09", "TUE-10", "SUN-23"]}]


@pytest.fixture(scope="module")
def runs(pools, match_sql):
    """Three mentors, one for each field; four mentees, two of whom are for the first."""
    pool = Pool(pools, pools.program())
    for field in ("art", "law", "medicine"):
        pool.add("MENTOR", pools.mentor(), says(field, "chess"))
    for field, hobby in (("art", "chess"), ("law", "chess"), ("medicine", "chess"), ("art", "music")):
        pool.add("MENTEE", pools.new_person(), says(field, hobby) + HOURS)
    pool.settle()
    runs = Runs(pool, match_sql)
    runs.criteria()
    return runs


@pytest.fixture
def busy(runs, match_sql):
    """A run that somebody works on, for as long as it takes."""
    run = str(uuid.uuid4())
    match_sql(f"insert into match_run (id, program_id, state, objective, criteria_version, secret_seed, seed_commitment, mentees, mentors, places, "
              f"memory_mb, created_by, worked_until, ends_by) values ('{run}', '{runs.pool.id}', 'SNAPSHOTTING', 'MAX_TOTAL', 1, '{'0' * 64}', "
              f"'', 4, 3, 3, 1, '{runs.lead.id}', now() + interval '1 hour', now() + interval '1 hour')")
    yield run
    match_sql(f"update match_run set state = 'CANCELLED' where id = '{run}' and state = 'SNAPSHOTTING'")


class Watch:
    """The stream of a run's states."""

    def __init__(self, person, run):
        host = person.url.removeprefix("http://")
        self.connection = http.client.HTTPConnection(host, timeout=20)
        self.connection.request("GET", f"/v1/match-runs/{run}/events", headers={
            "Authorization": f"Bearer {person.token}", "Accept": "text/event-stream"})
        self.response = self.connection.getresponse()

    def states(self, until):
        """The states told, up to one of those."""
        seen = []
        while not seen or seen[-1] not in until:
            line = self.response.readline().decode()
            assert line, seen
            if line.startswith("data: "):
                seen.append(json.loads(line[6:])["state"])
        self.connection.close()
        return seen


def test_a_run_goes_from_queued_to_review_and_proves_what_it_found(runs):
    queued = runs.ask().ok(202)
    assert queued["state"] == "QUEUED" and len(queued["seed_commitment"]) == 64 and not queued["seed"]
    run = runs.wait(queued["id"])
    assert run["state"] == "REVIEW" and (run["mentees"], run["mentors"], run["matched"]) == (4, 3, 3)
    assert run["total"] == "3000" and len(run["snapshot_hash"]) == len(run["result_hash"]) == 64
    art, law, medicine = runs.pool.mentors
    assert runs.pairs(run["id"]) == {mentee.id: mentor.id for mentee, mentor in zip(runs.pool.mentees, (art, law, medicine))}


def test_who_has_nobody_is_told_why(runs):
    run = runs.review()
    left = runs.unmatched(run["id"])
    assert [item["id"] for item in left] == [runs.pool.mentees[3].id]
    assert left[0]["reason"] == "LOST_AT_PRICE" and left[0]["missed_by"] >= 0


def test_the_stream_tells_each_step_until_the_review(runs):
    run = runs.ask().ok(202)["id"]
    seen = Watch(runs.lead, run).states(("REVIEW",))
    order = ["QUEUED", "SNAPSHOTTING", "SOLVING", "CERTIFIED", "REVIEW"]
    assert [order.index(state) for state in seen] == sorted(order.index(state) for state in seen)
    Watch(runs.lead, run).states(("REVIEW",))


def test_strangers_cannot_watch_a_run(runs, pools):
    run = runs.review()["id"]
    assert Watch(pools.new_person(), run).response.status == 404
    assert Watch(runs.pool.mentees[0], run).response.status == 403


def test_a_run_needs_an_idempotency_key_and_gives_the_same_answer_for_it(runs):
    path = f"{runs.pool.path}/match-runs"
    runs.lead.post(path, {}).problem(428, "IDEMPOTENCY_KEY_NEEDED")
    key = {"Idempotency-Key": str(uuid.uuid4())}
    first = runs.lead.post(path, {}, headers=key).ok(202)
    again = runs.lead.post(path, {}, headers=key)
    assert again.ok(202)["id"] == first["id"] and again.headers["Idempotent-Replay"] == "true"
    runs.wait(first["id"])


def test_one_run_of_a_program_is_at_work_at_a_time(runs, busy):
    runs.ask().problem(409, "RUN_IN_PROGRESS")
    assert runs.do(busy, "cancel").ok()["state"] == "CANCELLED"
    assert runs.do(busy, "cancel").ok()["state"] == "CANCELLED"
    runs.review()


def test_a_run_needs_people_on_both_sides(pools, match_sql):
    pool = pools.make(mentors=1, mentees=1)
    runs = Runs(pool, match_sql)
    runs.ask().problem(422, "NO_CRITERIA")
    runs.criteria()
    pool.mentors[0].post("/v1/me/mentor/pause", {}).ok()
    eventually(lambda: runs.ask().status == 422)
    empty = runs.ask().problem(422, "EMPTY_POOL")
    assert (empty["mentors"], empty["mentees"]) == (0, 1)


def test_locks_that_break_capacity_are_told_with_their_conflict(runs):
    (mentor, other, _), (one, two, *_) = runs.pool.mentors, runs.pool.mentees
    clash = [{"mentor_id": mentor.id, "mentee_id": one.id}, {"mentor_id": mentor.id, "mentee_id": two.id}]
    refused = runs.ask(lock=clash).problem(422, "LOCKS_INFEASIBLE")
    assert sorted(pair["mentee_id"] for pair in refused["conflicts"]) == sorted((one.id, two.id))
    twice = [{"mentor_id": mentor.id, "mentee_id": one.id}, {"mentor_id": other.id, "mentee_id": one.id}]
    assert len(runs.ask(lock=twice).problem(422, "LOCKS_INFEASIBLE")["conflicts"]) == 2
    outside = [{"mentor_id": mentor.id, "mentee_id": runs.lead.id}]
    runs.ask(lock=outside).problem(422, "LOCKS_INFEASIBLE")


def test_a_pair_that_is_locked_from_the_beginning_is_made_whatever_is_better(runs):
    (art, law, _), (painter, *_) = runs.pool.mentors, runs.pool.mentees
    run = runs.review(lock=[{"mentor_id": law.id, "mentee_id": painter.id}])
    assert runs.pairs(run["id"])[painter.id] == law.id
    assert [item["locked"] for item in runs.proposals(run["id"]) if item["mentee_id"] == painter.id] == [True]


def test_the_same_pool_and_criteria_are_the_same_snapshot(runs):
    one, two = runs.review(), runs.review()
    assert one["snapshot_hash"] == two["snapshot_hash"] and one["seed_commitment"] != two["seed_commitment"]


def test_a_run_that_takes_too_long_is_given_up(runs, match_sql, busy):
    match_sql(f"update match_run set ends_by = now(), worked_until = now() where id = '{busy}'; "
              f"select schedule('WorkMatchRun', '{busy}', now())")
    ended = runs.wait(busy)
    assert (ended["state"], ended["failure"]) == ("TIMED_OUT", "TIMED_OUT")


def test_a_run_survives_the_kill_of_its_process(runs, stack, match_sql):
    """Left in the middle by one that is gone, taken up by the next."""
    run = runs.ask().ok(202)["id"]
    stack.kill("matching")
    match_sql(f"update match_run set state = 'SNAPSHOTTING', started_at = now(), attempts = 1, worked_until = now() where id = '{run}' "
              f"and state in ('QUEUED', 'SNAPSHOTTING')")
    match_sql(f"insert into match_snapshot select id, 0, 'half' from match_run where id = '{run}' and state = 'SNAPSHOTTING' "
              f"on conflict do nothing; select schedule('WorkMatchRun', '{run}', now())")
    stack.wait_ready("matching")
    eventually(lambda: runs.lead.get(f"/v1/match-runs/{run}").status == 200)
    assert runs.wait(run)["state"] == "REVIEW" and runs.get(run)["matched"] == 3


def test_a_pool_that_is_too_large_is_refused_before_it_begins(runs, stack):
    process = stack.processes["matching"]
    for most, refused in (("1", True), ("4096", False)):
        process.environment = stack.environment("matching") | {"ITHACA_MATCH_MEMORY_MB": most}
        assert stack.stop_process("matching") == 0
        stack.start_process("matching")
        stack.wait_ready("matching")
        if refused:
            told = eventually(lambda: (answer := runs.ask()).status == 422 and answer)
            assert told.problem(422, "POOL_TOO_LARGE")["memory_mb"] > 1
    eventually(lambda: (answer := runs.ask()).status == 202 and runs.wait(answer.json()["id"])["state"] == "REVIEW")


def test_everybody_alike_is_one_big_tie_that_the_seed_decides(pools, match_sql):
    pool = Pool(pools, pools.program())
    for _ in range(4):
        pool.add("MENTOR", pools.mentor(), says("art", "chess"))
        pool.add("MENTEE", pools.new_person(), says("art", "chess"))
    pool.settle()
    runs = Runs(pool, match_sql)
    runs.criteria()
    run = runs.review()
    assert run["matched"] == 4 and run["total"] == "4000"
    assert len(set(runs.pairs(run["id"]).values())) == 4


def test_one_mentor_takes_as_many_as_there_are_places(pools, match_sql):
    pool = Pool(pools, pools.program())
    pool.add("MENTOR", pools.mentor(3), says("art", "chess"))
    for _ in range(4):
        pool.add("MENTEE", pools.new_person(), says("art", "chess"))
    pool.settle()
    runs = Runs(pool, match_sql)
    runs.criteria()
    run = runs.review()
    assert (run["matched"], run["places"], run["mentors_used"]) == (3, 3, 1)


def test_one_mentor_with_twenty_places_takes_twenty(pools, match_sql):
    pool = pools.make(mentors=1, mentees=1, capacity=20)
    match_sql(CROWD.format(program=pool.id, size=24))
    runs = Runs(pool, match_sql)
    runs.criteria()
    run = runs.review()
    assert (run["mentees"], run["matched"], run["places"], run["mentors_used"]) == (25, 20, 20, 1)
    assert len(runs.unmatched(run["id"])) == 5


def test_a_profile_that_is_edited_while_a_run_is_solved_counts_from_the_next_run_on(runs, match_sql):
    before = runs.review()
    match_sql(f"set session_replication_role = replica; delete from match_proposal where run_id = '{before['id']}'; "
              f"update match_run set state = 'SOLVING', worked_until = now(), attempts = 1 where id = '{before['id']}'")
    mentee = runs.pool.mentees[0]
    mentee.put("/v1/me/profile", {"country": "GR"}, headers={"If-Match": "*"}).ok()
    eventually(lambda: match_sql(f"select country from match_profile where membership_id = '{runs.pool.memberships[mentee.id]}'") == "GR")
    match_sql(f"select schedule('WorkMatchRun', '{before['id']}', now())")
    after = runs.wait(before["id"])
    assert after["state"] == "REVIEW" and after["revision"] == before["revision"] + 1
    assert (after["snapshot_hash"], after["result_hash"]) == (before["snapshot_hash"], before["result_hash"])
    assert runs.review()["snapshot_hash"] != before["snapshot_hash"]


def test_a_minimum_leaves_both_sides_partly_alone(runs):
    runs.criteria(min_score=900)
    art, *_ = runs.pool.mentors
    run = runs.review(lock=[{"mentor_id": art.id, "mentee_id": runs.pool.mentees[1].id}])
    reasons = {item["id"]: item["reason"] for item in runs.unmatched(run["id"])}
    assert reasons[runs.pool.mentees[3].id] == "BELOW_MIN_SCORE"
    assert (run["matched"], run["mentors_used"]) == (2, 2)
    runs.criteria()


def test_rules_that_refuse_everybody_are_named(runs):
    runs.criteria(rules=[{"key": "no-art", "kind": "MUST_DIFFER", "question": "hobbies"}, {"key": "same", "kind": "MUST_EQUAL", "question": "pace"}])
    run = runs.review()
    assert run["matched"] == 0 and run["total"] == "0"
    left = runs.unmatched(run["id"])
    assert {item["reason"] for item in left} == {"NO_ADMISSIBLE_PARTNER"}
    assert sum(count["count"] for count in left[0]["rules"]) == 3
    runs.criteria()


def test_the_commitment_is_the_hash_of_the_seed(runs, match_sql):
    run = runs.review()
    seed = match_sql(f"select secret_seed from match_run where id = '{run['id']}'")
    assert hashlib.sha256(bytes.fromhex(seed)).hexdigest() == run["seed_commitment"]


def test_whom_people_wish_for_is_weighed(pools, match_sql):
    pool = pools.make(mentors=2, mentees=2)
    wished = dict(zip(pool.mentees, reversed(pool.mentors)))
    for mentee, mentor in wished.items():
        mentee.put(f"{pool.path}/favourites/{mentor.id}", {}).ok()
    runs = Runs(pool, match_sql)
    runs.criteria([{"key": "wishes", "kind": "PREFERENCE", "weight": 1, "missing_is_zero": True}])
    assert runs.pairs(runs.review()["id"]) == {mentee.id: mentor.id for mentee, mentor in wished.items()}


def test_who_ranks_some_and_has_others_as_favourites_is_scored_by_runs_as_by_fits(pools, match_sql):
    pool = pools.make(mentors=3, mentees=1)
    mentee, (ranked, favourite, neither) = pool.mentees[0], pool.mentors
    mentee.put(f"{pool.path}/favourites/{favourite.id}", {}).ok()
    match_sql(f"insert into rank_list (id, program_id, owner_id, target_ids) values (uuid_v7(), '{pool.id}', '{mentee.id}', '{{{ranked.id}}}')")
    runs = Runs(pool, match_sql)
    runs.criteria([{"key": "wishes", "kind": "PREFERENCE", "weight": 1, "missing_is_zero": True}])
    run = runs.review()["id"]
    fits = [mentee.get(f"{pool.path}/mentors/{mentor.id}/fit").ok()["score"] for mentor in pool.mentors]
    assert fits == [runs.why(run, mentor, mentee).ok()["score"] for mentor in pool.mentors]
    assert fits[0] > fits[1] > fits[2]


def test_who_waits_for_an_answer_is_in_no_other_pool(pools, match_sql):
    pool = pools.make(mentors=1, mentees=2, capacity=2)
    runs = Runs(pool, match_sql)
    runs.criteria(min_score=0)
    run = runs.review()
    asked = runs.proposals(run["id"])[0]
    runs.do(run["id"], "publish", ids=[asked["id"]]).ok()
    again = runs.review()
    assert (again["mentees"], again["places"], again["matched"]) == (1, 1, 1)
    assert asked["mentee_id"] not in runs.pairs(again["id"])


def test_a_pool_of_several_pages_is_read_whole(pools, match_sql):
    pool = pools.make(mentors=1, mentees=1)
    match_sql(CROWD.format(program=pool.id, size=450))
    runs = Runs(pool, match_sql)
    runs.criteria()
    run = runs.review()
    left = int(match_sql(f"select count(distinct mentee_id) from match_unmatched where run_id = '{run['id']}'"))
    assert (run["mentees"], run["matched"], left) == (451, 1, 450)


def test_what_is_out_of_range_counts_as_not_said_and_coordinators_are_told(pools, match_sql):
    pool = pools.make(mentors=1, mentees=2)
    runs = Runs(pool, match_sql)
    gap = [{"key": "gap", "kind": "EXPERIENCE_GAP", "weight": 1}, {"key": "wishes", "kind": "PREFERENCE", "weight": 1, "missing_is_zero": True}]
    runs.criteria(gap)
    assert runs.review()["warnings"] == []
    match_sql(f"update match_profile set experience_years = 2000000 where program_id = '{pool.id}' and role = 'MENTEE'; "
              f"update match_profile set experience_years = 10 where program_id = '{pool.id}' and role = 'MENTOR'")
    run = runs.review()
    assert run["warnings"] == [{"what": "experience", "people": 2}]
    parts = {part["criterion"]: part["missing"] for part in runs.why(run["id"], pool.mentors[0], pool.mentees[0]).ok()["breakdown"]}
    assert parts["gap"] == "MENTEE"
    pool.lead.put(f"{pool.path}/criteria", {"criteria": gap}, headers={"If-Match": "*"}).ok()
    findings = pool.lead.post(f"{pool.path}/criteria/validate").ok()["findings"]
    told = [each["detail"] for each in findings if each["finding"] == "OUT_OF_RANGE"]
    assert len(told) == 1 and told[0].startswith("2 of them") and "experience" in told[0]
