"""Goals: setting them, checking in, and how they end."""

import pytest

from conftest import day

GOAL = {"title": "Give a talk", "kind": "SKILL", "measure": {"type": "COUNT", "to": 3}}


@pytest.fixture(scope="module")
def pair(people, working):
    """(mentor, mentee, path of their goals)."""
    mentor, mentee = people(2)
    return mentor, mentee, f"/v1/mentorships/{working([mentor], [mentee])['id']}/goals"


@pytest.fixture
def goal(pair):
    mentor, _, path = pair
    made = mentor.post(path, GOAL).ok(201)
    return made | {"path": f"{path}/{made['id']}"}


def check_in(person, goal, value, **more):
    return person.post(f"{goal['path']}/check-ins", {"value": value, **more})


def test_a_goal_is_set_by_either_side_and_seen_by_both(pair, people, lead):
    mentor, mentee, path = pair
    for person in (mentor, mentee):
        made = person.post(path, GOAL | {"why": "To be **heard**", "due_on": day(30)}).ok(201)
        assert made["state"] == "ACTIVE" and made["created_by"] == person.id and made["due_on"] == day(30)
        assert made["measure"] == {"type": "COUNT", "from": 0, "to": 3, "current": 0}
        assert mentor.get(f"{path}/{made['id']}").ok() == mentee.get(f"{path}/{made['id']}").ok() == made
    assert mentee.get(f"{path}?limit=1").ok()["items"] == [made]
    assert [item["id"] for item in mentee.get(f"{path}?state=DROPPED").ok()["items"]] == []
    for stranger in (people(3)[2], lead):
        stranger.get(path).problem(404, "NOT_FOUND")
        stranger.post(path, GOAL).problem(404, "NOT_FOUND")
        stranger.get(f"{path}/{made['id']}").problem(404, "NOT_FOUND")


@pytest.mark.parametrize("measure, begin, end", [
    ({"type": "PERCENT"}, 0, 100), ({"type": "YES_NO"}, 0, 1), ({"type": "LEVEL", "to": 5}, 1, 5), ({"type": "COUNT", "from": 10, "to": 2}, 10, 2)])
def test_a_measure_has_a_beginning_and_an_end(pair, measure, begin, end):
    made = pair[0].post(pair[2], GOAL | {"measure": measure}).ok(201)["measure"]
    assert (made["from"], made["to"], made["current"]) == (begin, end, begin)


@pytest.mark.parametrize("measure, code", [
    ({"type": "COUNT"}, "MEASURE_NEEDS_TARGET"), ({"type": "COUNT", "from": 2, "to": 2}, "MEASURE_WITHOUT_WAY"),
    ({"type": "PERCENT", "to": 101}, "PERCENT_OUTSIDE_RANGE"), ({"type": "YES_NO", "to": 2}, "YES_NO_OUTSIDE_RANGE")])
def test_a_measure_that_leads_nowhere_is_refused(pair, measure, code):
    pair[0].post(pair[2], GOAL | {"measure": measure}).problem(422, code)


def test_a_kind_that_is_not_known_is_malformed(pair):
    assert pair[0].post(pair[2], GOAL | {"kind": "MAGIC"}).status == 400


def test_progress_moves_by_check_ins_only(pair, goal):
    mentor, mentee, _ = pair
    made = check_in(mentee, goal, 2, note="Two down").ok(201)
    assert (made["value"], made["note"], made["created_by"], made["goal_id"]) == (2, "Two down", mentee.id, goal["id"])
    check_in(mentor, goal, 1).ok(201)
    assert mentor.get(goal["path"]).ok()["measure"]["current"] == 1
    assert [item["value"] for item in mentor.get(f"{goal['path']}/check-ins").ok()["items"]] == [1, 2]
    mentor.patch(goal["path"], {"current": 3}, headers={"If-Match": "*"}).problem(400, "UNKNOWN_FIELD", "/current")


@pytest.mark.parametrize("value", [-1, 4])
def test_a_value_outside_the_range_is_refused(pair, goal, value):
    problem = check_in(pair[1], goal, value).problem(422, "VALUE_OUTSIDE_RANGE")
    assert (problem["from"], problem["to"]) == (0, 3)
    assert pair[1].get(goal["path"]).ok()["measure"]["current"] == 0
    assert check_in(pair[1], goal, None).status in (400, 422)


def test_reaching_needs_the_measure_or_a_written_reason(pair, goal):
    mentor, mentee, path = pair
    problem = mentee.post(f"{goal['path']}/achieve").problem(422, "NOT_REACHED")
    assert (problem["current"], problem["to"]) == (0, 3)
    check_in(mentee, goal, 3).ok(201)
    done = mentee.post(f"{goal['path']}/achieve").ok()
    assert done["state"] == "ACHIEVED" and done["ended_at"] and done["ended_by"] == mentee.id
    assert mentee.post(f"{goal['path']}/achieve").ok() == done
    other = mentor.post(path, GOAL).ok(201)
    done = mentor.post(f"{path}/{other['id']}/achieve", {"reason": "One great talk was enough"}).ok()
    assert (done["state"], done["reason"]) == ("ACHIEVED", "One great talk was enough")


