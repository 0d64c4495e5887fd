"""What goes wrong behind the edge: it is said, it stays where it is, and it passes by itself. On a stack of its own."""

import re
import signal
import time
import urllib.request

import pytest
from client import Client
from whole import LIMITS, Mails, person_maker, whole_stack

DEPENDENCIES = {"nats", "postgres", "mailbox"}


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    with whole_stack(tmp_path_factory.mktemp("outages"), LIMITS) as own:
        yield own


@pytest.fixture(scope="module")
def site(stack):
    return Client(stack.url)


@pytest.fixture(scope="module")
def mails(stack):
    return Mails(stack.mail_folder)


@pytest.fixture(scope="module")
def person(site, mails):
    return person_maker(site, mails)()


@pytest.fixture(autouse=True)
def nobody_died(stack):
    """What is started again by its supervisor has not come through the outage by itself."""
    before = {name: process.pid for name, process in stack.processes.items()}
    yield
    ended = [name for name, process in stack.processes.items() if name not in DEPENDENCIES and process.exits]
    assert ended == [], f"ended: {ended}; before: {before}"


def register(site):
    """A change that sends an event whose effect is a mail; the address."""
    address = f"outage.{time.time_ns():x}@people.example"
    site.post("/v1/auth/register", {"email": address, "password": "a bow that nobody else strings", "display_name": "Nobody",
                                    "locale": "en", "zone": "Europe/Athens"}).ok(202)
    return address


def timed(call):
    began = time.monotonic()
    answer = call()
    return answer, time.monotonic() - began


def refused_quickly(call, code):
    """The refusal 503 with that code and a Retry-After, within two seconds."""
    answer, seconds = timed(call)
    body = answer.problem(503, code)
    assert int(answer.headers["Retry-After"]) >= 1 and seconds < 2, seconds
    return body


def until(condition, seconds=15):
    """The seconds until it came true."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, f"not in {seconds} s"
        time.sleep(0.02)
    return time.monotonic() - began


def works(call):
    return lambda: call().status < 300


def test_a_service_that_is_down_is_named_and_others_go_on(stack, site, person):
    assert stack.stop_process("programs") == 0
    body = refused_quickly(lambda: person.get("/v1/programs"), "SERVICE_UNAVAILABLE")
    assert body["service"] == "programs"
    person.get("/v1/me").ok()
    site.get("/v1/bootstrap").ok()
    home, seconds = timed(lambda: person.get("/v1/me/home"))
    assert home.ok()["partial"] == ["memberships"] and home.json()["inbox"] and seconds < 2.5
    stack.start_process("programs")
    until(works(lambda: person.get("/v1/programs")))


def late_answers(stack):
    """How many answers came when the gateway no longer waited for them."""
    with urllib.request.urlopen(f"http://{stack.metrics['gateway']}/metrics", timeout=5) as metrics:
        return int(re.search(rb"^ithaca_bus_late_answers_total{} (\d+)", metrics.read(), re.M)[1])


def test_what_is_not_answered_in_time_is_given_up_and_its_answer_dropped(stack, person):
    before = late_answers(stack)
    stack.kill("programs", signal.SIGSTOP)
    try:
        answer, seconds = timed(lambda: person.get("/v1/programs"))
        answer.problem(504, "DEADLINE_EXCEEDED")
        assert 9 < seconds < 12
        person.get("/v1/me").ok()
    finally:
        stack.kill("programs", signal.SIGCONT)
    until(lambda: late_answers(stack) > before)
    until(works(lambda: person.get("/v1/programs")))


def test_without_the_bus_requests_are_refused_and_nothing_is_lost(stack, site, person, mails):
    addresses = [register(site) for _ in range(5)]
    stack.stop_process("nats")
    refused_quickly(lambda: person.get("/v1/me"), "SERVICE_UNAVAILABLE")
    refused_quickly(lambda: site.post("/v1/auth/login", {"email": person.email, "password": person.password}), "SERVICE_UNAVAILABLE")
    assert site.get("/livez").status == 200 and site.get("/readyz").status == 503
    stack.start_process("nats")
    until(works(lambda: person.get("/v1/me")))
    addresses.append(register(site))
    for address in addresses:
        mails.wait_for(address, "verify_email", seconds=40)
        assert len(mails.all(address)) == 1


def test_without_the_database_requests_are_refused_until_it_is_back(stack, site, person, mails):
    stack.stop_process("postgres")
    refused_quickly(lambda: person.get("/v1/me"), "DATABASE_DOWN")
    refused_quickly(lambda: person.patch("/v1/me", {"display_name": "Mentes"}), "DATABASE_DOWN")
    assert site.get("/v1/version").status == 200
    stack.start_process("postgres")
    until(works(lambda: person.get("/v1/me")))
    mails.wait_for(register(site), "verify_email", seconds=30)


def test_a_database_that_crashes_is_found_again(stack, site, person, mails):
    stack.kill("postgres")
    until(lambda: stack.processes["postgres"].exits)
    until(works(lambda: person.get("/v1/me")), 30)
    until(works(lambda: person.get("/v1/programs")), 30)
    mails.wait_for(register(site), "verify_email", seconds=30)


def restart_nats(stack, store):
    stack.options.nats_store = store
    stack.nats.make()
    stack.stop_process("nats")
    stack.start_process("nats")


def unpublished(stack):
    return int(stack.postgres.sql("select coalesce(sum(source_seq - published_seq), 0) from identity.outbox_head"))


def test_a_bus_without_space_holds_up_events_and_no_change(stack, site, person, mails):
    space = stack.options.nats_store
    restart_nats(stack, "1KB")
    until(works(lambda: person.get("/v1/me")))
    addresses = [register(site) for _ in range(5)]
    until(lambda: unpublished(stack) >= 5)
    assert not [mail for address in addresses for mail in mails.all(address)]
    addresses += [register(site) for _ in range(5)]
    restart_nats(stack, space)
    for address in addresses:
        mails.wait_for(address, "verify_email", seconds=40)
        assert len(mails.all(address)) == 1
    assert until(lambda: unpublished(stack) == 0) < 15


def answers_after_start(stack, site):
    """Seconds from the gateway's start until it says that it is ready."""
    began = time.monotonic()
    stack.start_process("gateway")
    until(lambda: ready(site), 5)
    return time.monotonic() - began


def ready(site):
    try:
        return site.get("/readyz").status == 200
    except OSError:
        return False


def test_a_gateway_that_starts_answers_within_a_second(stack, site, person):
    assert stack.stop_process("gateway") == 0
    seconds = answers_after_start(stack, site)
    print(f"gateway: ready {seconds * 1000:.0f} ms after its start")
    assert seconds < 1
    person.get("/v1/me").ok()


def test_a_gateway_that_started_first_answers_a_second_after_what_it_needs(stack, site, person):
    for name in ("gateway", "identity", "nats"):
        stack.stop_process(name)
    stack.start_process("gateway")
    until(lambda: not refuses_connections(site))
    assert not ready(site)
    stack.start_process("nats")
    stack.start_process("identity")
    until(lambda: stack.is_ready("identity"))
    seconds = until(lambda: ready(site))
    print(f"gateway: ready {seconds * 1000:.0f} ms after identity")
    assert seconds < 1
    person.get("/v1/me").ok()


def refuses_connections(site):
    try:
        return not site.get("/livez").status
    except OSError:
        return True
