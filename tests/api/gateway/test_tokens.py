"""Access tokens, made with the site's own key: what makes one good, and what does not."""

import base64
import hashlib
import json
import struct
import time

import pytest
from client import Client
from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_decrypt as decrypt
from nacl.bindings import crypto_sign

HEADER = b"v4.public."


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def unseal(stack, key_id, sealed):
    """What identity keeps sealed, as lib/seal.h says."""
    raw = base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))
    version, nonce, box = struct.unpack(">I", raw[:4])[0], raw[4:28], raw[28:]
    purpose = b"identity.signing\0" + struct.pack(">I", version) + b"s"
    key = hashlib.blake2b(purpose, key=bytes.fromhex(stack.secrets.get("master.identity")), digest_size=32).digest()
    return decrypt(box, f"{version}/signing_key/{key_id}/secret".encode(), nonce, key)


@pytest.fixture(scope="module")
def signing_key(stack):
    """(its id, its 64 bytes)"""
    row = stack.postgres.sql("select id, secret from identity.signing_key where not_before <= now() order by not_before desc limit 1")
    key_id, sealed = row.strip().split("|")
    return key_id, unseal(stack, key_id, sealed)


def paseto(key, claims, footer, implicit):
    """PASETO v4.public, by its specification."""
    payload = json.dumps(claims).encode()
    pieces = [HEADER, payload, footer, implicit]
    signed = struct.pack("<Q", len(pieces)) + b"".join(struct.pack("<Q", len(piece)) + piece for piece in pieces)
    return (HEADER + base64url(payload + crypto_sign(signed, key)[:64]) + b"." + base64url(footer)).decode()


@pytest.fixture
def token(stack, signing_key, new_person):
    """token(…): one that is good for a person but for what is told; None leaves a claim out."""
    person = new_person()

    def make(site=stack.site_id(), kid=None, age=5, life=600, **other):
        issued = int(time.time()) - age
        claims = {"iss": site, "sub": person.id, "sid": person.session_id, "roles": [], "iat": issued, "exp": issued + life, "sia": issued} | other
        claims = {name: value for name, value in claims.items() if value is not None}
        footer = json.dumps({"kid": kid or signing_key[0]}).encode()
        return paseto(signing_key[1], claims, footer, site.encode())

    return make


def ask(site, token):
    return Client(site.url, token).get("/v1/me")


def test_a_token_that_is_made_as_ours_are_is_one_of_ours(site, token):
    ask(site, token()).ok()


def test_a_token_altered_anywhere_is_none_of_ours(site, token):
    good = token()
    for place in range(len(good)):
        for other in ("A", "_"):
            if good[place] != other:
                assert ask(site, good[:place] + other + good[place + 1:]).status == 401, place
    for length in range(0, len(good), 7):
        assert ask(site, good[:length] or "x").status == 401
    ask(site, good).ok()


def test_a_token_of_another_site_is_refused(site, token):
    ask(site, token(site="another-site")).problem(401, "TOKEN_INVALID")


def test_a_clock_may_be_a_minute_ahead(site, token):
    ask(site, token(age=-40)).ok()
    ask(site, token(age=-90)).problem(401, "TOKEN_INVALID")


def test_a_token_ends_when_it_says(site, token):
    ask(site, token(age=601)).problem(401, "TOKEN_EXPIRED")
    soon = token(age=598)
    end = time.monotonic() + 5
    while (answer := ask(site, soon)).status == 200:
        assert time.monotonic() < end
        time.sleep(0.1)
    answer.problem(401, "TOKEN_EXPIRED")


@pytest.mark.parametrize("wrong", [
    {"sub": None}, {"sub": ""}, {"sub": 7}, {"sub": "x" * 40}, {"sid": None}, {"exp": None}, {"exp": "tomorrow"},
    {"kid": "01890000-0000-7000-8000-000000000000"}, {"kid": "x" * 500}, {"more": "x" * 5000},
], ids=str)
def test_a_token_that_says_too_little_or_too_much_is_refused(site, token, wrong):
    assert ask(site, token(**wrong)).problem(401, "TOKEN_EXPIRED" if "exp" in wrong else "TOKEN_INVALID")


def test_a_token_gives_no_role_that_there_is_not(site, token):
    asked = Client(site.url, token(roles=["ADMIN ", "admin", "OWNER", 7, None, ["ADMIN"]]))
    asked.get("/v1/admin/users").problem(403, "FORBIDDEN")
