"""The directory: who stands in it, for whom, and what is shown."""

import uuid

import pytest
from pool import ANY_VERSION, eventually


@pytest.fixture(scope="module")
def pool(pools, admin):
    """Three mentors who differ in everything that can be filtered, and a mentee."""
    pool = pools.make(mentors=0, mentees=1, matching_mode="BOTH_CHOICE")
    pool.term = admin.post("/v1/admin/taxonomies/skill/terms", {"key": f"sails-{uuid.uuid4().hex[:8]}", "labels": [{"locale": "en", "text": "Sails"}]}).ok(201)["id"]
    for number, (headline, language, years, hours) in enumerate([
            ("Sails the Aegean", "el", 5, ["MON-08"]), ("Weaves at night", "de", 20, ["TUE-20"]), ("Tends pigs", "el", 10, [])]):
        mentor = pools.mentor(number + 1, experience=[{"organisation": "Ithaca", "title": "Elder", "from": f"{2025 - years}-01-01", "to": "2025-01-05"}])
        skills = [{"skill_id": pool.term, "level": 3, "years": 1}] if number == 0 else []
        mentor.put("/v1/me/profile", {"headline": headline, "languages": [{"code": language, "level": "C1"}], "skills": skills, "country": "GR"},
                   headers=ANY_VERSION).ok()
        pool.add("MENTOR", mentor, [{"key": "hours", "choices": hours}] if hours else [])
    pool.settle()
    eventually(lambda: all(each["headline"] for each in listed(pool, pool.lead)["items"]))
    return pool


def listed(pool, reader, query="", side="mentors"):
    return reader.get(f"{pool.path}/{side}?{query}").ok()


def ids(pool, query="", reader=None):
    return [each["user_id"] for each in listed(pool, reader or pool.mentees[0], query)["items"]]


def test_mentors_with_room_are_listed_the_newest_first(pool):
    page = listed(pool, pool.mentees[0])["items"]
    assert [each["user_id"] for each in page] == [mentor.id for mentor in reversed(pool.mentors)]
    assert [each["capacity"] for each in page] == ["SOME", "SOME", "LAST"]
    assert page[0]["headline"] == "Tends pigs" and page[0]["country"] == "GR" and page[0]["replies_in"] == ""


def test_the_order_can_be_by_name_and_by_experience_and_is_read_in_pages(pool):
    first, second, third = (mentor.id for mentor in pool.mentors)
    assert ids(pool, "sort=EXPERIENCE") == [second, third, first]
    for sort in ("NEWEST", "NAME", "EXPERIENCE"):
        whole, more, seen = ids(pool, f"sort={sort}"), "", []
        for _ in whole:
            page = listed(pool, pool.mentees[0], f"sort={sort}&limit=1{more}")
            seen += [each["user_id"] for each in page["items"]]
            more = f"&cursor={page['next_cursor']}"
        assert seen == whole and not page["next_cursor"]


def test_what_is_looked_for_narrows_the_list(pool):
    first, second, third = (mentor.id for mentor in pool.mentors)
    assert ids(pool, f"skill={pool.term}") == [first]
    assert ids(pool, "language=el") == [third, first]
    assert ids(pool, "q=aegean") == [first]
    assert ids(pool, "free_after=19:00") == [second]
    assert ids(pool, "free_after=07:00") == [second, first]
    assert ids(pool, "q=nobody") == []


def test_what_a_mentor_keeps_for_partners_is_not_in_the_directory(pool):
    mentor = pool.mentors[2]
    mentor.put("/v1/me/profile/visibility", {"country": "MATCHED", "mentor": "SELF"}, headers=ANY_VERSION).ok()

    def entry():
        return next(each for each in listed(pool, pool.mentees[0])["items"] if each["user_id"] == mentor.id)
    eventually(lambda: entry()["country"] is None)
    assert entry()["experience_years"] is None and entry()["languages"]
    mentor.put("/v1/me/profile/visibility", {"name": "MATCHED"}, headers=ANY_VERSION).ok()
    eventually(lambda: mentor.id not in ids(pool))
    mentor.put("/v1/me/profile/visibility", {"name": "PROGRAM", "country": "PROGRAM", "mentor": "PROGRAM"}, headers=ANY_VERSION).ok()
    eventually(lambda: mentor.id in ids(pool))


