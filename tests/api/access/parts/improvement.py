"""Improvement actions: one of "ours" that was dropped, out of which no step leads."""

from access.calls import NEVER, about

ACTION = {"source": "RETROSPECTIVE", "title": "Answer sooner", "due_on": "2030-01-01"}


def prepare(world):
    path = f"/v1/programs/{world.ours}/improvement-actions"
    world.action = world.founder.post(path, ACTION).ok(201)["id"]
    world.founder.post(f"{path}/{world.action}/drop", {"outcome": "To see who may."}).ok()


def calls(world):
    action = {"program_id": world.ours, "id": world.action}
    return {
        "CreateImprovementAction": about(ACTION, program_id=world.ours),
        "ListImprovementActions": about(program_id=world.ours),
        "GetImprovementAction": about(**action),
        "UpdateImprovementAction": about({}, headers=NEVER, **action),
        "StartImprovementAction": about(**action),
        "FinishImprovementAction": about({"outcome": "Better."}, **action),
        "DropImprovementAction": about({"outcome": "Worse."}, **action),
    }
