"""What every test stands on: one whole stack for the run, a client, the mails, and people made through the API."""

import json
import os
import time

import pytest
from client import Client

pytest.register_assert_rewrite("whole")

from promises import undescribed, unlisted  # noqa: E402
from whole import ADMIN, LIMITS, ROOT, Elsewhere, Mails, person_maker, whole_stack  # noqa: E402


@pytest.fixture(scope="session")
def stack(tmp_path_factory):
    """All processes. stack.kill(name), stack.stop_process(name), stack.start_process(name), stack.postgres.sql(…)."""
    if "ITHACA_TEST_URL" in os.environ:
        yield Elsewhere(os.environ["ITHACA_TEST_URL"])
        return
    with whole_stack(tmp_path_factory.mktemp("ithaca"), LIMITS) as whole:
        yield whole


@pytest.fixture(scope="session")
def site(stack):
    """The API as nobody in particular. In the end, all answers of the run must be such as the API promises."""
    client = Client(stack.url)
    yield client
    assert unlisted(client) == set() and undescribed(client) == set()


@pytest.fixture(scope="session")
def mails(stack):
    return Mails(stack.mail_folder)


@pytest.fixture(scope="session")
def contract():
    """What the API promises: build/gen/contract.json."""
    return json.loads((ROOT / "build" / "gen" / "contract.json").read_text())


@pytest.fixture(scope="session")
def new_person(site, mails):
    """new_person(): registers, verifies and signs in somebody through the API."""
    return person_maker(site, mails)


@pytest.fixture(scope="session")
def admin(new_person):
    """The first administrator of the site."""
    return new_person("Penelope", email=ADMIN)


@pytest.fixture(scope="session")
def coordinator(admin, new_person):
    """Coordinates the program `program_id`, which is a draft of its own."""
    person = new_person("Eurycleia")
    program = admin.post("/v1/programs", {"title": f"Fixture {time.time_ns():x}"}).ok(201)
    admin.post("/v1/admin/grants", {"user_id": person.id, "role": "COORDINATOR", "program_id": program["id"]}).ok(201)
    person.program_id = program["id"]
    return person