def test_whom_one_ignores_is_not_shown_to_oneself(pool, pools):
    mentee, mentor = pool.mentees[0], pool.mentors[0]
    mentee.put(f"{pool.path}/ignores/{mentor.id}").ok(204)
    assert mentor.id not in ids(pool)
    mentee.delete(f"{pool.path}/ignores/{mentor.id}").ok(204)
    assert mentor.id in ids(pool)


def test_excluded_people_do_not_find_each_other_in_the_directory(pool, admin):
    mentee, mentor = pool.mentees[0], pool.mentors[1]
    made = admin.put("/v1/admin/exclusions", {"a": mentee.id, "b": mentor.id}).ok()
    assert mentor.id not in ids(pool)
    assert mentee.id not in [each["user_id"] for each in listed(pool, mentor, side="mentees")["items"]]
    assert mentee.id in [each["user_id"] for each in listed(pool, pool.mentors[0], side="mentees")["items"]]
    admin.delete(f"/v1/admin/exclusions/{made['id']}").ok()
    assert mentor.id in ids(pool)


def test_whoever_is_paused_or_full_is_not_listed(pool, pools):
    mentor = pool.add("MENTOR", pools.mentor(1))
    pool.settle()
    eventually(lambda: mentor.id in ids(pool))
    mentor.post("/v1/me/mentor/pause", {}).ok()
    eventually(lambda: mentor.id not in ids(pool))
    mentor.post("/v1/me/mentor/resume").ok()
    eventually(lambda: mentor.id in ids(pool))
    mentee = pool.add("MENTEE", pools.new_person())
    pool.settle()
    sent = pool.request(mentee, mentor).ok(201)["id"]
    assert next(each for each in listed(pool, mentee)["items"] if each["user_id"] == mentor.id)["asked"]
    mentor.post(f"/v1/match-requests/{sent}/accept").ok()
    assert mentor.id not in ids(pool)


def test_mentees_show_what_they_consent_to(pool):
    entry = listed(pool, pool.mentors[0], side="mentees")["items"][-1]
    assert entry["user_id"] == pool.mentees[0].id
    assert entry["topics"] == [] and entry["level"] is None and entry["display_name"]


def test_the_directory_is_for_the_side_that_chooses(pools, new_person):
    pool = pools.make(matching_mode="MENTOR_CHOICE")
    pool.mentees[0].get(f"{pool.path}/mentors").problem(403, "MODE_NOT_ALLOWED")
    pool.mentors[0].get(f"{pool.path}/mentors").problem(403, "NOT_YOUR_SIDE")
    assert pool.mentors[0].get(f"{pool.path}/mentees").ok()["items"]
    assert pool.lead.get(f"{pool.path}/mentors").ok()["items"]
    new_person().get(f"{pool.path}/mentors").problem(404, "NOT_FOUND")


def test_a_fifth_answer_tells_how_fast_somebody_replies(pools, match_sql):
    pool = pools.make(mentors=1, mentees=2, capacity=3)
    mentor, (mentee, reader) = pool.mentors[0], pool.mentees
    pool.lead.put(f"{pool.path}/matching-rules", {"again_days": 0}, headers=ANY_VERSION).ok()
    for number in range(5):
        assert listed(pool, reader)["items"][0]["replies_in"] == ""
        sent = pool.request(mentee, mentor).ok(201)["id"]
        match_sql(f"update match_request set created_at = now() - interval '{40 + number} hours' where id = '{sent}'")
        mentor.post(f"/v1/match-requests/{sent}/decline", {"reason_code": "OTHER"}).ok()
    assert listed(pool, reader)["items"][0]["replies_in"] == "~2 d"
