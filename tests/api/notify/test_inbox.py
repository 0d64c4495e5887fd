"""The inbox and its live stream."""

import http.client
import json
import socket
import threading
import time

import pytest


def wait_for_item(person, kind, seconds=15):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        items = person.get(f"/v1/me/inbox?kind={kind}").ok()["items"]
        if items:
            return items[0]
        time.sleep(0.05)
    raise AssertionError(f"no {kind} in the inbox")


def change_password(person, new="another bed of another tree"):
    person.post("/v1/me/password", {"current_password": person.password, "new_password": new}).ok(204)
    person.password = new


@pytest.fixture
def reader(new_person):
    person = new_person("Reader")
    change_password(person)
    person.sign_in()
    person.item = wait_for_item(person, "password_changed")
    return person


def test_news_stands_in_the_inbox_in_the_readers_words(new_person):
    person = new_person("Jürgen", locale="de")
    change_password(person)
    person.sign_in()
    item = wait_for_item(person, "password_changed")
    assert item["title"] == "Ihr Passwort wurde geändert"
    assert "Uhr (Europe/Athens)" in item["text"]
    assert item["link"] == "/account/security"
    assert item["read_at"] is None and item["archived_at"] is None
    assert "user_id" not in item


def test_reading_is_kept_and_counted(reader):
    before = reader.get("/v1/me/inbox/count").ok()
    read = reader.post(f"/v1/me/inbox/{reader.item['id']}/read").ok()
    assert read["read_at"]
    again = reader.post(f"/v1/me/inbox/{reader.item['id']}/read").ok()
    assert again["read_at"] == read["read_at"] and again["version"] == read["version"]
    assert reader.get("/v1/me/inbox/count").ok() == {"unread": before["unread"] - 1, "total": before["total"]}
    assert reader.item["id"] not in [item["id"] for item in reader.get("/v1/me/inbox?unread=true").ok()["items"]]
    assert reader.item["id"] in [item["id"] for item in reader.get("/v1/me/inbox?unread=false").ok()["items"]]


def test_two_devices_that_read_at_once_read_it_once(reader):
    answers = []
    devices = [threading.Thread(target=lambda: answers.append(reader.post(f"/v1/me/inbox/{reader.item['id']}/read").ok()))
               for _ in range(4)]
    for device in devices:
        device.start()
    for device in devices:
        device.join()
    assert {answer["read_at"] for answer in answers} == {reader.get(f"/v1/me/inbox/{reader.item['id']}").ok()["read_at"]}
    assert {answer["version"] for answer in answers} == {str(int(reader.item["version"]) + 1)}


def test_what_was_put_away_is_listed_apart(reader):
    reader.post(f"/v1/me/inbox/{reader.item['id']}/archive").ok()
    assert reader.get("/v1/me/inbox?kind=password_changed").ok()["items"] == []
    assert [item["id"] for item in reader.get("/v1/me/inbox?archived=true").ok()["items"]] == [reader.item["id"]]


def test_everything_can_be_read_at_once(reader):
    assert reader.post("/v1/me/inbox/read-all").ok()["unread"] == 0
    assert reader.get("/v1/me/inbox?unread=true").ok()["items"] == []


def test_pages_follow_each_other(reader):
    change_password(reader, "the third bed of the third tree")
    reader.sign_in()
    end = time.monotonic() + 15
    while len(reader.get("/v1/me/inbox?kind=password_changed").ok()["items"]) < 2:
        assert time.monotonic() < end
        time.sleep(0.05)
    first = reader.get("/v1/me/inbox?kind=password_changed&limit=1").ok()
    second = reader.get(f"/v1/me/inbox?kind=password_changed&limit=1&cursor={first['next_cursor']}").ok()
    assert first["items"][0]["created_at"] > second["items"][0]["created_at"]
    assert second["next_cursor"] == ""


def test_one_item_can_be_read_by_itself(reader, new_person):
    assert reader.get(f"/v1/me/inbox/{reader.item['id']}").ok() == reader.item
    new_person().get(f"/v1/me/inbox/{reader.item['id']}").problem(404, "NOT_FOUND")


def test_the_inbox_of_others_does_not_exist(reader, new_person, site):
    stranger = new_person()
    for verb in ("read", "archive"):
        stranger.post(f"/v1/me/inbox/{reader.item['id']}/{verb}").problem(404, "NOT_FOUND")
    site.get("/v1/me/inbox").problem(401, "TOKEN_NEEDED")


class Stream:
    """Reads server-sent events in the background."""

    def __init__(self, person, last=None):
        headers = {"Authorization": f"Bearer {person.token}", "Accept": "text/event-stream"}
        if last:
            headers["Last-Event-ID"] = last
        connection = http.client.HTTPConnection(person.url.removeprefix("http://"), timeout=30)
        connection.request("GET", "/v1/stream", headers=headers)
        self.socket = connection.sock
        self.response = connection.getresponse()
        assert self.response.status == 200, self.response.read()
        self.events = []
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        event = {}
        try:
            for line in iter(self.response.readline, b""):
                name, _, value = line.decode().strip().partition(":")
                if name:
                    event[name] = value.strip()
                elif event:
                    self.events.append(event)
                    event = {}
        except (OSError, ValueError, AttributeError):
            return

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)

    def wait_for(self, kind, seconds=15):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for event in self.events:
                if kind in (event.get("event"), json.loads(event.get("data") or "{}").get("kind")):
                    return event
            time.sleep(0.02)
        raise AssertionError(f"no {kind} in {self.events}")


def test_news_comes_live(new_person):
    person = new_person()
    stream = Stream(person)
    change_password(person)
    event = stream.wait_for("password_changed")
    stream.close()
    person.sign_in()
    assert event["id"] == wait_for_item(person, "password_changed")["id"]


def test_a_stream_resumes_after_the_last_item_seen(reader):
    change_password(reader, "the fourth bed of the fourth tree")
    reader.sign_in()
    end = time.monotonic() + 15
    while len(reader.get("/v1/me/inbox?kind=password_changed").ok()["items"]) < 2:
        assert time.monotonic() < end
        time.sleep(0.05)
    newest = reader.get("/v1/me/inbox?kind=password_changed").ok()["items"][0]
    stream = Stream(reader, last=reader.item["id"])
    assert stream.wait_for("password_changed")["id"] == newest["id"]
    stream.close()


def test_a_stream_that_missed_too_much_is_told_to_begin_anew(reader):
    stream = Stream(reader, last="0190a000-0000-7000-8000-000000000000")
    assert stream.wait_for("reset")
    stream.close()
