"""Proposals on their way to the two people, and what they say."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from pool import Pool, at, eventually
from runs import Runs, says


@pytest.fixture
def runs(pools, match_sql):
    """Two mentors and three mentees; one of them stays alone at first."""
    return new_runs(pools, match_sql)


def new_runs(pools, match_sql, **design):
    pool = Pool(pools, pools.program(**design))
    for field in ("art", "law"):
        pool.add("MENTOR", pools.mentor(), says(field, "chess"))
    for field, hobby in (("art", "chess"), ("law", "chess"), ("art", "music")):
        pool.add("MENTEE", pools.new_person(), says(field, hobby))
    pool.settle()
    runs = Runs(pool, match_sql)
    runs.criteria()
    return runs


def proposed(person):
    """The newest proposal that a person knows of."""
    return eventually(lambda: person.get("/v1/me/match-proposals").ok()["items"])[0]


def accept(person, proposal):
    return person.post(f"/v1/match-proposals/{proposal['id']}/accept")


def decline(person, proposal, **more):
    return person.post(f"/v1/match-proposals/{proposal['id']}/decline", {"reason_code": "NO_TIME", **more})


def test_two_who_say_yes_are_in_a_mentorship(runs):
    run = runs.review()["id"]
    done = runs.do(run, "publish").ok()
    assert done["published"] == 2 and not done["stale"] and done["run"]["state"] == "PUBLISHED" and len(done["run"]["seed"]) == 64
    assert runs.do(run, "publish").ok()["published"] == 2
    art, painter = runs.pool.mentors[0], runs.pool.mentees[0]
    proposal = proposed(painter)
    assert (proposal["mentor_id"], proposal["state"], proposal["score"]) == (art.id, "PUBLISHED", 1000)
    assert accept(painter, proposal).ok()["state"] == "ACCEPTED_BY_ONE"
    assert accept(painter, proposal).ok()["accepted_by_me"]
    both = accept(art, proposal).ok()
    assert both["state"] == "ACCEPTED" and both["mentorship_id"]
    mentorship = painter.get(f"/v1/mentorships/{both['mentorship_id']}").ok()
    assert (mentorship["state"], mentorship["origin"], mentorship["mentor_ids"]) == ("KICKOFF", "RUN", [art.id])
    assert accept(art, proposal).ok()["mentorship_id"] == both["mentorship_id"]
    decline(painter, proposal).problem(409, "ILLEGAL_TRANSITION")


def test_who_is_free_by_a_no_is_matched_again_and_published_pairs_stay(runs):
    run = runs.review()["id"]
    runs.do(run, "publish", publish_next=True).ok()
    art, law = runs.pool.mentors
    painter, lawyer, other = runs.pool.mentees
    kept = proposed(lawyer)
    assert decline(painter, proposed(painter)).ok()["state"] == "DECLINED"
    second = proposed(other)
    assert (second["mentor_id"], second["state"]) == (art.id, "PUBLISHED")
    assert proposed(lawyer)["id"] == kept["id"] and accept(art, second).ok()["state"] == "ACCEPTED_BY_ONE"
    assert accept(other, second).ok()["state"] == "ACCEPTED"


def test_without_that_choice_the_next_round_waits_for_the_coordinators(runs):
    run = runs.review()["id"]
    runs.do(run, "publish").ok()
    painter, _, other = runs.pool.mentees
    decline(painter, proposed(painter), text="Not now.").ok()
    drafts = eventually(lambda: runs.proposals(run, state="DRAFT"))
    assert [item["mentee_id"] for item in drafts] == [other.id] and not other.get("/v1/me/match-proposals").ok()["items"]
    told = runs.proposals(run, state="DECLINED")[0]
    assert (told["decline_reason"], told["decline_text"], told["declined_by"]) == ("NO_TIME", "Not now.", painter.id)
    assert runs.do(run, "publish", ids=[drafts[0]["id"]]).ok()["published"] == 1
    assert proposed(other)["id"] == drafts[0]["id"]


def test_what_does_not_hold_any_more_stays_behind_with_the_reason(runs, pools):
    run = runs.review()["id"]
    art, law = runs.pool.mentors
    art.post("/v1/me/mentor/pause", {}).ok()
    eventually(lambda: pools.sql(f"select eligible from match_profile where membership_id = '{runs.pool.memberships[art.id]}'") == "f")
    done = runs.do(run, "publish").ok()
    assert done["published"] == 1 and [item["reason"] for item in done["stale"]] == ["NOT_ACTIVE"]


def test_a_run_of_which_nothing_holds_is_not_published(runs, admin):
    run = runs.review()["id"]
    for proposal in runs.proposals(run):
        runs.sql(f"update match_profile set eligible = false where membership_id = '{runs.pool.memberships[proposal['mentor_id']]}'")
    refused = runs.do(run, "publish").problem(409, "ALL_STALE")
    assert {item["reason"] for item in refused["stale"]} == {"NOT_ACTIVE"} and runs.get(run)["state"] == "REVIEW"


def test_of_two_runs_for_the_same_people_the_first_one_published_has_them(runs):
    one, two = runs.review()["id"], runs.review()["id"]
    assert runs.do(one, "publish").ok()["published"] == 2
    refused = runs.do(two, "publish").problem(409, "ALL_STALE")
    assert {item["reason"] for item in refused["stale"]} == {"NO_CAPACITY"}


def test_two_coordinators_who_publish_at_once_send_out_each_place_once(runs, admin):
    both = [(runs.lead, runs.review()["id"]), (admin, runs.review()["id"])]
    with ThreadPoolExecutor(2) as many:
        answers = list(many.map(lambda who: who[0].post(f"/v1/match-runs/{who[1]}/publish"), both))
    assert sorted(answer.status for answer in answers) == [200, 409]
    for (_, run), answer in zip(both, answers):
        if answer.status == 409:
            answer.problem(409, "ALL_STALE")
            assert runs.get(run)["state"] == "REVIEW"
        else:
            assert answer.json()["published"] == len(runs.proposals(run, state="PUBLISHED")) == 2


def test_of_two_runs_that_overlap_in_part_each_sends_out_what_is_left(runs):
    """The second one was solved without the first one's pair of the art mentor."""
    (art, law), (painter, lawyer, other) = runs.pool.mentors, runs.pool.mentees
    one = runs.review()["id"]
    two = runs.review(lock=[{"mentor_id": law.id, "mentee_id": other.id}])["id"]
    mine = [item["id"] for item in runs.proposals(one) if item["mentor_id"] == art.id]
    assert runs.do(one, "publish", ids=mine).ok()["published"] == 1
    done = runs.do(two, "publish").ok()
    assert done["published"] == 1 and [item["reason"] for item in done["stale"]] == ["NO_CAPACITY"]
    assert runs.pairs(two, state="PUBLISHED") == {other.id: law.id}


