"""What reaches the edge of HTTP/1.1: hostile framing is refused, slow clients are let go, good requests are served meanwhile."""

import codecs
import json
import re
import socket
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

EDGE = Path(__file__).resolve().parents[2] / "data" / "http-edge.txt"
REFUSALS = {400, 413, 414, 417, 431, 501, 505}


def edge_cases():
    for line in EDGE.read_text().splitlines():
        if line and not line.startswith("#"):
            verdict, name, escaped = line.split("\t")
            filled = re.sub(r"\{(.)\*(\d+)\}", lambda match: match[1] * int(match[2]), escaped)
            yield pytest.param(verdict, codecs.decode(filled, "unicode_escape").encode("latin-1"), id=f"{verdict}: {name}")


def connect(site, timeout=3):
    address = urlsplit(site.url)
    return socket.create_connection((address.hostname, address.port), timeout=timeout)


def read_all(connection, seconds=1):
    """What comes until the other side closes or says nothing for that long, and whether it closed."""
    connection.settimeout(seconds)
    got = b""
    while True:
        try:
            more = connection.recv(65536)
        except TimeoutError:
            return got, False
        except ConnectionResetError:
            return got, True
        if not more:
            return got, True
        got += more


def statuses(got):
    return [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d{3}) ", got)]


def problems(got):
    """The status of each refusal, which is a problem of a known kind and names its request."""
    bodies = [json.loads(body) for body in re.findall(rb"Content-Type: application/problem\+json\r\n.*?\r\n\r\n({.*?})(?=HTTP/1|$)", got, re.S)]
    assert all(body["code"] and body["detail"] and body["request_id"] for body in bodies)
    return [body["status"] for body in bodies]


@pytest.mark.parametrize("verdict, request_bytes", edge_cases())
def test_framing_is_judged(site, verdict, request_bytes):
    with connect(site) as connection:
        connection.sendall(request_bytes)
        got, closed = read_all(connection)
    answers = statuses(got)
    assert answers or closed, "it hangs"
    assert problems(got) == [status for status in answers if status >= 400]
    if verdict == "refuse":
        assert set(answers) <= REFUSALS and closed
    if verdict == "allow":
        assert answers and not set(answers) & REFUSALS
    if b"SMUGGLED" in request_bytes:
        assert len(answers) <= 1 or set(answers) <= REFUSALS


@pytest.mark.parametrize("head, status, code", [
    ("POST /v1/auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: 1x", 400, "MALFORMED_REQUEST"),
    ("POST /v1/auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999", 413, "BODY_TOO_LARGE"),
    ("GET /v1/version?" + "a" * 40000 + " HTTP/1.1\r\nHost: a", 414, "URI_TOO_LONG"),
    ("GET /v1/version HTTP/1.1\r\nHost: a\r\nCookie: " + "c" * 40000, 431, "HEADERS_TOO_LARGE"),
    ("GET /v1/version HTTP/3.0\r\nHost: a", 505, "VERSION_NOT_SUPPORTED"),
    ("GET /v1/version HTTP/one\r\nHost: a", 400, "MALFORMED_REQUEST")])
def test_what_is_no_http_is_a_problem_with_a_code(site, head, status, code):
    with connect(site) as connection:
        connection.sendall(head.encode() + b"\r\n\r\n")
        got, closed = read_all(connection)
    assert problems(got) == [status] and f'"code":"{code}"'.encode() in got and closed


