"""A gateway that is told other things than ours: on a stack of its own."""

import resource
import selectors
import socket
import subprocess
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from client import Client
from settings import free_ports, is_free
from whole import LIMITS, Mails, person_maker, sanitized, whole_stack

STREAMS = 10_000
SETTINGS = {
    "ITHACA_TRUSTED_PROXIES": "127.0.0.0/8", "ITHACA_LIMIT_AUTH": "40/600", "ITHACA_CORS_ORIGINS": "https://app.example,https://b.example",
    "ITHACA_HSTS": "365d", "ITHACA_STREAMS_PER_PERSON": str(STREAMS),
}


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    with whole_stack(tmp_path_factory.mktemp("settings"), LIMITS | {"gateway": LIMITS["gateway"] | SETTINGS}) as own:
        yield own


@pytest.fixture(scope="module")
def site(stack):
    return Client(stack.url)


@pytest.fixture(scope="module")
def new_person(stack, site):
    return person_maker(site, Mails(stack.mail_folder))


def guess(site, address):
    body = {"email": "nobody@people.example", "password": "nothing that anybody chose"}
    return site.post("/v1/auth/login", body, headers={"X-Forwarded-For": address}).headers["RateLimit"]


def test_whoever_stands_behind_a_proxy_is_counted_by_the_address_it_tells(site):
    assert guess(site, "203.0.113.1").startswith('"auth";r=39;')
    assert guess(site, "198.51.100.9, 203.0.113.1").startswith('"auth";r=38;')
    assert guess(site, "203.0.113.2").startswith('"auth";r=39;')
    assert guess(site, "2001:db8:0:1::1").startswith('"auth";r=39;')
    assert guess(site, "[2001:db8:0:1::2%25eth0]:443").startswith('"auth";r=38;')


def test_pages_of_listed_origins_may_call(site):
    for origin, allowed in (("https://app.example", True), ("https://b.example", True), ("https://app.example.evil.example", False),
                            ("http://app.example", False), ("null", False), ("https://app.example,https://b.example", False)):
        answer = site.get("/v1/version", headers={"Origin": origin})
        assert answer.headers.get("Access-Control-Allow-Origin") == (origin if allowed else None)
        assert "Origin" in answer.headers["Vary"]
        asked = site.request("OPTIONS", "/v1/me", headers={"Origin": origin, "Access-Control-Request-Method": "PATCH"})
        assert asked.status == 204 and ("Access-Control-Allow-Methods" in asked.headers) == allowed


def test_browsers_are_told_to_come_by_tls_where_that_is_set(site):
    assert site.get("/v1/version").headers["Strict-Transport-Security"] == "max-age=31536000"
    assert site.get("/v1/nothing").headers["Strict-Transport-Security"] == "max-age=31536000"


@pytest.mark.parametrize("wrong, words", [
    ({"ITHACA_TRUSTED_PROXIES": "10.0.0.0/x", "ITHACA_LIMIT_READ": "4000000000/1", "ITHACA_RPC_KEYS": "identity=abc"},
     ["ITHACA_TRUSTED_PROXIES", "ITHACA_LIMIT_READ", "ITHACA_RPC_KEYS"]),
    ({"ITHACA_LIMIT_READ": "400/4s", "ITHACA_LIMIT_HEAVY": "-1/4", "ITHACA_LIMIT_WRITE": "0/4"},
     ["ITHACA_LIMIT_READ", "ITHACA_LIMIT_HEAVY", "ITHACA_LIMIT_WRITE"]),
    ({"ITHACA_HSTS": "long", "ITHACA_CONNECTIONS": "1"}, ["ITHACA_HSTS", "ITHACA_CONNECTIONS"]),
    ({"ITHACA_LOG_LEVEL": "loud", "ITHACA_LIMIT_AUTH": "many"}, ["ITHACA_LOG_LEVEL", "ITHACA_LIMIT_AUTH"])],
    ids=["networks", "limits", "numbers", "words"])
