"""Agreements: offered, signed over the exact text, in force, amended, and the plan that is part of them."""

import base64
import hashlib
from concurrent.futures import ThreadPoolExecutor

import nacl.signing
import pytest
from conftest import eventually
from mentorships import begin, kick_off

TEXT = {
    "objectives": ["Lead a small team"], "scope": "Work, not private life.", "duration_days": 120,
    "clauses": [{"kind": "CONFIDENTIALITY", "text": "What is said stays here."}, {"kind": "COMMITMENT", "text": "We come prepared."}],
    "expected_results": "A plan for the next two years.", "out_of_scope": "A job.",
    "sessions_planned": 6, "length_min": 60, "every_days": 14, "outline": [{"title": "Where do I stand?"}],
}


@pytest.fixture
def two(lead, people, joined):
    """Mentor, mentee and the path of their mentorship, which is in its kick-off."""
    mentor, mentee = people(2)
    return mentor, mentee, f"/v1/mentorships/{begin(lead, joined, [mentor], [mentee])['id']}"


def sign(person, path):
    return person.post(f"{path}/agreement/sign", {"text_hash": person.get(f"{path}/agreement").ok()["text_hash"]})


def agree(mentor, mentee, path, **changes):
    mentor.post(f"{path}/agreement", TEXT | changes).ok(201)
    sign(mentor, path).ok()
    return sign(mentee, path).ok()


def test_it_is_in_force_when_everybody_has_signed_the_same_text(two, lead):
    mentor, mentee, path = two
    mentee.get(f"{path}/agreement").problem(404, "NOT_FOUND")
    offered = mentor.post(f"{path}/agreement", TEXT).ok(201)
    assert offered["state"] == "OFFERED" and offered["text_hash"] == hashlib.sha256(offered["text"].encode()).hexdigest()
    assert all(word in offered["text"] for word in ("What is said stays here.", "Lead a small team", "120 days", "Where do I stand?"))
    signed = sign(mentor, path).ok()
    assert (signed["state"], [s["user_id"] for s in signed["signatures"]]) == ("SIGNED", [mentor.id])
    assert sign(mentor, path).ok() == signed
    in_force = sign(mentee, path).ok()
    assert in_force["state"] == "IN_FORCE" and {s["text_hash"] for s in in_force["signatures"]} == {offered["text_hash"]}
    mentorship = mentor.get(path).ok()
    assert mentorship["state"] == "KICKOFF" and mentorship["agreed_at"] and mentorship["planned_end_on"]
    assert kick_off(path, mentee)["state"] == "ACTIVE"
    for outsider in (lead,):
        outsider.get(f"{path}/agreement").problem(404, "NOT_FOUND")
    what = [entry["what"] for entry in mentor.get(f"{path}/timeline", params={"kinds": "AGREEMENT"}).ok()["items"]]
    assert what == ["IN_FORCE", "SIGNED", "OFFERED"]


def test_the_last_signature_begins_it_when_the_kickoff_is_done(two):
    mentor, mentee, path = two
    kick_off(path, mentor)
    agree(mentor, mentee, path)
    assert mentee.get(path).ok()["state"] == "ACTIVE"
    steps = [entry["what"] for entry in mentor.get(f"{path}/timeline").ok()["items"]]
    assert steps[:4] == ["ACTIVE", "IN_FORCE", "SIGNED", "OFFERED"]


def test_who_has_left_is_not_waited_for(lead, people, joined, sql):
    mentor, other, mentee = people(3)
    path = f"/v1/mentorships/{begin(lead, joined, [mentor, other], [mentee])['id']}"
    kick_off(path, mentor)
    assert agree(mentor, mentee, path)["state"] == "SIGNED"
    program = mentor.get(path).ok()["program_id"]
    own, = [each for each in other.get("/v1/me/memberships").ok()["items"] if each["program_id"] == program]
    other.post(f"/v1/memberships/{own['id']}/withdraw").ok()
    assert eventually(lambda: mentee.get(f"{path}/agreement").ok()["state"] == "IN_FORCE")
    made = mentee.get(f"{path}/agreement").ok()
    assert mentee.get(path).ok()["state"] == "ACTIVE" and len(made["signatures"]) == 2
    assert sql(f"select string_agg(name, ' ' order by id) from outbox where aggregate_id in ('{made['id']}', '{path[-36:]}') "
               "and name in ('AgreementInForce', 'MentorshipActivated')") == "AgreementInForce MentorshipActivated"


