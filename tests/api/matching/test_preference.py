"""Favourites, ignored people, ranked lists and the cascade that asks them one after another."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from pool import ANY_VERSION, at, eventually


@pytest.fixture
def ranking(pools):
    """A program whose mentees rank now, with three mentors and a mentee."""
    pool = pools.make(mentors=3, mentees=1)
    pool.lead.put(f"{pool.path}/matching-rules", {"ranking_opens_at": at(days=-1), "ranking_closes_at": at(days=1), "cascade_shown": True},
                  headers=ANY_VERSION).ok()
    return pool


def rank(pool, people, version="*"):
    return pool.mentees[0].put(f"{pool.path}/ranking", {"user_ids": [person.id for person in people]}, headers={"If-Match": version})


def close_ranking(pool, match_sql):
    match_sql(f"update matching_rules set ranking_closes_at = now() where program_id = '{pool.id}'")


def offers(person):
    return [each for each in person.get("/v1/match-requests?direction=IN&state=SENT").ok()["items"]]


def test_favourites_are_ones_own_and_twenty_at_most(pools):
    pool = pools.make(mentors=2, mentees=2)
    one, other = pool.mentees
    path = f"{pool.path}/favourites"
    kept = one.put(f"{path}/{pool.mentors[0].id}", {"note": "Knows the sea."}).ok()
    assert kept["note"] == "Knows the sea."
    assert [each["user_id"] for each in one.get(path).ok()["items"]] == [pool.mentors[0].id]
    assert other.get(path).ok()["items"] == []
    one.put(f"{path}/{one.id}", {}).problem(422, "ONESELF")
    one.put(f"{path}/{other.id}", {}).problem(404, "NOT_FOUND")
    one.delete(f"{path}/{pool.mentors[0].id}").ok(204)
    assert one.get(path).ok()["items"] == []


def test_the_twenty_first_favourite_is_one_too_many(pools, match_sql):
    pool = pools.make()
    mentee = pool.mentees[0]
    match_sql(f"insert into favourite (program_id, owner_id, target_id) select '{pool.id}', '{mentee.id}', gen_random_uuid() "
              "from generate_series(1, 20)")
    mentee.put(f"{pool.path}/favourites/{pool.mentors[0].id}", {}).problem(409, "TOO_MANY_FAVOURITES")


def test_whom_one_ignores_is_ones_own_affair(pools):
    pool = pools.make()
    mentee, mentor = pool.mentees[0], pool.mentors[0]
    mentee.put(f"{pool.path}/ignores/{mentor.id}").ok(204)
    assert [each["user_id"] for each in mentee.get(f"{pool.path}/ignores").ok()["items"]] == [mentor.id]
    assert mentor.get(f"{pool.path}/ignores").ok()["items"] == []
    mentee.delete(f"{pool.path}/ignores/{mentor.id}").ok(204)
    assert mentee.get(f"{pool.path}/ignores").ok()["items"] == []


def test_a_ranking_names_each_mentor_once_and_nobody_else(ranking):
    first, second, third = ranking.mentors
    rank(ranking, [first, second, first]).problem(422, "DUPLICATE")
    rank(ranking, [first, ranking.mentees[0]]).problem(422, "ONESELF")
    assert rank(ranking, [first, *[second] * 10]).status == 400
    ranking.mentees[0].put(f"{ranking.path}/ranking", {"user_ids": [str(uuid.uuid4())]}, headers=ANY_VERSION).problem(422, "UNKNOWN_MENTOR")
    kept = rank(ranking, [third, first]).ok()
    assert (kept["user_ids"], kept["state"]) == ([third.id, first.id], "OPEN")
    rank(ranking, [first], '"99"').problem(412, "STALE")
    assert ranking.mentees[0].get(f"{ranking.path}/ranking").ok()["version"] == kept["version"]
    first.put(f"{ranking.path}/ranking", {"user_ids": [second.id]}, headers=ANY_VERSION).problem(403, "NOT_MENTEE")


def test_nobody_ranks_outside_of_the_window(pools):
    pool = pools.make()
    rank(pool, pool.mentors).problem(409, "RANKING_CLOSED")
    pool.lead.put(f"{pool.path}/matching-rules", {"ranking_opens_at": at(days=1), "ranking_closes_at": at(days=2)}, headers=ANY_VERSION).ok()
    rank(pool, pool.mentors).problem(409, "RANKING_CLOSED")
    pool.lead.put(f"{pool.path}/matching-rules", {"ranking_opens_at": at(days=2), "ranking_closes_at": at(days=1)},
                  headers=ANY_VERSION).problem(422, "RANKING_OPENS_AFTER_CLOSES")


def test_the_choices_are_asked_one_after_another_until_one_accepts(ranking, match_sql):
    first, second, third = ranking.mentors
    rank(ranking, [first, second, third]).ok()
    close_ranking(ranking, match_sql)
    offer = eventually(lambda: offers(first))[0]
    assert not offers(second) and not offers(third)
    assert ranking.mentees[0].get(f"{ranking.path}/ranking").ok()["place"] == 1
    first.post(f"/v1/match-requests/{offer['id']}/decline", {"reason_code": "FULL"}).ok()
    offer = eventually(lambda: offers(second))[0]
    match_sql(f"update match_request set expires_at = now() where id = '{offer['id']}'; update timer set due_at = now() where subject_id = '{offer['id']}'")
    offer = eventually(lambda: offers(third))[0]
    third.post(f"/v1/match-requests/{offer['id']}/accept").ok()
    assert ranking.mentees[0].get(f"{ranking.path}/ranking").ok()["state"] == "MATCHED"


def test_a_list_of_which_everybody_declines_is_exhausted(ranking, match_sql):
    rank(ranking, ranking.mentors[:2]).ok()
    close_ranking(ranking, match_sql)
    for mentor in ranking.mentors[:2]:
        offer = eventually(lambda: offers(mentor))[0]
        mentor.post(f"/v1/match-requests/{offer['id']}/decline", {"reason_code": "NO_TIME"}).ok()
    eventually(lambda: ranking.mentees[0].get(f"{ranking.path}/ranking").ok()["state"] == "EXHAUSTED")


def test_when_every_choice_declines_at_the_same_second_each_is_asked_once_by_everybody(pools, match_sql):
    pool = pools.make(mentors=3, mentees=3)
    pool.lead.put(f"{pool.path}/matching-rules", {"ranking_opens_at": at(days=-1), "ranking_closes_at": at(days=1)}, headers=ANY_VERSION).ok()
    choices = {mentee: pool.mentors[n:] + pool.mentors[:n] for n, mentee in enumerate(pool.mentees)}
    for mentee, mentors in choices.items():
        mentee.put(f"{pool.path}/ranking", {"user_ids": [mentor.id for mentor in mentors]}, headers=ANY_VERSION).ok()
    close_ranking(pool, match_sql)
    for _ in range(3):
        eventually(lambda: sum(len(offers(mentor)) for mentor in pool.mentors) == 3)
        asked = [(mentor, offer["id"]) for mentor in pool.mentors for offer in offers(mentor)]
        with ThreadPoolExecutor(3) as many:
            answers = list(many.map(lambda one: one[0].post(f"/v1/match-requests/{one[1]}/decline", {"reason_code": "NO_TIME"}), asked))
        assert [answer.ok()["state"] for answer in answers] == ["DECLINED"] * 3
    for mentee in pool.mentees:
        eventually(lambda: mentee.get(f"{pool.path}/ranking").ok()["state"] == "EXHAUSTED")
    asked = pool.lead.get(f"{pool.path}/match-requests").ok()["items"]
    assert sorted((each["mentee_id"], each["mentor_id"]) for each in asked) \
        == sorted((mentee.id, mentor.id) for mentee in pool.mentees for mentor in pool.mentors)


def test_who_is_full_or_must_not_be_met_is_passed_over(ranking, match_sql, admin):
    first, second, third = ranking.mentors
    rank(ranking, [first, second, third]).ok()
    first.post("/v1/me/mentor/pause", {}).ok()
    eventually(lambda: match_sql(f"select eligible from match_profile where user_id = '{first.id}'") == "f")
    admin.put("/v1/admin/exclusions", {"a": second.id, "b": ranking.mentees[0].id}).ok()
    close_ranking(ranking, match_sql)
    assert eventually(lambda: offers(third))[0]["to_id"] == third.id
    assert not offers(second)


def test_where_the_program_does_not_show_it_an_asker_does_not_see_whom_the_cascade_asks(ranking, match_sql):
    match_sql(f"update matching_rules set cascade_shown = false where program_id = '{ranking.id}'")
    rank(ranking, ranking.mentors).ok()
    close_ranking(ranking, match_sql)
    eventually(lambda: offers(ranking.mentors[0]))
    mentee = ranking.mentees[0]
    assert mentee.get("/v1/match-requests?direction=OUT").ok()["items"] == []
    assert mentee.get(f"{ranking.path}/ranking").ok()["place"] is None


def test_rules_are_for_coordinators_to_change(pools):
    pool = pools.make()
    path = f"{pool.path}/matching-rules"
    usual = pool.mentees[0].get(path).ok()
    assert (usual["request_days"], usual["cascade_shown"], usual["ranking_closes_at"], usual["version"]) == (7, False, None, "0")
    pool.mentees[0].put(path, {}, headers=ANY_VERSION).problem(403, "NOT_COORDINATOR")
    assert pool.lead.put(path, {"request_days": 31}, headers=ANY_VERSION).status == 400
    kept = pool.lead.put(path, {"request_days": 30}, headers=ANY_VERSION).ok()
    assert (kept["request_days"], kept["offer_days"]) == (30, 3)
    pool.lead.put(path, {"request_days": 2}, headers={"If-Match": '"7"'}).problem(412, "STALE")


def test_more_mentors_for_a_mentee_are_more_places(pools):
    pool = pools.make(mentors=2, mentees=1)
    pool.lead.put(f"{pool.path}/matching-rules", {"mentors_per_mentee": 2}, headers=ANY_VERSION).ok()
    for mentor in pool.mentors:
        sent = pool.request(pool.mentees[0], mentor).ok(201)["id"]
        mentor.post(f"/v1/match-requests/{sent}/accept").ok()
