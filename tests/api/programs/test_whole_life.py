"""A program's whole life, through the API alone: from the first line of its design to a certificate that is taken back."""

import subprocess
import uuid

from conftest import ANSWERS, DESIGN, FORM, at, day, eventually
from mentorships import kick_off, pair
from test_agreement import agree
from test_certificate import CHECK
from test_evaluation import RUBRIC, SCORES
from test_survey import STEPS, answers
from test_training import QUIZ, READ, RIGHT, module

ANY = {"If-Match": "*"}
RULE = "agreement = in_force and goals_achieved >= 1 and tasks_approved >= 1 and exit_survey = done and closing_evaluation.mean >= 3"
MILESTONES = [
    {"title": "Know each other", "owner_role": "EITHER", "due_days": 0, "completes_when": "MANUAL", "required": True},
    {"title": "Sign the agreement", "owner_role": "EITHER", "due_days": 0, "completes_when": "AGREEMENT_SIGNED"},
    {"title": "Set a goal", "owner_role": "MENTEE", "due_days": 0, "completes_when": "GOAL_SET"},
    {"title": "Say how it goes", "owner_role": "MENTEE", "due_days": 0, "completes_when": "SURVEY_DONE"},
    {"title": "Look back", "owner_role": "MENTOR", "due_days": 90, "completes_when": "MANUAL"},
]
TASKS = [{"title": "Write down where you stand", "assignee": "MENTEE", "due_days": 7}]


def key():
    return {"Idempotency-Key": str(uuid.uuid4())}


def design(lead, admin):
    """A program that was ready when it was submitted, and that two people let live."""
    program = lead.post("/v1/programs", {"title": f"Whole life {uuid.uuid4().hex[:8]}"}).ok(201)
    path = f"/v1/programs/{program['id']}"
    missing = lead.get(f"{path}/readiness").ok()["items"]
    assert len(missing) > 5
    assert len(lead.post(f"{path}/submit").problem(422, "NOT_READY")["missing"]) == len(missing)
    lead.patch(path, {**DESIGN, "safety_officer_id": admin.id, "certificate_rule": RULE}, headers=ANY).ok()
    for role in ("MENTOR", "MENTEE"):
        lead.put(f"{path}/forms/{role}", {"steps": FORM}, headers=ANY).ok()
    assert lead.get(f"{path}/readiness").ok()["items"] == []
    lead.put(f"{path}/training", {"modules": [module(READ, QUIZ)]}, headers=ANY).ok()
    lead.put(f"{path}/milestone-template", {"items": MILESTONES}, headers=ANY).ok()
    lead.put(f"{path}/task-template", {"items": TASKS}, headers=ANY).ok()
    lead.put(f"{path}/rubric", {"criteria": RUBRIC}, headers=ANY).ok()
    lead.post(f"{path}/submit").ok()
    lead.post(f"{path}/approve").problem(403, "FORBIDDEN")
    assert admin.post(f"{path}/approve").ok()["state"] == "PUBLISHED"
    lead.post(f"{path}/surveys", {"title": "Farewell", "audience": "BOTH", "trigger": "AT_CLOSE", "open_days": 7, "anonymity": "CONFIDENTIAL",
                                  "steps": STEPS}).ok(201)
    return path


def join(lead, person, path, role):
    """A member who was approved and trained."""
    member = person.post(f"{path}/memberships", {"role": role}).ok(201)
    own = f"/v1/memberships/{member['id']}"
    person.put(f"{own}/answers", {"form_version": 1, "answers": ANSWERS}).ok()
    assert person.post(f"{own}/submit").ok()["state"] == "SUBMITTED"
    assert lead.post(f"{own}/approve").ok()["waiting_for"] == ["TRAINING"]
    basics, = person.get(f"{path}/training").ok()["modules"]
    person.post(f"/v1/training/{basics['id']}/items/read/complete").ok()
    assert person.post(f"/v1/training/{basics['id']}/items/quiz/quiz", {"answers": RIGHT}).ok()["completed"]
    assert person.get(own).ok()["state"] == "ACTIVE"
    return member["id"]


