"""The member's certificate of the mentorship, and a former one that it replaced."""

import uuid

from access.calls import about


def key():
    return {"Idempotency-Key": str(uuid.uuid4())}


def prepare(world):
    runner, member = world.person("coordinator"), world.person("member")
    runner.patch(f"/v1/programs/{world.ours}", {"certificate_rule": "tasks_approved >= 0"}, headers={"If-Match": "*"}).ok()
    world.certificate = runner.post(f"{world.work}/certificates/issue", {"user_id": member.id}, headers=key()).ok(201)["id"]
    world.certificate_key = world.site.get("/.well-known/certificate-keys.json").ok()["items"][0]["id"]
    members = runner.get(f"/v1/programs/{world.ours}/memberships", params={"state": "ACTIVE"}).ok()["items"]
    world.membership = next(item["id"] for item in members if item["user_id"] == member.id)


def calls(world):
    def own(**more):
        return about(owner="member", id=world.certificate, **more)

    document = {"payload": {"id": world.certificate, "key_id": "none"}, "signature": "none"}
    return {
        "IssueCertificate": about({"user_id": world.person("member").id}, headers=key(), id=world.mentorship),
        "IssueTrainingCertificate": about(headers=key(), id=world.membership),
        "ReissueCertificate": own(headers=key()),
        "RevokeCertificate": about({"reason": "MISTAKE"}, headers=key(), id=world.certificate),
        "GetCertificate": own(),
        "GetCertificateDocument": own(),
        "GetCertificatePdf": own(),
        "GetCertificateBadge": own(),
        "GetCertificateStatus": own(),
        "VerifyCertificate": about(document),
        "GetBadgeRevocations": about(id=world.certificate_key),
    }
