"""What administrators let mails say."""

import random

import pytest

KIND = "role_granted"
WORDS = {"title": "A new role for you: {role}", "body": "You may do more now.\n\nAt {site}, {name}.", "action": "Look"}


@pytest.fixture
def path(admin):
    """A kind in a language that only this test uses."""
    locale = "en-" + "".join(random.choices("abcdefghijklmnopqrstuvwxyz", k=8))
    return f"/v1/admin/templates/{KIND}/{locale}"


def put(admin, path, words=None, match="*"):
    return admin.put(path, words or WORDS, headers={"If-Match": match})


def test_all_that_is_said_is_listed_by_kind_and_language(admin):
    items = admin.get(f"/v1/admin/templates?kind={KIND}").ok()["items"]
    assert [item["locale"] for item in items][:2] == ["de", "en"]
    english = admin.get(f"/v1/admin/templates/{KIND}/en").ok()
    assert english["variables"] == ["role", "name", "site"] and english["edited"] is False and english["draft"] is None
    admin.get("/v1/admin/templates/horoscope/en").problem(404, "NOT_FOUND")


def test_words_are_in_force_when_they_are_published_and_no_more_when_reverted(admin, new_person, mails):
    path = f"/v1/admin/templates/{KIND}/fr"
    before = admin.get(path).ok()
    assert put(admin, path, WORDS | {"title": "Bonjour {role}"}).ok()["draft"]["title"] == "Bonjour {role}"
    assert admin.get(path).ok()["title"] == before["title"]
    assert admin.post(path + "/publish").ok()["state"] == "PUBLISHED"
    assert admin.get(path).ok()["edited"] is True
    person = new_person(locale="fr")
    admin.post("/v1/admin/grants", {"user_id": person.id, "role": "SUPPORT"}).ok(201)
    mail = mails.wait_for(person.email, KIND)
    assert mail.subject == "Bonjour SUPPORT" and "You may do more now." in mail.text
    admin.post(path + "/revert").ok()
    assert admin.get(path).ok() == before
    admin.post(path + "/revert").problem(404, "NOT_FOUND")


def test_versions_are_numbered_and_kept(admin, path):
    for number in (1, 2):
        put(admin, path, WORDS | {"action": f"Look {number}"}).ok()
        admin.post(path + "/publish").ok()
    admin.post(path + "/publish").problem(404, "NOT_FOUND")
    versions = admin.get(path + "/versions").ok()["items"]
    assert [(one["number"], one["state"], one["action"]) for one in versions] == [(2, "PUBLISHED", "Look 2"), (1, "SUPERSEDED", "Look 1")]


def test_two_who_write_at_once_do_not_overwrite_each_other(admin, path):
    draft = put(admin, path)
    put(admin, path, match=draft.headers["ETag"]).ok()
    put(admin, path, match=draft.headers["ETag"]).problem(412, "STALE")


def test_words_that_cannot_be_said_are_refused(admin, path):
    answer = put(admin, path, WORDS | {"body": "First.\n{secret}"}).problem(422, "UNKNOWN_VARIABLE")
    assert "line 3, column 1" in answer["detail"]
    put(admin, path, WORDS | {"body": "{role"}).problem(422, "TEMPLATE_MALFORMED", "/body")
    put(admin, path, WORDS | {"body": "Hello <script>alert(1)</script>"}).problem(422, "MARKUP_IN_TEMPLATE")
    put(admin, path, WORDS | {"body": "<img src=https://tracker.example/>"}).problem(422, "MARKUP_IN_TEMPLATE")
    put(admin, "/v1/admin/templates/horoscope/en").problem(404, "NOT_FOUND")


def test_a_preview_shows_the_mail_with_samples_and_keeps_nothing(admin, path):
    preview = admin.post(path + "/preview", WORDS | {"samples": [{"name": "role", "value": "<b>chief</b>"}]}).ok()
    assert preview["subject"] == "A new role for you: <b>chief</b>"
    assert "At ‹site›, ‹name›." in preview["text"] and "<p dir=\"auto\">You may do more now.</p>" in preview["html"]
    admin.get(path).problem(404, "NOT_FOUND")
    admin.post(path + "/preview", WORDS | {"samples": [{"name": "secret", "value": "x"}]}).problem(422, "UNKNOWN_VARIABLE")
    admin.post(path + "/preview", WORDS | {"body": "{secret}"}).problem(422, "UNKNOWN_VARIABLE")
    admin.post(path + "/preview", {"body": "{role, plural, one {x}}"}).problem(422, "TEMPLATE_MALFORMED")
