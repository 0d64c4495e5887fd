"""What `make run` loads: people and programs to look around in."""

from collections import Counter

import demo
import pytest
from whole import whole_stack


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    """With the limits that everybody has."""
    with whole_stack(tmp_path_factory.mktemp("demo"), {"identity": {"ITHACA_FIRST_ADMIN": demo.ADMIN}}) as whole:
        demo.load_once(whole)
        yield whole


def test_the_people_it_names_find_a_program_under_way(loaded):
    callers = {}
    for address, _ in demo.SIGN_INS:
        caller = callers[address.partition("@")[0]] = demo.Caller(loaded.url, address)
        caller.sign_in()
    amara, chiamaka = callers["amara"], callers["chiamaka"]
    path = f"/v1/programs/{amara.get('/v1/programs/open-doors')['id']}"
    states = Counter(each["state"] for each in amara.get(f"{path}/mentorships")["items"])
    assert states == dict.fromkeys("PROPOSED PENDING_ACCEPTANCE KICKOFF PAUSED CLOSING CLOSED DECLINED SUSPENDED".split(), 1) | {"ACTIVE": 2}
    mine = f"/v1/mentorships/{chiamaka.get('/v1/me/mentorships')['items'][0]['id']}"
    assert {each["state"] for each in chiamaka.get(f"{mine}/tasks")["items"]} == {
        "ASSIGNED", "IN_PROGRESS", "SUBMITTED", "RETURNED", "APPROVED", "CANCELLED"}
    assert {each["state"] for each in chiamaka.get(f"{mine}/goals")["items"]} == {"DRAFT", "ACTIVE", "ACHIEVED", "DROPPED"}
    survey = next(each for each in amara.get(f"{path}/surveys")["items"] if each["audience"] == "BOTH")
    wave, = amara.get(f"{path}/surveys/{survey['id']}/waves")["items"]
    assert amara.get(f"/v1/survey-waves/{wave['id']}/results")["responses"] >= 10
    assert len(amara.get(f"{path}/training/completions")["items"]) == 4
    demo.wait_for(lambda: amara.get(f"{path}/health")["items"], "health flag", loaded.options.logs)


def test_a_matching_waits_for_its_people_to_answer(loaded):
    amara = demo.Caller(loaded.url, "amara@ithaca.example")
    amara.sign_in()
    program = amara.get("/v1/programs/first-steps-in-tech")["id"]
    run, = amara.get(f"/v1/programs/{program}/match-runs")["items"]
    assert run["state"] == "PUBLISHED" and run["matched"] >= 1 and len(run["seed"]) == 64
    assert len(amara.get(f"/v1/match-runs/{run['id']}/proposals?state=PUBLISHED")["items"]) >= 1


def test_it_is_loaded_once(loaded):
    before = loaded.postgres.sql("select count(*) from programs.membership")
    demo.load_once(loaded)
    assert loaded.postgres.sql("select count(*) from programs.membership") == before
