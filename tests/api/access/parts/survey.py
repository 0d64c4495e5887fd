"""Surveys: one for the mentees of "ours", of which "member" is one, and an anonymous one."""

import time

from access.calls import NEVER, about
from access.world import STEPS, wait_until

POINT = "4vKuyrBttp4YuvN1fbrCSnYqYdFy2J9d_5Z3sv1AsHY"
ANSWERS = [{"key": "why", "text": "To learn."}]


def prepare(world):
    world.survey, world.wave = ask_members(world, "CONFIDENTIAL", STEPS)
    _, world.anonymous_wave = ask_members(world, "ANONYMOUS", STEPS)


def ask_members(world, anonymity, steps):
    """A survey of mentees, and its wave that is open."""
    path = f"/v1/programs/{world.ours}/surveys"
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    survey = world.founder.post(path, {"title": anonymity, "audience": "MENTEE", "trigger": "CADENCE", "first_at": now, "open_days": 7,
                                       "anonymity": anonymity, "steps": steps}).ok(201)["id"]

    def waves():
        return world.founder.get(f"{path}/{survey}/waves").ok()["items"]

    wait_until("a wave", lambda: waves()[0]["state"] == "OPEN")
    return survey, waves()[0]["id"]


def calls(world):
    survey = {"program_id": world.ours, "id": world.survey}
    wave = {"owner": "member", "id": world.wave}
    anonymous = {"owner": "member", "id": world.anonymous_wave}
    new = {"title": "Never", "audience": "BOTH", "trigger": "DAY", "open_days": 7, "anonymity": "NAMED", "steps": STEPS}
    return {
        "CreateSurvey": about(new, program_id=world.ours),
        "ListSurveys": about(program_id=world.ours),
        "GetSurvey": about(**survey),
        "UpdateSurvey": about({}, headers=NEVER, **survey),
        "EndSurvey": about(**survey),
        "ListSurveyWaves": about(**survey),
        "RespondToSurvey": about({"answers": ANSWERS}, **wave),
        "DrawSurveyToken": about({"blinded": POINT}, **anonymous),
        "RespondAnonymously": about({"input": "A" * 43, "output": "A" * 86, "answers": ANSWERS}, **anonymous),
        "GetSurveyKey": about(**anonymous),
        "GetSurveyResults": about(**wave),
        "ListSurveyTexts": about(key="why", **wave),
        "ListSurveyResponses": about(**wave),
        "EndSurveyWave": about(**wave),
        "PublishSurveyResults": about(**wave),
    }
