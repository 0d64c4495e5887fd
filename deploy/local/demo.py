"""People and programs to look around in, made through the public API as anybody could.

Every step looks first whether it was done: a loading that was interrupted goes on where it stood.
"""

import json
import re
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

import demo_matching
from demo_people import EVERYBODY, MENTEES, MENTORS
from demo_programs import ABOUT_MENTEE, ABOUT_MENTOR, APPLICATIONS, PROGRAMS
from demo_running import Running
from mailcatcher import read_mail
from settings import Trouble

ADMIN = "penelope@ithaca.example"
PASSWORD = "a loom by day and by night"
SIGN_INS = (
    (ADMIN, "administrator"),
    ("amara@ithaca.example", "coordinator of First Steps in Tech and of Open Doors, which is under way"),
    ("giulia@ithaca.example", "mentor"),
    ("chiamaka@ithaca.example", "mentee"),
    ("tomas@ithaca.example", "safety officer"),
    ("noor@ithaca.example", "support"),
)
SITE_ROLES = (("tomas", "SAFETY_OFFICER"), ("noor", "SUPPORT"))
WAIT_SECONDS = 30


class Refused(Exception):
    def __init__(self, status, problem):
        super().__init__(f"{status} {problem.get('code')}: {problem}")
        self.status, self.code = status, problem.get("code")


