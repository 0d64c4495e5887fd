"""From a stranger to an active member, as one person lives it: over HTTP, with the mails that really came."""

import json
import threading
import time
import uuid
from datetime import datetime, timedelta, timezone

import requests

FORM = {"steps": [{"title": "About you", "questions": [
    {"key": "why", "title": "Why now?", "kind": "LONG", "required": True, "min": 3, "max": 500}]}]}
DESIGN = {
    "summary": "Six months with somebody who has been there.", "about": "We meet every second week.",
    "objectives": ["Find the next step"], "mentor_responsibilities": "Listen.", "mentee_responsibilities": "Prepare.",
    "duration_min_days": 90, "duration_max_days": 365, "duration_default_days": 180, "matching_mode": "ASSIGNED",
    "required_policies": ["code-of-conduct"],
}
PATIENCE = 15


def in_days(days):
    return datetime.now(timezone.utc) + timedelta(days=days)


def published_program(admin, coordinator):
    """Designed by a coordinator, approved by an administrator, open for registration."""
    program = coordinator.program_id
    design = {**DESIGN, "safety_officer_id": admin.id}
    stands = coordinator.get(f"/v1/programs/{program}")
    coordinator.patch(f"/v1/programs/{program}", design, headers={"If-Match": stands.headers["ETag"]}).ok()
    for role in ("MENTOR", "MENTEE"):
        coordinator.put(f"/v1/programs/{program}/forms/{role}", FORM, headers={"If-Match": "*"}).ok()
    coordinator.post(f"/v1/programs/{program}/cohorts", {
        "name": "Spring", "zone": "Europe/Athens", "registration_opens_at": in_days(-1).isoformat(),
        "registration_closes_at": in_days(30).isoformat(), "starts_on": in_days(40).date().isoformat(),
        "ends_on": in_days(220).date().isoformat()}).ok(201)
    coordinator.post(f"/v1/programs/{program}/submit").ok()
    admin.post(f"/v1/programs/{program}/approve").ok()
    return program


class Stream(threading.Thread):
    """A person's live stream: what came, and how it ended."""

    def __init__(self, person):
        super().__init__(daemon=True)
        self.answer = requests.get(person.url + "/v1/stream", stream=True, timeout=60, headers={
            "Authorization": f"Bearer {person.token}", "Accept": "text/event-stream"})
        assert self.answer.status_code == 200
        self.news = []
        self.ended_at = None
        self.start()

    def run(self):
        try:
            for line in self.answer.iter_lines(chunk_size=1):
                if line.startswith(b"data:"):
                    self.news.append(json.loads(line[5:]))
        except requests.RequestException:
            pass
        self.ended_at = time.monotonic()

    def wait_for(self, kind):
        end = time.monotonic() + PATIENCE
        while not any(item.get("kind") == kind for item in self.news):
            assert time.monotonic() < end, f"no {kind} came; there were {self.news}"
            time.sleep(0.02)


def wait_until(holds):
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_stranger_becomes_an_active_member(site, mails, admin, coordinator, new_person):
    wait_until(lambda: coordinator.get(f"/v1/programs/{coordinator.program_id}").status == 200)
    program = published_program(admin, coordinator)

    person = new_person("Telemachus", locale="en", zone="Europe/Athens")
    profile = person.get("/v1/me/profile")
    person.put("/v1/me/profile", {"headline": "Looking for news of my father", "bio": "Born on an island."},
               headers={"If-Match": profile.headers["ETag"]}).ok()

    membership = person.post(f"/v1/programs/{program}/memberships", {"role": "MENTEE"},
                             headers={"Idempotency-Key": str(uuid.uuid4())}).ok(201)
    assert membership["state"] == "DRAFT"
    person.post(f"/v1/memberships/{membership['id']}/submit").problem(422, "REQUIRED", pointer="/answers/why")
    person.put(f"/v1/memberships/{membership['id']}/answers", {
        "form_version": 1, "answers": [{"key": "why", "text": "It is time."}]}).ok()
    assert person.post(f"/v1/memberships/{membership['id']}/submit").ok()["state"] in ("SUBMITTED", "UNDER_REVIEW")
    assert mails.wait_for(person.email, "membership_received")

    stream = Stream(person)
    approved = coordinator.post(f"/v1/memberships/{membership['id']}/approve").ok()
    assert approved["state"] == "ACTIVE"
    stream.wait_for("membership_approved")
    assert mails.wait_for(person.email, "membership_approved").text

    person.post("/v1/auth/logout").ok(204)
    signed_out = time.monotonic()
    wait_until(lambda: site.get("/v1/me", headers={"Authorization": f"Bearer {person.token}"}).status == 401)
    assert time.monotonic() - signed_out < 5
    wait_until(lambda: stream.ended_at)
    assert stream.ended_at - signed_out < 6
