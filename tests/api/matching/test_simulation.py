"""Simulations: variants side by side, of which nobody hears."""

import pytest
from pool import Pool, eventually
from runs import Runs, says


@pytest.fixture(scope="module")
def runs(pools, match_sql):
    """Two mentors; two mentees who fit one of them by their field, and the other by their hobby."""
    pool = Pool(pools, pools.program())
    for field, hobby in (("art", "chess"), ("law", "music")):
        pool.add("MENTOR", pools.mentor(), says(field, hobby))
    for field, hobby in (("art", "music"), ("law", "chess")):
        pool.add("MENTEE", pools.new_person(), says(field, hobby))
    pool.settle()
    runs = Runs(pool, match_sql)
    runs.criteria()
    return runs


def simulate(runs, *variants):
    return runs.lead.post(f"{runs.pool.path}/match-simulations", {"variants": list(variants)})


def done(runs, simulation):
    def read():
        now = runs.lead.get(f"/v1/match-simulations/{simulation}").ok()
        return now["state"] != "QUEUED" and now
    return eventually(read)


def test_two_weightings_are_compared_side_by_side(runs):
    hobbies = {"label": "Hobbies first", "weights": [{"criterion": "field", "weight": 10}, {"criterion": "hobbies", "weight": 90}]}
    told = done(runs, simulate(runs, {"label": "As it is"}, hobbies).ok(202)["id"])
    assert told["state"] == "DONE" and [each["label"] for each in told["figures"]] == ["As it is", "Hobbies first"]
    first, second = told["figures"]
    assert (first["matched"], first["total"], first["differ"]) == (2, "1200", 0)
    assert (second["matched"], second["total"], second["differ"]) == (2, "1800", 2)


def test_objectives_are_compared_too_and_stable_ones_have_no_blocking_pairs(runs):
    variants = [{"label": name, "objective": name} for name in ("MAX_TOTAL", "ONE_BEFORE_TWO", "MIN_WORST_THEN_TOTAL", "STABLE_MENTEE_OPTIMAL",
                                                              "STABLE_MENTOR_OPTIMAL")]
    told = done(runs, simulate(runs, *variants).ok(202)["id"])
    assert [each["matched"] for each in told["figures"]] == [2] * 5 and told["figures"][3]["blocking_pairs"] == 0


def test_a_simulation_of_criteria_that_there_are_not_is_refused(runs):
    simulate(runs, {"label": "Later", "criteria_version": 99}).problem(422, "UNKNOWN_CRITERIA")
    simulate(runs, {"label": "Else", "weights": [{"criterion": "shoe-size", "weight": 1}]}).problem(422, "UNKNOWN_CRITERIA")
    simulate(runs, {"label": "Much", "weights": [{"criterion": "field", "weight": 101}]}).problem(400, "OUT_OF_RANGE", "/variants/0/weights/0/weight")


def test_after_its_time_a_simulation_has_no_figures(runs, match_sql):
    made = simulate(runs, {"label": "As it is"}).ok(202)["id"]
    done(runs, made)
    match_sql(f"select schedule('ExpireMatchSimulation', '{made}', now())")
    eventually(lambda: runs.lead.get(f"/v1/match-simulations/{made}").ok()["state"] == "EXPIRED")
    assert not runs.lead.get(f"/v1/match-simulations/{made}").ok()["figures"]


def test_a_stable_run_reports_no_blocking_pairs_and_is_certified(runs, site):
    run = runs.review(objective="STABLE_MENTEE_OPTIMAL")
    assert (run["matched"], run["blocking_pairs"]) == (2, 0)
    file = runs.lead.get(f"/v1/match-runs/{run['id']}/certificate")
    verdict = site.post("/v1/match-certificates/verify", data=file.response.content, headers={"Content-Type": "text/plain"}).ok()
    assert verdict["valid"], verdict
