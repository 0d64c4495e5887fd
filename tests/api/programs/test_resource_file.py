"""Files of resources: taken in and handed out in parts, kept outside of the database."""

import hashlib
import os
import threading
import time
import uuid
from pathlib import Path

import pytest

import stores
from whole import sanitized

ANY = {"If-Match": "*"}
PDF = b"%PDF-1.7\n" + bytes(range(256)) * 4


@pytest.fixture(scope="module", params=["folder", "s3"])
def store(request, stack, tmp_path_factory):
    """Everything here holds whatever keeps the files."""
    own = stack.processes["programs"].environment["ITHACA_OBJECTS"]
    if request.param == "folder":
        yield stores.Folder(own)
        return
    s3 = stores.S3(tmp_path_factory.mktemp("s3"))
    s3.start()
    stores.restart(stack, ITHACA_OBJECTS=s3.address)
    yield s3
    stores.restart(stack, ITHACA_OBJECTS=own)
    s3.stop()


@pytest.fixture(scope="module")
def place(store, new_program, people, apply):
    """A program with a mentee and somebody from outside."""
    mentee, outsider = people(2)
    program = new_program(mentee_admission="OPEN")
    apply(mentee, program)
    program["people"] = mentee, outsider
    return program


@pytest.fixture
def resource(place):
    """resource(): a draft FILE of the mentee."""
    def make(kind="FILE"):
        body = {"scope": "PROGRAM", "program_id": place["id"], "kind": kind, "title": "Worksheet"}
        return place["people"][0].post("/v1/resources", body).ok(201)

    return make


def put(person, resource, content, name="sheet.pdf"):
    return person.request("PUT", f"/v1/resources/{resource['id']}/file", params={"name": name}, data=content, headers=ANY)


def get(person, resource, headers=None, **params):
    return person.get(f"/v1/resources/{resource['id']}/file", headers=headers, params=params)


