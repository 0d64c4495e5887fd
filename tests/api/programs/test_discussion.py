"""Discussions: asking, answering, voting, moderating; and asking without a name."""

import time
import uuid

import pytest

ANY = {"If-Match": "*"}


@pytest.fixture(scope="module")
def open_place(new_program, people, apply):
    """place(**design): a program with two mentees and a mentor, and somebody from outside."""
    def make(**design):
        first, second, mentor, outsider = people(4)
        program = new_program(mentor_admission="OPEN", mentee_admission="OPEN", **design)
        for person, role in ((first, "MENTEE"), (second, "MENTEE"), (mentor, "MENTOR")):
            apply(person, program, role)
        program["people"] = first, second, mentor, outsider
        return program

    return make


@pytest.fixture(scope="module")
def place(open_place):
    return open_place(anonymity=True)


@pytest.fixture
def ask(place):
    def do(person, **changes):
        body = {"scope": "PROGRAM", "program_id": place["id"], "title": "How do I begin?", "body": "I do not know.", **changes}
        return person.post("/v1/discussions", body).ok(201)

    return do


def path(thread, step=""):
    return f"/v1/discussions/{thread['id']}{step}"


def moderate(thread, step):
    return f"/v1/moderation/threads/{thread['id']}/{step}"


def answer(person, thread, body="Begin small.", **more):
    return person.post(path(thread, "/answers"), {"body": body, **more}).ok(201)


def test_members_ask_and_answer_and_the_author_accepts(place, ask):
    first, second, mentor, _ = place["people"]
    thread = ask(first)
    assert (thread["author_id"], thread["handle"], thread["state"]) == (first.id, "", "OPEN")
    said = answer(mentor, thread)
    second.post(path(thread, "/accept-answer"), {"answer_id": said["id"]}).problem(403, "NOT_AUTHOR")
    accepted = first.post(path(thread, "/accept-answer"), {"answer_id": said["id"]}).ok()
    assert (accepted["state"], accepted["accepted_answer_id"], accepted["answers"]) == ("ANSWERED", said["id"], 1)
    assert first.post(path(thread, "/accept-answer"), {"answer_id": said["id"]}).ok()["version"] == accepted["version"]
    assert second.get(path(thread, "/answers")).ok()["items"][0]["accepted"]


def test_another_answer_may_be_accepted_later_and_a_deleted_one_is_accepted_no_more(place, ask):
    first, second, mentor, _ = place["people"]
    thread = ask(first)
    one, other = answer(mentor, thread), answer(second, thread, "Begin now.")
    for said in (one, other):
        after = first.post(path(thread, "/accept-answer"), {"answer_id": said["id"]}).ok()
        assert after["accepted_answer_id"] == said["id"]
    assert first.post(path(thread, "/accept-answer"), {"answer_id": other["id"]}).ok() == after
    assert [said["accepted"] for said in first.get(path(thread, "/answers")).ok()["items"]] == [True, False]
    second.post(path(thread, f"/answers/{other['id']}/delete")).ok(204)
    left = first.get(path(thread)).ok()
    assert (left["state"], left["accepted_answer_id"], left["answers"]) == ("OPEN", None, 1)


def test_who_is_not_in_the_program_knows_of_nothing(place, ask):
    first, _, _, outsider = place["people"]
    thread = ask(first)
    body = {"scope": "PROGRAM", "program_id": place["id"], "title": "T", "body": "B"}
    for reply in (outsider.get(path(thread)), outsider.get(path(thread, "/answers")), outsider.post(path(thread, "/answers"), {"body": "B"}),
                  outsider.post(path(thread, "/vote")), outsider.post(path(thread, "/follow")), outsider.post("/v1/discussions", body),
                  outsider.post(path(thread, "/flag"), {"reason": "R"}), outsider.post(moderate(thread, "hide")),
                  outsider.post("/v1/discussions", body | {"anonymous": True})):
        reply.problem(404, "NOT_FOUND")
    assert outsider.get("/v1/discussions", params={"program_id": place["id"]}).ok()["items"] == []


def test_a_site_s_discussion_is_for_everybody(place, admin):
    outsider = place["people"][3]
    thread = outsider.post("/v1/discussions", {"scope": "SITE", "title": "Hello", "body": "Everybody"}).ok(201)
    assert place["people"][0].get(path(thread)).ok()["title"] == "Hello"
    place["people"][0].post(moderate(thread, "lock")).problem(403, "NOT_MODERATOR")
    assert admin.post(moderate(thread, "lock")).ok()["state"] == "LOCKED"


@pytest.mark.parametrize("body", ["", "  \n\t ", "\u200b\u2060 \ufeff"])
def test_a_text_of_which_nothing_is_left_is_refused(place, ask, body):
    first = place["people"][0]
    new = {"scope": "PROGRAM", "program_id": place["id"], "title": "T", "body": body}
    first.post("/v1/discussions", new).problem(422, "EMPTY_BODY")
    first.post(path(ask(first), "/answers"), {"body": body}).problem(422, "EMPTY_BODY")