def test_a_text_that_changed_meanwhile_is_not_signed(two):
    mentor, mentee, path = two
    read = mentor.post(f"{path}/agreement", TEXT).ok(201)["text_hash"]
    mentor.post(f"{path}/agreement", TEXT | {"scope": "Everything."}).ok(201)
    mentee.post(f"{path}/agreement/sign", {"text_hash": read}).problem(412, "STALE_TEXT")


def test_two_signatures_at_once_put_it_in_force_once(two, sql):
    mentor, mentee, path = two
    mentor.post(f"{path}/agreement", TEXT).ok(201)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda person: sign(person, path), (mentor, mentee, mentor, mentee)))
    assert [answer.status for answer in answers] == [200] * 4
    made = mentor.get(f"{path}/agreement").ok()
    assert made["state"] == "IN_FORCE" and len(made["signatures"]) == 2
    assert sql(f"select count(*) from outbox where name = 'AgreementInForce' and aggregate_id = '{made['id']}'") == "1"


def test_an_agreement_needs_both_clauses_an_objective_and_a_duration_of_the_program(two):
    mentor, _, path = two
    alone = mentor.post(f"{path}/agreement", TEXT | {"clauses": TEXT["clauses"][:1]}).problem(422, "CLAUSE_MISSING")
    assert alone["missing"] == ["COMMITMENT"]
    assert mentor.post(f"{path}/agreement", TEXT | {"duration_days": 30}).problem(422, "DURATION_OUTSIDE_PROGRAM")["min"] == 90
    assert mentor.post(f"{path}/agreement", TEXT | {"objectives": []}).status in (400, 422)
    mentor.post(f"{path}/agreement", TEXT | {"every_days": None}).problem(422, "PLAN_INCOMPLETE")
    mentor.post(f"{path}/agreement", TEXT | {"outline": [{"title": "Again"}] * 7}).problem(422, "OUTLINE_TOO_LONG")


def test_who_declines_leaves_it_to_another_offer(two):
    mentor, mentee, path = two
    mentor.post(f"{path}/agreement/decline").problem(404, "NOT_FOUND")
    mentor.post(f"{path}/agreement", TEXT).ok(201)
    declined = mentee.post(f"{path}/agreement/decline").ok()
    assert declined["state"] == "DECLINED" and mentee.post(f"{path}/agreement/decline").ok() == declined
    sign(mentor, path).problem(404, "NOT_FOUND")
    assert agree(mentor, mentee, path)["agreement_version"] == 2


def test_an_amendment_holds_from_when_both_have_accepted_it(two):
    mentor, mentee, path = two
    first = agree(mentor, mentee, path)
    wish = TEXT | {"objectives": ["Lead a large team"], "duration_days": 200}
    mentor.post(f"{path}/agreement", wish).problem(409, "AGREEMENT_IN_FORCE")
    asked = mentee.post(f"{path}/agreement/amendments", wish).ok(201)
    assert asked["amends"] == first["id"] and [s["user_id"] for s in asked["signatures"]] == [mentee.id]
    assert mentor.get(f"{path}/agreement").ok() == first
    mentor.post(f"{path}/agreement/amendments", wish).problem(409, "AMENDMENT_OPEN")
    answer = f"{path}/agreement/amendments/{asked['id']}"
    mentor.post(f"{answer}/accept", {"text_hash": "0" * 64}).problem(412, "STALE_TEXT")
    holds = mentor.post(f"{answer}/accept", {"text_hash": asked["text_hash"]}).ok()
    assert holds["state"] == "IN_FORCE" and mentor.get(f"{path}/agreement").ok() == holds
    versions = mentee.get(f"{path}/agreement/versions").ok()["items"]
    assert [(v["agreement_version"], v["state"], v["text"]) for v in versions] == [
        (2, "IN_FORCE", holds["text"]), (1, "SUPERSEDED", first["text"])]
    assert versions[1]["in_force_at"] == first["in_force_at"] and versions[1]["ended_at"] == holds["in_force_at"]


