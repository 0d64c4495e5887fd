"""What coordinators do with a run that is solved."""

import re
import subprocess

import pytest
from pool import Pool
from runs import Runs, says

FIELDS = ("art", "law", "medicine")


@pytest.fixture(scope="module")
def runs(pools, match_sql):
    """Three mentors, one for each field; four mentees, two of whom are for the first."""
    pool = Pool(pools, pools.program())
    for field in FIELDS:
        pool.add("MENTOR", pools.mentor(), says(field, "chess"))
    for field, hobby in (("art", "chess"), ("law", "chess"), ("medicine", "chess"), ("art", "music")):
        pool.add("MENTEE", pools.new_person(), says(field, hobby))
    pool.settle()
    runs = Runs(pool, match_sql)
    runs.criteria()
    return runs


@pytest.fixture
def run(runs):
    return runs.review()["id"]


def pair(mentor, mentee):
    return {"mentor_id": mentor.id, "mentee_id": mentee.id}


def test_why_a_pair_is_made_sums_exactly_to_its_score(runs, run):
    told = runs.why(run, runs.pool.mentors[0], runs.pool.mentees[0]).ok()
    assert told["matched"] and told["score"] == 1000 == sum(part["points"] for part in told["breakdown"])
    assert [part["criterion"] for part in told["breakdown"]] == ["field", "hobbies"] and told["reduced_cost"] == 0


def test_why_not_tells_what_forcing_would_cost_and_forcing_costs_it(runs, run):
    art, painter = runs.pool.mentors[0], runs.pool.mentees[3]
    why = runs.why(run, art, painter).ok()
    assert why["allowed"] and why["forcible"] and not why["matched"] and why["score"] == 600
    assert int(why["loss"]) == 400 and why["fewer_matched"] == 0
    assert [move["mentee_id"] for move in why["displaced"]] == [runs.pool.mentees[0].id]
    assert runs.pairs(run)[runs.pool.mentees[0].id] == art.id
    done = runs.do(run, "pairs", **pair(art, painter)).ok()
    assert (int(done["loss"]), done["fewer_matched"]) == (400, 0)
    assert runs.pairs(run)[painter.id] == art.id and runs.pool.mentees[0].id not in runs.pairs(run)
    assert runs.get(run)["revision"] == 2 and runs.get(run)["total"] == "2600"


def test_pairs_that_would_rather_have_each_other_are_counted_or_not_told(runs, run):
    assert runs.get(run)["blocking_pairs"] == 0
    runs.do(run, "pairs", **pair(runs.pool.mentors[0], runs.pool.mentees[3])).ok()
    assert runs.get(run)["blocking_pairs"] is None
    assert runs.do(run, "resolve").ok()["run"]["blocking_pairs"] is not None


def test_a_question_about_somebody_outside_of_the_pool_is_not_found(runs, run):
    runs.lead.get(f"/v1/match-runs/{run}/why", params={"mentor_id": runs.lead.id, "mentee_id": runs.pool.mentees[0].id}).problem(404, "NOT_FOUND")


def test_a_pair_that_is_taken_apart_does_not_come_again(runs, run):
    art, painter = runs.pool.mentors[0], runs.pool.mentees[0]
    done = runs.lead.delete(f"/v1/match-runs/{run}/pairs/{art.id}/{painter.id}").ok()
    assert done["moved"] >= 1 and runs.pairs(run, state="DRAFT").get(painter.id) != art.id
    runs.do(run, "resolve").ok()
    assert runs.pairs(run, state="DRAFT").get(painter.id) != art.id
    runs.lead.delete(f"/v1/match-runs/{run}/pairs/{art.id}/{painter.id}").problem(404, "NOT_FOUND")


def test_a_locked_pair_stays_while_the_rest_is_solved_again(runs, run):
    law, lawyer = runs.pool.mentors[1], runs.pool.mentees[1]
    assert not runs.do(run, "lock", **pair(law, lawyer)).ok()["moved"]
    runs.do(run, "pairs", **pair(law, runs.pool.mentees[0])).problem(422, "LOCKS_INFEASIBLE")
    runs.do(run, "resolve").ok()
    assert runs.pairs(run)[lawyer.id] == law.id
    runs.do(run, "unlock", **pair(law, lawyer)).ok()
    runs.do(run, "pairs", **pair(law, runs.pool.mentees[0])).ok()
    assert runs.pairs(run)[runs.pool.mentees[0].id] == law.id


