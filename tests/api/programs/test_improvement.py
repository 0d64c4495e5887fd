"""Improvement actions: what a program does about what it was told."""

import uuid

import pytest

from conftest import at, day, eventually

STEPS = [{"title": "How is it?", "questions": [{"key": "mood", "title": "How is it?", "kind": "SCALE", "min": 1, "max": 5}]}]


@pytest.fixture(scope="module")
def program(new_program):
    return new_program()


def path(program, action=None, step=""):
    return f"/v1/programs/{program['id']}/improvement-actions" + (f"/{action['id']}" if action else "") + step


def action(**more):
    return {"source": "RETROSPECTIVE", "title": "Answer within two days", "due_on": day(30), **more}


def test_an_action_is_taken_up_begun_and_done(lead, program, sql):
    made = lead.post(path(program), action()).ok(201)
    assert made["state"] == "OPEN" and made["owner_id"] == lead.id and not made["overdue"]
    assert lead.post(path(program, made, "/start")).ok()["state"] == "IN_PROGRESS"
    done = lead.post(path(program, made, "/finish"), {"outcome": "Two days on average."}).ok()
    assert done["state"] == "DONE" and done["outcome"] == "Two days on average."
    assert lead.post(path(program, made, "/finish"), {"outcome": "Again."}).ok() == done
    lead.post(path(program, made, "/drop"), {"outcome": "No."}).problem(409, "ILLEGAL_TRANSITION")
    lead.patch(path(program, made), {"title": "Else"}, headers={"If-Match": "*"}).problem(409, "ILLEGAL_TRANSITION")
    events = sql(f"select string_agg(name, ' ' order by id) from outbox where aggregate_id = '{made['id']}'")
    assert events == "ImprovementOpened ImprovementDone"
    assert [each["id"] for each in lead.get(path(program) + "?state=DONE").ok()["items"]] == [made["id"]]


def test_an_action_whose_day_has_passed_is_overdue_until_it_ends(lead, program):
    made = lead.post(path(program), action(due_on=day(-1))).ok(201)
    assert made["overdue"]
    assert not lead.post(path(program, made, "/drop"), {"outcome": "Not needed."}).ok()["overdue"]


def test_an_action_goes_back_to_a_wave_of_its_program(lead, program, new_program):
    def wave_of(program):
        survey = lead.post(f"/v1/programs/{program['id']}/surveys", {
            "title": "Survey", "audience": "BOTH", "trigger": "CADENCE", "first_at": at(days=1), "open_days": 7, "anonymity": "NAMED",
            "steps": STEPS}).ok(201)
        return lead.get(f"/v1/programs/{program['id']}/surveys/{survey['id']}/waves").ok()["items"][0]["id"]

    wave, foreign = wave_of(program), wave_of(new_program())
    assert lead.post(path(program), action(source="SURVEY_WAVE", wave_id=wave)).ok(201)["wave_id"] == wave
    for wrong in ({"source": "SURVEY_WAVE"}, {"source": "SURVEY_WAVE", "wave_id": foreign}, {"wave_id": wave}):
        lead.post(path(program), action(**wrong)).problem(422, "UNKNOWN_WAVE")


def test_an_action_belongs_to_somebody_who_runs_the_program(lead, admin, program, people):
    person = people(1)[0]
    lead.post(path(program), action(owner_id=person.id)).problem(422, "NOT_A_COORDINATOR")
    made = admin.post(path(program), action()).ok(201)
    assert made["owner_id"] == admin.id
    version = {"If-Match": '"%s"' % made["version"]}
    changed = admin.patch(path(program, made), {"owner_id": lead.id, "title": "Sooner"}, headers=version).ok()
    assert changed["owner_id"] == lead.id and changed["title"] == "Sooner" and changed["due_on"] == made["due_on"]
    admin.patch(path(program, made), {"title": "Later"}, headers=version).problem(412, "STALE")
    admin.patch(path(program, made), {"owner_id": person.id}, headers={"If-Match": "*"}).problem(422, "NOT_A_COORDINATOR")


def test_others_do_not_see_the_actions_of_a_program(lead, program, people):
    made = lead.post(path(program), action()).ok(201)
    person = people(1)[0]
    person.get(path(program)).problem(404, "NOT_FOUND")
    person.get(path(program, made)).problem(404, "NOT_FOUND")
    person.post(path(program), action()).problem(403, "NOT_COORDINATOR")
    lead.get(path(program, {"id": uuid.uuid4()})).problem(404, "NOT_FOUND")


def test_an_action_outlives_a_wave_that_is_not_held(lead, program):
    survey = lead.post(f"/v1/programs/{program['id']}/surveys", {
        "title": "Survey", "audience": "BOTH", "trigger": "CADENCE", "first_at": at(days=1), "open_days": 7, "anonymity": "NAMED",
        "steps": STEPS}).ok(201)
    waves = f"/v1/programs/{program['id']}/surveys/{survey['id']}/waves"
    wave = lead.get(waves).ok()["items"][0]["id"]
    made = lead.post(path(program), action(source="SURVEY_WAVE", wave_id=wave)).ok(201)
    lead.post(f"/v1/programs/{program['id']}/surveys/{survey['id']}/end").ok()
    assert eventually(lambda: lead.get(path(program, made)).ok()["wave_id"] is None)