class Caller:
    """Somebody who calls the API."""

    def __init__(self, url, email=None):
        self.url, self.email, self.token, self.device_token = url, email, None, None

    def call(self, method, path, body=None, **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if body is not None:
            headers["Content-Type"] = "application/json"
        request = urllib.request.Request(self.url + path, method=method, headers=headers,
                                         data=None if body is None else json.dumps(body).encode())
        try:
            with urllib.request.urlopen(request, timeout=WAIT_SECONDS) as answer:
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            raise Refused(error.code, json.loads(error.read() or b"{}")) from None

    def get(self, path):
        return self.call("GET", path)

    def post(self, path, body=None):
        return self.call("POST", path, body)

    def put(self, path, body):
        return self.call("PUT", path, body, If_Match="*")

    def sign_in(self):
        self.token = None
        answer = self.post("/v1/auth/login", {"email": self.email, "password": PASSWORD, "device_token": self.device_token})
        self.token, self.device_token = answer["access_token"], answer["device_token"] or self.device_token


def until(does, *codes):
    """Repeats what is refused with one of these codes: services learn from each other within moments."""
    end = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            return does()
        except Refused as refused:
            if refused.code not in codes or time.monotonic() > end:
                raise
            time.sleep(0.1)


def wait_for(holds, what, logs):
    """What holds() answers, once that is something."""
    end = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < end:
        value = holds()
        if value:
            return value
        time.sleep(0.1)
    raise Trouble(f"There was no {what} within {WAIT_SECONDS} s. See {logs}")


class Demo:
    def __init__(self, stack):
        self.stack = stack
        self.people = {person.key: person for person in EVERYBODY}
        self.callers = {}
        self.joined = stack.options.data / "demo"
        self.joined.mkdir(exist_ok=True)

    def wait_for(self, holds, what):
        return wait_for(holds, what, self.stack.options.logs)

    def load(self):
        self.join(self.people["penelope"])
        with ThreadPoolExecutor(4) as several:
            list(several.map(self.join, (person for person in EVERYBODY if person.key != "penelope")))
        self.terms = self.find_terms()
        with ThreadPoolExecutor(4) as several:
            list(several.map(self.describe, EVERYBODY))
        self.give_roles()
        self.programs = {design["slug"]: self.make_program(design, key, cohort) for design, key, cohort in PROGRAMS}
        with ThreadPoolExecutor(4) as several:
            list(several.map(lambda application: self.bring(*application), APPLICATIONS))
        Running(self).load()
        demo_matching.load(self, until)

    # -- people

    def join(self, person):
        caller = self.callers[person.key] = Caller(self.stack.url, person.email)
        mark = self.joined / person.key
        if not mark.exists():
            caller.post("/v1/auth/register", {"email": person.email, "password": PASSWORD, "display_name": person.name,
                                              "locale": person.locale, "zone": person.zone})
            caller.post("/v1/auth/email/verify", {"token": self.token_for(person.email), "password": PASSWORD})
            mark.touch()
        caller.sign_in()

    def token_for(self, address):
        """From the newest verification mail to the address."""
        def find():
            for path in sorted(self.stack.mail_folder.glob("*.eml"), reverse=True):
                if f"X-Envelope-To: {address}\r\n".encode() not in path.read_bytes():
                    continue
                found = re.search(r"/verify-email#token=([\w-]+)", read_mail(path)["text"])
                if found:
                    return found[1]
            return None

        return self.wait_for(find, f"verification mail to {address}")

    def find_terms(self):
        terms, cursor = {}, ""
        while True:
            page = self.callers["penelope"].get(f"/v1/taxonomies/skill?limit=200{cursor}")
            terms |= {term["key"]: term["id"] for term in page["items"]}
            if not page["next_cursor"]:
                return terms
            cursor = f"&cursor={page['next_cursor']}"

    def describe(self, person):
        caller = self.callers[person.key]
        if caller.get("/v1/me/profile")["headline"]:
            return
        skills = [self.terms[skill] for skill in person.skills]
        caller.put("/v1/me/profile", {
            "headline": person.headline, "country": person.country,
            "languages": [{"code": code, "level": "NATIVE" if place == 0 else "C1"} for place, code in enumerate(person.languages)],
            "skills": [{"skill_id": skill, "level": 4 if person in MENTORS else 2, "years": 10 if person in MENTORS else 1}
                       for skill in skills]})
        if person in MENTORS:
            caller.put("/v1/me/profile/mentor", {"open_to_mentor": True, "capacity_total": 2, "topics": skills, "statement": person.why})
        if person in MENTEES:
            caller.put("/v1/me/profile/mentee", {"goals_text": person.why, "topics_wanted": skills, "level": "EARLY", "first_time": True})

    def grant(self, key, role, program_id=None):
        user_id = self.callers[key].get("/v1/me")["id"]
        admin = self.callers["penelope"]
        held = [(grant["role"], grant["program_id"]) for grant in admin.get(f"/v1/admin/grants?user_id={user_id}")["items"]]
        if (role, program_id) not in held:
            admin.post("/v1/admin/grants", {"user_id": user_id, "role": role, "program_id": program_id})
            self.callers[key].sign_in()

    def give_roles(self):
        self.callers["penelope"].sign_in()
        for key, role in SITE_ROLES:
            self.grant(key, role)

    # -- programs

    def make_program(self, design, key, cohort):
        admin, coordinator = self.callers["penelope"], self.callers[key]
        officer = self.callers["tomas"].get("/v1/me")["id"]
        try:
            program = admin.get(f"/v1/programs/{design['slug']}")
        except Refused as refused:
            if refused.status != 404:
                raise
            program = admin.post("/v1/programs", design | {"safety_officer_id": officer})
        self.grant(key, "COORDINATOR", program["id"])
        path = f"/v1/programs/{program['id']}"
        if program["state"] == "DRAFT":
            for role, form in (("MENTOR", ABOUT_MENTOR), ("MENTEE", ABOUT_MENTEE)):
                until(lambda: coordinator.put(f"{path}/forms/{role}", {"steps": form}), "NOT_COORDINATOR", "NOT_FOUND")
            coordinator.post(f"{path}/submit")
        if program["state"] in ("DRAFT", "SUBMITTED"):
            admin.post(f"{path}/approve")
        if not admin.get(f"{path}/cohorts")["items"]:
            coordinator.post(f"{path}/cohorts", self.cohort(*cohort))
        return program["id"]

    @staticmethod
    def cohort(name, zone, opens, closes, starts, ends):
        now = datetime.now(timezone.utc).replace(microsecond=0)

        def day(days):
            return (now + timedelta(days)).date().isoformat()

        def at(days):
            return (now + timedelta(days)).isoformat()

        return {"name": name, "zone": zone, "registration_opens_at": at(opens), "registration_closes_at": at(closes),
                "starts_on": day(starts), "ends_on": day(ends)}

    # -- memberships

    def bring(self, key, slug, role, outcome, *more):
        """Brings a registration to its outcome."""
        person, caller = self.people[key], self.callers[key]
        coordinator = self.callers[next(key for design, key, _ in PROGRAMS if design["slug"] == slug)]
        for mine in caller.get("/v1/me/memberships")["items"]:
            if mine["program_slug"] == slug and mine["state"] != "DRAFT":
                return
        program_id = self.programs[slug]
        try:
            membership = until(lambda: caller.post(f"/v1/programs/{program_id}/memberships", {"role": role}), "REGISTRATION_CLOSED")
        except Refused as refused:
            if refused.code != "ALREADY_MEMBER":
                raise
            membership = next(mine for mine in caller.get("/v1/me/memberships")["items"] if mine["program_slug"] == slug)
        path = f"/v1/memberships/{membership['id']}"
        version = caller.get(f"/v1/programs/{program_id}/forms/{role}")["form_version"]
        answers = self.answers(person, role)
        caller.put(f"{path}/answers", {"form_version": version, "answers": answers[:1] if outcome == "DRAFT" else answers})
        if outcome != "DRAFT":
            caller.post(f"{path}/submit")
            self.decide(caller, coordinator, path, outcome, *more)

    @staticmethod
    def answers(person, role):
        why, code = {"key": "why", "text": person.why}, {"key": "code", "consent": True}
        if role == "MENTOR":
            return [why, {"key": "hours", "number": 6}, {"key": "style", "choices": ["listening"]}, code]
        return [why, {"key": "wishes", "choices": ["finding-work", "learning-a-skill", "making-a-plan"]}, code]

    @staticmethod
    def decide(caller, coordinator, path, outcome, word=None):
        if outcome == "UNDER_REVIEW":
            coordinator.post(f"{path}/review")
        elif outcome == "INFO_REQUESTED":
            coordinator.post(f"{path}/request-info", {"info_question": word})
        elif outcome == "REJECTED":
            coordinator.post(f"{path}/reject", {"reason_code": word})
        elif outcome == "WAITLISTED":
            coordinator.post(f"{path}/waitlist")
        elif outcome == "WITHDRAWN":
            caller.post(f"{path}/withdraw")
        elif outcome == "APPROVED":
            coordinator.post(f"{path}/approve")
        elif outcome == "PAUSED":
            coordinator.post(f"{path}/approve")
            caller.post(f"{path}/pause")
        elif outcome == "REMOVED":
            coordinator.post(f"{path}/remove", {"reason_code": word})


def load_once(stack):
    """Loads the data on the first start."""
    done = stack.options.data / "demo.done"
    if done.exists():
        return
    print("Loading people and programs to look around with …", flush=True)
    try:
        Demo(stack).load()
    except Refused as refused:
        raise Trouble(f"The demo data could not be loaded: {refused}\nStart with --bare to go without.") from refused
    done.touch()
