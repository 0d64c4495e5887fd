"""Health, reports and conformance of "ours"; a flag that was raised because a mentee thinks of leaving."""

from access.calls import about
from access.parts.survey import ask_members
from access.world import wait_until

EXIT = [{"title": "You", "questions": [{"key": "exit-intent", "title": "Leaving?", "kind": "CONSENT"}]}]


def prepare(world):
    _, wave = ask_members(world, "NAMED", EXIT)
    answers = [{"key": "exit-intent", "consent": True}]
    world.person("member").put(f"/v1/survey-waves/{wave}/response", {"answers": answers}).ok()
    world.stack.postgres.sql(f"set search_path = programs; select schedule('SweepHealth', '{world.ours}', now())")

    def flags():
        return world.founder.get(f"/v1/programs/{world.ours}/health").ok()["items"]

    wait_until("a flag", flags)
    world.flag = flags()[0]["id"]


def calls(world):
    program = {"program_id": world.ours}
    return {
        "ProgramHealth": about(**program),
        "SnoozeHealthFlag": about({"days": 1}, id=world.flag),
        "GetReport": about(kind="funnel", **program),
        "GetReportFile": about(kind="funnel", **program),
        "ProgramConformance": about(**program),
    }
