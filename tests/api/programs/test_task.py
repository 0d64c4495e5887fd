"""Tasks: who may do what, handing in, dates, comments and templates."""

import uuid

import pytest

from conftest import day, eventually

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@pytest.fixture(scope="module")
def pair(people, working):
    """(mentor, mentee, path of the mentorship)."""
    mentor, mentee = people(2)
    return mentor, mentee, f"/v1/mentorships/{working([mentor], [mentee])['id']}"


@pytest.fixture
def task(pair):
    return give(pair)


def give(pair, **more):
    mentor, mentee, path = pair
    made = mentor.post(f"{path}/tasks", {"title": "Write an outline", "assignee_id": mentee.id, **more}).ok(201)
    return made | {"path": f"{path}/tasks/{made['id']}"}


def upload(person, task, content=PDF, kind="application/pdf"):
    return person.post(f"{task['path']}/files", data=content, headers={"Content-Type": kind})


def test_a_task_goes_from_one_side_to_the_other_and_back(pair, sql):
    mentor, mentee, path = pair
    task = give(pair, body="One page", due_on=day(7))
    assert (task["state"], task["assignee_id"], task["assigner_id"], task["overdue"]) == ("ASSIGNED", mentee.id, mentor.id, False)
    assert mentee.post(f"{task['path']}/start").ok()["state"] == "IN_PROGRESS"
    handed_in = mentee.post(f"{task['path']}/submit", {"text": "First, …"}).ok()
    assert (handed_in["state"], handed_in["submissions"]) == ("SUBMITTED", 1) and handed_in["submitted_at"]
    assert mentee.post(f"{task['path']}/submit", {"text": "First, …"}).ok() == handed_in
    back = mentor.post(f"{task['path']}/return", {"review": "And then?"}).ok()
    assert (back["state"], back["review"], back["reviewed_by"]) == ("RETURNED", "And then?", mentor.id)
    mentee.post(f"{task['path']}/start").ok()
    mentee.post(f"{task['path']}/submit", {"text": "First, …; then …"}).ok()
    done = mentor.post(f"{task['path']}/approve", {"review": "Good"}).ok()
    assert (done["state"], done["review"], done["submissions"]) == ("APPROVED", "Good", 2)
    assert mentor.post(f"{task['path']}/approve", {}).ok() == done
    submissions = mentor.get(f"{task['path']}/submissions").ok()["items"]
    assert [(item["verdict"], item["review"]) for item in submissions] == [("APPROVED", "Good"), ("RETURNED", "And then?")]
    names = sql(f"select string_agg(name, ' ' order by id) from outbox where aggregate_id = '{task['id']}'")
    assert names == "TaskAssigned TaskSubmitted TaskReturned TaskSubmitted TaskApproved"


def test_nobody_is_on_both_sides(pair, task):
    mentor, mentee, path = pair
    mentor.post(f"{path}/tasks", {"title": "Mine", "assignee_id": mentor.id}).problem(403, "OWN_TASK")
    mentee.post(f"{task['path']}/start").ok()
    mentee.post(f"{task['path']}/submit", {"text": "Done"}).ok()
    mentee.post(f"{task['path']}/approve", {}).problem(403, "OWN_TASK")
    mentee.post(f"{task['path']}/return", {"review": "No"}).problem(403, "OWN_TASK")
    mentee.post(f"{task['path']}/cancel").problem(403, "OWN_TASK")


def test_only_who_does_it_starts_and_hands_in(pair, task):
    for step in ("start", "submit"):
        pair[0].post(f"{task['path']}/{step}", {"text": "Done"} if step == "submit" else None).problem(403, "NOT_ASSIGNEE")
    upload(pair[0], task).problem(403, "NOT_ASSIGNEE")


def test_of_several_mentors_only_who_gave_a_task_reviews_it_until_they_leave(people, working, sql):
    one, other, mentee = people(3)
    made = working([one, other], [mentee])
    pair = one, mentee, f"/v1/mentorships/{made['id']}"
    task = give(pair)
    other.post(f"{pair[2]}/tasks", {"title": "No", "assignee_id": one.id}).problem(422, "SAME_SIDE")
    mentee.post(f"{task['path']}/start").ok()
    mentee.post(f"{task['path']}/submit", {"text": "Done"}).ok()
    other.post(f"{task['path']}/approve", {}).problem(403, "NOT_ASSIGNER")
    sql(f"update mentorship_party set left_at = now() where mentorship_id = '{made['id']}' and user_id = '{one.id}'")
    one.get(task["path"]).problem(404, "NOT_FOUND")
    assert other.post(f"{task['path']}/approve", {}).ok()["reviewed_by"] == other.id


def test_others_do_not_see_tasks(pair, task, people, lead):
    for stranger in (people(4)[3], lead):
        stranger.get(f"{pair[2]}/tasks").problem(404, "NOT_FOUND")
        stranger.get(task["path"]).problem(404, "NOT_FOUND")
        stranger.post(f"{task['path']}/comments", {"body": "Hi"}).problem(404, "NOT_FOUND")
    pair[0].post(f"{pair[2]}/tasks", {"title": "For nobody", "assignee_id": str(uuid.uuid4())}).problem(422, "NOT_A_PARTY")


