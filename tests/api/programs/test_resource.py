"""Resources: who writes, who decides, who reads; versions, comments, search."""

import time
import uuid

import pytest

ANY = {"If-Match": "*"}


@pytest.fixture(scope="module")
def place(new_program, people, apply):
    """A program with a member of each role, and somebody from outside."""
    mentee, mentor, outsider = people(3)
    program = new_program(mentor_admission="OPEN", mentee_admission="OPEN")
    apply(mentee, program)
    apply(mentor, program, "MENTOR")
    program["people"] = mentee, mentor, outsider
    return program


@pytest.fixture
def draft(place):
    """draft(person, **changes): an article of the program."""
    def make(person, **changes):
        body = {"scope": "PROGRAM", "program_id": place["id"], "kind": "ARTICLE", "title": "How to ask", "body": "Ask early.", **changes}
        return person.post("/v1/resources", {key: value for key, value in body.items() if value is not None}).ok(201)

    return make


@pytest.fixture
def published(draft, lead):
    def make(person, **changes):
        made = draft(person, **changes)
        person.post(f"/v1/resources/{made['id']}/submit").ok()
        return lead.post(f"/v1/resources/{made['id']}/publish").ok()

    return make


def path(resource, step=""):
    return f"/v1/resources/{resource['id']}{step}"


def test_a_draft_is_handed_in_and_published_by_a_coordinator(place, draft, lead):
    mentee, mentor, _ = place["people"]
    made = draft(mentee)
    assert made["state"] == "DRAFT" and made["author_id"] == mentee.id
    mentor.get(path(made)).problem(404, "NOT_FOUND")
    assert mentee.post(path(made, "/submit")).ok()["state"] == "IN_REVIEW"
    mentee.post(path(made, "/publish")).problem(403, "NOT_MODERATOR")
    shown = lead.post(path(made, "/publish")).ok()
    assert shown["state"] == "PUBLISHED" and shown["published_at"]
    assert mentor.get(path(made)).ok()["body"] == "Ask early."
    assert lead.post(path(made, "/publish")).ok()["version"] == shown["version"]


def test_who_is_not_in_the_program_knows_of_nothing(place, published):
    mentee, _, outsider = place["people"]
    made = published(mentee)
    for answer in (outsider.get(path(made)), outsider.get(path(made, "/versions")), outsider.get(path(made, "/comments")),
                   outsider.post(path(made, "/comments"), {"body": "Hello"}), outsider.post(path(made, "/publish")),
                   outsider.post("/v1/resources", {"scope": "PROGRAM", "program_id": place["id"], "kind": "ARTICLE", "title": "T"})):
        answer.problem(404, "NOT_FOUND")
    assert outsider.get("/v1/resources", params={"program_id": place["id"]}).ok()["items"] == []


def test_a_rejection_has_a_reason_and_leads_nowhere(place, draft, lead):
    mentee = place["people"][0]
    made = draft(mentee)
    lead.post(path(made, "/reject"), {"rejection": "Too short."}).problem(409, "ILLEGAL_TRANSITION")
    mentee.post(path(made, "/submit")).ok()
    assert lead.post(path(made, "/reject"), {"rejection": "Too short."}).ok()["rejection"] == "Too short."
    lead.post(path(made, "/publish")).problem(409, "ILLEGAL_TRANSITION")
    mentee.patch(path(made), {"body": "More."}, headers=ANY).problem(409, "NOT_EDITABLE")


def test_what_is_published_is_changed_by_moderators_only(place, published, lead):
    mentee, mentor, _ = place["people"]
    made = published(mentee)
    mentee.patch(path(made), {"body": "Buy this."}, headers=ANY).problem(409, "NOT_EDITABLE")
    mentor.patch(path(made), {"body": "Buy this."}, headers=ANY).problem(403, "NOT_MODERATOR")
    assert lead.patch(path(made), {"body": "Ask early and kindly."}, headers=ANY).ok()["body"] == "Ask early and kindly."


def test_each_save_keeps_what_was_there(place, draft):
    mentee = place["people"][0]
    made = draft(mentee)
    for body in ("Second", "Third"):
        mentee.patch(path(made), {"body": body}, headers=ANY).ok()
    mentee.patch(path(made), {"body": "Fourth"}, headers={"If-Match": '"1-0"'}).problem(412, "STALE")
    assert [kept["body"] for kept in mentee.get(path(made, "/versions")).ok()["items"]] == ["Second", "Ask early."]


def test_what_is_deleted_keeps_its_versions_for_thirty_days(place, draft, sql):
    mentee, mentor, _ = place["people"]
    made = draft(mentee)
    mentee.patch(path(made), {"body": "Second"}, headers=ANY).ok()
    mentor.delete(path(made), headers=ANY).problem(404, "NOT_FOUND")
    mentee.delete(path(made), headers=ANY).ok(204)
    mentee.get(path(made)).problem(404, "NOT_FOUND")
    assert len(mentee.get(path(made, "/versions")).ok()["items"]) == 1
    due = f"from timer where rpc = 'PurgeResource' and subject_id = '{made['id']}'"
    assert sql(f"select due_at - now() between interval '29 d' and interval '30 d' {due}") == "t"
    sql(f"update timer set due_at = now() where rpc = 'PurgeResource' and subject_id = '{made['id']}'")
    end = time.monotonic() + 15
    while sql(f"select count(*) from resource where id = '{made['id']}'") != "0":
        assert time.monotonic() < end
    mentee.get(path(made, "/versions")).problem(404, "NOT_FOUND")


