"""What the mentor of "ours" offers: closed already, so that trying changes nothing; and an introduction of the member."""

from access.calls import about


def prepare(world):
    mentor, member = world.person("mentor"), world.person("member")
    path = f"/v1/programs/{world.ours}/opportunities"
    body = {"kind": "NETWORK", "title": "A walk", "places": 1, "closes_at": "2999-01-01T00:00:00Z"}
    world.opportunity = mentor.post(path, body).ok(201)["id"]
    world.application = member.post(f"{path}/{world.opportunity}/apply").ok(201)["id"]
    member.post(f"{path}/{world.opportunity}/withdraw").ok()
    mentor.post(f"{path}/{world.opportunity}/close").ok()
    guest = world.new_person("Guest")
    world.join(guest, world.ours, "MENTEE")
    pair = {"program_id": world.ours, "first_id": member.id, "second_id": guest.id, "message": "You should meet."}
    world.introduction = world.founder.post("/v1/introductions", pair).ok(201)["id"]


def calls(world):
    program = {"program_id": world.ours}
    offered = program | {"id": world.opportunity}
    past = {"kind": "NETWORK", "title": "A walk", "places": 1, "closes_at": "2020-01-01T00:00:00Z"}
    same = world.person("member").id
    introduction = {"id": world.introduction}
    return {
        "OfferOpportunity": about(past, **program),
        "ListOpportunities": about(**program),
        "GetOpportunity": about(**offered),
        "CloseOpportunity": about(owner="mentor", **offered),
        "ApplyOpportunity": about(**offered),
        "WithdrawApplication": about(owner="member", **offered),
        "DecideApplication": about({"application_id": world.application}, owner="mentor", **offered),
        "ListApplications": about(**offered),
        "Introduce": about({"program_id": world.ours, "first_id": same, "second_id": same, "message": "Hello."}),
        "GetIntroduction": about(owner="member", **introduction),
        "AnswerIntroduction": about({"accept": True}, owner="member", **introduction),
    }
