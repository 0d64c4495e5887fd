"""What matching knows of people and programs, as identity and programs tell."""

import json

import pytest
from pool import ANY_VERSION, eventually


@pytest.fixture(scope="module")
def pool(pools):
    return pools.make(mentors=1, mentees=1, capacity=2)


@pytest.fixture
def profile(match_sql, pool):
    """profile(person): the row of a member."""
    def read(person):
        return json.loads(match_sql(f"select to_jsonb(p) from match_profile p where membership_id = '{pool.memberships[person.id]}'"))

    return read


def bits(text):
    """The quarter hours that are set in "\\x…"."""
    data = bytes.fromhex(text[2:])
    return {8 * at + bit for at, byte in enumerate(data) for bit in range(8) if byte >> bit & 1}


def test_a_profile_that_changes_is_known_anew(pool, profile, admin):
    mentor = pool.mentors[0]
    term = admin.post("/v1/admin/taxonomies/skill/terms", {"key": f"knots-{mentor.id[:13]}", "labels": [{"locale": "en", "text": "Knots"}]}).ok(201)
    mentor.put("/v1/me/profile", {"country": "GR", "languages": [{"code": "el", "level": "NATIVE"}],
                                  "skills": [{"skill_id": term["id"], "level": 4, "years": 6}]}, headers=ANY_VERSION).ok()
    mentor.put("/v1/me/profile/mentor", {"open_to_mentor": True, "capacity_total": 2, "experience": [
        {"organisation": "Harbour", "title": "Pilot", "from": "2010-01-01", "to": "2020-01-02"}]}, headers=ANY_VERSION).ok()
    eventually(lambda: profile(mentor)["experience_years"] == 10 and profile(mentor)["country"])
    row = profile(mentor)
    assert (row["country"], row["skills"][0]["skill_id"], row["skills"][0]["level"]) == ("GR", term["id"], 4)
    assert row["languages"] == [{"code": "el", "level": "NATIVE"}] and "NAME" in row["shown"]


def test_hours_are_kept_in_utc_and_private_answers_only_with_consent(pools, pool, profile):
    silent, open_one = pools.new_person(), pools.new_person()
    silent.patch("/v1/me", {"zone": "Asia/Kolkata"}).ok()
    hours = {"key": "hours", "choices": ["MON-00", "SUN-23"]}
    health = {"key": "health", "choices": ["yes"]}
    pool.add("MENTEE", silent, [hours, health])
    pool.add("MENTEE", open_one, [health, {"key": "may-count", "consent": True}])
    pool.settle()
    # Monday 0:00 in India is Sunday 18:30 in UTC; Sunday 23:00 is Sunday 17:30.
    eventually(lambda: profile(silent)["zone"] == "Asia/Kolkata")
    assert bits(profile(silent)["availability"]) == set(range(672 - 22, 672 - 18)) | set(range(672 - 26, 672 - 22))
    assert "health" not in [answer["criterion"] for answer in profile(silent)["answers"]]
    kept = {answer["criterion"]: answer for answer in profile(open_one)["answers"]}
    assert kept["health"]["sensitive"] and kept["health"]["choices"] == ["yes"] and profile(open_one)["availability"] is None


def test_a_paused_mentor_is_not_eligible_until_resumed(pool, profile):
    mentor = pool.mentors[0]
    mentor.post("/v1/me/mentor/pause", {}).ok()
    eventually(lambda: not profile(mentor)["eligible"])
    mentor.post("/v1/me/mentor/resume").ok()
    eventually(lambda: profile(mentor)["eligible"])


def test_a_suspended_person_is_not_eligible_until_reinstated(pool, profile, admin, new_person):
    person = pool.add("MENTEE", new_person())
    pool.settle()
    eventually(lambda: profile(person)["eligible"])
    admin.post(f"/v1/admin/users/{person.id}/suspend", {"reason": "To see what it does."}).ok()
    eventually(lambda: not profile(person)["eligible"])
    admin.post(f"/v1/admin/users/{person.id}/reactivate", {"reason": "Seen."}).ok()
    eventually(lambda: profile(person)["eligible"])


def test_mentorships_take_places_and_give_them_back(pool, profile):
    mentor, mentee = pool.mentors[0], pool.mentees[0]
    body = {"mentor_memberships": [pool.memberships[mentor.id]], "mentee_memberships": [pool.memberships[mentee.id]]}
    made = pool.lead.post(f"{pool.path}/mentorships", body).ok(201)
    eventually(lambda: (profile(mentor)["room"], profile(mentee)["room"]) == (1, 0))
    assert profile(mentor)["capacity_used"] == 1 and profile(mentee)["waiting_since"] is None
    mentee.post(f"/v1/mentorships/{made['id']}/decline").ok()
    eventually(lambda: (profile(mentor)["room"], profile(mentee)["room"]) == (2, 1))
    assert profile(mentor)["capacity_used"] == 0 and profile(mentee)["waiting_since"]


def test_a_mentor_says_in_the_form_how_many_they_take_on_in_this_program(pools, pool, profile):
    mentor = pool.add("MENTOR", pools.mentor(5), [{"key": "places", "number": 3}])
    pool.settle()
    eventually(lambda: (profile(mentor)["capacity_total"], profile(mentor)["room"]) == (3, 3))


def test_somebody_who_leaves_is_not_eligible(pools, pool, profile):
    person = pool.add("MENTEE", pools.new_person())
    pool.settle()
    eventually(lambda: profile(person)["eligible"])
    person.post(f"/v1/memberships/{pool.memberships[person.id]}/withdraw").ok()
    eventually(lambda: not profile(person)["eligible"])


def test_terms_that_are_merged_are_one_in_what_is_known(pool, profile, admin):
    mentor = pool.mentors[0]
    path = "/v1/admin/taxonomies/topic/terms"
    gone, stays = (admin.post(path, {"key": f"{key}-{mentor.id[:13]}", "labels": [{"locale": "en", "text": key}]}).ok(201)["id"]
                   for key in ("rowing", "sculling"))
    mentor.put("/v1/me/profile/mentor", {"open_to_mentor": True, "capacity_total": 2, "topics": [gone]}, headers=ANY_VERSION).ok()
    eventually(lambda: profile(mentor)["topics"] == [gone])
    admin.post(f"{path}/{gone}/merge", {"into_id": stays}).ok()
    eventually(lambda: profile(mentor)["topics"] == [stays])
    admin.post(f"{path}/{gone}/unmerge").ok()
    eventually(lambda: profile(mentor)["topics"] == [gone])