def test_a_change_that_is_turned_down_changes_nothing(two):
    mentor, mentee, path = two
    first = agree(mentor, mentee, path)
    asked = mentor.post(f"{path}/agreement/amendments", TEXT | {"scope": "Less."}).ok(201)
    assert mentee.post(f"{path}/agreement/amendments/{asked['id']}/reject").ok()["state"] == "DECLINED"
    assert mentor.get(f"{path}/agreement").ok() == first
    mentor.post(f"{path}/agreement/amendments/{first['id']}/reject").problem(404, "NOT_FOUND")


def test_other_sessions_are_a_change_like_every_other(two, sql):
    mentor, mentee, path = two
    plan = {"sessions_planned": 3, "length_min": 30, "every_days": 7, "outline": []}
    mentee.put(f"{path}/plan", plan, headers={"If-Match": "*"}).problem(409, "NO_AGREEMENT")
    first = agree(mentor, mentee, path)
    mentee.put(f"{path}/plan", plan).problem(428, "IF_MATCH_NEEDED")
    stale = mentee.get(f"{path}/agreement").headers["ETag"]
    asked = mentee.put(f"{path}/plan", plan, headers={"If-Match": stale}).ok()
    mentor.post(f"{path}/agreement/amendments/{asked['id']}/accept", {"text_hash": asked["text_hash"]}).ok()
    holds = mentor.get(f"{path}/agreement").ok()
    assert (holds["sessions_planned"], holds["every_days"], holds["objectives"]) == (3, 7, first["objectives"])
    assert sql(f"select count(*) from outbox where name = 'PlanChanged' and aggregate_id in ('{first['id']}', '{holds['id']}')") == "2"
    mentee.put(f"{path}/plan", plan, headers={"If-Match": stale}).problem(412, "STALE")


def test_a_draft_is_its_writers_alone(two):
    mentor, mentee, path = two
    mentor.post(f"{path}/agreement", TEXT | {"draft": True}).ok(201)
    assert mentor.get(f"{path}/agreement").ok()["state"] == "DRAFT"
    mentee.get(f"{path}/agreement").problem(404, "NOT_FOUND")
    assert agree(mentor, mentee, path)["state"] == "IN_FORCE"


def test_a_receipt_proves_a_signature(two, site):
    mentor, mentee, path = two
    mentor.get(f"{path}/agreement/receipt").problem(404, "NOT_FOUND")
    holds = agree(mentor, mentee, path)
    receipt = mentee.get(f"{path}/agreement/receipt").ok()
    assert (receipt["user_id"], receipt["text_hash"]) == (mentee.id, holds["text_hash"])
    read = site.post("/v1/agreement-receipts/verify", {"receipt": receipt["receipt"]}).ok()
    assert read["valid"] and mentee.id in read["statement"] and holds["text_hash"] in read["statement"]
    other = receipt["receipt"][:-3] + ("AAA" if receipt["receipt"][-3:] != "AAA" else "BBB")
    assert site.post("/v1/agreement-receipts/verify", {"receipt": other}).ok() == {"valid": False, "statement": ""}


def test_anybody_verifies_a_receipt_with_the_public_key(two, site):
    mentor, mentee, path = two
    agree(mentor, mentee, path)
    receipt = mentee.get(f"{path}/agreement/receipt").ok()["receipt"]
    public = nacl.signing.VerifyKey(base64.urlsafe_b64decode(site.get("/.well-known/agreement-receipt-key.json").ok()["public_key"] + "="))
    body = base64.urlsafe_b64decode(receipt.removeprefix("v4.public.") + "==")
    parts = (b"v4.public.", body[:-64], b"", b"agreement-receipt")
    signed = len(parts).to_bytes(8, "little") + b"".join(len(part).to_bytes(8, "little") + part for part in parts)
    public.verify(signed, body[-64:])
    assert mentee.id.encode() in body[:-64]