def test_solving_again_in_another_process_comes_to_the_same_pairs(runs, run, stack):
    before = runs.pairs(run)
    assert stack.stop_process("matching") == 0
    stack.start_process("matching")
    stack.wait_ready("matching")
    assert runs.do(run, "resolve").ok()["moved"] == 0
    assert runs.pairs(run) == before


def test_an_excluded_pair_is_never_in_a_run_nor_forced(runs, admin):
    art, painter = runs.pool.mentors[0], runs.pool.mentees[0]
    made = admin.put("/v1/admin/exclusions", {"a": art.id, "b": painter.id}).ok()["id"]
    run = runs.review()["id"]
    assert runs.pairs(run).get(painter.id) != art.id
    refused = runs.do(run, "pairs", **pair(art, painter)).problem(403, "PAIR_NOT_ALLOWED")
    assert "exclu" not in str(refused).lower()
    told = runs.why(run, art, painter).ok()
    assert not told["allowed"] and told["refusals"] == ["REFUSED_ALTOGETHER"]
    runs.ask(lock=[pair(art, painter)]).problem(403, "PAIR_NOT_ALLOWED")
    admin.delete(f"/v1/admin/exclusions/{made}").ok()


def test_a_run_that_is_put_away_changes_no_more(runs, run):
    assert runs.do(run, "discard").ok()["state"] == "DISCARDED"
    assert runs.do(run, "discard").ok()["state"] == "DISCARDED"
    runs.do(run, "resolve").problem(409, "ILLEGAL_TRANSITION")
    runs.do(run, "publish").problem(409, "ILLEGAL_TRANSITION")


def test_proposals_are_listed_by_score_state_and_name(runs, run):
    items = runs.proposals(run)
    assert [item["score"] for item in items] == sorted((item["score"] for item in items), reverse=True) and len(items) == 3
    assert len(runs.proposals(run, min_score=1000)) == 3 and not runs.proposals(run, state="PUBLISHED")
    name = items[0]["mentor_name"]
    assert name and items[0]["id"] in [item["id"] for item in runs.proposals(run, q=name)]


def test_the_certificate_stands_alone_and_no_number_of_it_can_be_changed(runs, run, site, tmp_path, stack):
    file = runs.lead.get(f"/v1/match-runs/{run}/certificate")
    assert file.status == 200 and "attachment" in file.headers["Content-Disposition"]
    people = runs.pool.mentors + runs.pool.mentees
    assert not any(person.id in file.text for person in people)
    checker = stack.options.bin / "match-check"
    path = tmp_path / "certificate.txt"
    path.write_bytes(file.response.content)
    assert subprocess.run([checker, path]).returncode == 0
    verdict = verify(site, file.response.content)
    assert verdict["valid"] and verdict["matched"] == 3 and verdict["total"] == "3000"
    forged = forge(file.response.content)
    path.write_bytes(forged)
    assert subprocess.run([checker, path]).returncode != 0
    refused = verify(site, forged)
    assert not refused["valid"] and 0 <= refused["at"]["i"] < 4 and 0 <= refused["at"]["j"] < 3


def verify(site, content):
    return site.post("/v1/match-certificates/verify", data=content, headers={"Content-Type": "text/plain"}).ok()


def forge(content):
    """One digit of the last pair's score is another one."""
    at = list(re.finditer(rb":\d+", content))[-1].start() + 1
    changed = bytearray(content)
    changed[at] = ord("9") if changed[at] != ord("9") else ord("8")
    return bytes(changed)


def test_fairness_tells_of_nobody_by_a_group_of_fewer_than_five(runs, run):
    told = runs.lead.get(f"/v1/match-runs/{run}/fairness", params={"by": "field"}).ok()
    assert not told["items"] and told["suppressed"] == 3
