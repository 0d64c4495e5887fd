"""Programs with people to match, made through the API, for the tests of matching."""

import time
import uuid
from datetime import datetime, timedelta, timezone

DESIGN = {
    "summary": "Six months with somebody who has been there.", "about": "We meet every second week.",
    "objectives": ["Find the next step"], "mentor_responsibilities": "Listen.", "mentee_responsibilities": "Prepare.",
    "duration_min_days": 90, "duration_max_days": 365, "duration_default_days": 180, "matching_mode": "MENTEE_CHOICE",
    "required_policies": ["mentor-code"], "mentor_admission": "OPEN", "mentee_admission": "OPEN",
}
FORM = [{"title": "About you", "questions": [
    {"key": "field", "title": "Which field?", "kind": "SINGLE", "criterion": "field",
     "choices": [{"key": key, "title": key} for key in ("art", "law", "medicine")]},
    {"key": "hobbies", "title": "What do you like?", "kind": "MULTI", "criterion": "hobbies",
     "choices": [{"key": key, "title": key} for key in ("chess", "hiking", "music", "sailing")]},
    {"key": "pace", "title": "How fast?", "kind": "SCALE", "min": 1, "max": 5, "criterion": "pace"},
    {"key": "hours", "title": "When?", "kind": "AVAILABILITY_PICK", "criterion": "hours"},
    {"key": "health", "title": "Anything about your health?", "kind": "SINGLE", "criterion": "health", "sensitive": True,
     "choices": [{"key": key, "title": key} for key in ("yes", "no")]},
    {"key": "may-count", "title": "May that count?", "kind": "CONSENT", "criterion": "sensitive"},
    {"key": "places", "title": "How many at once?", "kind": "NUMBER", "min": 1, "max": 20, "criterion": "capacity"},
    {"key": "why", "title": "Why?", "kind": "SHORT"}]}]
ANY_VERSION = {"If-Match": "*"}


def eventually(holds, seconds=20):
    """Waits for what the services tell each other; answers what holds() answered."""
    end = time.monotonic() + seconds
    while True:
        value = holds()
        if value or time.monotonic() > end:
            assert value, f"not within {seconds} s"
            return value
        time.sleep(0.05)


def at(**shift):
    """An instant from now."""
    return (datetime.now(timezone.utc) + timedelta(**shift)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class Pools:
    """make(…): a published program with its members, of whom matching knows everything."""

    def __init__(self, lead, admin, new_person, sql):
        self.lead, self.admin, self.new_person, self.sql = lead, admin, new_person, sql
        self.spare = {"MENTOR": [], "MENTEE": []}

    def program(self, **design):
        body = {"title": f"Pool {uuid.uuid4().hex[:12]}", **DESIGN, "safety_officer_id": str(uuid.uuid4()), **design}
        made = self.lead.post("/v1/programs", body).ok(201)
        path = f"/v1/programs/{made['id']}"
        for role in ("MENTOR", "MENTEE"):
            self.lead.put(f"{path}/forms/{role}", {"steps": FORM}, headers=ANY_VERSION).ok()
        self.lead.post(f"{path}/submit").ok()
        self.admin.post(f"{path}/approve").ok()
        return made["id"]

    def join(self, person, program, role, answers=()):
        """The membership, once matching knows all of it."""
        draft = person.post(f"/v1/programs/{program}/memberships", {"role": role}).ok(201)["id"]
        given = [{"key": "why", "text": "To learn."}, *answers]
        person.put(f"/v1/memberships/{draft}/answers", {"form_version": 1, "answers": given}).ok()
        assert person.post(f"/v1/memberships/{draft}/submit").ok()["state"] == "ACTIVE"
        return draft

    def known(self, memberships):
        named = ",".join(memberships)
        return self.sql(f"select count(*) from match_profile where complete and membership_id = any ('{{{named}}}')") == str(len(memberships))

    def mentor(self, capacity=1, **profile):
        """Somebody who takes on mentees."""
        person = self.new_person()
        person.put("/v1/me/profile/mentor", {"open_to_mentor": True, "capacity_total": capacity, **profile}, headers=ANY_VERSION).ok()
        return person

    def make(self, mentors=1, mentees=1, capacity=1, **design):
        """(program, mentors, mentees); the persons have their membership as a member of that name."""
        pool = Pool(self, self.program(**design))
        for _ in range(mentors):
            pool.add("MENTOR", self.mentor(capacity))
        for _ in range(mentees):
            pool.add("MENTEE", self.new_person())
        pool.settle()
        return pool


class Pool:
    """A program and those who are in it."""

    def __init__(self, pools, program):
        self.pools, self.id, self.lead = pools, program, pools.lead
        self.path = f"/v1/programs/{program}"
        self.mentors, self.mentees, self.memberships = [], [], {}

    def add(self, role, person, answers=()):
        (self.mentors if role == "MENTOR" else self.mentees).append(person)
        self.memberships[person.id] = self.pools.join(person, self.id, role, answers)
        return person

    def settle(self):
        """Waits until matching knows them all, what the program is like, and who leads it."""
        known = (f"select count(*) from program p join program_role r on r.program_id = p.id and not r.revoked "
                 f"where p.id = '{self.id}' and p.state = 'PUBLISHED' and r.user_id = '{self.lead.id}'")
        eventually(lambda: self.pools.known(self.memberships.values()) and self.pools.sql(known) == "1")
        return self

    def request(self, asker, target, message="I would like to learn from you, for these reasons."):
        return asker.post("/v1/match-requests", {"program_id": self.id, "to": target.id, "message": message})