def begin(lead, path, mentors, mentees):
    """A mentorship that everybody has accepted."""
    made = pair(lead, {"id": path.split("/")[-1]}, list(mentors.values()), list(mentees.values())).ok(201)
    for person in (*mentors, *mentees):
        last = person.post(f"/v1/mentorships/{made['id']}/accept").ok()
    assert last["state"] == "KICKOFF"
    return f"/v1/mentorships/{made['id']}"


def state_of_milestones(person, path):
    return {item["title"]: item["state"] for item in person.get(f"{path}/milestones").ok()["items"]}


def work(mentor, mentee, path):
    """Two goals, of which one is reached, and a task that comes back once; answers (goal, the other goal, task)."""
    goal, other = [mentee.post(f"{path}/goals", {"title": title, "kind": "SKILL", "measure": {"type": "COUNT", "to": 4}}).ok(201)
                   for title in ("Speak in public", "Find out what I fear")]
    mentor.post(f"{path}/goals/{goal['id']}/achieve", {}).problem(422, "NOT_REACHED")
    for person, value in ((mentee, 2), (mentor, 4)):
        person.post(f"{path}/goals/{goal['id']}/check-ins", {"value": value, "note": "In front of the class"}).ok(201)
    assert mentor.post(f"{path}/goals/{goal['id']}/achieve", {}).ok()["state"] == "ACHIEVED"
    task = mentor.post(f"{path}/tasks", {"title": "Prepare a talk", "assignee_id": mentee.id, "due_on": day(7)}).ok(201)
    steps = [(mentee, "start", None, "IN_PROGRESS"), (mentee, "submit", {"text": "A draft"}, "SUBMITTED"),
             (mentor, "return", {"review": "Shorter"}, "RETURNED"), (mentee, "start", None, "IN_PROGRESS"),
             (mentee, "submit", {"text": "Two minutes"}, "SUBMITTED"), (mentor, "approve", {"review": "Well done"}, "APPROVED")]
    mentee.post(f"{path}/tasks/{task['id']}/approve", {}).problem(403, "OWN_TASK")
    for person, step, body, state in steps:
        assert person.post(f"{path}/tasks/{task['id']}/{step}", body).ok()["state"] == state
    given, = [item for item in mentee.get(f"{path}/tasks").ok()["items"] if item["title"] == TASKS[0]["title"]]
    assert given["assignee_id"] == mentee.id and mentor.post(f"{path}/tasks/{given['id']}/cancel").ok()["state"] == "CANCELLED"
    return goal, other, task


def answer_survey(people, title):
    """Each answers the wave of that title that is asked of them."""
    for person in people:
        wave = eventually(lambda: [item for item in person.get("/v1/me/surveys").ok()["items"] if item["title"] == title])[0]
        person.put(f"/v1/survey-waves/{wave['id']}/response", {"answers": answers()}).ok()


def unmet(lead, path, person):
    answer = lead.post(f"{path}/certificates/issue", {"user_id": person.id}, headers=key())
    return [item["condition"] for item in answer.problem(422, "CONDITIONS_UNMET")["unmet"]]


def close(mentor, mentee, path):
    """Closing with its steps, but for the handover; the evaluation was made before."""
    assert mentee.post(f"{path}/close", {"close_reason": "COMPLETED"}).ok()["state"] == "CLOSING"
    mentor.post(f"{path}/closure/steps/FINAL_SESSION/complete").ok()
    assert mentor.post(f"{path}/closure/finish").problem(422, "STEPS_MISSING")["missing"] == ["HANDOVER"]


def judged(folder, site, document):
    """What the offline checker says with the keys and the list of revocations as they are published now."""
    for name, path in (("keys", "certificate-keys"), ("list", "certificate-revocations")):
        (folder / name).write_bytes(site.get(f"/.well-known/{path}.json").response.content)
    return check(folder, document)


def check(folder, document):
    (folder / "document").write_bytes(document)
    run = subprocess.run([CHECK, folder / "keys", folder / "list", folder / "document"], capture_output=True, text=True, check=False)
    return run.returncode, run.stdout.strip()


