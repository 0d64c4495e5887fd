"""Invitations: by mail and as open links."""

import time
import uuid

PASSWORD = "the bed is made of an olive tree"


def fresh_address(name="guest"):
    return f"{name}.{time.time_ns():x}@people.example"


def invite(actor, **more):
    return actor.post("/v1/admin/invitations", more)


def test_an_invitation_by_mail_brings_its_role(site, mails, admin, new_person):
    email = fresh_address()
    made = invite(admin, email=email, role="SUPPORT").ok(201)
    assert made["token"] == "" and made["email"] == email and made["by_mail"] is True
    token = mails.wait_for(email, "invitation").token
    assert site.get(f"/v1/invitations/{token}").ok()["role"] == "SUPPORT"
    assert email not in site.get(f"/v1/invitations/{token}").text
    person = new_person(email=email)
    accepted = person.post(f"/v1/invitations/{token}/accept").ok()
    assert accepted["id"] == made["id"]
    assert person.sign_in().get("/v1/me").ok()["roles"] == ["SUPPORT"]
    site.get(f"/v1/invitations/{token}").problem(409, "INVITATION_USED")
    assert admin.get(f"/v1/admin/invitations/{made['id']}").ok()["state"] == "USED"


def test_registering_with_an_invitation_takes_it_up(site, mails, admin):
    email = fresh_address()
    invite(admin, email=email, role="SUPPORT").ok(201)
    token = mails.wait_for(email, "invitation").token
    site.post("/v1/auth/register", {"email": email, "password": PASSWORD, "display_name": "Guest", "invitation_token": token}).ok(202)
    site.post("/v1/auth/email/verify", {"token": mails.wait_for(email, "verify_email").token}).ok(204)
    answer = site.post("/v1/auth/login", {"email": email, "password": PASSWORD}).ok()
    me = site.get("/v1/me", headers={"Authorization": f"Bearer {answer['access_token']}"}).ok()
    assert me["roles"] == ["SUPPORT"]


def test_an_invitation_is_for_its_address_only(site, mails, admin, new_person):
    email = fresh_address()
    invite(admin, email=email).ok(201)
    token = mails.wait_for(email, "invitation").token
    person = new_person()
    person.post(f"/v1/invitations/{token}/accept").problem(409, "INVITATION_EMAIL_MISMATCH")
    site.post("/v1/auth/register", {"email": fresh_address(), "password": PASSWORD, "display_name": "Other",
                                    "invitation_token": token}).problem(409, "INVITATION_EMAIL_MISMATCH")


def test_an_open_link_is_used_as_often_as_it_may(site, coordinator, new_person):
    made = invite(coordinator, role="MENTEE", program_id=coordinator.program_id, max_uses=2).ok(201)
    assert made["token"] and made["by_mail"] is False
    path = f"/v1/invitations/{made['token']}"
    assert site.get(path).ok()["program_id"] == coordinator.program_id
    first = new_person()
    first.post(path + "/accept").ok()
    first.post(path + "/accept").ok()
    new_person().post(path + "/accept").ok()
    new_person().post(path + "/accept").problem(409, "INVITATION_USED")
    kept = coordinator.get(f"/v1/admin/invitations/{made['id']}").ok()
    assert (kept["state"], kept["used"], kept["token"]) == ("EXHAUSTED", 2, "")


def test_a_revoked_or_expired_link_is_over(site, stack, admin, new_person):
    revoked, expired = invite(admin, max_uses=5).ok(201), invite(admin, max_uses=5).ok(201)
    admin.delete(f"/v1/admin/invitations/{revoked['id']}").ok()
    admin.delete(f"/v1/admin/invitations/{revoked['id']}").ok()
    stack.postgres.sql(f"set search_path = identity; update invitation set expires_at = now() - interval '1 second' where id = '{expired['id']}'", "ithaca")
    for made in (revoked, expired):
        site.get(f"/v1/invitations/{made['token']}").problem(410, "INVITATION_EXPIRED")
        new_person().post(f"/v1/invitations/{made['token']}/accept").problem(410, "INVITATION_EXPIRED")
    site.get("/v1/invitations/" + "a" * 43).problem(404, "NOT_FOUND")
    admin.post("/v1/invitations/" + "a" * 43 + "/accept").problem(404, "UNKNOWN_TOKEN")