@pytest.mark.parametrize("audience, sees", [("ALL", (True, True)), ("MENTEE", (True, False)), ("MENTOR", (False, True)), ("STAFF", (False, False))])
def test_a_resource_is_for_its_audience(place, published, lead, audience, sees):
    made = published(lead, audience=audience)
    for person, may in zip(place["people"], sees):
        person.get(path(made)).ok() if may else person.get(path(made)).problem(404, "NOT_FOUND")
    lead.get(path(made)).ok()


def test_a_site_s_resources_are_for_whoever_is_signed_in_and_decided_by_admins(place, admin, site, lead):
    outsider = place["people"][2]
    made = outsider.post("/v1/resources", {"scope": "SITE", "kind": "HELP", "title": "Where to begin", "body": "Here."}).ok(201)
    outsider.post(path(made, "/submit")).ok()
    lead.post(path(made, "/publish")).problem(404, "NOT_FOUND")
    admin.post(path(made, "/publish")).ok()
    assert place["people"][0].get(path(made)).ok()["scope"] == "SITE"
    site.get(path(made)).problem(401, "TOKEN_NEEDED")


@pytest.mark.parametrize("address, good", [
    ("https://www.youtube.com/watch?v=1", True), ("https://vimeo.com/1", True), ("https://videos.example/1", False),
    ("https://notyoutube.com/1", False), ("https://videos.example/youtube.com", False), ("https://youtube.com.videos.example/1", False)])
def test_videos_come_from_hosts_that_the_site_trusts(place, address, good):
    answer = place["people"][0].post("/v1/resources", {"scope": "SITE", "kind": "VIDEO", "title": "Watch", "url": address})
    answer.ok(201) if good else answer.problem(422, "VIDEO_HOST", "/url")


def test_an_address_is_no_script(place):
    body = {"scope": "SITE", "kind": "LINK", "title": "Click", "url": "javascript:alert(1)"}
    place["people"][0].post("/v1/resources", body).problem(422, "BAD_URL_SCHEME", "/url")


@pytest.mark.parametrize("kind", ["ARTICLE", "VIDEO", "LINK", "FILE", "TEMPLATE"])
def test_nothing_is_handed_in_without_what_its_kind_needs(place, draft, kind):
    mentee = place["people"][0]
    made = draft(mentee, kind=kind, body=None)
    mentee.post(path(made, "/submit")).problem(422, "INCOMPLETE")


def test_a_scope_needs_its_id_and_no_other(place):
    mentee = place["people"][0]
    body = {"kind": "ARTICLE", "title": "T", "body": "B"}
    mentee.post("/v1/resources", body | {"scope": "PROGRAM"}).problem(422, "SCOPE_NEEDS_ITS_ID")
    mentee.post("/v1/resources", body | {"scope": "SITE", "program_id": place["id"]}).problem(422, "SCOPE_NEEDS_ITS_ID")
    mentee.post("/v1/resources", body | {"scope": "MENTORSHIP", "mentorship_id": str(uuid.uuid4())}).problem(404, "NOT_FOUND")
    mentee.post("/v1/resources", body | {"scope": "GALAXY"}).problem(400, "UNKNOWN_VALUE", "/scope")


def test_members_comment_and_take_back_what_they_said(place, published, lead):
    mentee, mentor, _ = place["people"]
    made = published(mentee)
    said = mentor.post(path(made, "/comments"), {"body": "This helped."}).ok(201)
    again = mentor.post(path(made, "/comments"), {"body": "Really."}).ok(201)
    mentor.post(path(made, "/comments"), {"body": "\u200b \u2060"}).problem(422, "EMPTY_COMMENT")
    assert [each["body"] for each in mentee.get(path(made, "/comments")).ok()["items"]] == ["This helped.", "Really."]
    assert mentee.get(path(made)).ok()["comments"] == 2
    mentee.delete(path(made, f"/comments/{said['id']}")).problem(403, "NOT_MODERATOR")
    mentor.delete(path(made, f"/comments/{said['id']}")).ok(204)
    lead.delete(path(made, f"/comments/{again['id']}")).ok(204)
    assert mentee.get(path(made)).ok()["comments"] == 0


def test_a_search_knows_the_language_and_puts_the_best_first(place, published, lead):
    mark = f"zz{uuid.uuid4().hex[:10]}"
    titled = published(lead, title=f"Negotiating {mark}", body="About money.", locale="en")
    named = published(lead, title="Money", body=f"A word on negotiations, {mark}.", locale="en")
    german = published(lead, title="Häuser bauen", body=f"Von {mark}.", locale="de")
    mentee = place["people"][0]

    def found(q, **more):
        return [each["id"] for each in mentee.get("/v1/resources", params={"q": q, **more}).ok()["items"]]

    assert found(f"{mark} negotiate") == [titled["id"], named["id"]]
    assert found(f"{mark} Haus", locale="de") == [german["id"]]
    assert found(f'{mark} -money') == [german["id"]]
    assert found(f'"word money" {mark}') == []
    first = mentee.get("/v1/resources", params={"q": mark, "limit": 1}).ok()
    second = mentee.get("/v1/resources", params={"q": mark, "limit": 2, "cursor": first["next_cursor"]}).ok()
    assert {each["id"] for each in first["items"] + second["items"]} == {titled["id"], named["id"], german["id"]}
    assert not second["next_cursor"]


@pytest.mark.parametrize("name, value", [("kind", "LINK"), ("tag", "fresh"), ("audience", "MENTEE"), ("locale", "fr")])
def test_a_list_is_filtered(place, published, lead, name, value):
    fitting = {"kind": "LINK", "url": "https://ithaca.example", "tags": ["fresh"], "audience": "MENTEE", "locale": "fr"}
    wanted, other = published(lead, **fitting), published(lead)
    listed = [each["id"] for each in place["people"][0].get("/v1/resources", params={"program_id": place["id"], name: value}).ok()["items"]]
    assert wanted["id"] in listed and other["id"] not in listed
