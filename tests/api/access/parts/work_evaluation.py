"""What the member is evaluated by, in the mentorship that mentorship.py makes."""

from access.calls import NEVER, about

PARTIES = ("member", "mentor")
RUBRIC = [{"key": "speaks", "title": "Speaks up", "levels": [{"value": 1, "title": "Rarely"}, {"value": 2, "title": "Often"}]}]


def prepare(world):
    world.person("coordinator").put(f"/v1/programs/{world.ours}/rubric", {"criteria": RUBRIC}, headers={"If-Match": "*"}).ok()


def calls(world):
    scores = {"scores": [{"key": "speaks", "value": 1}]}
    return {
        "PutRubric": about({"criteria": RUBRIC}, headers=NEVER, program_id=world.ours),
        "GetRubric": about(program_id=world.ours),
        "PutEvaluation": about(scores, parties=PARTIES, mentorship_id=world.mentorship, moment="START"),
        "ListEvaluations": about(parties=PARTIES, mentorship_id=world.mentorship),
    }