def test_reached_in_part_needs_a_reason(pair, goal):
    pair[0].post(f"{goal['path']}/achieve", {"partly": True}).problem(422, "NOT_REACHED")
    assert pair[0].post(f"{goal['path']}/achieve", {"partly": True, "reason": "Two of three"}).ok()["state"] == "PARTLY"
    pair[0].post(f"{goal['path']}/reopen").problem(409, "ILLEGAL_TRANSITION")


def test_an_ended_goal_takes_no_check_in_and_no_change(pair, goal):
    mentor = pair[0]
    mentor.post(f"{goal['path']}/drop", {}).problem(400, "REQUIRED", "/reason")
    assert mentor.post(f"{goal['path']}/drop", {"reason": "Other plans"}).ok()["state"] == "DROPPED"
    check_in(mentor, goal, 1).problem(409, "GOAL_NOT_ACTIVE")
    mentor.patch(goal["path"], {"title": "Another"}, headers={"If-Match": "*"}).problem(409, "GOAL_ENDED")
    mentor.post(f"{goal['path']}/achieve", {"reason": "After all"}).problem(409, "ILLEGAL_TRANSITION")


def test_a_goal_is_taken_up_again_within_thirty_days(pair, goal, sql):
    mentor = pair[0]
    mentor.post(f"{goal['path']}/drop", {"reason": "Other plans"}).ok()
    again = mentor.post(f"{goal['path']}/reopen").ok()
    assert (again["state"], again["reason"], again["ended_at"], again["ended_by"]) == ("ACTIVE", "", None, None)
    mentor.post(f"{goal['path']}/drop", {"reason": "Really"}).ok()
    sql(f"update goal set ended_at = now() - interval '31 days' where id = '{goal['id']}'")
    mentor.post(f"{goal['path']}/reopen").problem(409, "TOO_LATE")


def test_a_draft_is_agreed_on_before_it_counts(pair):
    mentor, mentee, path = pair
    draft = mentor.post(path, GOAL | {"draft": True}).ok(201)
    assert draft["state"] == "DRAFT"
    mentee.post(f"{path}/{draft['id']}/check-ins", {"value": 1}).problem(409, "GOAL_NOT_ACTIVE")
    assert mentee.post(f"{path}/{draft['id']}/activate").ok()["state"] == "ACTIVE"


def test_a_change_names_the_version_it_changes(pair, goal):
    mentor = pair[0]
    tag = mentor.get(goal["path"]).headers["ETag"]
    assert mentor.patch(goal["path"], {"title": "Give talks", "to": 5}, headers={"If-Match": tag}).ok()["measure"]["to"] == 5
    mentor.patch(goal["path"], {"title": "Give one"}, headers={"If-Match": tag}).problem(412, "STALE")
    assert mentor.patch(goal["path"], {"title": "Give one"}).status == 428
    check_in(mentor, goal, 4).ok(201)
    mentor.patch(goal["path"], {"to": 3}, headers={"If-Match": "*"}).problem(422, "VALUE_OUTSIDE_RANGE")


def test_only_what_nothing_was_done_about_is_removed(pair, goal):
    mentor = pair[0]
    check_in(mentor, goal, 1).ok(201)
    mentor.delete(goal["path"], headers={"If-Match": "*"}).problem(409, "GOAL_IN_USE")
    other = mentor.post(pair[2], GOAL).ok(201)
    mentor.delete(f"{pair[2]}/{other['id']}", headers={"If-Match": "*"}).ok(204)
    mentor.delete(f"{pair[2]}/{other['id']}", headers={"If-Match": "*"}).problem(404, "NOT_FOUND")


def test_nothing_is_done_in_a_mentorship_that_has_not_begun(people, working, sql):
    mentor, mentee = people(2)
    made = working([mentor], [mentee])
    sql(f"update mentorship set running = false where id = '{made['id']}'")
    mentor.post(f"/v1/mentorships/{made['id']}/goals", GOAL).problem(409, "MENTORSHIP_NOT_RUNNING")
    assert mentor.get(f"/v1/mentorships/{made['id']}/goals").ok()["items"] == []


def test_the_world_hears_of_goals(pair, goal, sql):
    check_in(pair[0], goal, 3).ok(201)
    pair[0].post(f"{goal['path']}/achieve").ok()
    pair[0].post(f"{goal['path']}/achieve").ok()
    pair[0].post(f"{goal['path']}/reopen").ok()
    names = sql(f"select string_agg(name, ' ' order by id) from outbox where aggregate_id = '{goal['id']}'")
    assert names == "GoalCreated GoalAchieved GoalReopened"
    assert sql(f"""select string_agg(what, ' ' order by id) from timeline_entry where thing_id = '{goal['id']}'""") == \
        "CREATED CHECKED_IN ACHIEVED REOPENED"
