"""Circles: planned, looked at, begun."""

import pytest
from pool import Pool, eventually
from runs import Runs, says


@pytest.fixture
def runs(pools, match_sql):
    """Two mentors; five mentees, three of whom fit the first."""
    pool = Pool(pools, pools.program())
    for field in ("art", "law"):
        pool.add("MENTOR", pools.mentor(), says(field, "chess"))
    for field in ("art", "art", "art", "law", "law"):
        pool.add("MENTEE", pools.new_person(), says(field, "chess"))
    pool.settle()
    runs = Runs(pool, match_sql)
    runs.criteria()
    return runs


def plan(runs, **more):
    return runs.lead.post(f"{runs.pool.path}/group-plans", {"size_min": 2, "size_max": 3, **more})


def ready(runs, made):
    def read():
        now = runs.lead.get(f"/v1/group-plans/{made}").ok()
        return now["state"] != "QUEUED" and now
    return eventually(read)


def test_circles_become_mentorships_of_several_mentees(runs):
    told = ready(runs, plan(runs).ok(202)["id"])
    assert told["state"] == "DRAFT" and (told["left"], told["total"]) == (0, "5000") and int(told["bound"]) >= 5000
    assert sorted(len(group["mentee_ids"]) for group in told["groups"]) == [2, 3]
    assert runs.lead.post(f"/v1/group-plans/{told['id']}/publish").ok()["state"] == "PUBLISHED"
    assert runs.lead.post(f"/v1/group-plans/{told['id']}/publish").ok()["state"] == "PUBLISHED"
    eventually(lambda: {group["state"] for group in runs.lead.get(f"/v1/group-plans/{told['id']}").ok()["groups"]} == {"BEGUN"})
    for group in told["groups"]:
        found = eventually(lambda: (answer := runs.lead.get(f"/v1/mentorships/{group['id']}")).status == 200 and answer.json())
        assert sorted(found["mentee_ids"]) == sorted(group["mentee_ids"]) and found["state"] == "KICKOFF"


def test_two_who_must_not_meet_are_in_no_circle_together(runs, admin):
    one, two = runs.pool.mentees[:2]
    made = admin.put("/v1/admin/exclusions", {"a": one.id, "b": two.id}).ok()["id"]
    art = runs.pool.mentors[0]
    other = admin.put("/v1/admin/exclusions", {"a": art.id, "b": runs.pool.mentees[2].id}).ok()["id"]
    told = ready(runs, plan(runs).ok(202)["id"])
    for group in told["groups"]:
        people = group["mentee_ids"] + group["mentor_ids"]
        assert not {one.id, two.id} <= set(people) and not {art.id, runs.pool.mentees[2].id} <= set(people)
    for exclusion in (made, other):
        admin.delete(f"/v1/admin/exclusions/{exclusion}").ok()


def test_a_circle_that_was_overtaken_does_not_begin(runs, admin):
    told = ready(runs, plan(runs).ok(202)["id"])
    circle = told["groups"][0]
    made = admin.put("/v1/admin/exclusions", {"a": circle["mentor_ids"][0], "b": circle["mentee_ids"][0]}).ok()["id"]
    runs.lead.post(f"/v1/group-plans/{told['id']}/publish").ok()
    eventually(lambda: sorted(group["state"] for group in runs.lead.get(f"/v1/group-plans/{told['id']}").ok()["groups"]) == ["BEGUN", "STALE"])
    admin.delete(f"/v1/admin/exclusions/{made}").ok()


def test_groups_of_several_mentors_can_be_looked_at_and_not_published(runs):
    told = ready(runs, plan(runs, mentors_per_group=2).ok(202)["id"])
    assert told["state"] == "DRAFT"
    runs.lead.post(f"/v1/group-plans/{told['id']}/publish").problem(409, "MANY_TO_MANY")


def test_the_least_size_is_not_more_than_the_greatest(runs):
    plan(runs, size_min=4, size_max=3).problem(422, "GROUP_SIZES_CROSSED")
