"""What is done in a mentorship: goals, tasks and milestones, of the mentor and the member, in the mentorship that mentorship.py makes."""

from access.calls import NEVER, about
from access.world import PDF, wait_until

PARTIES = ("member", "mentor")
GOAL = {"title": "Weave", "kind": "SKILL", "measure": {"type": "COUNT", "to": 3}}


def prepare(world):
    """A goal, and a task that the member works on, with a file and a comment of each party."""
    world.stack.postgres.sql(f"update programs.mentorship set state = 'KICKOFF' where id = '{world.mentorship}' and not running")
    world.work = f"/v1/mentorships/{world.mentorship}"
    mentor, member = world.person("mentor"), world.person("member")
    world.goal = mentor.post(f"{world.work}/goals", GOAL).ok(201)["id"]
    task = mentor.post(f"{world.work}/tasks", {"title": "Spin", "assignee_id": member.id}).ok(201)["id"]
    path = f"{world.work}/tasks/{task}"
    member.post(f"{path}/start").ok()
    world.task = task
    world.task_file = member.post(f"{path}/files", data=PDF, headers={"Content-Type": "application/pdf"}).ok(201)["id"]
    world.comments = {name: world.person(name).post(f"{path}/comments", {"body": "So far"}).ok(201)["id"] for name in PARTIES}
    begin_milestone(world)


def begin_milestone(world):
    """One that belongs to both sides, as it begins with a mentorship."""
    runner = world.person("coordinator")
    items = [{"title": "Half the cloth", "owner_role": "EITHER", "due_days": 90, "completes_when": "MANUAL"}]
    runner.put(f"/v1/programs/{world.ours}/milestone-template", {"items": items}, headers={"If-Match": "*"}).ok()
    world.stack.postgres.sql(f"set search_path = programs; select schedule('BeginMilestones', '{world.mentorship}', now())")
    wait_until("a milestone", lambda: runner.get(f"{world.work}/milestones").ok()["items"])
    world.milestone = runner.get(f"{world.work}/milestones").ok()["items"][0]["id"]


def calls(world):
    return goal_calls(world) | task_calls(world) | milestone_calls(world)


def goal_calls(world):
    goal = {"mentorship_id": world.mentorship, "id": world.goal}

    def ours(body=None, **more):
        return about(body, parties=PARTIES, **more)

    return {
        "CreateGoal": ours(GOAL, mentorship_id=world.mentorship),
        "ListGoals": ours(mentorship_id=world.mentorship),
        "GetGoal": ours(**goal),
        "UpdateGoal": ours({}, headers=NEVER, **goal),
        "DeleteGoal": ours(headers=NEVER, **goal),
        "ActivateGoal": ours(**goal),
        "CheckInGoal": ours({"value": 1}, **goal),
        "ListGoalCheckIns": ours(**goal),
        "AchieveGoal": ours({}, **goal),
        "DropGoal": ours({"reason": "The sweep."}, **goal),
        "ReopenGoal": ours(**goal),
    }


def task_calls(world):
    """Who gave a task and who does it may different things (test_task.py); here each is called by one of them."""
    task = {"mentorship_id": world.mentorship, "id": world.task}
    part = {"mentorship_id": world.mentorship, "task_id": world.task}

    def ours(body=None, parties=PARTIES, **more):
        return about(body, parties=parties, **more)

    def other_side(kind):
        return {"title": "Spin", "assignee_id": world.person("member" if kind.name == "mentor" else "mentor").id}

    imported = {"title": "Card", "assignee_id": world.person("member").id, "assigner_id": world.person("mentor").id}
    return {
        "CreateTask": ours(other_side, mentorship_id=world.mentorship),
        "ImportTasks": about({"tasks": [imported]}, mentorship_id=world.mentorship),
        "ListTasks": ours(mentorship_id=world.mentorship),
        "GetTask": ours(**task),
        "UpdateTask": ours({}, parties=("mentor",), headers=NEVER, **task),
        "StartTask": ours(parties=("member",), **task),
        "SubmitTask": ours({}, parties=("member",), **task),
        "ApproveTask": ours({}, parties=("mentor",), **task),
        "ReturnTask": ours({"review": "The sweep."}, parties=("mentor",), **task),
        "CancelTask": ours(parties=("mentor",), **task),
        "UploadTaskFile": ours(parties=("member",), data=PDF, headers={"Content-Type": "application/pdf"}, **task),
        "GetTaskFile": ours(id=world.task_file, **part),
        "ListTaskSubmissions": ours(**part),
        "ListTaskComments": ours(**part),
        "AddTaskComment": ours({"body": "And further"}, **part),
        "UpdateTaskComment": ours({"body": "Then"}, parties=("member",), headers=NEVER, id=world.comments["member"], **part),
        "DeleteTaskComment": ours(parties=("member",), headers=NEVER, id=world.comments["member"], **part),
        "PutTaskTemplate": about({"items": []}, headers=NEVER, program_id=world.ours),
        "GetTaskTemplate": about(program_id=world.ours),
    }


def milestone_calls(world):
    milestone = {"mentorship_id": world.mentorship, "id": world.milestone}

    def seen(body=None, **more):
        return about(body, parties=PARTIES, **more)

    return {
        "PutMilestoneTemplate": about({"items": []}, headers=NEVER, program_id=world.ours),
        "GetMilestoneTemplate": about(program_id=world.ours),
        "ListMilestones": seen(mentorship_id=world.mentorship),
        "GetMilestone": seen(**milestone),
        "CompleteMilestone": seen(**milestone),
        "SkipMilestone": about({"reason": "The sweep."}, **milestone),
        "ReopenMilestone": about(**milestone),
        "GetProgress": seen(mentorship_id=world.mentorship),
    }