def test_one_changes_and_deletes_one_s_own(place, ask):
    first, second, _, _ = place["people"]
    thread = ask(first)
    second.patch(path(thread), {"title": "Mine"}, headers=ANY).problem(403, "NOT_AUTHOR")
    first.patch(path(thread), {"title": "Mine"}).problem(428, "IF_MATCH_NEEDED")
    assert first.patch(path(thread), {"title": "How?"}, headers=ANY).ok()["title"] == "How?"
    first.patch(path(thread), {"title": "What?"}, headers={"If-Match": '"1-0"'}).problem(412, "STALE")
    said = answer(second, thread)
    first.patch(path(thread, f"/answers/{said['id']}"), {"body": "No."}, headers=ANY).problem(403, "NOT_AUTHOR")
    assert second.patch(path(thread, f"/answers/{said['id']}"), {"body": "Yes."}, headers=ANY).ok()["body"] == "Yes."
    first.post(path(thread, "/delete")).problem(409, "HAS_ANSWERS")
    second.post(path(thread, f"/answers/{said['id']}/delete")).ok(204)
    first.post(path(thread, "/delete")).ok(204)
    first.get(path(thread)).problem(404, "NOT_FOUND")


def test_everybody_votes_once_and_not_for_themselves(place, ask):
    first, second, mentor, _ = place["people"]
    thread = ask(first)
    said = answer(second, thread)
    for _ in range(2):
        mentor.post(path(thread, "/vote")).ok(204)
        mentor.post(path(thread, "/vote"), {"answer_id": said["id"]}).ok(204)
    first.post(path(thread, "/vote")).problem(403, "OWN_POST")
    first.post(path(thread, "/vote"), {"answer_id": str(uuid.uuid4())}).problem(404, "NOT_FOUND")
    assert first.get(path(thread)).ok()["votes"] == 1
    assert first.get(path(thread, "/answers")).ok()["items"][0]["votes"] == 1
    mentor.post(path(thread, "/vote"), {"withdraw": True}).ok(204)
    assert first.get(path(thread)).ok()["votes"] == 0


def test_a_list_is_searched_sorted_and_filtered(place, ask, lead):
    first, second, mentor, _ = place["people"]
    mark = f"zz{uuid.uuid4().hex[:10]}"
    old, liked, last = (ask(first, title=title, tags=[mark], body=f"{mark} text") for title in ("Salary talks", "Other", "Third"))
    mentor.post(path(liked, "/vote")).ok(204)
    answer(mentor, last)
    mentor.post(path(old, "/flag"), {"reason": "Off topic"}).ok(204)

    def found(person=second, **query):
        return [each["id"] for each in person.get("/v1/discussions", params={"tag": mark} | query).ok()["items"]]

    assert found() == [last["id"], liked["id"], old["id"]]
    assert found(sort="VOTES")[0] == liked["id"]
    assert found(unanswered="true") == [liked["id"], old["id"]]
    assert found(q="salary talk") == [old["id"]]
    assert found(lead, flagged="true") == [old["id"]] and found(flagged="true") == []
    lead.post(moderate(old, "pin"), {"pinned": True}).ok()
    assert found()[0] == old["id"]
    page = second.get("/v1/discussions", params={"tag": mark, "limit": 1}).ok()
    assert found(limit=2, cursor=page["next_cursor"]) == [last["id"], liked["id"]]


def test_a_word_that_everything_has_finds_everything_page_by_page(open_place, people):
    program = open_place()
    first, stranger = program["people"][0], people(9)[8]
    mark = f"zz{uuid.uuid4().hex[:10]}"
    body = {"scope": "PROGRAM", "program_id": program["id"], "body": f"{mark} again"}
    made = [first.post("/v1/discussions", body | {"title": mark if number == 7 else f"Number {number}"}).ok(201)["id"] for number in range(40)]
    found, query = [], {"q": mark, "program_id": program["id"], "limit": 15}
    while not found or query["cursor"]:
        page = first.get("/v1/discussions", params=query).ok()
        found += [each["id"] for each in page["items"]]
        query["cursor"] = page["next_cursor"]
    assert found[0] == made[7] and len(found) == 40 and set(found) == set(made)
    assert stranger.get("/v1/discussions", params={"q": mark}).ok()["items"] == []


