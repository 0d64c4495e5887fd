"""Two people who must not meet never do, by no path, and neither learns of it. (Directory, recommendations, matches by hand and
imports have their test of it where they are tested.)"""

import pytest
from pool import at, eventually


@pytest.fixture
def pool(pools):
    return pools.make(mentors=2, mentees=1, matching_mode="BOTH_CHOICE")


@pytest.fixture
def exclude(admin):
    return lambda one, other, **more: admin.put("/v1/admin/exclusions", {"a": one.id, "b": other.id, **more}).ok()


def incoming(person):
    return person.get("/v1/match-requests?direction=IN").ok()["items"]


def test_a_request_between_excluded_people_looks_like_any_other_and_reaches_nobody(pool, exclude, match_sql):
    (mentor, other), mentee = pool.mentors, pool.mentees[0]
    exclude(mentor, mentee)
    hidden, plain = pool.request(mentee, mentor).ok(201), pool.request(mentee, other).ok(201)
    assert set(hidden) == set(plain) and hidden["state"] == plain["state"] == "SENT"
    assert incoming(mentor) == [] and len(incoming(other)) == 1
    mentor.get(f"/v1/match-requests/{hidden['id']}").problem(404, "NOT_FOUND")
    mentor.post(f"/v1/match-requests/{hidden['id']}/accept").problem(404, "NOT_FOUND")
    for sent in (hidden, plain):
        match_sql(f"update match_request set expires_at = now() where id = '{sent['id']}'; update timer set due_at = now() where subject_id = '{sent['id']}'")
        eventually(lambda: mentee.get(f"/v1/match-requests/{sent['id']}").ok()["state"] == "EXPIRED")
    assert match_sql(f"select missed from person where user_id = '{mentor.id}'") == "0"


def test_an_exclusion_takes_back_what_was_asked_before(pool, exclude):
    mentor, mentee = pool.mentors[0], pool.mentees[0]
    sent = pool.request(mentee, mentor).ok(201)["id"]
    assert len(incoming(mentor)) == 1
    exclude(mentee, mentor)
    assert incoming(mentor) == []
    mentor.post(f"/v1/match-requests/{sent}/accept").problem(404, "NOT_FOUND")
    assert mentee.get(f"/v1/match-requests/{sent}").ok()["state"] == "SENT"


def test_a_lifted_exclusion_holds_no_more(pool, exclude, admin):
    mentor, mentee = pool.mentors[0], pool.mentees[0]
    made = exclude(mentor, mentee)
    assert admin.delete(f"/v1/admin/exclusions/{made['id']}").ok()["state"] == "LIFTED"
    assert admin.delete(f"/v1/admin/exclusions/{made['id']}").ok()["state"] == "LIFTED"
    pool.request(mentee, mentor).ok(201)
    assert len(incoming(mentor)) == 1


def test_an_exclusion_lapses_when_its_time_is_over(pool, exclude, match_sql, admin):
    mentor, mentee = pool.mentors[0], pool.mentees[0]
    made = exclude(mentor, mentee, until=at(days=1))
    match_sql(f"update exclusion set until = now() where id = '{made['id']}'")
    eventually(lambda: match_sql(f"select state from exclusion where id = '{made['id']}'") == "LAPSED")
    pool.request(mentee, mentor).ok(201)
    assert len(incoming(mentor)) == 1
    admin.put("/v1/admin/exclusions", {"a": mentor.id, "b": mentee.id, "until": at(days=-1)}).problem(422, "UNTIL_IN_THE_PAST")


def test_who_may_keep_whom_apart(pool, pools, new_person):
    mentor, mentee = pool.mentors[0], pool.mentees[0]
    body = {"a": mentor.id, "b": mentee.id}
    mentee.put("/v1/admin/exclusions", body).problem(403, "NOT_COORDINATOR")
    pool.lead.put("/v1/admin/exclusions", body | {"kind": "NO_CONTACT"}).problem(403, "NOT_SAFETY_OFFICER")
    pool.lead.put("/v1/admin/exclusions", body | {"b": new_person().id}).problem(404, "NOT_FOUND")
    pool.lead.put("/v1/admin/exclusions", body | {"b": mentor.id}).problem(422, "EXCLUDED_FROM_ONESELF")
    made = pool.lead.put("/v1/admin/exclusions", body | {"note": "They are married.", "kind": "SAME_HOUSEHOLD"}).ok()
    assert pool.lead.put("/v1/admin/exclusions", body | {"kind": "SAME_HOUSEHOLD"}).ok()["id"] == made["id"]
    assert made["id"] in [each["id"] for each in pool.lead.get(f"/v1/admin/exclusions?user_id={mentor.id}").ok()["items"]]
    mentor.get("/v1/admin/exclusions").problem(403, "NOT_COORDINATOR")
    mentor.delete(f"/v1/admin/exclusions/{made['id']}").problem(403, "NOT_COORDINATOR")


def test_excluded_people_are_not_there_to_be_wished_for(pool, exclude):
    mentor, mentee = pool.mentors[0], pool.mentees[0]
    exclude(mentor, mentee)
    mentee.put(f"{pool.path}/favourites/{mentor.id}", {}).problem(404, "NOT_FOUND")
    mentee.put(f"{pool.path}/ignores/{mentor.id}").problem(404, "NOT_FOUND")
