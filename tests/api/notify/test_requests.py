"""Who is told of requests."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "matching"))

from pool import Pools, eventually  # noqa: E402


@pytest.fixture(scope="module")
def match_sql(stack):
    return lambda text: stack.postgres.sql(f"set search_path = matching; {text}").strip()


@pytest.fixture(scope="module")
def pools(coordinator, admin, new_person, match_sql):
    eventually(lambda: coordinator.post("/v1/programs", {"title": "A first try"}).status == 201)
    return Pools(coordinator, admin, new_person, match_sql)


def test_each_step_of_a_request_is_told_to_whom_it_concerns(pools, mails):
    pool = pools.make(mentors=2, mentees=1)
    mentee, (first, second) = pool.mentees[0], pool.mentors
    sent = pool.request(mentee, first).ok(201)["id"]
    assert first.email in mails.wait_for(first.email, "request_received").to
    first.post(f"/v1/match-requests/{sent}/decline", {"reason_code": "NO_TIME", "reason_text": "Tell nobody."}).ok()
    assert "no time" in mails.wait_for(mentee.email, "request_declined").text
    sent = pool.request(mentee, second).ok(201)["id"]
    second.post(f"/v1/match-requests/{sent}/accept").ok()
    mails.wait_for(mentee.email, "request_accepted")
    assert not mails.matching(first.email, "request_accepted")


def test_who_must_not_be_met_hears_nothing(pools, mails, admin, match_sql):
    pool = pools.make(mentors=1, mentees=2)
    mentor, (kept_apart, other) = pool.mentors[0], pool.mentees
    admin.put("/v1/admin/exclusions", {"a": mentor.id, "b": kept_apart.id}).ok()
    hidden = pool.request(kept_apart, mentor).ok(201)["id"]
    match_sql(f"update match_request set expires_at = now() where id = '{hidden}'; update timer set due_at = now() where subject_id = '{hidden}'")
    mails.wait_for(kept_apart.email, "request_expired")
    pool.request(other, mentor).ok(201)
    mails.wait_for(mentor.email, "request_received")
    assert len(mails.matching(mentor.email, "request_received")) == 1
