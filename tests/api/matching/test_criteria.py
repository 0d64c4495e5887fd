"""Criteria: what can be weighed, and how a draft comes to hold."""

import pytest
from pool import ANY_VERSION

SET = {"criteria": [{"key": "field", "kind": "ANSWER_EQUAL", "weight": 60}, {"key": "skills", "kind": "SKILL_COVER", "weight": 40}],
       "hard_rules": [{"key": "language", "kind": "LANGUAGE_REQUIRED", "language_level": "B2"}], "min_score": 200}


@pytest.fixture(scope="module")
def program(pools):
    """One that is known to matching, for what changes nothing."""
    return pools.make(mentors=1, mentees=1)


@pytest.fixture
def put(program):
    return lambda **changes: program.lead.put(f"{program.path}/criteria", SET | changes, headers=ANY_VERSION)


def criterion(**members):
    return {"criteria": [{"key": "one", "kind": "SKILL_COVER", "weight": 1, **members}]}


def test_a_draft_is_validated_and_published_and_the_next_retires_it(pools):
    pool = pools.make()
    path = f"{pool.path}/criteria"
    draft = pool.lead.put(path, SET, headers=ANY_VERSION).ok()
    assert (draft["criteria_version"], draft["state"], draft["objective"]) == (1, "DRAFT", "MAX_MATCHED_THEN_TOTAL")
    pool.lead.post(f"{path}/publish").problem(409, "ILLEGAL_TRANSITION")
    assert pool.lead.post(f"{path}/validate").ok()["state"] == "VALIDATED"
    changed = pool.lead.put(path, SET | {"min_score": 300}, headers={"If-Match": f'"{pool.lead.get(path).ok()["version"]}"'}).ok()
    assert (changed["criteria_version"], changed["state"], changed["min_score"]) == (1, "DRAFT", 300)
    pool.lead.post(f"{path}/validate").ok()
    assert pool.lead.post(f"{path}/publish").ok()["state"] == "PUBLISHED"
    assert pool.lead.post(f"{path}/publish").ok()["criteria_version"] == 1
    pool.lead.put(path, SET, headers={"If-Match": '"1"'}).problem(412, "STALE")
    assert pool.lead.put(path, SET, headers=ANY_VERSION).ok()["criteria_version"] == 2
    assert pool.lead.get(f"{path}?criteria_version=1").ok()["min_score"] == 300
    pool.lead.post(f"{path}/validate").ok()
    pool.lead.post(f"{path}/publish").ok()
    versions = pool.lead.get(f"{path}/versions").ok()["items"]
    assert [(each["criteria_version"], each["state"]) for each in versions] == [(2, "PUBLISHED"), (1, "RETIRED")]


@pytest.mark.parametrize("weight", [-1, 101])
def test_a_weight_is_0_to_100(put, weight):
    assert put(**criterion(weight=weight)).status == 400


def test_something_has_to_count(put):
    put(**criterion(weight=0)).problem(422, "NO_WEIGHT")


@pytest.mark.parametrize("least", [-1, 1001])
def test_a_least_score_is_0_to_1000(put, least):
    assert put(min_score=least).status == 400


def test_what_is_weighed_has_to_be_asked(put):
    put(**criterion(kind="ANSWER_EQUAL", question="shoes")).problem(422, "UNKNOWN_QUESTION", "/criteria/0/question")
    put(**criterion(kind="ANSWER_OVERLAP", question="field")).problem(422, "WRONG_KIND", "/criteria/0/question")
    put(**criterion(kind="PERSONALITY", question="pace")).problem(422, "UNKNOWN_QUESTION", "/criteria/0/question")
    put(hard_rules=[{"key": "team", "kind": "NOT_SAME_TEAM"}]).problem(422, "UNKNOWN_QUESTION", "/hard_rules/0/question")
    put(hard_rules=[{"key": "if", "kind": "ONLY_IF", "question": "field", "mentor_question": "shoes", "mentee": "art", "mentor": "art"}]) \
        .problem(422, "UNKNOWN_QUESTION", "/hard_rules/0/mentor_question")
    put(**criterion(kind="ANSWER_OVERLAP", question="hobbies")).ok()


def test_what_contradicts_itself_is_refused(put):
    put(**criterion(kind="EXPERIENCE_GAP", gap_min=9, gap_max=3)).problem(422, "MIN_GT_MAX", "/criteria/0/gap_min")
    put(**criterion(kind="CUSTOM_TABLE", question="field")).problem(422, "REQUIRED", "/criteria/0/table")
    twice = criterion()["criteria"] * 2
    put(criteria=twice).problem(422, "DUPLICATE", "/criteria/1/key")


def test_criteria_are_for_those_who_run_the_program(program, new_person):
    path = f"{program.path}/criteria"
    program.mentees[0].get(path).problem(403, "NOT_COORDINATOR")
    program.mentees[0].put(path, SET, headers=ANY_VERSION).problem(403, "NOT_COORDINATOR")
    new_person().get(path).problem(404, "NOT_FOUND")
    program.mentors[0].post(f"{path}/publish").problem(403, "NOT_COORDINATOR")


def test_validating_says_on_what_nobody_can_score_and_which_rules_contradict_each_other(pools):
    pool = pools.make(mentors=1, mentees=1)
    path = f"{pool.path}/criteria"
    pool.lead.put(path, SET | {"criteria": [{"key": "skills", "kind": "SKILL_COVER", "weight": 1}], "hard_rules": []}, headers=ANY_VERSION).ok()
    report = pool.lead.post(f"{path}/validate").ok()
    assert (report["mentors"], report["mentees"], report["state"]) == (1, 1, "VALIDATED")
    assert ("NOBODY_SCORES", "/criteria/0", False) in [(each["finding"], each["pointer"], each["error"]) for each in report["findings"]]
    rules = [{"key": "far", "kind": "MIN_GAP", "number": 20}, {"key": "near", "kind": "MAX_GAP", "number": 3}]
    pool.lead.put(path, SET | {"hard_rules": rules}, headers={"If-Match": f'"{pool.lead.get(path).ok()["version"]}"'}).ok()
    report = pool.lead.post(f"{path}/validate").ok()
    assert report["state"] == "DRAFT" and "CONTRADICTION" in [each["finding"] for each in report["findings"] if each["error"]]
    pool.lead.post(f"{path}/publish").problem(409, "ILLEGAL_TRANSITION")
