"""Mentees with two mentors, in runs."""

import subprocess

import pytest
from pool import ANY_VERSION, Pool, eventually
from runs import Runs, says


@pytest.fixture
def runs(pools, match_sql):
    """Three mentors; two mentees who may have two each, and fit one of them in full and the others by their hobby."""
    return new_runs(pools, match_sql, ("art", "law", "medicine"), (("art", "chess"), ("law", "chess")))


def new_runs(pools, match_sql, mentors, mentees, mentors_per_mentee=2):
    pool = Pool(pools, pools.program())
    for field in mentors:
        pool.add("MENTOR", pools.mentor(), says(field, "chess"))
    for field, hobby in mentees:
        pool.add("MENTEE", pools.new_person(), says(field, hobby))
    pool.settle()
    pool.lead.put(f"{pool.path}/matching-rules", {"mentors_per_mentee": mentors_per_mentee}, headers=ANY_VERSION).ok()
    runs = Runs(pool, match_sql)
    runs.criteria()
    return runs


def pairs_of(runs, run, **query):
    return sorted((item["mentee_id"], item["mentor_id"]) for item in runs.proposals(run, **query))


def pair(mentor, mentee):
    return {"mentor_id": mentor.id, "mentee_id": mentee.id}


def certificate_of(runs, run):
    return runs.lead.get(f"/v1/match-runs/{run}/certificate").response.content


def verify(site, content):
    return site.post("/v1/match-certificates/verify", data=content, headers={"Content-Type": "text/plain"}).ok()


def proposed(person):
    return eventually(lambda: person.get("/v1/me/match-proposals").ok()["items"])


def test_mentees_are_given_both_of_their_mentors_at_once(runs):
    run = runs.review()
    assert (run["several"], run["mentees"], run["mentors"], run["matched"], run["total"]) == (True, 2, 3, 3, "2400")
    (art, law, medicine), (painter, lawyer) = runs.pool.mentors, runs.pool.mentees
    made = pairs_of(runs, run["id"])
    assert (painter.id, art.id) in made and (lawyer.id, law.id) in made and len(made) == 3
    assert {mentor for _, mentor in made} == {art.id, law.id, medicine.id} and not runs.unmatched(run["id"])


def test_nobody_has_a_second_mentor_while_another_could_have_a_first(pools, match_sql):
    runs = new_runs(pools, match_sql, ("art", "law"), (("art", "chess"), ("medicine", "music")))
    painter, doctor = runs.pool.mentees
    first = runs.review()
    assert (first["matched"], first["total"]) == (2, "1000") and {mentee for mentee, _ in pairs_of(runs, first["id"])} == {painter.id, doctor.id}
    greatest = runs.review(objective="MAX_TOTAL")
    assert greatest["total"] == "1400" and {mentee for mentee, _ in pairs_of(runs, greatest["id"])} == {painter.id}
    assert [item["id"] for item in runs.unmatched(greatest["id"])] == [doctor.id]
    left = runs.unmatched(greatest["id"])[0]
    assert (left["reason"], left["nearest_id"]) in [("LOST_AT_PRICE", mentor.id) for mentor in runs.pool.mentors]


def test_other_objectives_give_one_mentor_a_run(runs):
    run = runs.review(objective="STABLE_MENTEE_OPTIMAL")
    assert (run["several"], run["matched"], run["blocking_pairs"]) == (False, 2, 0)
    (art, law, _), (painter, _) = runs.pool.mentors, runs.pool.mentees
    twice = [pair(art, painter), pair(law, painter)]
    runs.ask(objective="STABLE_MENTEE_OPTIMAL", lock=twice).problem(422, "LOCKS_INFEASIBLE")


def test_the_certificate_of_several_mentors_stands_alone_and_no_digit_of_it_can_be_changed(runs, site, tmp_path, stack):
    run = runs.review(lock=[pair(runs.pool.mentors[1], runs.pool.mentees[0])])["id"]
    content = certificate_of(runs, run)
    assert b"objective several-most-then-total" in content
    verdict = verify(site, content)
    assert (verdict["valid"], verdict["matched"], verdict["total"]) == (True, 2, runs.get(run)["total"]), verdict
    path = tmp_path / "certificate.txt"
    for at, byte in enumerate(content):
        if chr(byte).isdigit():
            path.write_bytes(content[:at] + bytes([ord("0") + (byte - ord("0") + 1) % 10]) + content[at + 1:])
            assert subprocess.run([stack.options.bin / "match-check", path], capture_output=True).returncode == 1
    path.write_bytes(content)
    assert subprocess.run([stack.options.bin / "match-check", path], capture_output=True).returncode == 0


def test_two_pairs_of_a_mentee_can_be_locked_from_the_beginning(runs):
    (art, law, medicine), (painter, lawyer) = runs.pool.mentors, runs.pool.mentees
    run = runs.review(lock=[pair(law, painter), pair(medicine, painter)])
    assert pairs_of(runs, run["id"]) == sorted([(painter.id, law.id), (painter.id, medicine.id), (lawyer.id, art.id)])
    assert sorted(item["locked"] for item in runs.proposals(run["id"])) == [False, True, True]
    three = [pair(mentor, painter) for mentor in (art, law, medicine)]
    assert len(runs.ask(lock=three).problem(422, "LOCKS_INFEASIBLE")["conflicts"]) == 3
    runs.ask(lock=[pair(art, painter)] * 2).problem(422, "LOCKS_INFEASIBLE")


