"""Who asked without a name: nothing that is kept tells it, but for the seal, which the safety officers alone can open."""

import base64
import ctypes
import hashlib
import hmac
import json
import re
import subprocess
import time
import uuid

import pytest

SCHEMAS = ("identity", "programs", "notify", "matching", "scheduling", "safety")
# Copies of what everybody shares are no link; only what tells one person from others could be.
TELLING = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[\w-]{16,}")


@pytest.fixture(scope="module")
def place(new_program, new_person, apply):
    """A program of five members who are new, so that nothing about them is old."""
    program = new_program(mentee_admission="OPEN", anonymity=True)
    program["people"] = [new_person() for _ in range(5)]
    for person in program["people"]:
        apply(person, program)
    return program


@pytest.fixture(scope="module")
def deed(place, stack, lead):
    """What an anonymous author does from beginning to end, each request with an id and a trace of its own; then the dump."""
    author, other = place["people"][:2]
    marks, before = [], {log.name: log.stat().st_size for log in stack.options.logs.glob("*.log")}

    def send(method, path, body, status=200):
        marks.append({"X-Request-Id": uuid.uuid4().hex, "traceparent": f"00-{uuid.uuid4().hex}-{uuid.uuid4().hex[:16]}-01",
                      "Idempotency-Key": uuid.uuid4().hex, "If-Match": "*", "User-Agent": f"mark-{uuid.uuid4().hex}"})
        return author.request(method, path, json=body, headers=marks[-1]).ok(status)

    new = {"scope": "PROGRAM", "program_id": place["id"], "title": "May I ask?", "body": "I am afraid of him.", "anonymous": True}
    send("POST", "/v1/discussions", new | {"body": " "}, 422)
    send("POST", "/v1/discussions", {**new, "title": 7}, 400)
    thread = send("POST", "/v1/discussions", new, 201)
    path, proof = f"/v1/discussions/{thread['id']}", {"proof": thread["proof"]}
    send("PATCH", path, {"body": "I am afraid of somebody."} | proof)
    said = other.post(path + "/answers", {"body": "Tell us."}).ok(201)
    own = send("POST", path + "/answers", {"body": "I did.", "anonymous": True} | proof, 201)
    send("POST", path + "/accept-answer", {"answer_id": own["id"]} | proof)
    lead.post(f"/v1/moderation/threads/{thread['id']}/hide").ok()
    lead.post(f"/v1/moderation/threads/{thread['id']}/restore").ok()
    wait_until_told(stack, thread["id"], own["id"])
    return {"author": author, "thread": thread, "own": own, "said": said, "marks": marks, "proof": thread["proof"], "dump": dump(stack),
            "logs": {log.name: log.read_bytes()[before.get(log.name, 0):].decode(errors="replace") for log in stack.options.logs.glob("*.log")}}


def wait_until_told(stack, *posts):
    """What is told later is told now, so that the dump holds it."""
    listed = ", ".join(f"'{post}'" for post in posts)
    stack.postgres.sql(f"update programs.timer set due_at = now() where subject_id in ({listed})")
    end = time.monotonic() + 15
    while stack.postgres.sql(f"select count(*) from programs.timer where subject_id in ({listed})").strip() != "0":
        assert time.monotonic() < end


def dump(stack):
    """Every row of every schema as pg_dump writes it: {table: [row]}."""
    text = subprocess.run([stack.postgres.bin / "pg_dump", "--data-only", stack.postgres.url()], capture_output=True, text=True, check=True).stdout
    tables, table = {}, None
    for line in text.splitlines():
        if line.startswith("COPY "):
            table = line.split()[1]
            tables[table] = []
        elif line == "\\.":
            table = None
        elif table:
            tables[table].append(line)
    return tables


def rows_with(tables, *words):
    return [(table, row) for table, rows in tables.items() for row in rows if any(word in row for word in words)]


def posts(deed):
    return deed["thread"]["id"], deed["own"]["id"], deed["thread"]["handle"]