def test_steps_that_the_state_does_not_allow_are_refused(pair, task):
    mentor, mentee, _ = pair
    problem = mentee.post(f"{task['path']}/submit", {"text": "Done"}).problem(409, "ILLEGAL_TRANSITION")
    assert (problem["from"], problem["allowed"]) == ("ASSIGNED", ["CANCELLED", "IN_PROGRESS"])
    mentor.post(f"{task['path']}/approve", {}).problem(409, "ILLEGAL_TRANSITION")
    assert mentor.post(f"{task['path']}/cancel").ok()["state"] == "CANCELLED"
    mentee.post(f"{task['path']}/start").problem(409, "ILLEGAL_TRANSITION")


def test_files_are_handed_in_with_the_task(pair):
    mentor, mentee, _ = pair
    task, other = give(pair, needs_file=True), give(pair)
    upload(mentee, task).problem(409, "NOT_IN_PROGRESS")
    for each in (task, other):
        mentee.post(f"{each['path']}/start").ok()
    made, foreign = upload(mentee, task).ok(201), upload(mentee, other).ok(201)
    assert (made["content_type"], made["size"]) == ("application/pdf", str(len(PDF)))
    assert upload(mentee, task, b"just words", "application/pdf").status in (415, 422)
    mentee.post(f"{task['path']}/submit", {"text": "No file"}).problem(422, "FILE_NEEDED")
    mentee.post(f"{task['path']}/submit", {"file_ids": [foreign["id"]]}).problem(422, "UNKNOWN_FILE")
    mentee.post(f"{other['path']}/submit", {}).problem(422, "EMPTY_SUBMISSION")
    mentee.post(f"{task['path']}/submit", {"file_ids": [made["id"]]}).ok()
    assert mentor.get(f"{task['path']}/submissions").ok()["items"][0]["file_ids"] == [made["id"]]
    assert mentor.get(f"{task['path']}/files/{made['id']}").response.content == PDF
    mentor.get(f"{other['path']}/files/{made['id']}").problem(404, "NOT_FOUND")


def test_a_new_task_is_due_today_or_later(pair):
    mentor, mentee, path = pair
    body = {"title": "Yesterday", "assignee_id": mentee.id}
    mentor.post(f"{path}/tasks", body | {"due_on": day(-1)}).problem(422, "DUE_IN_THE_PAST")
    task = give(pair, due_on=day(0))
    mentor.patch(task["path"], {"due_on": day(-1)}, headers={"If-Match": "*"}).problem(422, "DUE_IN_THE_PAST")
    assert mentor.post(f"{path}/tasks", body | {"due_on": "2027-02-29"}).status == 400
    assert give(pair, due_on="2028-02-29")["due_on"] == "2028-02-29"


def test_imported_tasks_may_be_due_before_today(pair, lead):
    mentor, mentee, path = pair
    old = {"title": "From before", "assignee_id": mentee.id, "assigner_id": mentor.id, "due_on": "2024-02-29"}
    made = lead.post(f"{path}/tasks/import", {"tasks": [old | {"approved": True}, old]}).ok(201)["items"]
    assert [(item["state"], item["imported"], item["overdue"]) for item in made] == [("APPROVED", True, False), ("ASSIGNED", True, True)]
    mentor.post(f"{path}/tasks/import", {"tasks": [old]}).problem(403, "NOT_COORDINATOR")
    lead.post(f"{path}/tasks/import", {"tasks": [old | {"assigner_id": mentee.id}]}).problem(403, "OWN_TASK")


def test_what_is_overdue_is_told_once(pair, sql):
    mentor, _, path = pair
    task = give(pair, due_on=day(0))
    sql(f"update task set due_on = current_date - 2, imported = true where id = '{task['id']}'")
    assert mentor.get(task["path"]).ok()["overdue"]
    assert task["id"] in [item["id"] for item in mentor.get(f"{path}/tasks?overdue=true").ok()["items"]]

    def told():
        return int(sql(f"select count(*) from outbox where name = 'TaskOverdue' and aggregate_id = '{task['id']}'"))

    sql(f"select schedule('TellOverdue', '{task['id']}', now())")
    eventually(lambda: told() == 1)
    sql(f"select schedule('TellOverdue', '{task['id']}', now())")
    eventually(lambda: sql(f"select count(*) from timer where subject_id = '{task['id']}'") == "0")
    assert told() == 1


