"""What people are told of what happens in their programs: by mail and in their inbox, each by their part in it."""

import re
import uuid

import pytest

import bus
from conftest import at, day, eventually
from mentorships import kick_off, pair

OBJECTIVE = {"objectives": ["Ship something"], "scope": "Work", "duration_days": 120, "clauses": [
    {"kind": "CONFIDENTIALITY", "text": "What is said stays."}, {"kind": "COMMITMENT", "text": "We come."}],
    "expected_results": "Something shipped", "out_of_scope": "Money"}

WORK = (("MENTEE", "start", {}, None), ("MENTEE", "submit", {"text": "Here"}, "task_submitted"),
        ("MENTOR", "return", {"review": "More, please."}, "task_returned"), ("MENTEE", "start", {}, None),
        ("MENTEE", "submit", {"text": "More"}, "task_submitted"), ("MENTOR", "approve", {}, "task_approved"))
ALONE = {"kind": "PERSONAL", "measure": {"type": "YES_NO", "to": 1}}


@pytest.fixture(scope="module")
def inbox():
    """inbox(person, kind, link): the items of that kind (which lead there), once there are any."""
    def items(person, kind, link):
        answer = person.get(f"/v1/me/inbox?kind={kind}")
        return answer.status == 200 and [item for item in answer.json()["items"] if link in (None, item["link"])]

    return lambda person, kind, link=None: eventually(lambda: items(person, kind, link), 25)


@pytest.fixture(scope="module")
def told(admin):
    """told(person, kind): how many messages were planned."""
    return lambda person, kind: len(admin.get(f"/v1/admin/deliveries?user_id={person.id}&kind={kind}").ok()["items"])


@pytest.fixture(scope="module")
def two(new_person):
    return new_person("Mentes", locale="de"), new_person("Ctesippus")


def test_partners_hear_of_their_mentorship_from_the_proposal_on(lead, two, joined, inbox, mails, told):
    mentor, mentee = two
    program, mentors, mentees = joined([mentor], [mentee])
    title, mentorship = program["title"], pair(lead, program, mentors, mentees).ok(201)
    path = f"/v1/mentorships/{mentorship['id']}"
    proposed = mails.wait_for(mentor.email, "match_published")
    assert title in proposed.text and proposed.links[0].endswith(f"/mentorships/{mentorship['id']}")
    mentor.post(f"{path}/accept").ok()
    mentee.post(f"{path}/accept").ok()
    begun = mails.wait_for(mentor.email, "mentorship_begun")
    assert begun.subject == f"Ihre Mentoring-Beziehung in {title} beginnt"
    assert not told(mentee, "mentorship_begun"), "who accepted last knows"

    kick_off(path, mentee)
    text = mentor.post(f"{path}/agreement", OBJECTIVE).ok(201)
    asked = mails.wait_for(mentee.email, "agreement_to_sign")
    assert asked.subject == f"An agreement waits for your signature: {title}"
    assert asked.links[0].endswith(f"/mentorships/{mentorship['id']}/agreement")
    for person in (mentor, mentee):
        person.post(f"{path}/agreement/sign", {"text_hash": text["text_hash"]}).ok()
    mails.wait_for(mentor.email, "agreement_in_force")
    assert re.search(r"Geplant ist sie bis \d+\. \w+ 20\d\d\.", mails.wait_for(mentor.email, "mentorship_activated").text)

    until = day(20)
    mentee.post(f"{path}/pause", {"until": until}).ok()
    assert inbox(mentor, "mentorship_asked")[0]["title"] == f"Bitte um eine Pause: {title}"
    mentor.post(f"{path}/pause", {"until": until}).ok()
    inbox(mentee, "mentorship_paused")
    for kind in ("mentorship_begun", "agreement_to_settle", "kickoff_overdue"):
        news = lead.get(f"/v1/me/inbox?kind={kind}").ok()["items"]
        assert not [item for item in news if mentorship["id"] in item["link"]], kind


def test_work_and_its_judgement_are_told_to_the_other_side(lead, two, working, inbox, told):
    mentor, mentee = two
    mentorship = working([mentor], [mentee], certificate_rule="goals_achieved >= 0")
    path = f"/v1/mentorships/{mentorship['id']}"
    goal = mentee.post(f"{path}/goals", ALONE | {"title": "Sleep"}).ok(201)
    assert "Sleep" not in str(inbox(mentor, "goal_created")), "what the two write to each other stays between them"
    mentee.post(f"{path}/goals/{goal['id']}/check-ins", {"value": 1}).ok(201)
    mentee.post(f"{path}/goals/{goal['id']}/achieve").ok()
    assert inbox(mentor, "goal_ended")[0]["title"].startswith("Ein Ziel ist erreicht")

    task = mentor.post(f"{path}/tasks", {"title": "Write", "assignee_id": mentee.id, "due_on": day(3)}).ok(201)
    item, = inbox(mentee, "task_assigned")
    assert "It is due on " in item["text"] and item["link"] == f"{path[3:]}/tasks"
    for who, step, body, kind in WORK:
        doer, reader = (mentee, mentor) if who == "MENTEE" else (mentor, mentee)
        doer.post(f"{path}/tasks/{task['id']}/{step}", body).ok()
        assert not kind or inbox(reader, kind)
    assert not told(mentee, "task_submitted") and not told(mentor, "task_approved")

    certificate = lead.post(f"{path}/certificates/issue", {"user_id": mentee.id}, headers={"Idempotency-Key": str(uuid.uuid4())}).ok(201)
    assert inbox(mentee, "certificate_issued")[0]["link"] == f"/certificates/{certificate['id']}"
    assert not told(mentor, "certificate_issued")


