"""A mentorship of the program "ours", between the mentor and the member."""

from access.calls import NEVER, about

FILE = b"mentor,mentee\n"
PARTIES = ("member", "mentor")
OF_ONE = ("GetMentorship", "ProposeMentorship", "AcceptMentorship", "DeclineMentorship", "GetKickoff", "CompleteKickoff", "GetTimeline")


def prepare(world):
    """Once, also when another part needs it first."""
    if hasattr(world, "mentorship"):
        return
    runner = world.person("coordinator")
    path = f"/v1/programs/{world.ours}"
    members = runner.get(f"{path}/memberships", params={"state": "ACTIVE"}).ok()["items"]
    of = {member["user_id"]: member["id"] for member in members}
    body = {"mentor_memberships": [of[world.person("mentor").id]], "mentee_memberships": [of[world.person("member").id]]}
    world.former_mentorship = begin(world, body)
    runner.post(f"/v1/mentorships/{world.former_mentorship}/close", {"close_reason": "OTHER"}).ok()
    runner.post(f"/v1/mentorships/{world.former_mentorship}/closure/finish").ok()
    world.mentorship = begin(world, body)


def begin(world, body):
    made = world.person("coordinator").post(f"/v1/programs/{world.ours}/mentorships", body).ok(201)["id"]
    for party in PARTIES:
        world.person(party).post(f"/v1/mentorships/{made}/accept").ok()
    return made


def calls(world):
    nobody = {"mentor_memberships": [world.former], "mentee_memberships": [world.former]}
    return {
        "CreateMentorship": about(nobody, program_id=world.ours),
        "ListMentorships": about(program_id=world.ours),
        "ImportMentorships": about(data=FILE, headers={"Content-Type": "text/csv"}, program_id=world.ours),
        "GetMentorshipRules": about(id=world.ours),
        "PutMentorshipRules": about({}, headers=NEVER, program_id=world.ours),
        "CompleteKickoffItem": about(parties=PARTIES, id=world.mentorship, key="confidentiality"),
    } | {name: about(parties=PARTIES, id=world.mentorship) for name in OF_ONE}