def test_two_hundred_accept_the_last_place_of_a_published_run_and_one_gets_it(pools, match_sql):
    """Eight pairs were sent out; then the mentor has one place left, and says yes to all of them at once."""
    pool = pools.make(mentors=1, mentees=8, capacity=8)
    runs = Runs(pool, match_sql)
    runs.criteria()
    run = runs.review()["id"]
    assert runs.do(run, "publish").ok()["published"] == 8
    mentor = pool.mentors[0]
    asked = [proposed(mentee) for mentee in pool.mentees]
    for mentee, proposal in zip(pool.mentees, asked):
        assert accept(mentee, proposal).ok()["state"] == "ACCEPTED_BY_ONE"
    mentor.put("/v1/me/profile/mentor", {"open_to_mentor": True, "capacity_total": 1}, headers={"If-Match": "*"}).ok()
    eventually(lambda: match_sql(f"select room from match_profile where user_id = '{mentor.id}'") == "1")
    with ThreadPoolExecutor(40) as many:
        answers = list(many.map(lambda n: accept(mentor, asked[n % 8]), range(200)))
    won = {answer.json()["id"] for answer in answers if answer.status == 200}
    lost = [answer for answer in answers if answer.status != 200]
    assert len(won) == 1 and len(lost) == 200 - 200 // 8
    assert {(answer.status, answer.json()["code"]) for answer in lost} == {(409, "MENTOR_FULL")}
    assert match_sql(f"select count(*) from place where user_id = '{mentor.id}'") == "1"


