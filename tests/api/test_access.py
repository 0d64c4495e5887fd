"""Every endpoint by every kind of caller, against nothing but the contract's `access`; and bodies that try to set what is not theirs."""

import json

import pytest
import requests

from access.calls import call_of, calls, send
from access.people import may
from access.world import World

NAMES_AT_ONCE = 60  # an answer lists a hundred errors


@pytest.fixture(scope="module")
def world(stack, mails, new_person, admin):
    return World(stack, mails, new_person, admin)


@pytest.fixture(scope="module")
def named(world):
    return calls(world)


@pytest.fixture(scope="module")
def session():
    with requests.Session() as session:
        session.trust_env = False
        yield session


@pytest.fixture
def say(capsys):
    """Prints a line of figures, whether the test passes or not."""
    def say(line):
        with capsys.disabled():
            print(f"\n{line}")

    return say


def endpoints(contract):
    return [rpc for rpc in contract["rpcs"] if rpc["path"]]


def is_refusal(status, kind):
    """What somebody gets who may not: 401 when nobody is signed in, else 403, or 404 for what is hidden."""
    return status in (403, 404) if kind.signed_in and kind.lives else status == 401


def judge(status, allowed, kind):
    """None, or what is wrong with the answer."""
    if status >= 500:
        return "faults"
    if allowed:
        return "unexpected denies" if status in (401, 403, 404, 451) else None
    return None if is_refusal(status, kind) else "unexpected allows"


def test_each_endpoint_opens_for_those_whom_the_contract_names_and_for_nobody_else(world, named, session, contract, say):
    found = {"unexpected allows": [], "unexpected denies": [], "faults": []}
    cells = allowed_cells = 0
    for rpc in endpoints(contract):
        call = call_of(rpc, named)
        for kind in world.kinds.values():
            allowed = may(kind, rpc["access"], call)
            status, text = send(session, world.stack.url, rpc, call, kind, call.json(kind))
            wrong = judge(status, allowed, kind)
            if wrong:
                found[wrong].append(f"{rpc['name']} by {kind.name} ({', '.join(rpc['access'])}): {status} {text[:200]}")
            cells += 1
            allowed_cells += allowed
            if call.session and allowed:
                kind.person.sign_in()
    figures = ", ".join(f"{what} {len(which)}" for what, which in found.items())
    say(f"authorisation: {len(endpoints(contract))} endpoints, {len(world.kinds)} kinds of callers, {cells} cells "
        f"({allowed_cells} open, {cells - allowed_cells} closed), {figures}")
    assert not any(found.values()), "\n".join(f"{what}:\n  " + "\n  ".join(which) for what, which in found.items() if which)


def all_names(contract):
    return sorted({field["name"] for fields in contract["messages"].values() for field in fields})


def own_names(rpc):
    return {field["name"] for field in rpc["fields"] if not field["internal"] and "{" + field["name"] + "}" not in rpc["path"]}


def chunks(names):
    return [names[at:at + NAMES_AT_ONCE] for at in range(0, len(names), NAMES_AT_ONCE)]


def nested(contract, fields, within=""):
    """(pointer, names) of every object in a body; one of each list."""
    for field in fields:
        if field.get("message") and not field["internal"]:
            inner = contract["messages"][field["message"]]
            pointer = f"{within}/{field['name']}" + ("/0" if field["repeated"] else "")
            yield pointer, {each["name"] for each in inner if not each["internal"]}
            yield from nested(contract, inner, pointer)


def placed(pointer, members):
    """The body that holds these members at that pointer."""
    for step in reversed(pointer.split("/")[1:]):
        members = [members] if step == "0" else {step: members}
    return members


def bodies(contract, rpc, base):
    """(body, pointers) of requests that hold every name known anywhere that is not theirs."""
    known = all_names(contract)
    for names in chunks([name for name in known if name not in own_names(rpc)]):
        yield base | dict.fromkeys(names, "x"), [f"/{name}" for name in names]
    for pointer, own in nested(contract, [field for field in rpc["fields"] if field["name"] in own_names(rpc)]):
        for names in chunks([name for name in known if name not in own]):
            yield base | placed(pointer, dict.fromkeys(names, "x")), [f"{pointer}/{name}" for name in names]


def refused_members(status, text):
    if status != 400:
        return set()
    return {error["pointer"] for error in json.loads(text)["errors"] if error["code"] == "UNKNOWN_FIELD"}


def test_no_body_sets_what_is_not_a_member_of_its_request(world, named, session, contract, say):
    tried, accepted = 0, []
    taking = [rpc for rpc in endpoints(contract) if rpc["body"] == "JSON" and rpc["verb"] in ("POST", "PUT", "PATCH")]
    for rpc in taking:
        call = call_of(rpc, named)
        kind = next(kind for kind in reversed(world.kinds.values()) if may(kind, rpc["access"], call))
        for body, pointers in bodies(contract, rpc, call.json(kind) or {}):
            status, text = send(session, world.stack.url, rpc, call, kind, body)
            refused = refused_members(status, text)
            accepted += [f"{rpc['name']} {pointer}: {status} {text[:200]}" for pointer in pointers if pointer not in refused]
            tried += len(pointers)
    say(f"mass assignment: {len(taking)} endpoints, {tried} fields tried, {len(accepted)} accepted")
    assert not accepted, "\n".join(accepted[:50])
