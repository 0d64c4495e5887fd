"""What other services ask matching before any new contact."""

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "programs"))

import bus  # noqa: E402
from bus import field  # noqa: E402

ALLOWED = b"\x08\x01"


@pytest.fixture(scope="module")
def ask(stack):
    """ask(service, rpc, body): the packed answer, or the code of the refusal."""
    connections = {}

    def do(service, rpc, body):
        connection = connections.setdefault(service, bus.Bus(stack.nats.url(service)))
        return bus.ask(connection, stack.secrets.rpc_key("matching", service), service, "matching", rpc, body)

    return do


def test_a_pair_is_allowed_until_it_is_excluded_and_nothing_says_why(pools, ask, admin):
    pool = pools.make()
    mentor, mentee = pool.mentors[0], pool.mentees[0]
    for one, other in ((mentor, mentee), (mentee, mentor)):
        assert ask("programs", "PairAllowed", field(1, one.id) + field(2, other.id)) == ALLOWED
    admin.put("/v1/admin/exclusions", {"a": mentor.id, "b": mentee.id, "note": "For reasons."}).ok()
    for service in ("programs", "notify", "scheduling", "safety"):
        assert ask(service, "PairAllowed", field(1, mentee.id) + field(2, mentor.id)) == b""
    assert ask("programs", "PairAllowed", field(1, mentee.id) + field(2, mentee.id)) == b""


def test_what_a_person_has_open_is_counted(pools, ask):
    pool = pools.make(mentors=1, mentees=2, capacity=3)
    mentor = pool.mentors[0]
    sent = [pool.request(mentee, mentor).ok(201)["id"] for mentee in pool.mentees]
    mentor.post(f"/v1/match-requests/{sent[0]}/accept").ok()
    load = ask("scheduling", "GetOpenLoad", field(1, mentor.id))
    assert load.endswith(b"\x10\x01" + b"\x20\x01\x28\x03")  # one request in, none out, one of three places