def test_pipelined_requests_are_answered_in_order(site):
    with connect(site) as connection:
        connection.sendall(b"GET /v1/version HTTP/1.1\r\nHost: a\r\n\r\nGET /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        got, closed = read_all(connection)
    assert statuses(got) == [200, 200] and closed
    assert got.index(b'"version"') < got.index(b"alive")


@pytest.mark.parametrize("path", ["/v1/%2e%2e/version", "/v1/../version", "/v1//version", "/v1/x%2fy", "/v1/x%5cy", "/v1/%00"])
def test_paths_that_could_mean_another_are_refused(site, path):
    with connect(site) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        got, closed = read_all(connection)
    assert statuses(got) == [400] and closed and b"application/problem+json" in got


def test_overlong_utf8_is_refused(site):
    with connect(site) as connection:
        connection.sendall(b"GET /v1/%c0%af HTTP/1.1\r\nHost: a\r\n\r\n")
        got, _ = read_all(connection)
    assert statuses(got) == [400] and b"INVALID_UTF8" in got


@pytest.mark.parametrize("size, status", [(15000, 200), (17000, 431)])
def test_headers_may_hold_16_kib(site, size, status):
    with connect(site) as connection:
        connection.sendall(b"GET /v1/version HTTP/1.1\r\nHost: a\r\nCookie: " + b"c" * size + b"\r\n\r\n")
        got, _ = read_all(connection)
    assert statuses(got) == [status]


def test_a_body_that_is_too_large_is_refused_before_it_is_sent(site):
    with connect(site) as connection:
        connection.sendall(b"POST /v1/auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 1048577\r\n\r\n")
        got, closed = read_all(connection)
    assert statuses(got) == [413] and closed and b"BODY_TOO_LARGE" in got


def test_a_chunked_body_that_grows_too_large_is_refused_on_the_way(site):
    chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"
    with connect(site) as connection:
        connection.sendall(b"POST /v1/auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(17):
            connection.sendall(chunk)
        got, closed = read_all(connection)
    assert statuses(got) == [413] and closed


def test_who_asks_whether_to_continue_is_told(site):
    head = (b"POST /v1/auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
            b"Expect: 100-continue\r\n\r\n")
    with connect(site) as connection:
        connection.sendall(head)
        got, _ = read_all(connection, 0.5)
        assert statuses(got) == [100]
        connection.sendall(b"{}")
        got, _ = read_all(connection)
    assert statuses(got) == [400]


def test_a_half_closed_connection_is_still_answered(site):
    with connect(site) as connection:
        connection.sendall(b"GET /v1/bootstrap HTTP/1.1\r\nHost: a\r\n\r\n")
        connection.shutdown(socket.SHUT_WR)
        got, closed = read_all(connection, 3)
    assert statuses(got) == [200] and closed


def test_a_client_that_leaves_while_it_is_served_harms_nobody(site):
    for _ in range(50):
        connection = connect(site)
        connection.sendall(b"GET /v1/bootstrap HTTP/1.1\r\nHost: a\r\n\r\n")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        connection.close()
    site.get("/v1/bootstrap").ok()


def test_slow_headers_are_let_go_while_good_requests_are_served(site):
    slow = [connect(site) for _ in range(250)]
    for connection in slow:
        connection.sendall(b"GET /v1/version HTTP/1.1\r\nHost: a\r\nX-")
    stop = threading.Event()

    def drip():
        while not stop.wait(1):
            for connection in slow:
                try:
                    connection.send(b"a")
                except OSError:
                    pass

    dripping = threading.Thread(target=drip)
    dripping.start()
    try:
        longest = 0.0
        end = time.monotonic() + 13
        while time.monotonic() < end:
            began = time.monotonic()
            site.get("/v1/version").ok()
            longest = max(longest, time.monotonic() - began)
            time.sleep(0.05)
    finally:
        stop.set()
        dripping.join()
    alive = sum(not read_all(connection, 0.01)[1] for connection in slow)
    for connection in slow:
        connection.close()
    assert longest < 1 and alive == 0


def test_a_slow_body_is_let_go(site):
    with connect(site) as connection:
        connection.sendall(b"POST /v1/auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n")
        began = time.monotonic()
        while time.monotonic() - began < 12:
            try:
                connection.send(b" ")
            except OSError:
                break
            time.sleep(0.5)
        _, closed = read_all(connection, 0.1)
    assert closed and time.monotonic() - began < 11