def test_a_mentor_suspended_before_the_yes_is_taken_back_and_the_mentee_matched_again(runs, admin):
    run = runs.review()["id"]
    runs.do(run, "publish", publish_next=True).ok()
    art, painter = runs.pool.mentors[0], runs.pool.mentees[0]
    proposal = proposed(painter)
    admin.post(f"/v1/admin/users/{art.id}/suspend", {"reason": "To see what becomes of it."}).ok()
    eventually(lambda: painter.get(f"/v1/match-proposals/{proposal['id']}").ok()["state"] == "STALE")
    accept(painter, proposal).problem(409, "ILLEGAL_TRANSITION")
    admin.post(f"/v1/admin/users/{art.id}/reactivate", {"reason": "It was a test."}).ok()


def test_an_exclusion_between_publishing_and_telling_leaves_nobody_told(runs, admin):
    run = runs.review()["id"]
    runs.do(run, "publish", notify_at=at(hours=1)).ok()
    art, painter = runs.pool.mentors[0], runs.pool.mentees[0]
    made = admin.put("/v1/admin/exclusions", {"a": art.id, "b": painter.id}).ok()["id"]
    stale = eventually(lambda: runs.proposals(run, state="STALE"))
    assert stale[0]["stale_reason"] == "NOT_ALLOWED" and not painter.get("/v1/me/match-proposals").ok()["items"]
    admin.delete(f"/v1/admin/exclusions/{made}").ok()


def test_nobody_knows_of_a_proposal_before_its_time(runs):
    run = runs.review()["id"]
    runs.do(run, "publish", notify_at=at(hours=1)).ok()
    painter = runs.pool.mentees[0]
    mine = [item for item in runs.proposals(run) if item["mentee_id"] == painter.id][0]
    painter.get(f"/v1/match-proposals/{mine['id']}").problem(404, "NOT_FOUND")
    accept(painter, mine).problem(404, "NOT_FOUND")
    runs.sql(f"update match_proposal set notify_at = now() where id = '{mine['id']}'; "
             f"select schedule('AnnounceMatchProposal', '{mine['id']}', now())")
    assert proposed(painter)["id"] == mine["id"]


def test_the_time_to_say_yes_ends(runs):
    run = runs.review()["id"]
    runs.do(run, "publish").ok()
    painter = runs.pool.mentees[0]
    proposal = proposed(painter)
    runs.sql(f"update match_proposal set expires_at = now() where id = '{proposal['id']}'")
    accept(painter, proposal).problem(410, "PROPOSAL_EXPIRED")
    eventually(lambda: painter.get(f"/v1/match-proposals/{proposal['id']}").ok()["state"] == "EXPIRED")
    accept(painter, proposal).problem(410, "PROPOSAL_EXPIRED")


def test_where_nobody_is_asked_publishing_begins_the_mentorships(runs):
    runs.lead.put(f"{runs.pool.path}/mentorship-rules", {"auto_accept": True}, headers={"If-Match": "*"}).ok()
    run = runs.review()["id"]
    runs.do(run, "publish").ok()
    accepted = eventually(lambda: len(runs.proposals(run, state="ACCEPTED")) == 2 and runs.proposals(run, state="ACCEPTED"))
    found = runs.lead.get(f"/v1/mentorships/{accepted[0]['mentorship_id']}").ok()
    assert found["state"] == "KICKOFF"


def test_what_people_know_of_cannot_be_changed_by_coordinators(runs):
    run = runs.review()["id"]
    runs.do(run, "publish").ok()
    mine = runs.proposals(run)[0]
    body = {"mentor_id": mine["mentor_id"], "mentee_id": mine["mentee_id"]}
    runs.lead.delete(f"/v1/match-runs/{run}/pairs/{mine['mentor_id']}/{mine['mentee_id']}").problem(409, "PAIR_PUBLISHED")
    runs.do(run, "pairs", **body).problem(409, "PAIR_PUBLISHED")
    runs.do(run, "discard").problem(409, "ILLEGAL_TRANSITION")
    assert runs.do(run, "resolve").ok()["moved"] == 0


def test_a_proposal_of_others_does_not_exist(runs, pools):
    run = runs.review()["id"]
    runs.do(run, "publish").ok()
    proposal = proposed(runs.pool.mentees[0])
    stranger = pools.new_person()
    stranger.get(f"/v1/match-proposals/{proposal['id']}").problem(404, "NOT_FOUND")
    accept(stranger, proposal).problem(404, "NOT_FOUND")
    decline(stranger, proposal).problem(404, "NOT_FOUND")