def test_a_link_shows_what_it_offers_when_there_are_many_others(site, stack, admin):
    over = invite(admin, max_uses=5).ok(201)
    admin.delete(f"/v1/admin/invitations/{over['id']}").ok()
    token = invite(admin, max_uses=5).ok(201)["token"]
    stack.postgres.sql("analyze identity.invitation; analyze identity.mail_token", "ithaca")
    for _ in range(8):
        assert site.get(f"/v1/invitations/{token}").ok()["role"] is None


def test_an_invitation_ends_with_the_rights_of_who_made_it(site, admin, new_person):
    inviter = new_person()
    grant = admin.post("/v1/admin/grants", {"user_id": inviter.id, "role": "ADMIN"}).ok(201)
    token = invite(inviter.sign_in(), max_uses=5).ok(201)["token"]
    site.get(f"/v1/invitations/{token}").ok()
    admin.delete(f"/v1/admin/grants/{grant['id']}").ok()
    site.get(f"/v1/invitations/{token}").problem(410, "INVITATION_EXPIRED")
    new_person().post(f"/v1/invitations/{token}/accept").problem(410, "INVITATION_EXPIRED")


def test_invitations_that_make_no_sense_are_refused(admin, coordinator, new_person):
    invite(admin, role="SUPPORT").problem(422, "SITE_ROLE_BY_MAIL")
    invite(admin, role="MENTOR").problem(422, "PROGRAM_NEEDED")
    invite(admin, email=fresh_address(), max_uses=3).problem(422, "ONE_USE_BY_MAIL")
    invite(admin, expires_at="2001-01-01T00:00:00Z").problem(422, "EXPIRES_IN_THE_PAST")
    invite(admin, expires_at="2099-01-01T00:00:00Z").problem(422, "EXPIRES_TOO_LATE")
    invite(coordinator, role="MENTEE", program_id=str(uuid.uuid4())).problem(404, "NOT_FOUND")
    invite(coordinator, email=fresh_address(), role="ADMIN").problem(404, "NOT_FOUND")
    assert invite(new_person(), role="MENTEE", program_id=coordinator.program_id).status in (403, 404)


def test_an_invitation_is_resent_three_times_an_hour(site, mails, admin):
    email = fresh_address()
    made = invite(admin, email=email).ok(201)
    tokens = [mails.wait_for(email, "invitation").token]
    for _ in range(3):
        admin.post(f"/v1/admin/invitations/{made['id']}/resend").ok()
        tokens.append(mails.wait_for(email, "invitation").token)
    admin.post(f"/v1/admin/invitations/{made['id']}/resend").problem(429, "TOO_MANY_MAILS")
    assert len(set(tokens)) == 4
    for token in tokens:
        site.get(f"/v1/invitations/{token}").ok()
    link = invite(admin, max_uses=2).ok(201)
    admin.post(f"/v1/admin/invitations/{link['id']}/resend").problem(409, "OPEN_LINK")


def test_an_invitation_is_prolonged_by_its_version(admin):
    made = invite(admin, max_uses=2).ok(201)
    path = f"/v1/admin/invitations/{made['id']}"
    admin.patch(path, {"max_uses": 5}).problem(428, "IF_MATCH_NEEDED")
    etag = admin.get(path).headers["ETag"]
    assert admin.patch(path, {"max_uses": 5}, headers={"If-Match": etag}).ok()["max_uses"] == 5
    admin.patch(path, {"max_uses": 6}, headers={"If-Match": etag}).problem(412, "STALE")


def test_a_coordinator_sees_the_own_programs_invitations_only(admin, coordinator):
    foreign = invite(admin, max_uses=2).ok(201)
    own = invite(coordinator, role="MENTOR", program_id=coordinator.program_id, max_uses=2).ok(201)
    listed = {item["id"] for item in coordinator.get("/v1/admin/invitations").ok()["items"]}
    assert own["id"] in listed and foreign["id"] not in listed
    coordinator.get(f"/v1/admin/invitations/{foreign['id']}").problem(404, "NOT_FOUND")
