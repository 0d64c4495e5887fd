"""Milestones of a program's mentorships, and how far a mentorship has come."""

import pytest

from conftest import day, eventually

ITEMS = [
    {"title": "Know each other", "owner_role": "EITHER", "due_days": 0, "completes_when": "MANUAL", "required": True},
    {"title": "Set a goal", "owner_role": "MENTEE", "due_days": 30, "completes_when": "GOAL_SET"},
    {"title": "Third session", "owner_role": "MENTOR", "due_days": 60, "completes_when": "SESSION_N_DONE", "session_n": 3},
    {"title": "Leap day", "owner_role": "MENTEE", "due_on": "2028-02-29", "completes_when": "MANUAL"},
]
ANY = {"If-Match": "*"}


@pytest.fixture(scope="module")
def begun(people, lead, working, sql):
    """begun(items): (mentor, mentee, path, milestones by title) of a mentorship that began with these milestones."""
    def make(items=ITEMS, started=None):
        mentor, mentee = people(2)
        made = working([mentor], [mentee])
        lead.put(f"/v1/programs/{made['program_id']}/milestone-template", {"items": items}, headers=ANY).ok()
        sql(f"select schedule('BeginMilestones', '{made['id']}', now())")
        path = f"/v1/mentorships/{made['id']}"
        found = eventually(lambda: mentor.get(f"{path}/milestones").ok()["items"])
        return mentor, mentee, path, {item["title"]: item | {"path": f"{path}/milestones/{item['id']}"} for item in found}

    return make


def test_a_template_is_put_by_those_who_run_the_program(people, lead, new_program):
    program = new_program()
    path = f"/v1/programs/{program['id']}/milestone-template"
    assert lead.get(path).ok() == {"program_id": program["id"], "items": [], "version": "0"}
    put = lead.put(path, {"items": ITEMS}, headers=ANY).ok()
    assert [item["title"] for item in put["items"]] == [item["title"] for item in ITEMS] and put["version"] == "1"
    assert lead.put(path, {"items": ITEMS}).status == 428
    lead.put(path, {"items": []}, headers={"If-Match": '"999999999-0"'}).problem(412, "STALE")
    people(1)[0].put(path, {"items": []}, headers=ANY).problem(403, "NOT_COORDINATOR")


@pytest.mark.parametrize("changes", [
    {"due_days": None}, {"due_on": "2028-02-29"}, {"completes_when": "SESSION_N_DONE"}, {"session_n": 2}])
def test_a_milestone_says_when_it_is_due_and_done(lead, new_program, changes):
    program = new_program()
    item = {key: value for key, value in (ITEMS[0] | changes).items() if value is not None}
    problem = lead.put(f"/v1/programs/{program['id']}/milestone-template", {"items": [ITEMS[1], item]}, headers=ANY)
    assert problem.problem(422, "MILESTONE_INCOMPLETE")["item"] == 1


def test_a_date_that_is_none_is_malformed(lead, new_program):
    item = {key: value for key, value in ITEMS[3].items()} | {"due_on": "2027-02-29"}
    assert lead.put(f"/v1/programs/{new_program()['id']}/milestone-template", {"items": [item]}, headers=ANY).status == 400


def test_a_mentorship_begins_with_the_milestones_of_its_program(begun, lead):
    mentor, mentee, path, made = begun()
    assert list(made) == ["Know each other", "Set a goal", "Third session", "Leap day"]
    assert [item["due_on"] for item in made.values()] == [day(0), day(30), day(60), "2028-02-29"]
    assert eventually(lambda: mentor.get(made["Know each other"]["path"]).ok()["state"] == "DUE")
    assert mentee.get(made["Leap day"]["path"]).ok()["state"] == "UPCOMING"
    assert lead.get(f"{path}/milestones").ok()["items"][1]["title"] == "Set a goal"


def test_the_leap_day_is_reached_by_counting_days(begun, sql):
    _, _, path, _ = begun()
    assert sql("select date '2028-01-30' + 30") == "2028-02-29"
    assert sql(f"select day_begins('{path.split('/')[3]}', date '2028-02-29' + 1) at time zone 'UTC'") == "2028-03-01 00:00:00"


def test_a_milestone_is_completed_by_whom_it_belongs_to(begun, people, lead, sql):
    mentor, mentee, path, made = begun()
    leap = made["Leap day"]
    mentor.post(f"{leap['path']}/complete").problem(403, "NOT_OWNER")
    people(3)[2].post(f"{leap['path']}/complete").problem(404, "NOT_FOUND")
    done = mentee.post(f"{leap['path']}/complete").ok()
    assert (done["state"], done["ended_by"]) == ("DONE", mentee.id)
    assert mentee.post(f"{leap['path']}/complete").ok() == done
    mentee.post(f"{leap['path']}/reopen").problem(403, "NOT_COORDINATOR")
    again = lead.post(f"{leap['path']}/reopen").ok()
    assert (again["state"], again["ended_by"], again["ended_at"]) == ("DUE", None, None)
    assert sql(f"select string_agg(name, ' ' order by id) from outbox where aggregate_id = '{leap['id']}'") == "MilestoneDone MilestoneReopened"