def test_a_day_ends_where_the_cohort_is(people, lead, new_program, new_cohort, apply, sql):
    mentor, mentee = people(2)
    program = new_program(mentor_admission="OPEN", mentee_admission="OPEN")
    cohort = new_cohort(program, zone="Europe/Athens")
    body = {"mentor_memberships": [apply(mentor, program, "MENTOR")["id"]], "mentee_memberships": [apply(mentee, program)["id"]]}
    mentorship = lead.post(f"/v1/programs/{program['id']}/mentorships", body).ok(201)["id"]
    sql(f"update mentorship set state = 'KICKOFF' where id = '{mentorship}'; update mentorship set state = 'ACTIVE' where id = '{mentorship}'")
    task = mentor.post(f"/v1/mentorships/{mentorship}/tasks", {"title": "Prepare", "assignee_id": mentee.id, "due_on": "2031-07-01"}).ok(201)

    def told_at():
        return sql(f"select due_at at time zone 'UTC' from timer where rpc = 'TellOverdue' and subject_id = '{task['id']}'")

    assert told_at() == "2031-07-01 21:00:00"
    lead.patch(f"/v1/programs/{program['id']}/cohorts/{cohort['id']}", {"zone": "America/New_York"}, headers={"If-Match": "*"}).ok()
    assert told_at() == "2031-07-02 04:00:00"
    assert sql(f"select due_at from timer where rpc = 'WatchEnd' and subject_id = '{mentorship}'") == sql(
        f"select next_end_notice(planned_end_on, 'America/New_York') from mentorship where id = '{mentorship}'")


def test_lists_are_filtered_and_paged(pair, task):
    mentor, mentee, path = pair
    more = [give(pair)["id"] for _ in range(3)]
    first = mentee.get(f"{path}/tasks?state=ASSIGNED&assignee_id={mentee.id}&limit=2").ok()
    assert [item["id"] for item in first["items"]] == more[:0:-1]
    second = mentee.get(f"{path}/tasks?state=ASSIGNED&assignee_id={mentee.id}&limit=2&cursor={first['next_cursor']}").ok()
    assert [item["id"] for item in second["items"]] == [more[0], task["id"]]
    assert mentee.get(f"{path}/tasks?assignee_id={mentor.id}").ok()["items"] == []
    mentee.get(f"{path}/tasks?cursor=nonsense").problem(400, "INVALID_CURSOR")


def test_a_change_names_its_version_and_ends_with_handing_in(pair, task):
    mentor, mentee, _ = pair
    tag = mentor.get(task["path"]).headers["ETag"]
    assert mentor.patch(task["path"], {"title": "Write more"}, headers={"If-Match": tag}).ok()["title"] == "Write more"
    mentor.patch(task["path"], {"title": "Less"}, headers={"If-Match": tag}).problem(412, "STALE")
    assert mentor.patch(task["path"], {"title": "Less"}).status == 428
    mentee.patch(task["path"], {"title": "Less"}, headers={"If-Match": "*"}).problem(403, "OWN_TASK")
    mentee.post(f"{task['path']}/start").ok()
    mentee.post(f"{task['path']}/submit", {"text": "Done"}).ok()
    mentor.patch(task["path"], {"title": "Less"}, headers={"If-Match": "*"}).problem(409, "TASK_HANDED_IN")


def test_comments_are_their_authors(pair, task):
    mentor, mentee, _ = pair
    path = f"{task['path']}/comments"
    made = mentor.post(path, {"body": "How is it?"}).ok(201)
    mentee.post(path, {"body": "Slow"}).ok(201)
    assert [item["body"] for item in mentee.get(path).ok()["items"]] == ["Slow", "How is it?"]
    own = f"{path}/{made['id']}"
    mentee.patch(own, {"body": "Great"}, headers={"If-Match": "*"}).problem(403, "NOT_AUTHOR")
    mentee.delete(own, headers={"If-Match": "*"}).problem(403, "NOT_AUTHOR")
    assert mentor.patch(own, {"body": "How are you?"}, headers={"If-Match": "*"}).ok()["version"] == "2"
    mentor.delete(own, headers={"If-Match": '"999999999-0"'}).problem(412, "STALE")
    mentor.delete(own, headers={"If-Match": "*"}).ok(204)
    mentor.post(path, {"body": ""}).problem(400, "REQUIRED", "/body")


def test_a_mentorship_begins_with_the_tasks_of_its_program(people, lead, working, sql):
    mentor, mentee = people(2)
    held = working([mentor], [mentee])
    template = f"/v1/programs/{held['program_id']}/task-template"
    assert lead.get(template).ok() == {"program_id": held["program_id"], "items": [], "version": "0"}
    items = [{"title": "Say who you are", "assignee": "MENTEE", "due_days": 7}, {"title": "Read it", "assignee": "MENTOR", "due_days": 0}]
    put = lead.put(template, {"items": items}, headers={"If-Match": "*"}).ok()
    assert put["version"] == "1"
    lead.put(template, {"items": []}, headers={"If-Match": '"999999999-0"'}).problem(412, "STALE")
    mentor.put(template, {"items": []}, headers={"If-Match": "*"}).problem(403, "NOT_COORDINATOR")
    sql(f"select schedule('BeginTasks', '{held['id']}', now())")
    path = f"/v1/mentorships/{held['id']}/tasks"
    tasks = eventually(lambda: mentor.get(path).ok()["items"])
    assert [(item["title"], item["assignee_id"], item["assigner_id"], item["due_on"]) for item in tasks] == [
        ("Say who you are", mentee.id, mentor.id, day(7)), ("Read it", mentor.id, mentee.id, day(0))]
