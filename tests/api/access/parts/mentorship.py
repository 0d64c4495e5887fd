"""Mentorships of the program "ours", between a mentor of their own and the member: whom they are about, the calls say."""

from access.calls import about

PARTIES = ("member", "mentor")


def prepare(world):
    """Held by nobody's hand: the mentor and the member are its parties, and it has not begun."""
    runner = world.person("coordinator")
    path = f"/v1/programs/{world.ours}"
    members = runner.get(f"{path}/memberships", params={"state": "ACTIVE"}).ok()["items"]
    of = {member["user_id"]: member["id"] for member in members}
    body = {"mentor_memberships": [of[world.person("mentor").id]], "mentee_memberships": [of[world.person("member").id]]}
    world.mentorship = runner.post(f"{path}/mentorships", body).ok(201)["id"]


def calls(world):
    nobody = {"mentor_memberships": [world.former], "mentee_memberships": [world.former]}
    return {
        "CreateMentorship": about(nobody, program_id=world.ours),
        "ListMentorships": about(program_id=world.ours),
        "GetMentorship": about(parties=PARTIES, id=world.mentorship),
    }
