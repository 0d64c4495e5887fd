"""The things that the calls of the sweep are about, made through the API: two programs with people of every kind."""

import base64
import hashlib
import hmac
import struct
import threading
import time
import zlib
from datetime import datetime, timedelta, timezone
from itertools import cycle

from access.parts import parts
from access.people import all_kinds, sign_in
from client import Client

STEPS = [{"title": "You", "questions": [{"key": "why", "title": "Why?", "kind": "SHORT"}]}]
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
ANY_VERSION = {"If-Match": "*"}
TOKEN_LIFE = "2s"


def wait_until(what, done, seconds=20):
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, f"{what}: not within {seconds} s"
        time.sleep(0.05)


def days(count):
    return (datetime.now(timezone.utc) + timedelta(days=count)).strftime("%Y-%m-%dT%H:%M:%SZ")


def png():
    """One grey pixel."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0\x80")) + chunk(b"IEND", b"")


def totp(secret, at):
    """RFC 6238: six digits, SHA-1, thirty seconds."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    mac = hmac.new(key, struct.pack(">Q", int(at) // 30), hashlib.sha1).digest()
    offset = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[offset:offset + 4])[0] & 0x7fffffff) % 1000000:06}"


class World:
    """kinds: the callers. The other members are the ids and tokens that calls.py names."""

    def __init__(self, stack, mails, new_person, founder):
        self.stack, self.mails, self.new_person, self.founder = stack, mails, new_person, founder
        self.site = Client(stack.url)
        self.kinds = {kind.name: kind for kind in all_kinds()}
        self.make_people()
        locking = threading.Thread(target=self.lock_by_failures)
        locking.start()
        self.make_programs()
        self.make_parts()
        self.make_invitations()
        self.make_terms()
        self.make_targets()
        self.make_spent_tokens()
        self.make_second_factor()
        self.make_news()
        for part in parts():
            part.prepare(self)
        locking.join()
        self.spend("UNLOCK", "account_locked", self.forgetful, "/v1/auth/unlock")
        self.kill_tokens()

    # -- people

    def make_people(self):
        for kind in self.kinds.values():
            if kind.signed_in:
                kind.person = self.new_person(kind.name.title())
        self.spare = self.new_person("Spare")
        self.locked = self.new_person("Locked")
        self.cautious = self.new_person("Cautious")
        self.movable = self.new_person("Movable")
        self.forgetful = self.new_person("Forgetful")
        for name, role in (("support", "SUPPORT"), ("safety officer", "SAFETY_OFFICER"), ("admin", "ADMIN")):
            self.grant(self.kinds[name].person, role)
            self.sign_in_with(self.kinds[name].person, role)
        for person in [kind.person for kind in self.kinds.values() if kind.signed_in] + [self.spare]:
            person.put("/v1/me/profile/mentor", {"capacity_total": 1}, headers=ANY_VERSION).ok()

    def grant(self, person, role, program=None):
        body = {"user_id": person.id, "role": role} | ({"program_id": program} if program else {})
        return self.founder.post("/v1/admin/grants", body).ok(201)

    def sign_in_with(self, person, role):
        person.sign_in()
        assert role in person.get("/v1/me").ok()["roles"]

    def person(self, kind):
        return self.kinds[kind].person

    # -- programs

    def make_programs(self):
        self.ours = self.program("ours", "coordinator")
        self.other = self.program("other", "other coordinator")
        self.archived = self.program("archived", "coordinator")
        self.founder.post(f"/v1/programs/{self.archived}/archive").ok()
        reporter = self.person("reporter")
        self.grant(reporter, "REPORTER", self.ours)
        wait_until("the reporter's grant", lambda: reporter.get(f"/v1/programs/{self.ours}/reports/funnel").status == 200)
        self.cohort = self.open_cohort(self.ours)
        self.open_cohort(self.other)
        self.later = self.plan_cohort(self.ours, "Later", 300)
        self.cancelled = self.plan_cohort(self.ours, "Cancelled", 300)
        self.founder.post(f"/v1/programs/{self.ours}/cohorts/{self.cancelled}/cancel").ok()

    def program(self, name, coordinator):
        """Designed by its coordinator, published by the founder."""
        runner = self.person(coordinator)
        made = self.founder.post("/v1/programs", self.design(f"{name} {time.time_ns():x}")).ok(201)
        path = f"/v1/programs/{made['id']}"
        for role in ("MENTOR", "MENTEE"):
            self.founder.put(f"{path}/forms/{role}", {"steps": STEPS}, headers=ANY_VERSION).ok()
        self.grant(runner, "COORDINATOR", made["id"])
        wait_until("the coordinator's grant", lambda: runner.get(path + "/readiness").status == 200)
        runner.post(path + "/submit").ok()
        self.founder.post(path + "/approve").ok()
        return made["id"]

    def design(self, title):
        words = dict.fromkeys(("summary", "about", "mentor_responsibilities", "mentee_responsibilities"), "As agreed.")
        return words | {
            "title": title, "objectives": ["Learn"], "duration_min_days": 30, "duration_max_days": 90, "duration_default_days": 60,
            "matching_mode": "ASSIGNED", "mentor_admission": "OPEN", "mentee_admission": "OPEN",
            "required_policies": ["conduct"], "safety_officer_id": self.person("safety officer").id}

    def plan_cohort(self, program, name, start):
        body = {"name": name, "registration_opens_at": days(start), "registration_closes_at": days(start + 20),
                "starts_on": days(start + 30)[:10], "ends_on": days(start + 90)[:10], "zone": "Europe/Athens"}
        return self.founder.post(f"/v1/programs/{program}/cohorts", body).ok(201)["id"]

    def open_cohort(self, program):
        cohort = self.plan_cohort(program, "Now", -1)
        path = f"/v1/programs/{program}/cohorts/{cohort}"
        if self.founder.get(path).ok()["state"] == "PLANNED":
            self.founder.post(path + "/open")
        assert self.founder.get(path).ok()["state"] == "REGISTRATION_OPEN"
        return cohort

    def join(self, person, program, role):
        draft = self.start(person, program, role)
        joined = person.post(f"/v1/memberships/{draft}/submit").ok()
        assert joined["state"] == "ACTIVE", joined
        return draft

    def start(self, person, program, role):
        draft = person.post(f"/v1/programs/{program}/memberships", {"role": role}).ok(201)["id"]
        person.put(f"/v1/memberships/{draft}/answers", {"form_version": 1, "answers": [{"key": "why", "text": "To learn."}]}).ok()
        return draft

    def make_parts(self):
        """former is a membership that has ended: no step leads out of it, so that trying changes nothing."""
        member = self.person("member")
        self.former = self.start(member, self.ours, "MENTEE")
        file = member.post(f"/v1/memberships/{self.former}/files", data=PDF, headers={"Content-Type": "application/pdf"})
        self.file = file.ok(201)["id"]
        member.post(f"/v1/memberships/{self.former}/submit").ok()
        member.post(f"/v1/memberships/{self.former}/withdraw").ok()
        self.join(self.person("other member"), self.other, "MENTEE")
        for kind in self.kinds.values():
            if kind.part:
                self.join(kind.person, self.ours, kind.part)

    # -- identity

    def make_invitations(self):
        invite = {"role": "MENTEE", "program_id": self.ours}
        self.invitation = self.founder.post("/v1/admin/invitations", invite).ok(201)["id"]
        self.revoked_invitation = self.founder.post("/v1/admin/invitations", invite).ok(201)["id"]
        self.founder.delete(f"/v1/admin/invitations/{self.revoked_invitation}").ok()
        self.open_link = self.founder.post("/v1/admin/invitations", {"max_uses": 1000}).ok(201)["token"]
        grant = self.grant(self.locked, "COORDINATOR", self.ours)
        self.revoked_grant = grant["id"]
        self.founder.delete(f"/v1/admin/grants/{self.revoked_grant}").ok()

    def make_terms(self):
        term = {"key": f"weaving-{time.time_ns():x}", "labels": [{"locale": "en", "text": "Weaving"}]}
        self.term = self.founder.post("/v1/admin/taxonomies/skill/terms", term).ok(201)

    def make_targets(self):
        """spare is seen by everybody; locked cannot sign in."""
        self.spare.put("/v1/me/profile/visibility", {"name": "SITE", "photo": "SITE"}, headers=ANY_VERSION).ok()
        self.spare.put("/v1/me/photo", data=png(), headers={"Content-Type": "image/png"}).ok()
        self.founder.post(f"/v1/admin/users/{self.locked.id}/lock", {"reason": "To see who may unlock."}).ok()

    def spend(self, purpose, mail, person, path, address=None, **more):
        """Uses the token of a mail up: who sends it again is told so (410) if they may send one at all."""
        token = self.mails.wait_for(address or person.email, mail, seconds=40).token
        self.site.post(path, {"token": token} | more).ok(204)
        self.spent[purpose] = token

    def make_spent_tokens(self):
        person, new = self.movable, f"moved.{time.time_ns():x}@people.example"
        self.spent = {"VERIFY_EMAIL": self.mails.matching(self.spare.email, "verify_email")[0].token}
        self.site.post("/v1/auth/password/forgot", {"email": person.email}).ok(202)
        self.spend("RESET_PASSWORD", "password_reset", person, "/v1/auth/password/reset", password=person.password)
        person.sign_in().post("/v1/me/email-change", {"new_email": new}).ok(202)
        self.spend("CONFIRM_EMAIL_CHANGE", "email_change_confirm", person, "/v1/auth/email-change/confirm", address=new)
        self.spend("REVERT_EMAIL_CHANGE", "email_changed", person, "/v1/auth/email-change/revert")
        correction = {"new_email": "corrected." + new, "reason": "Misspelt."}
        self.founder.post(f"/v1/admin/users/{person.id}/email-correction", correction).ok(202)
        self.spend("APPROVE_EMAIL_CORRECTION", "email_correction", person, "/v1/auth/email-change/approve")

    def lock_by_failures(self):
        """Ten wrong passwords, as fast as the growing pauses let them."""
        wrong = {"email": self.forgetful.email, "password": "not the password at all"}
        failures = 0
        while failures < 10:
            answer = Client(self.stack.url).post("/v1/auth/login", wrong)
            failures += answer.status == 401
            time.sleep(int(answer.headers.get("Retry-After", 0)) if answer.status == 429 else 0)

    def make_second_factor(self):
        secret = self.cautious.post("/v1/me/mfa/totp").ok(201)["secret"]
        codes = self.cautious.post("/v1/me/mfa/totp/confirm", {"code": totp(secret, time.time())}).ok()["codes"]
        self.recovery_codes = cycle(codes)

    def mfa(self):
        """A challenge, and a code that passes it; there are ten, and fewer callers who may."""
        return {"challenge": sign_in(self.cautious)["mfa_required"]["challenge"], "recovery_code": next(self.recovery_codes)}

    # -- notify

    def make_news(self):
        member = self.person("member")
        mail = self.mails.wait_for(member.email, "membership_received")
        self.unsubscribe = mail.headers["list-unsubscribe"].strip("<>").rpartition("/")[2]
        wait_until("an inbox item", lambda: member.get("/v1/me/inbox").ok()["items"])
        self.inbox_item = member.get("/v1/me/inbox").ok()["items"][0]["id"]
        sent = self.founder.get("/v1/admin/deliveries", params={"user_id": member.id, "state": "SENT"}).ok()["items"]
        self.delivery = sent[0]["id"]
        for number in range(3):
            body = {"email": f"550.{number}.{time.time_ns():x}@refused.example", "password": member.password, "display_name": "Nobody"}
            self.site.post("/v1/auth/register", body).ok(202)
        wait_until("three suppressions", lambda: len(self.suppressed()) >= 3)
        self.suppressions = self.suppressed()

    def suppressed(self):
        return [item["id"] for item in self.founder.get("/v1/admin/suppressions").ok()["items"]]

    # -- tokens that are not worth anything

    def kill_tokens(self):
        suspended, expired = self.kinds["suspended"], self.kinds["expired"]
        suspended.dead_token, expired.dead_token = suspended.person.token, self.short_token(expired.person)
        self.founder.post(f"/v1/admin/users/{suspended.person.id}/suspend", {"reason": "To see what still works."}).ok()
        for token, code in ((suspended.dead_token, "TOKEN_REVOKED"), (expired.dead_token, "TOKEN_EXPIRED")):
            wait_until(code, lambda: Client(self.stack.url, token).get("/v1/me").status == 401)
            Client(self.stack.url, token).get("/v1/me").problem(401, code)

    def short_token(self, person):
        """A token that lives for seconds, of an identity that is told to make such ones."""
        self.restart_identity({"ITHACA_ACCESS_TOKEN_LIFE": TOKEN_LIFE})
        token = sign_in(person)["access_token"]
        self.restart_identity({})
        return token

    def restart_identity(self, environment):
        process = self.stack.processes["identity"]
        process.environment = self.stack.environment("identity") | environment
        assert self.stack.stop_process("identity") == 0
        self.stack.start_process("identity")
        self.stack.wait_ready("identity")
        anybody = Client(self.stack.url)
        wait_until("identity behind the gateway", lambda: anybody.get("/.well-known/mentoring-keys.json").status == 200)