def test_the_dump_holds_the_posts_and_the_person_and_no_row_holds_both(deed):
    author = deed["author"]
    of_posts, of_author = rows_with(deed["dump"], *posts(deed)), rows_with(deed["dump"], author.id)
    assert {"programs.thread", "programs.thread_answer", "programs.pseudonym", "programs.audit"} <= {table for table, _ in of_posts}
    assert "programs.membership" in {table for table, _ in of_author}
    assert [row for row in of_posts if author.id in row[1] or author.session_id in row[1] or author.email in row[1]] == []
    hidden = {author.id.replace("-", ""), base64.b64encode(author.id.encode()).decode().rstrip("="), author.id.encode().hex(),
              uuid.UUID(author.id).bytes.hex()}
    assert [row for row in of_posts if any(form in row[1] for form in hidden)] == []


def test_the_person_s_rows_and_the_posts_rows_share_no_value_that_tells_people_apart(deed, place):
    """Also by one step between: a value of a post's row that a row of the author has, and no row of the other members."""
    tables = deed["dump"]

    def values(rows):
        return {value for _, row in rows for value in TELLING.findall(row)}

    mine = values(rows_with(tables, deed["author"].id))
    others = set().union(*(values(rows_with(tables, person.id)) for person in place["people"][1:]))
    shared = values(rows_with(tables, *posts(deed))) & mine
    assert shared <= others, shared - others


