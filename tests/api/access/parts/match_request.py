"""A program whose members choose each other: the same people in the same parts as in "ours", with a request of the member to the mentor."""

from access.calls import NEVER, about
from access.world import days, wait_until

WORDS = "I would like to learn from you, for these reasons."

FILE = b"mentor_email,mentee_email\n"
CRITERIA = [{"key": "skills", "kind": "SKILL_COVER", "weight": 1}]


def prepare(world):
    """Once, also when another part needs it first. The request has been taken back, so that trying changes nothing."""
    if hasattr(world, "choice"):
        return
    runner, member, mentor = (world.person(name) for name in ("coordinator", "member", "mentor"))
    world.choice = choosing_program(world, runner)
    mentor.put("/v1/me/profile/mentor", {"capacity_total": 20, "open_to_mentor": True}, headers={"If-Match": "*"}).ok()
    for kind in world.kinds.values():
        if kind.part:
            world.join(kind.person, world.choice, kind.part)
    body = {"program_id": world.choice, "to": mentor.id, "message": WORDS}
    wait_until("a request", lambda: member.post("/v1/match-requests", body).status in (201, 409))
    world.request = member.get("/v1/match-requests").ok()["items"][0]["id"]
    member.post(f"/v1/match-requests/{world.request}/withdraw").ok()
    world.request_mentorship = ended_mentorship(world, runner, member, mentor)
    rules = {"ranking_opens_at": days(-1), "ranking_closes_at": days(30)}
    runner.put(f"/v1/programs/{world.choice}/matching-rules", rules, headers={"If-Match": "*"}).ok()
    member.put(f"/v1/programs/{world.choice}/ranking", {"user_ids": [mentor.id]}, headers={"If-Match": "*"}).ok()
    runner.put(f"/v1/programs/{world.choice}/criteria", {"criteria": CRITERIA}, headers={"If-Match": "*"}).ok()
    for step in ("validate", "publish"):
        runner.post(f"/v1/programs/{world.choice}/criteria/{step}").ok()
    pair = {"a": world.person("suspended").id, "b": world.person("expired").id}
    world.exclusion = runner.put("/v1/admin/exclusions", pair).ok()["id"]
    runner.delete(f"/v1/admin/exclusions/{world.exclusion}").ok()


def ended_mentorship(world, runner, member, mentor):
    """One that a request became and that is over; the member has asked for another mentor and taken that back."""
    sent = member.post("/v1/match-requests", {"program_id": world.choice, "to": mentor.id, "message": WORDS}).ok(201)["id"]
    made = mentor.post(f"/v1/match-requests/{sent}/accept").ok()["mentorship_id"]
    path = f"/v1/mentorships/{made}"
    wait_until("a mentorship", lambda: member.post(f"{path}/rematch", {"reason_code": "GOAL_REACHED"}).status == 200)
    member.post(f"{path}/rematch/withdraw").ok()
    runner.post(f"{path}/close", {"close_reason": "OTHER"}).ok()
    runner.post(f"{path}/closure/finish").ok()
    return made


def choosing_program(world, runner):
    made = world.founder.post("/v1/programs", world.design("A choice") | {"matching_mode": "BOTH_CHOICE"}).ok(201)["id"]
    path = f"/v1/programs/{made}"
    for role in ("MENTOR", "MENTEE"):
        form = world.founder.get(f"/v1/programs/{world.ours}/forms/{role}").ok()
        world.founder.put(f"{path}/forms/{role}", {"steps": form["steps"]}, headers={"If-Match": "*"}).ok()
    world.grant(runner, "COORDINATOR", made)
    wait_until("the coordinator's grant", lambda: runner.get(path + "/readiness").status == 200)
    runner.post(path + "/submit").ok()
    world.founder.post(path + "/approve").ok()
    wait_until("the coordinator's grant in matching", lambda: runner.get(path + "/matching-rules").status == 200)
    return made


def calls(world):
    of_both = {"parties": ("member", "mentor"), "id": world.request}
    asked, asker = of_both | {"parties": ("mentor",)}, of_both | {"parties": ("member",)}
    choice, mentor = {"program_id": world.choice}, {"user_id": world.person("mentor").id}
    pair = {"a": world.person("suspended").id, "b": world.person("expired").id}

    def other(kind):
        return world.person("mentor" if kind.part == "MENTEE" else "member").id

    return {
        "SendRequest": about(lambda kind: {"program_id": world.choice, "to": other(kind), "message": WORDS}),
        "GetRequest": about(**of_both),
        "AcceptRequest": about(**asked),
        "DeclineRequest": about({"reason_code": "OTHER"}, **asked),
        "WithdrawRequest": about(**asker),
        "RemindRequest": about(**asker),
        "ListProgramRequests": about(**choice),
        "PutFavourite": about({}, **choice, user_id=lambda kind: other(kind)),
        "DeleteFavourite": about(**choice, **mentor),
        "ListFavourites": about(**choice),
        "PutIgnored": about(**choice, user_id=lambda kind: other(kind)),
        "DeleteIgnored": about(**choice, **mentor),
        "ListIgnored": about(**choice),
        "PutRanking": about({"user_ids": [world.person("mentor").id]}, headers=NEVER, **choice),
        "GetRanking": about(**choice),
        "GetMatchingRules": about(**choice),
        "PutMatchingRules": about({}, headers=NEVER, **choice),
        "GetCriteria": about(**choice),
        "PutCriteria": about({"criteria": CRITERIA}, headers=NEVER, **choice),
        "ListCriteria": about(**choice),
        "ValidateCriteria": about(**choice),
        "PublishCriteria": about(**choice),
        "ListMentors": about(**choice),
        "ListMentees": about(**choice),
        "ExplainPair": about(query={"mentee_id": world.person("member").id}, **choice, **mentor),
        "Recommend": about(**choice),
        "MatchManually": about({"mentor_id": mentor["user_id"], "mentee_id": world.person("member").id, "dry_run": True}, **choice),
        "ImportMatches": about(data=FILE, headers={"Content-Type": "text/csv"}, **choice),
        "ListQueue": about(**choice),
        "AskRematch": about({"reason_code": "GOAL_REACHED", "side": "MENTEE"}, parties=("member",), id=world.request_mentorship),
        "WithdrawRematch": about(parties=("member",), id=world.request_mentorship),
        "PutExclusion": about(pair),
        "ListExclusions": about(program="any"),
        "LiftExclusion": about(id=world.exclusion),
    }