def test_a_program_lives_from_its_design_to_a_certificate_that_is_taken_back(lead, admin, new_person, site, tmp_path):
    path = design(lead, admin)
    mentor, mentee, later = new_person(), new_person(display_name="Telemachus"), new_person()
    members = {person: join(lead, person, path, role) for person, role in ((mentor, "MENTOR"), (mentee, "MENTEE"), (later, "MENTOR"))}
    own = begin(lead, path, {mentor: members[mentor]}, {mentee: members[mentee]})

    assert kick_off(own, mentee)["state"] == "KICKOFF" and mentor.get(f"{own}/milestones").ok()["items"] == []
    agree(mentor, mentee, own)
    assert mentee.get(own).ok()["state"] == "ACTIVE"
    eventually(lambda: state_of_milestones(mentee, own).get("Sign the agreement") == "DONE")
    assert list(state_of_milestones(mentee, own)) == [item["title"] for item in MILESTONES]
    eventually(lambda: mentee.get(f"{own}/tasks").ok()["items"])

    goal, other, task = work(mentor, mentee, own)
    eventually(lambda: state_of_milestones(mentee, own)["Set a goal"] == "DONE")
    known, = [item for item in mentee.get(f"{own}/milestones").ok()["items"] if item["title"] == "Know each other"]
    mentor.post(f"{own}/milestones/{known['id']}/complete").ok()
    lead.post(f"{path}/surveys", {"title": "How is it going?", "audience": "BOTH", "trigger": "CADENCE", "first_at": at(), "open_days": 7,
                                  "anonymity": "CONFIDENTIAL", "steps": STEPS}).ok(201)
    answer_survey((mentor, mentee), "How is it going?")
    eventually(lambda: state_of_milestones(mentee, own)["Say how it goes"] == "DONE")
    for person, moment in ((mentor, "START"), (mentee, "END"), (mentor, "END")):
        evaluation = person.put(f"{own}/evaluations/{moment}", {"scores": SCORES}).ok()
    assert mentee.get(f"{own}/progress").ok()["milestones"] == {"total": 5, "open": 1, "done": 4, "overdue": 0}

    close(mentor, mentee, own)
    assert unmet(lead, own, mentee) == ["exit_survey = done"]
    answer_survey((mentor, mentee), "Farewell")
    following = begin(lead, path, {later: members[later]}, {mentee: members[mentee]})
    later.get(f"{own}/goals/{goal['id']}").problem(404, "NOT_FOUND")
    items = [{"kind": "GOAL", "thing_id": goal["id"]}, {"kind": "EVALUATION", "thing_id": evaluation["id"]},
             {"kind": "TASK", "thing_id": task["id"]}]
    mentee.post(f"{own}/handover", {"to_mentorship_id": following[-36:], "items": items}).ok()
    later.post(f"{following}/handover/accept").ok()
    assert later.get(f"{own}/goals/{goal['id']}").ok()["title"] == "Speak in public"
    later.get(f"{own}/goals/{other['id']}").problem(404, "NOT_FOUND")
    for part, handed in (("goals", goal), ("tasks", task), ("evaluations", evaluation)):
        assert [item["id"] for item in later.get(f"{own}/{part}").ok()["items"]] == [handed["id"]]
    assert [item["value"] for item in later.get(f"{own}/goals/{goal['id']}/check-ins").ok()["items"]] == [4, 2]
    later.get(f"{own}/goals/{other['id']}/check-ins").problem(404, "NOT_FOUND")
    later.post(f"{own}/goals/{goal['id']}/check-ins", {"value": 1}).problem(404, "NOT_FOUND")
    later.get(own).problem(404, "NOT_FOUND")
    assert lead.post(f"{own}/closure/finish").ok()["state"] == "CLOSED"

    certificate = lead.post(f"{own}/certificates/issue", {"user_id": mentee.id}, headers=key()).ok(201)
    document = mentee.get(f"/v1/certificates/{certificate['id']}/document.json").response.content
    assert judged(tmp_path, site, document) == (0, "valid: Telemachus")
    changed = [document[:n] + bytes([document[n] ^ 1]) + document[n + 1:] for n in range(len(document))]
    assert {check(tmp_path, each)[0] for each in changed} == {1}, f"{len(changed)} bytes"
    lead.post(f"/v1/certificates/{certificate['id']}/revoke", {"reason": "MISTAKE"}, headers=key()).ok()
    assert judged(tmp_path, site, document) == (1, "not valid: revoked")