def resident(stack, name):
    """The most memory that a process had so far, in KiB."""
    status = Path(f"/proc/{stack.processes[name].pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0])


def is_whole(person, resource, content):
    """Past the client, which reads every answer as text, and compared in one step: pytest would explain the difference."""
    answer = person.session.get(f"{person.url}/v1/resources/{resource['id']}/file", headers={"Authorization": f"Bearer {person.token}"}, timeout=30)
    return answer.status_code == 200 and answer.content == content


def scheduled(sql):
    return int(sql("select count(*) from timer where rpc = 'SweepFile'"))


def wait_until(true, what, seconds=15):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, what
        time.sleep(0.05)


def test_a_file_comes_back_as_it_was_to_be_saved_not_shown(place, resource):
    mentee = place["people"][0]
    made = resource()
    file = put(mentee, made, PDF, "Übung 1.pdf").ok()["file"]
    assert (file["content_type"], file["size"], file["name"]) == ("application/pdf", str(len(PDF)), "Übung 1.pdf")
    assert file["hash"] == hashlib.blake2b(PDF, digest_size=32).hexdigest()
    answer = get(mentee, made)
    assert answer.status == 200 and answer.response.content == PDF
    assert answer.headers["Content-Disposition"] == "attachment; filename=\"_bung 1.pdf\"; filename*=UTF-8''%C3%9Cbung%201.pdf"
    assert answer.headers["X-Content-Type-Options"] == "nosniff" and answer.headers["Content-Type"] == "application/pdf"
    assert get(mentee, made, {"If-None-Match": answer.headers["ETag"]}).status == 304
    mentee.post(f"/v1/resources/{made['id']}/submit").ok()


def test_twenty_megabytes_pass_through_small_processes(place, resource, stack):
    if sanitized(stack):
        pytest.skip("sanitizers hold more memory")
    mentee = place["people"][0]
    content = b"%PDF-1.7\n" + os.urandom(20 << 20)
    made = resource()
    put(mentee, made, content).ok()
    assert is_whole(mentee, made, content)
    for name in ("gateway", "programs"):
        assert resident(stack, name) < 40 * 1024, f"{name} took {resident(stack, name)} KiB"


@pytest.mark.parametrize("asked, begin, end", [("bytes=0-9", 0, 10), ("bytes=262140-262150", 262140, 262151), ("bytes=600000-", 600000, 700009)])
def test_a_range_of_a_file_can_be_asked_for(place, resource, asked, begin, end):
    mentee = place["people"][0]
    content = b"%PDF-1.7\n" + os.urandom(700000)
    made = resource()
    put(mentee, made, content).ok()
    answer = get(mentee, made, {"Range": asked})
    assert answer.status == 206 and answer.response.content == content[begin:end]
    assert answer.headers["Content-Range"] == f"bytes {begin}-{end - 1}/{len(content)}"
    get(mentee, made, {"Range": "bytes=700009-"}).problem(416, "RANGE_NOT_SATISFIABLE")


def test_what_a_file_is_its_bytes_tell(place, resource):
    mentee = place["people"][0]
    put(mentee, resource(), b"<html><script>alert(1)</script></html>", "sheet.pdf").problem(415, "UNSUPPORTED_FILE")
    put(mentee, resource(), b"").problem(400, "REQUIRED")
    put(mentee, resource("ARTICLE"), PDF).problem(409, "TAKES_NO_FILE")


def test_a_file_over_the_limit_is_not_taken(place, resource):
    put(place["people"][0], resource(), b"%PDF-" + bytes(25 << 20)).problem(413, "BODY_TOO_LARGE")


def test_who_is_not_in_the_program_knows_of_no_file(place, resource):
    mentee, outsider = place["people"]
    made = resource()
    get(mentee, made).problem(404, "NOT_FOUND")
    put(mentee, made, PDF).ok()
    get(outsider, made).problem(404, "NOT_FOUND")
    put(outsider, made, PDF).problem(404, "NOT_FOUND")


def test_each_version_keeps_its_own_file(place, resource):
    mentee = place["people"][0]
    made = resource()
    first = put(mentee, made, PDF + b"1", "one.pdf").ok()
    put(mentee, made, PDF + b"2", "two.pdf").ok()
    kept = mentee.get(f"/v1/resources/{made['id']}/versions").ok()["items"]
    assert [version.get("file") and version["file"]["name"] for version in kept] == ["one.pdf", None]
    assert get(mentee, made, version=first["version"]).response.content == PDF + b"1"
    assert get(mentee, made).response.content == PDF + b"2"


def test_what_is_purged_leaves_no_object(place, resource, sql, store):
    mentee = place["people"][0]
    made = resource()
    files = [put(mentee, made, PDF + end).ok()["file"]["id"] for end in (b"1", b"2")]
    assert set(files) <= set(store.objects())
    mentee.delete(f"/v1/resources/{made['id']}", headers=ANY).ok(204)
    sql(f"update timer set due_at = now() where rpc = 'PurgeResource' and subject_id = '{made['id']}'")
    wait_until(lambda: not set(files) & set(store.objects()), "the objects are still there")


def test_an_altered_object_is_not_handed_out(place, resource, store):
    mentee = place["people"][0]
    made = resource()
    file = put(mentee, made, PDF).ok()["file"]["id"]
    store.objects()[file].write_bytes(PDF[:-1] + b"!")
    get(mentee, made).problem(500, "INTERNAL")


def test_a_file_whose_reader_has_gone_is_not_read_on(place, resource, stack):
    """The reader takes the head of 20 MB and leaves; nothing stays open, and the next one is served."""
    mentee = place["people"][0]
    content = b"%PDF-1.7\n" + os.urandom(20 << 20)
    made = resource()
    put(mentee, made, content).ok()
    for _ in range(5):
        answer = mentee.session.get(f"{mentee.url}/v1/resources/{made['id']}/file", stream=True, timeout=10,
                                    headers={"Authorization": f"Bearer {mentee.token}"})
        assert next(answer.iter_content(1000)) == content[:1000]
        answer.close()
    assert is_whole(mentee, made, content)


def test_without_its_store_files_are_refused_and_nothing_changes(place, resource, store):
    if isinstance(store, stores.Folder):
        pytest.skip("a folder is always there")
    mentee = place["people"][0]
    made = resource()
    file = put(mentee, made, PDF).ok()["file"]
    store.stop()
    put(mentee, made, PDF + b"2").problem(503, "FILES_UNAVAILABLE")
    get(mentee, made).problem(503, "FILES_UNAVAILABLE")
    store.start()
    assert mentee.get(f"/v1/resources/{made['id']}").ok()["file"] == file and get(mentee, made).response.content == PDF


def test_a_process_killed_while_it_stores_leaves_nothing(place, resource, sql, stack, store):
    """Whenever it dies: a resource has the whole file or none, and the timer finds the rest."""
    mentee = place["people"][0]
    content = b"%PDF-1.7\n" + os.urandom(10 << 20)
    made = resource()
    before, timers = set(store.objects()), scheduled(sql)
    sender = threading.Thread(target=put, args=(mentee, made, content))
    sender.start()
    wait_until(lambda: set(store.objects()) - before or scheduled(sql) > timers, "nothing is being stored")
    stack.kill("programs")
    sender.join()
    stack.wait_ready("programs")
    left = set(store.objects()) - before
    file = sql(f"select coalesce(file_id::text, '') from resource where id = '{made['id']}'")
    assert not file or is_whole(mentee, made, content)
    for name in left:
        assert uuid.UUID(name)
        sql(f"update timer set due_at = now() where rpc = 'SweepFile' and subject_id = '{name}'")
    wait_until(lambda: set(store.objects()) - before <= {file}, "what nobody refers to is still there")