def test_a_milestone_is_left_out_with_a_reason_by_who_runs_the_program(begun, lead):
    mentor, _, _, made = begun()
    path = made["Third session"]["path"]
    mentor.post(f"{path}/skip", {"reason": "No"}).problem(403, "NOT_COORDINATOR")
    lead.post(f"{path}/skip", {}).problem(400, "REQUIRED", "/reason")
    assert lead.post(f"{path}/skip", {"reason": "Two are enough"}).ok()["state"] == "SKIPPED"
    lead.post(f"{path}/reopen").problem(409, "ILLEGAL_TRANSITION")


def test_nothing_is_done_to_milestones_once_the_mentorship_is_over(begun, people, lead, sql):
    _, mentee, _, made = begun()
    path = made["Leap day"]["path"]
    sql(f"update mentorship set state = 'CLOSING' where id = '{made['Leap day']['mentorship_id']}';"
        f"update mentorship set state = 'CLOSED' where id = '{made['Leap day']['mentorship_id']}'")
    assert mentee.post(f"{path}/complete").problem(409, "MENTORSHIP_NOT_RUNNING")["state"] == "CLOSED"
    lead.post(f"{path}/skip", {"reason": "Over"}).problem(409, "MENTORSHIP_NOT_RUNNING")
    lead.post(f"{path}/reopen").problem(409, "MENTORSHIP_NOT_RUNNING")
    people(3)[2].post(f"{path}/complete").problem(404, "NOT_FOUND")


def test_what_happens_completes_a_milestone(begun):
    mentor, mentee, path, made = begun()
    mentee.post(f"{made['Set a goal']['path']}/complete").problem(409, "COMPLETES_BY_ITSELF")
    draft = {"title": "Speak", "kind": "SKILL", "measure": {"type": "COUNT", "to": 4}, "draft": True}
    goal = mentee.post(f"{path}/goals", draft).ok(201)
    assert mentee.get(made["Set a goal"]["path"]).ok()["state"] == "UPCOMING"
    mentor.post(f"{path}/goals/{goal['id']}/activate").ok()
    eventually(lambda: mentee.get(made["Set a goal"]["path"]).ok()["state"] == "DONE")
    assert mentee.get(made["Set a goal"]["path"]).ok()["ended_by"] is None
    assert mentee.get(made["Third session"]["path"]).ok()["state"] == "UPCOMING"


def test_an_overdue_milestone_is_told(begun, sql):
    mentor, _, _, made = begun()
    own = made["Know each other"]
    sql(f"update milestone set due_on = current_date - 22 where id = '{own['id']}'")
    assert mentor.get(own["path"]).ok()["overdue"]
    eventually(lambda: sql(f"select count(*) from outbox where name = 'MilestoneOverdue' and aggregate_id = '{own['id']}'") == "1")


def test_progress_counts_and_names_for_the_parties_only(begun, lead, people):
    mentor, mentee, path, _ = begun()
    goal = mentor.post(f"{path}/goals", {"title": "Speak", "kind": "SKILL", "measure": {"type": "COUNT", "to": 4}}).ok(201)
    mentor.post(f"{path}/goals/{goal['id']}/check-ins", {"value": 1}).ok(201)
    task = mentor.post(f"{path}/tasks", {"title": "Prepare", "assignee_id": mentee.id, "due_on": day(3)}).ok(201)
    mine = mentee.get(f"{path}/progress").ok()
    assert mine["goals"] == {"total": 1, "open": 1, "done": 0, "overdue": 0} and mine["goals_percent"] == 25
    assert mine["tasks"]["open"] == 1 and mine["milestones"]["total"] == 4
    assert [(item["title"], item["percent"]) for item in mine["each_goal"]] == [("Speak", 25)]
    assert mine["next_task"]["id"] == task["id"] and mine["next_milestone"]["title"] == "Know each other"
    theirs = lead.get(f"{path}/progress").ok()
    assert theirs["each_goal"] == [] and theirs["next_task"] is None and theirs["next_milestone"] is None
    assert theirs["goals_percent"] == 25 and theirs["tasks"] == mine["tasks"]
    people(3)[2].get(f"{path}/progress").problem(404, "NOT_FOUND")