def test_what_is_kept_of_an_anonymous_post_says_the_day_only(deed):
    today = re.compile(r"\d{4}-\d\d-\d\d 00:00:00\+00")
    for table in ("programs.thread", "programs.thread_answer"):
        (row,) = [row for row in deed["dump"][table] if row.split("\t")[0] in posts(deed)]
        assert all(today.fullmatch(time) for time in re.findall(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[^\t]*", row)), row
    own = [row for row in deed["dump"]["programs.audit"] if any(f"\t{rpc}\t" in row for rpc in ("CreateThread", "UpdateThread", "AnswerThread"))]
    own = [row for row in own if deed["thread"]["id"] in row or deed["own"]["id"] in row]
    assert own and all(today.match(row) and row.split("\t")[1:3] == ["\\N", "\\N"] for row in own), own
    for post in posts(deed)[:2]:
        assert uuid.UUID(post).version == 8


def test_neither_dump_nor_logs_hold_what_the_requests_carried(deed):
    for mark in deed["marks"]:
        for word in (mark["X-Request-Id"], mark["traceparent"], mark["traceparent"][3:35], mark["Idempotency-Key"], mark["User-Agent"]):
            assert rows_with(deed["dump"], word) == []
            assert [name for name, text in deed["logs"].items() if word in text] == []
    assert rows_with(deed["dump"], deed["proof"]) == []
    assert [name for name, text in deed["logs"].items() if deed["proof"] in text] == []


def lines(log, **wanted):
    found = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    return [line for line in found if all(line.get(name) == value for name, value in wanted.items())]


def test_the_log_lines_of_anonymous_requests_name_nobody(deed):
    gateway = [line for line in lines(deed["logs"]["gateway.log"], method="POST") if line.get("route") == "/v1/discussions"]
    assert len([line for line in gateway if not {"user_id", "address", "request_id"} & set(line)]) == 3
    assert deed["author"].id not in {line.get("user_id") for line in gateway}
    for rpc in ("CreateThread", "UpdateThread", "AcceptAnswer"):
        called = lines(deed["logs"]["programs.log"], rpc=rpc)
        assert called and deed["author"].id not in {line.get("person") for line in called}, rpc
    anywhere = [line for text in deed["logs"].values() for line in text.splitlines() if any(post in line for post in posts(deed))]
    assert [line for line in anywhere if deed["author"].id in line] == []


def test_the_author_can_go_on_and_others_may_still_be_named(deed, place):
    author = deed["author"]
    named = author.post(f"/v1/discussions/{deed['thread']['id']}/answers", {"body": "I, too."}).ok(201)
    assert named["author_id"] == author.id and named["handle"] == ""


def service_keys(stack):
    """Every secret that a process is given: each as text, as bytes, and as the numbers that it may be written in."""
    for service in stack.service_names:
        for value in stack.environment(service).values():
            for part in re.split(r"[=,]", value):
                yield part.encode()
                if re.fullmatch(r"(?:[0-9a-f]{2})+", part):
                    yield bytes.fromhex(part)


def kept_values(row):
    """What stands in a row, as bytes: hex and base64 opened."""
    for field in row.split("\t"):
        plain = field.removeprefix("\\\\x")
        yield field.encode()
        if re.fullmatch(r"(?:[0-9a-f]{2})+", plain):
            yield bytes.fromhex(plain)


def guesses(key, thread, person):
    """What a service could have made of the person's id with its keys."""
    texts = [form(person) for form in (str.encode, lambda text: uuid.UUID(text).bytes)]
    texts += [f"{thread}/{person}".encode(), f"{thread}{person}".encode(), f"{person}{thread}".encode(), f"{person}/{thread}".encode()]
    for text in texts:
        yield from (hashlib.sha256(text).digest(), hashlib.md5(text).digest(), hmac.new(key, text, hashlib.sha256).digest(),
                    hmac.new(key, text, hashlib.sha1).digest())
        for size in (16, 32, 64):
            yield hashlib.blake2b(text, digest_size=size).digest()
            yield hashlib.blake2b(text, key=key[:64], digest_size=size).digest()


def test_no_hash_of_any_person_under_any_key_of_the_services_is_kept_with_the_posts(deed, stack):
    kept = {value for _, row in rows_with(deed["dump"], *posts(deed)) for value in kept_values(row)}
    people = stack.postgres.sql("select id from identity.account").split()
    assert deed["author"].id in people
    keys = [b""] + sorted(set(service_keys(stack)))
    for person in people:
        for key in keys:
            for guess in guesses(key, deed["thread"]["id"], person):
                assert guess not in kept and guess.hex().encode() not in kept and guess[:16] not in kept


class Sodium:
    """crypto_box_seal_open() of the library itself."""

    def __init__(self):
        self.lib = ctypes.CDLL("libsodium.so.23")

    def open(self, sealed, private):
        public, plain = ctypes.create_string_buffer(32), ctypes.create_string_buffer(len(sealed))
        self.lib.crypto_scalarmult_base(public, private)
        refused = self.lib.crypto_box_seal_open(plain, sealed, ctypes.c_ulonglong(len(sealed)), public, private)
        return None if refused else plain.raw[:len(sealed) - 48].decode()


def test_a_safety_officer_opens_the_seal_with_a_key_that_no_service_has(deed, stack, admin, new_person, place, lead):
    officer = new_person()
    admin.post("/v1/admin/grants", {"user_id": officer.id, "role": "SAFETY_OFFICER"}).ok(201)
    officer.sign_in()
    path, asked = f"/v1/discussions/{deed['thread']['id']}/seal", {"handle": deed["thread"]["handle"], "reason": "Case 7"}
    for person in (lead, *place["people"][:2]):
        assert person.post(path, asked).status == 403
    officer.post(path, {"handle": asked["handle"]}).problem(400, "REQUIRED", "/reason")
    sealed = base64.b64decode(officer.post(path, asked).ok()["sealed_author"])
    private = bytes.fromhex(stack.secrets.get("safety_officers"))
    assert Sodium().open(sealed, private) == f"{deed['thread']['id']}/{deed['author'].id}"
    audit = stack.postgres.sql(f"select reason from programs.audit where rpc = 'ReadSeal' and person_id = '{officer.id}'").strip()
    assert audit == "Case 7"
    for key in set(service_keys(stack)):
        if len(key) == 32:
            assert Sodium().open(sealed, key) is None