def test_moderators_hide_restore_remove_lock_and_move(place, ask, lead, new_program):
    first, second, _, _ = place["people"]
    thread = ask(first)
    second.post(moderate(thread, "hide")).problem(403, "NOT_MODERATOR")
    assert lead.post(moderate(thread, "hide"), {"reason": "Insult"}).ok()["state"] == "HIDDEN"
    second.get(path(thread)).problem(404, "NOT_FOUND")
    assert lead.post(moderate(thread, "restore")).ok()["state"] == "OPEN"
    lead.post(moderate(thread, "remove")).problem(409, "ILLEGAL_TRANSITION")
    said = answer(second, thread)
    lead.post(moderate(thread, "hide"), {"answer_id": said["id"]}).ok()
    assert first.get(path(thread, "/answers")).ok()["items"] == []
    assert [each["state"] for each in lead.get(path(thread, "/answers")).ok()["items"]] == ["HIDDEN"]
    lead.post(moderate(thread, "restore"), {"answer_id": said["id"]}).ok()
    elsewhere = new_program()
    assert lead.post(moderate(thread, "move"), {"scope": "PROGRAM", "program_id": elsewhere["id"]}).ok()["program_id"] == elsewhere["id"]
    lead.post(moderate(thread, "move"), {"scope": "SITE"}).problem(403, "NOT_ADMIN")
    first.get(path(thread)).problem(404, "NOT_FOUND")
    lead.post(moderate(thread, "move"), {"scope": "PROGRAM", "program_id": place["id"]}).ok()
    assert lead.post(moderate(thread, "lock")).ok()["state"] == "LOCKED"
    second.post(path(thread, "/answers"), {"body": "Late"}).problem(423, "LOCKED")
    lead.post(moderate(thread, "hide")).ok()
    assert lead.post(moderate(thread, "restore")).ok()["state"] == "LOCKED"
    lead.post(moderate(thread, "hide")).ok()
    assert lead.post(moderate(thread, "remove")).ok()["state"] == "REMOVED"
    lead.post(moderate(thread, "restore")).problem(409, "ILLEGAL_TRANSITION")


def test_nobody_is_anonymous_where_the_program_does_not_allow_it(open_place):
    named = open_place()
    first = named["people"][0]
    body = {"scope": "PROGRAM", "program_id": named["id"], "title": "T", "body": "B"}
    first.post("/v1/discussions", body | {"anonymous": True}).problem(422, "ANONYMITY_OFF")
    first.post("/v1/discussions", {"scope": "SITE", "title": "T", "body": "B", "anonymous": True}).problem(422, "ANONYMITY_OFF")
    thread = first.post("/v1/discussions", body).ok(201)
    first.post(path(thread, "/answers"), {"body": "B", "anonymous": True}).problem(422, "ANONYMITY_OFF")


def test_an_anonymous_author_goes_on_by_proof_alone(place, ask, lead):
    first, second, _, _ = place["people"]
    thread = ask(first, anonymous=True)
    proof = {"proof": thread["proof"]}
    assert thread["author_id"] is None and thread["handle"].startswith("anon-")
    assert second.get(path(thread)).ok()["proof"] == "" and lead.get(path(thread)).ok()["author_id"] is None
    first.patch(path(thread), {"body": "More."}, headers=ANY).problem(403, "NOT_AUTHOR")
    second.patch(path(thread), {"body": "More.", "proof": "x" * 43}, headers=ANY).problem(403, "NOT_AUTHOR")
    assert first.patch(path(thread), {"body": "More.", **proof}, headers=ANY).ok()["body"] == "More."
    mine = answer(first, thread, "It was easy.", anonymous=True, **proof)
    assert mine["handle"] == thread["handle"] and mine["proof"] == ""
    theirs = answer(second, thread, anonymous=True)
    assert theirs["handle"] != thread["handle"] and len(theirs["proof"]) == 43
    second.post(path(thread, "/accept-answer"), {"answer_id": theirs["id"], "proof": theirs["proof"]}).problem(403, "NOT_AUTHOR")
    for accepted in (theirs, mine):
        after = first.post(path(thread, "/accept-answer"), {"answer_id": accepted["id"], **proof}).ok()
        assert (after["state"], after["accepted_answer_id"], after["author_id"]) == ("ANSWERED", accepted["id"], None)
    first.post(path(thread, f"/answers/{theirs['id']}/delete"), proof).problem(403, "NOT_AUTHOR")
    first.post(path(thread, f"/answers/{mine['id']}/delete"), proof).ok(204)


def test_an_anonymous_post_that_is_repeated_is_there_once(place):
    first = place["people"][0]
    body = {"scope": "PROGRAM", "program_id": place["id"], "title": "T", "body": "B", "anonymous": True, "proof": uuid.uuid4().hex * 2}
    thread = first.post("/v1/discussions", body).ok(201)
    assert thread["proof"] == body["proof"]
    first.post("/v1/discussions", body).problem(409, "ALREADY_POSTED")
    key = {"Idempotency-Key": uuid.uuid4().hex}
    said = {"body": "B", "anonymous": True, "proof": body["proof"]}
    first.post(path(thread, "/answers"), said, headers=key).ok(201)
    first.post(path(thread, "/answers"), said, headers=key).problem(409, "ANSWER_ALREADY_POSTED")
    assert first.get(path(thread)).ok()["answers"] == 1


def test_the_world_hears_of_an_anonymous_thread_later_and_without_a_person(place, ask, sql):
    thread = ask(place["people"][0], anonymous=True)
    events = f"from outbox where aggregate_id = '{thread['id']}' and name = 'ThreadCreated'"
    assert sql(f"select count(*) {events}") == "0"
    sql(f"update timer set due_at = now() where rpc = 'AnnounceThread' and subject_id = '{thread['id']}'")
    end = time.monotonic() + 15
    while sql(f"select count(*) {events} and actor_id is null") != "1":
        assert time.monotonic() < end