def test_why_not_tells_what_a_second_mentor_costs_and_forcing_costs_it(runs):
    run = runs.review()["id"]
    (art, law, medicine), (painter, lawyer) = runs.pool.mentors, runs.pool.mentees
    assert runs.why(run, art, painter).ok()["matched"]
    why = runs.why(run, law, painter).ok()
    assert why["forcible"] and not why["matched"] and int(why["loss"]) == 600 and why["fewer_matched"] == 0
    done = runs.do(run, "pairs", **pair(law, painter)).ok()
    assert int(done["loss"]) == 600 and (painter.id, law.id) in pairs_of(runs, run) and runs.get(run)["total"] == "1800"


def test_what_is_locked_or_taken_apart_holds_and_nobody_moves_without_need(runs, stack):
    run = runs.review()["id"]
    (art, law, medicine), (painter, lawyer) = runs.pool.mentors, runs.pool.mentees
    assert runs.do(run, "lock", **pair(art, painter)).ok()["moved"] == 0
    done = runs.lead.delete(f"/v1/match-runs/{run}/pairs/{law.id}/{lawyer.id}").ok()
    made = pairs_of(runs, run, state="DRAFT")
    assert done["moved"] >= 1 and (lawyer.id, law.id) not in made and (painter.id, art.id) in made and len(made) == 3
    assert stack.stop_process("matching") == 0
    stack.start_process("matching")
    stack.wait_ready("matching")
    assert runs.do(run, "resolve").ok()["moved"] == 0 and pairs_of(runs, run, state="DRAFT") == made
    runs.do(run, "unlock", **pair(art, painter)).ok()
    assert runs.do(run, "resolve").ok()["moved"] == 0


def test_each_pair_that_both_accept_is_a_mentorship_of_its_own(runs):
    run = runs.review()["id"]
    assert runs.do(run, "publish").ok()["published"] == 3
    begun = {}
    for item in runs.proposals(run):
        for person in runs.pool.mentors + runs.pool.mentees:
            if person.id in (item["mentor_id"], item["mentee_id"]):
                proposed(person)
                begun[item["id"]] = person.post(f"/v1/match-proposals/{item['id']}/accept").ok()["mentorship_id"]
    assert len(set(begun.values())) == 3 and all(begun.values())
    counts = [len(mentee.get("/v1/me/mentorships").ok()["items"]) for mentee in runs.pool.mentees]
    assert sorted(counts) == [1, 2]


def test_a_no_leaves_the_other_mentor_and_another_one_comes(pools, match_sql):
    runs = new_runs(pools, match_sql, ("art", "art", "law"), (("art", "chess"),))
    painter = runs.pool.mentees[0]
    run = runs.review()["id"]
    runs.do(run, "publish", publish_next=True).ok()
    first, second = eventually(lambda: len(items := painter.get("/v1/me/match-proposals").ok()["items"]) == 2 and items)
    painter.post(f"/v1/match-proposals/{first['id']}/decline", {"reason_code": "OTHER"}).ok()
    again = eventually(lambda: len(items := painter.get("/v1/me/match-proposals", params={"state": "PUBLISHED"}).ok()["items"]) == 2 and items)
    assert {item["mentor_id"] for item in again} == {second["mentor_id"], runs.pool.mentors[2].id}


def test_who_is_proposed_to_each_other_is_in_no_other_run_together(runs):
    run = runs.review()["id"]
    (art, law, medicine), (painter, lawyer) = runs.pool.mentors, runs.pool.mentees
    mine = [item["id"] for item in runs.proposals(run) if (item["mentor_id"], item["mentee_id"]) == (art.id, painter.id)]
    runs.do(run, "publish", ids=mine).ok()
    runs.sql(f"update person set capacity_total = 2 where user_id = '{art.id}'")
    again = runs.review()["id"]
    assert (painter.id, art.id) not in pairs_of(runs, again) and (lawyer.id, art.id) in pairs_of(runs, again)


def test_simulations_give_several_mentors_as_runs_do(runs):
    variants = [{"label": "As it is"}, {"label": "Stable", "objective": "STABLE_MENTEE_OPTIMAL"}]
    made = runs.lead.post(f"{runs.pool.path}/match-simulations", {"variants": variants}).ok(202)["id"]
    told = eventually(lambda: (now := runs.lead.get(f"/v1/match-simulations/{made}").ok())["state"] == "DONE" and now)
    assert [(each["matched"], each["total"], each["differ"]) for each in told["figures"]] == [(3, "2400", 0), (2, "2000", 1)]


def test_fairness_counts_a_mentee_of_two_mentors_once(runs):
    run = runs.review()["id"]
    told = runs.lead.get(f"/v1/match-runs/{run}/fairness", params={"by": "field"}).ok()
    assert not told["items"] and told["suppressed"] == 2
