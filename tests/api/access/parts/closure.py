"""The end of the mentorship of the member and the mentor, which has hardly begun."""

from access.calls import about
from access.parts import mentorship
from access.parts.mentorship import PARTIES


def prepare(world):
    mentorship.prepare(world)
    path = f"/v1/mentorships/{world.former_mentorship}"
    world.person("member").post(f"{path}/handover", {"to_mentorship_id": world.mentorship}).ok()


def calls(world):
    """Nothing here can be done in a kick-off, but for the end that is later than the program allows."""
    ours = {"parties": PARTIES, "id": world.mentorship}
    finish = dict.fromkeys(("GetClosure", "FinishClosure", "GetHandovers"))
    ask = dict.fromkeys(("PauseMentorship", "ResumeMentorship", "ExtendMentorship"), {"until": "2020-01-01"})
    return {name: about(body, **ours) for name, body in (finish | ask).items()} | {
        "DropAsk": about(kind="PAUSE", **ours),
        "StartClosure": about({"close_reason": "COMPLETED"}, parties=PARTIES, id=world.former_mentorship),
        "CompleteClosureStep": about(key="POST_CONTACT", **ours),
        "HandOver": about({}, **ours),
        "AcceptHandover": about(id=world.mentorship),
        "CloseAllMentorships": about({"closes_on": "2020-01-01"}, program_id=world.ours),
    }
