"""How well two fit and why, and who is recommended."""

import pytest
from pool import ANY_VERSION, eventually

CRITERIA = [{"key": "field", "kind": "ANSWER_EQUAL", "weight": 50}, {"key": "hobbies", "kind": "ANSWER_OVERLAP", "weight": 30},
            {"key": "health", "kind": "ANSWER_EQUAL", "weight": 20}]


def publish(pool, **changes):
    path = f"{pool.path}/criteria"
    pool.lead.put(path, {"criteria": CRITERIA} | changes, headers=ANY_VERSION).ok()
    assert pool.lead.post(f"{path}/validate").ok()["state"] == "VALIDATED"
    pool.lead.post(f"{path}/publish").ok()


def answers(field, *hobbies, health=None):
    given = [{"key": "field", "choices": [field]}, {"key": "hobbies", "choices": list(hobbies)}]
    if health:
        given += [{"key": "health", "choices": [health]}, {"key": "may-count", "consent": True}]
    return given


@pytest.fixture(scope="module")
def pool(pools):
    pool = pools.make(mentors=0, mentees=0)
    pool.add("MENTOR", pools.mentor(2), answers("art", "chess", "music", health="yes"))
    pool.add("MENTOR", pools.mentor(2), answers("law", "chess"))
    pool.add("MENTEE", pools.new_person(), answers("art", "chess", "hiking", health="yes"))
    pool.settle()
    publish(pool)
    return pool


def fit(reader, pool, mentor, query=""):
    return reader.get(f"{pool.path}/mentors/{mentor.id}/fit{query}")


def test_the_parts_of_a_score_sum_exactly_to_it_and_what_is_private_is_told_as_one(pool):
    explained = fit(pool.mentees[0], pool, pool.mentors[0]).ok()
    assert sum(part["part"] for part in explained["parts"]) == explained["score"] and explained["possible"]
    told = {part["key"]: part for part in explained["parts"]}
    assert (told["field"]["points"], told["hobbies"]["points"]) == (1000, 500)
    assert told["hobbies"]["terms"] == ["chess"] and told["hobbies"]["lacking"] == ["hiking"]
    private = [part for part in explained["parts"] if part["private"]]
    assert len(private) == 1 and not private[0]["terms"] and "health" not in str(explained)


def test_what_somebody_has_not_answered_is_named_and_does_not_count(pool):
    explained = fit(pool.mentees[0], pool, pool.mentors[1]).ok()
    assert sum(part["part"] for part in explained["parts"]) == explained["score"]
    assert any(part["private"] and not part["counts"] for part in explained["parts"])
    assert [raise_["key"] for raise_ in explained["raises"]][0] == "field"


def test_who_may_ask_how_well_two_fit(pool, new_person):
    mentor, mentee = pool.mentors[0], pool.mentees[0]
    assert fit(pool.lead, pool, mentor, f"?mentee_id={mentee.id}").ok()["score"] == fit(mentee, pool, mentor).ok()["score"]
    fit(mentee, pool, mentor, f"?mentee_id={pool.mentors[1].id}").problem(403, "NOT_COORDINATOR")
    fit(mentor, pool, pool.mentors[1]).problem(403, "NOT_MENTEE")
    fit(new_person(), pool, mentor).problem(404, "NOT_FOUND")
    fit(mentee, pool, mentee).problem(404, "NOT_FOUND")


def test_without_criteria_there_is_nothing_to_explain(pools):
    pool = pools.make()
    fit(pool.mentees[0], pool, pool.mentors[0]).problem(409, "NO_CRITERIA")
    pool.mentees[0].get(f"{pool.path}/recommendations").problem(409, "NO_CRITERIA")


def recommended(pool, reader, query=""):
    return [each["member"]["user_id"] for each in reader.get(f"{pool.path}/recommendations{query}").ok()["items"]]


def test_the_best_are_recommended_first_with_their_reasons(pool):
    mentee, (best, second) = pool.mentees[0], pool.mentors
    assert recommended(pool, mentee) == [best.id, second.id]
    assert recommended(pool, mentee, "?limit=1") == [best.id]
    first = mentee.get(f"{pool.path}/recommendations").ok()["items"][0]
    assert sum(part["part"] for part in first["parts"]) == first["score"] and "health" not in str(first["parts"])
    assert recommended(pool, best) == [mentee.id]


def test_excluded_people_are_not_recommended_to_each_other(pool, admin):
    mentee, best = pool.mentees[0], pool.mentors[0]
    made = admin.put("/v1/admin/exclusions", {"a": mentee.id, "b": best.id}).ok()
    assert best.id not in recommended(pool, mentee) and mentee.id not in recommended(pool, best)
    fit(mentee, pool, best).problem(404, "NOT_FOUND")
    fit(pool.lead, pool, best, f"?mentee_id={mentee.id}").problem(403, "PAIR_NOT_ALLOWED")
    admin.delete(f"/v1/admin/exclusions/{made['id']}").ok()


def test_nobody_is_recommended_to_more_than_three_times_their_places(pools):
    pool = pools.make(mentors=1, mentees=4)
    publish(pool, criteria=[{"key": "skills", "kind": "PREFERENCE", "weight": 1, "missing_is_zero": True}])
    seen = [len(recommended(pool, mentee)) for mentee in pool.mentees]
    assert seen == [1, 1, 1, 0]
    sent = pool.request(pool.mentees[3], pool.mentors[0])
    assert sent.status == 201
    eventually(lambda: recommended(pool, pool.mentees[0]) == [pool.mentors[0].id])