def test_who_is_asked_hears_of_a_survey_and_of_its_last_days_only_if_silent(lead, two, joined, inbox, told, sql, stack):
    mentor, mentee = two
    program, *_ = joined([mentor], [mentee])
    path = f"/v1/programs/{program['id']}"
    steps = [{"title": "You", "questions": [{"key": "exit-intent", "title": "Are you leaving?", "kind": "CONSENT"}]}]
    survey = lead.post(f"{path}/surveys", {"title": "Half time", "audience": "BOTH", "trigger": "CADENCE", "first_at": at(), "open_days": 7,
                                           "anonymity": "NAMED", "steps": steps}).ok(201)
    assert inbox(mentor, "survey_open")[0]["title"] == f"{program['title']} möchte von Ihnen hören: Half time"
    inbox(mentee, "survey_open")
    wave, = lead.get(f"{path}/surveys/{survey['id']}/waves").ok()["items"]
    mentee.put(f"/v1/survey-waves/{wave['id']}/response", {"answers": [{"key": "exit-intent", "consent": True}]}).ok()
    stack.postgres.sql("set search_path = notify; "
                       f"update happening set due_at = now() where kind = 'survey_closing' and subject_id = '{wave['id']}'")
    inbox(mentor, "survey_closing")
    assert not told(mentee, "survey_closing"), "has answered"

    sql(f"select schedule('SweepHealth', '{program['id']}', now())")
    inbox(lead, "health_flag", f"/programs/{program['id']}/health")
    sql(f"update survey_wave set closes_at = now() where id = '{wave['id']}'; select schedule('CloseSurveyWave', '{wave['id']}', now())")
    inbox(lead, "survey_closed")
    assert not told(mentor, "health_flag") and not told(mentor, "survey_closed")


def test_what_members_share_is_told_to_whom_it_is_for(lead, two, new_person, joined, inbox, told):
    mentor, mentee = two
    other = new_person("Amphinomus")
    program, *_ = joined([mentor], [mentee, other])
    at_program = {"scope": "PROGRAM", "program_id": program["id"]}
    article = at_program | {"kind": "ARTICLE", "audience": "MENTEE", "title": "On looms", "body": "Long."}
    resource = mentor.post("/v1/resources", article).ok(201)
    mentor.post(f"/v1/resources/{resource['id']}/submit").ok()
    inbox(lead, "resource_to_review", f"/resources/{resource['id']}")
    lead.post(f"/v1/resources/{resource['id']}/publish").ok()
    assert inbox(mentor, "resource_published")[0]["text"] == "Was Sie geschrieben haben, ist veröffentlicht."
    assert inbox(mentee, "resource_published")[0]["title"] == f"New in {program['title']}: On looms"

    thread = mentee.post("/v1/discussions", at_program | {"title": "How?", "body": "I wonder."}).ok(201)
    answer = mentor.post(f"/v1/discussions/{thread['id']}/answers", {"body": "So."}).ok(201)
    assert inbox(mentee, "thread_answered")[0]["title"] == "Your question has an answer"
    mentee.post(f"/v1/discussions/{thread['id']}/accept-answer", {"answer_id": answer["id"]}).ok()
    inbox(mentor, "answer_accepted")

    path = f"/v1/programs/{program['id']}/opportunities"
    offer = mentor.post(path, {"kind": "JOB_SHADOW", "title": "A day", "places": 1, "closes_at": at(days=7)}).ok(201)
    inbox(mentee, "opportunity_opened")
    application = mentee.post(f"{path}/{offer['id']}/apply", {}).ok(201)
    inbox(mentor, "opportunity_applied")
    mentor.post(f"{path}/{offer['id']}/decide", {"application_id": application["id"], "accept": True}).ok()
    assert inbox(mentee, "opportunity_decided")[0]["title"] == "You have a place: A day"

    asked = mentor.post("/v1/introductions", {"program_id": program["id"], "first_id": mentee.id, "second_id": other.id,
                                              "message": "You should meet."}).ok(201)
    for person in (mentee, other):
        inbox(person, "introduction_proposed")
        person.post(f"/v1/introductions/{asked['id']}/answer", {"accept": True}).ok()
    inbox(mentor, "introduction_decided")
    assert not told(other, "introduction_decided") and not told(mentor, "opportunity_opened")


def test_nobody_is_told_what_a_suspended_mentorship_was_doing(two, working, as_safety, inbox, stack):
    mentor, mentee = two
    mentorship = working([mentor], [mentee])
    before = mentor.get("/v1/me/inbox?kind=goal_created").ok()["items"]
    stack.stop_process("notify")
    mentee.post(f"/v1/mentorships/{mentorship['id']}/goals", ALONE | {"title": "Run"}).ok(201)
    assert as_safety("SuspendMentorship", bus.field(1, mentorship["id"])) is None
    stack.start_process("notify")
    inbox(mentee, "mentorship_suspended")
    assert mentor.get("/v1/me/inbox?kind=goal_created").ok()["items"] == before
