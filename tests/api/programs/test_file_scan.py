"""Files are shown to a virus scanner (clamd, with a signature of ours) before they are kept: those of resources, answers and tasks."""
import socket
import threading

import pytest

import stores

ANY = {"If-Match": "*"}
PDF = b"%PDF-1.7\n" + bytes(range(256)) * 4


@pytest.fixture(scope="module")
def scanner(stack, tmp_path_factory):
    clamd = stores.Scanner(tmp_path_factory.mktemp("clamd"))
    clamd.start()
    stores.restart(stack, ITHACA_SCANNER=clamd.address)
    yield clamd
    stores.restart(stack, ITHACA_SCANNER="")
    clamd.stop()


@pytest.fixture(scope="module")
def resource(scanner, new_program, people, apply):
    """A draft FILE, and its author."""
    mentee, program = people(1)[0], new_program(mentee_admission="OPEN")
    apply(mentee, program)
    made = mentee.post("/v1/resources", {"scope": "PROGRAM", "program_id": program["id"], "kind": "FILE", "title": "Worksheet"}).ok(201)
    return mentee, made


def put(resource, content):
    mentee, made = resource
    return mentee.request("PUT", f"/v1/resources/{made['id']}/file", params={"name": "sheet.pdf"}, data=content, headers=ANY)


def file_of(resource):
    mentee, made = resource
    return mentee.get(f"/v1/resources/{made['id']}").ok().get("file")


def test_what_a_scanner_finds_harmful_is_not_kept(resource, scanner, stack):
    folder = stores.Folder(stack.processes["programs"].environment["ITHACA_OBJECTS"])
    kept = put(resource, PDF).ok()["file"]
    before = set(folder.objects())
    put(resource, PDF + scanner.HARMFUL).problem(422, "INFECTED")
    assert file_of(resource) == kept and set(folder.objects()) == before


def test_a_harmful_end_of_many_megabytes_is_found(resource, scanner):
    kept = file_of(resource)
    put(resource, PDF + bytes(10 << 20) + scanner.HARMFUL).problem(422, "INFECTED")
    assert file_of(resource) == kept
    put(resource, PDF + bytes(10 << 20)).ok()


def test_files_of_answers_are_scanned_too(scanner, new_program, people, start):
    person = people(1)[0]
    path = f"/v1/memberships/{start(person, new_program())['id']}/files"
    person.post(path, data=PDF + scanner.HARMFUL).problem(422, "INFECTED")
    person.post(path, data=PDF).ok(201)


def test_files_of_tasks_are_scanned_too(scanner, people, working):
    mentor, mentee = people(2)
    path = f"/v1/mentorships/{working([mentor], [mentee])['id']}/tasks"
    task = mentor.post(path, {"title": "Write an outline", "assignee_id": mentee.id}).ok(201)["id"]
    mentee.post(f"{path}/{task}/start").ok()
    mentee.post(f"{path}/{task}/files", data=PDF + scanner.HARMFUL).problem(422, "INFECTED")
    mentee.post(f"{path}/{task}/files", data=PDF).ok(201)


def test_without_the_scanner_nothing_is_taken(resource, scanner):
    kept = file_of(resource)
    scanner.stop()
    put(resource, PDF).problem(503, "SCANNER_UNAVAILABLE")
    assert file_of(resource) == kept
    scanner.start()
    put(resource, PDF).ok()


@pytest.mark.parametrize("answer", [b"INSTREAM size limit exceeded. ERROR\0", b"", b"stream: OK but not quite\0"])
def test_what_was_not_scanned_is_not_taken_for_clean(resource, scanner, stack, answer):
    """A scanner that says something else, or nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        def serve():
            peer, _ = server.accept()
            with peer:
                while not peer.recv(65536).endswith(bytes(4)):
                    pass
                peer.sendall(answer)
        peer = threading.Thread(target=serve)
        peer.start()
        stores.restart(stack, ITHACA_SCANNER=f"tcp:127.0.0.1:{server.getsockname()[1]}")
        kept = file_of(resource)
        put(resource, PDF).problem(503, "SCANNER_UNAVAILABLE")
        peer.join()
        assert file_of(resource) == kept
        stores.restart(stack, ITHACA_SCANNER=scanner.address)