def test_all_settings_that_are_wrong_are_named_at_once(stack, wrong, words):
    environment = stack.environment("gateway") | {"ITHACA_LISTEN": "127.0.0.1:0", "ITHACA_METRICS_LISTEN": "127.0.0.1:0"} | wrong
    done = subprocess.run([Path(stack.options.bin, "gateway")], env=environment, capture_output=True, text=True, timeout=20)
    assert done.returncode == 1 and all(word in done.stderr for word in words), done.stderr


def open_stream(site, person):
    address = urlsplit(site.url)
    connection = socket.create_connection((address.hostname, address.port), timeout=10)
    connection.sendall(f"GET /v1/stream HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\nAuthorization: Bearer {person.token}\r\n\r\n".encode())
    assert connection.recv(4096).startswith(b"HTTP/1.1 200")
    return connection


@pytest.fixture
def other_gateway(stack):
    """A second gateway of the same site."""
    http, metrics = free_ports(2)
    told = stack.environment("gateway") | {"ITHACA_LISTEN": f"127.0.0.1:{http}", "ITHACA_METRICS_LISTEN": f"127.0.0.1:{metrics}"}
    with open(stack.options.logs / "other-gateway.log", "w") as log:
        process = subprocess.Popen([Path(stack.options.bin, "gateway")], env=told, stdout=log, stderr=log)
    other = Client(f"http://127.0.0.1:{http}")
    end = time.monotonic() + 20
    while is_free(http) or other.get("/readyz").status != 200:
        assert process.poll() is None and time.monotonic() < end
        time.sleep(0.05)
    yield other
    process.terminate()
    assert process.wait(30) == 0


def test_what_happens_at_one_gateway_holds_at_the_other(site, other_gateway, new_person):
    person = new_person()
    elsewhere = Client(other_gateway.url, person.token)
    assert elsewhere.get("/v1/me").ok() == person.get("/v1/me").ok()
    with open_stream(other_gateway, person) as stream:
        person.post("/v1/me/password", {"current_password": person.password, "new_password": "another bed of another tree"}).ok(204)
        stream.settimeout(15)
        assert b"password_changed" in stream.recv(4096)
        person.post("/v1/auth/logout").ok(204)
        signed_out = time.monotonic()
        while elsewhere.get("/v1/me").status != 401:
            assert time.monotonic() - signed_out < 5
            time.sleep(0.05)
        assert seconds_until_closed([stream]) < 6


def resident(stack, name):
    status = Path(f"/proc/{stack.processes[name].pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) * 1024


def seconds_until_closed(connections):
    """Until the last of them is closed from the other side; heartbeats are read away."""
    began = time.monotonic()
    with selectors.DefaultSelector() as selector:
        for connection in connections:
            selector.register(connection, selectors.EVENT_READ)
        while selector.get_map():
            for key, _ in selector.select(1):
                if not key.fileobj.recv(4096):
                    selector.unregister(key.fileobj)
            assert time.monotonic() - began < 20, f"{len(selector.get_map())} are still open"
    return time.monotonic() - began


def test_ten_thousand_idle_streams_are_held_and_end_with_their_session(stack, site, new_person):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < STREAMS + 2000:
        pytest.skip(f"a process here may have {hard} files open")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    person, other = new_person(), new_person()
    before = resident(stack, "gateway")
    streams = [open_stream(site, person) for _ in range(STREAMS)]
    try:
        each = (resident(stack, "gateway") - before) / STREAMS
        print(f"{STREAMS} streams: {each:.0f} bytes each")
        assert sanitized(stack) or each < 4096
        began = time.monotonic()
        other.get("/v1/me").ok()
        assert time.monotonic() - began < 1
        with open_stream(site, other) as own:
            other.post("/v1/me/password", {"current_password": other.password, "new_password": "another bed of another tree"}).ok(204)
            own.settimeout(15)
            assert b"password_changed" in own.recv(4096)
        person.post("/v1/auth/logout").ok(204)
        assert seconds_until_closed(streams) < 6
    finally:
        for stream in streams:
            stream.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
