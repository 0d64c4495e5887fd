"""The agreement of the mentorship of the member and the mentor, which they have signed."""

from access.calls import NEVER, about
from access.parts import mentorship
from access.parts.mentorship import PARTIES

TEXT = {
    "objectives": ["Learn"], "duration_days": 60,
    "clauses": [{"kind": "CONFIDENTIALITY", "text": "What is said stays here."}, {"kind": "COMMITMENT", "text": "We come prepared."}],
}


def prepare(world):
    mentorship.prepare(world)
    path = f"/v1/mentorships/{world.mentorship}/agreement"
    world.person("mentor").post(path, TEXT).ok(201)
    world.text_hash = world.person("mentor").get(path).ok()["text_hash"]
    for party in PARTIES:
        holds = world.person(party).post(f"{path}/sign", {"text_hash": world.text_hash}).ok()
    assert holds["state"] == "IN_FORCE"
    amendment = world.person("mentor").post(f"{path}/amendments", TEXT | {"scope": "Less."}).ok(201)
    world.amendment = world.person("member").post(f"{path}/amendments/{amendment['id']}/reject").ok()


def calls(world):
    ours = {"parties": PARTIES, "id": world.mentorship}
    amendment = ours | {"amendment_id": world.amendment["id"]}
    plan = {"sessions_planned": 3, "length_min": 60, "every_days": 14}
    return {
        "GetAgreement": about(**ours),
        "ListAgreementVersions": about(**ours),
        "OfferAgreement": about(TEXT, **ours),
        "SignAgreement": about({"text_hash": world.text_hash}, **ours),
        "DeclineAgreement": about(**ours),
        "AmendAgreement": about(TEXT | {"duration_days": 1}, **ours),
        "AcceptAmendment": about({"text_hash": world.amendment["text_hash"]}, **amendment),
        "RejectAmendment": about(**amendment),
        "ProposePlan": about(plan, headers=NEVER, **ours),
        "GetSignatureReceipt": about(**ours),
        "GetReceiptKey": about(),
        "VerifyReceipt": about({"receipt": "v4.public.none"}),
    }
