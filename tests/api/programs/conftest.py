"""Programs that can be joined, the people who run them and those who join."""

import time
import uuid
from datetime import datetime, timedelta, timezone

import pytest

import bus

FORM = [{"title": "About you", "questions": [
    {"key": "why", "title": "Why do you want to take part?", "kind": "LONG", "required": True, "min": 3, "max": 500},
    {"key": "level", "title": "Where do you stand?", "kind": "SINGLE", "required": True,
     "choices": [{"key": "junior", "title": "At the beginning"}, {"key": "senior", "title": "Some years in"}]},
    {"key": "note", "title": "Anything else?", "kind": "SHORT"}]}]
ANSWERS = [{"key": "why", "text": "To learn from somebody who has been there"}, {"key": "level", "choices": ["junior"]}]
DESIGN = {
    "summary": "Six months with somebody who has been there.", "about": "We meet every second week.",
    "objectives": ["Find the next step"], "mentor_responsibilities": "Listen.", "mentee_responsibilities": "Prepare.",
    "duration_min_days": 90, "duration_max_days": 365, "duration_default_days": 180, "matching_mode": "MENTEE_CHOICE",
    "required_policies": ["mentor-code"],
}


def eventually(holds, seconds=15):
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


def day(days):
    return (datetime.now(timezone.utc) + timedelta(days=days)).strftime("%Y-%m-%d")


@pytest.fixture(scope="session")
def lead(coordinator):
    """Coordinates a program already, and so may begin others."""
    def may_begin():
        answer = coordinator.post("/v1/programs", {"title": "A first try"})
        return answer.status == 201
    eventually(may_begin)
    return coordinator


@pytest.fixture(scope="session")
def people(new_person):
    """people(n): the same n persons for every test; every test has programs of its own."""
    pool = []

    def some(count):
        while len(pool) < count:
            pool.append(new_person())
        return pool[:count]

    return some


@pytest.fixture(scope="session")
def new_draft(lead):
    """new_draft(**design): a program that could be submitted but for what the design leaves out."""
    def make(**changes):
        design = {"title": f"Program {uuid.uuid4().hex[:12]}", **DESIGN, "safety_officer_id": str(uuid.uuid4()), **changes}
        program = lead.post("/v1/programs", {key: value for key, value in design.items() if value is not None}).ok(201)
        for role in ("MENTOR", "MENTEE"):
            lead.put(f"/v1/programs/{program['id']}/forms/{role}", {"steps": FORM}, headers={"If-Match": "*"}).ok()
        return program

    return make


@pytest.fixture(scope="session")
def publish(lead, admin):
    """publish(program): through both pairs of eyes; answers it as its coordinator reads it then."""
    def do(program):
        lead.post(f"/v1/programs/{program['id']}/submit").ok()
        admin.post(f"/v1/programs/{program['id']}/approve").ok()
        return lead.get(f"/v1/programs/{program['id']}").ok()

    return do


@pytest.fixture(scope="session")
def new_program(new_draft, publish):
    """new_program(**design): a published program."""
    return lambda **design: publish(new_draft(**design))


@pytest.fixture(scope="session")
def new_cohort(lead):
    """new_cohort(program, **changes): registration opened yesterday and closes in a week."""
    def make(program, **changes):
        cohort = {"name": f"Cohort {uuid.uuid4().hex[:8]}", "registration_opens_at": at(days=-1), "registration_closes_at": at(days=7),
                  "starts_on": day(14), "ends_on": day(104), "zone": "Europe/Athens", **changes}
        return lead.post(f"/v1/programs/{program['id']}/cohorts", cohort).ok(201)

    return make


@pytest.fixture(scope="session")
def start():
    """start(person, program, role): a draft."""
    def do(person, program, role="MENTEE", **more):
        return person.post(f"/v1/programs/{program['id']}/memberships", {"role": role, **more}).ok(201)

    return do


@pytest.fixture(scope="session")
def apply(start):
    """apply(person, program, role): a registration that was handed in."""
    def do(person, program, role="MENTEE", **more):
        draft = start(person, program, role, **more)
        path = f"/v1/memberships/{draft['id']}"
        person.put(f"{path}/answers", {"form_version": 1, "answers": ANSWERS}).ok()
        return person.post(f"{path}/submit").ok()

    return do


@pytest.fixture(scope="session")
def joined(new_program, apply):
    """joined(mentors, mentees, **design): a program with those people as active members; also their memberships."""
    def make(mentors, mentees, **design):
        program = new_program(mentor_admission="OPEN", mentee_admission="OPEN", **design)
        return (program, [apply(person, program, "MENTOR")["id"] for person in mentors],
                [apply(person, program)["id"] for person in mentees])

    return make


@pytest.fixture(scope="session")
def sql(stack):
    """sql(text): in the schema of programs, for what only time would do."""
    return lambda text: stack.postgres.sql(f"set search_path = programs; {text}").strip()


def as_service(stack, name):
    connection = bus.Bus(stack.nats.url(name))
    key = stack.secrets.rpc_key("programs", name)

    def do(rpc, body):
        answer = bus.ask(connection, key, name, "programs", rpc, body)
        return answer if isinstance(answer, str) else None

    return do


@pytest.fixture(scope="session")
def as_safety(stack):
    """as_safety(rpc, body): asks programs as the service safety does; the code of the refusal or None."""
    return as_service(stack, "safety")


@pytest.fixture(scope="session")
def as_matching(stack):
    """as_matching(rpc, body): the same as the service matching does."""
    return as_service(stack, "matching")


@pytest.fixture(scope="session")
def working(lead, new_program, apply, sql):
    """working(mentors, mentees, **design): a mentorship that is ACTIVE; its members' program is program_id."""
    def make(mentors, mentees, **design):
        program = new_program(mentor_admission="OPEN", mentee_admission="OPEN", **design)
        body = {"mentor_memberships": [apply(person, program, "MENTOR")["id"] for person in mentors],
                "mentee_memberships": [apply(person, program)["id"] for person in mentees]}
        made = lead.post(f"/v1/programs/{program['id']}/mentorships", body).ok(201)
        for state in ("KICKOFF", "ACTIVE"):
            sql(f"update mentorship set state = '{state}' where id = '{made['id']}'")
        return lead.get(f"/v1/mentorships/{made['id']}").ok()

    return make
