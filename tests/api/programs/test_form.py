"""Forms and answers: every kind of question, versions that never change, partial saves."""

import os
import uuid

import pytest

import stores
from conftest import ANSWERS, FORM, eventually

CHOICES = [{"key": "red", "title": "Red"}, {"key": "blue", "title": "Blue"}, {"key": "green", "title": "Green"}]
KINDS = [{"title": "Everything", "questions": [
    {"key": "short", "title": "?", "kind": "SHORT", "max": 5}, {"key": "long", "title": "?", "kind": "LONG"},
    {"key": "single", "title": "?", "kind": "SINGLE", "choices": CHOICES},
    {"key": "multi", "title": "?", "kind": "MULTI", "choices": CHOICES, "max": 2},
    {"key": "ranked", "title": "?", "kind": "RANKED", "choices": CHOICES, "min": 2, "criterion": "colour"},
    {"key": "scale", "title": "?", "kind": "SCALE", "min": 1, "max": 5}, {"key": "number", "title": "?", "kind": "NUMBER", "min": 0},
    {"key": "date", "title": "?", "kind": "DATE"}, {"key": "skills", "title": "?", "kind": "SKILL_PICK"},
    {"key": "languages", "title": "?", "kind": "LANGUAGE_PICK"}, {"key": "hours", "title": "?", "kind": "AVAILABILITY_PICK"},
    {"key": "file", "title": "?", "kind": "FILE"}, {"key": "consent", "title": "?", "kind": "CONSENT", "sensitive": True}]}]


@pytest.fixture(scope="module")
def draft_of(lead, people, new_program, start):
    """draft_of(steps): a draft of people(1)'s to a form with these steps, which is version 2."""
    def make(steps):
        program = new_program()
        lead.put(f"/v1/programs/{program['id']}/forms/MENTEE", {"steps": steps}, headers={"If-Match": '"1"'}).ok()
        return start(people(1)[0], program)

    return make


@pytest.fixture(scope="module")
def every_kind(draft_of):
    return f"/v1/memberships/{draft_of(KINDS)['id']}/answers"


def save(person, path, *answers, form_version=2):
    return person.put(path, {"form_version": form_version, "answers": list(answers)})


def test_a_form_is_read_by_whoever_finds_the_program(site, new_program):
    program = new_program()
    form = site.get(f"/v1/programs/{program['id']}/forms/MENTOR").ok()
    assert form["role"] == "MENTOR" and form["form_version"] == 1
    assert [question["key"] for question in form["steps"][0]["questions"]] == ["why", "level", "note"]


def test_every_put_makes_a_version_and_keeps_the_old_ones(lead, new_draft):
    path = f"/v1/programs/{new_draft()['id']}/forms/MENTEE"
    changed = [{"title": "Only this", "questions": [{"key": "why", "title": "Why?", "kind": "SHORT"}]}]
    assert lead.put(path, {"steps": changed}, headers={"If-Match": '"1"'}).ok()["form_version"] == 2
    assert lead.get(path).ok()["steps"][0]["title"] == "Only this"
    assert lead.get(f"{path}?form_version=1").ok()["steps"][0]["title"] == FORM[0]["title"]
    assert [item["form_version"] for item in lead.get(f"{path}/versions").ok()["items"]] == [2, 1]


def test_an_old_version_put_again_is_a_new_one(lead, new_draft):
    path = f"/v1/programs/{new_draft()['id']}/forms/MENTEE"
    old = lead.get(path).ok()
    lead.put(path, {"steps": [{"title": "Empty"}]}, headers={"If-Match": '"1"'}).ok()
    steps = [{"title": step["title"], "questions": [{k: v for k, v in question.items() if v not in (None, "", [])}
                                                    for question in step["questions"]]} for step in old["steps"]]
    again = lead.put(path, {"steps": steps}, headers={"If-Match": '"2"'}).ok()
    assert again["form_version"] == 3 and again["steps"] == old["steps"]


def test_two_coordinators_do_not_overwrite_each_other(lead, new_draft):
    path = f"/v1/programs/{new_draft()['id']}/forms/MENTEE"
    assert lead.put(path, {"steps": FORM}).status == 428
    lead.put(path, {"steps": FORM}, headers={"If-Match": '"1"'}).ok()
    lead.put(path, {"steps": FORM}, headers={"If-Match": '"1"'}).problem(412, "STALE")


def test_only_coordinators_make_forms(people, new_program):
    path = f"/v1/programs/{new_program()['id']}/forms/MENTEE"
    people(1)[0].put(path, {"steps": FORM}, headers={"If-Match": "*"}).problem(403, "NOT_COORDINATOR")
    people(1)[0].get(f"{path}/versions").problem(403, "NOT_COORDINATOR")


@pytest.mark.parametrize("question, pointer, code", [
    ({"kind": "SINGLE"}, "/choices", "REQUIRED"),
    ({"kind": "DATE", "choices": CHOICES}, "/choices", "WRONG_KIND"),
    ({"kind": "SCALE", "max": 5}, "/min", "REQUIRED"),
    ({"kind": "NUMBER", "min": 5, "max": 4}, "/min", "MIN_GT_MAX"),
])
def test_a_question_makes_sense(lead, new_draft, question, pointer, code):
    steps = [{"title": "One", "questions": [{"key": "q", "title": "?", **question}]}]
    answer = lead.put(f"/v1/programs/{new_draft()['id']}/forms/MENTEE", {"steps": steps}, headers={"If-Match": "*"})
    answer.problem(422, code, f"/steps/0/questions/0{pointer}")


def test_a_key_names_one_question(lead, new_draft):
    one = {"key": "same", "title": "?", "kind": "SHORT"}
    steps = [{"title": "One", "questions": [one]}, {"title": "Two", "questions": [one]}]
    answer = lead.put(f"/v1/programs/{new_draft()['id']}/forms/MENTEE", {"steps": steps}, headers={"If-Match": "*"})
    answer.problem(422, "DUPLICATE", "/steps/1/questions/0/key")


# Answers


@pytest.mark.parametrize("answer", [
    {"key": "short", "text": "πέντε"}, {"key": "long", "text": "Line\nby line"}, {"key": "single", "choices": ["red"]},
    {"key": "multi", "choices": ["red", "green"]}, {"key": "ranked", "choices": ["blue", "red"]}, {"key": "scale", "number": 5},
    {"key": "number", "number": 0}, {"key": "date", "date": "2028-02-29"}, {"key": "skills", "choices": [str(uuid.uuid4())]},
    {"key": "languages", "choices": ["de", "pt-BR"]}, {"key": "hours", "choices": ["MON-18", "SUN-00"]},
    {"key": "consent", "consent": False},
], ids=lambda answer: answer["key"])
def test_an_answer_that_fits_is_kept(people, every_kind, answer):
    save(people(1)[0], every_kind, answer).ok()
    kept = {item["key"]: item for item in people(1)[0].get(every_kind).ok()["answers"]}
    assert {name: kept[answer["key"]][name] for name in answer} == answer


@pytest.mark.parametrize("answer, pointer, code", [
    ({"key": "short", "text": "longer"}, "/text", "OUT_OF_RANGE"), ({"key": "short", "number": 3}, "/number", "WRONG_KIND"),
    ({"key": "single", "choices": ["red", "blue"]}, "/choices", "OUT_OF_RANGE"),
    ({"key": "single", "choices": ["black"]}, "/choices/0", "UNKNOWN_CHOICE"),
    ({"key": "multi", "choices": ["red", "blue", "green"]}, "/choices", "OUT_OF_RANGE"),
    ({"key": "multi", "choices": ["red", "red"]}, "/choices/1", "DUPLICATE"),
    ({"key": "ranked", "choices": ["red"]}, "/choices", "OUT_OF_RANGE"), ({"key": "scale", "number": 6}, "/number", "OUT_OF_RANGE"),
    ({"key": "number", "number": -1}, "/number", "OUT_OF_RANGE"), ({"key": "skills", "choices": ["c"]}, "/choices/0", "UNKNOWN_CHOICE"),
    ({"key": "hours", "choices": ["MON-24"]}, "/choices/0", "UNKNOWN_CHOICE"),
    ({"key": "consent", "text": "yes"}, "/text", "WRONG_KIND"), ({"key": "other", "text": "?"}, "/key", "UNKNOWN_QUESTION"),
])
def test_an_answer_that_does_not_fit_is_refused(people, every_kind, answer, pointer, code):
    save(people(1)[0], every_kind, answer).problem(422, code, f"/answers/0{pointer}")


def test_all_that_is_wrong_is_said_at_once(people, every_kind):
    answer = save(people(1)[0], every_kind, {"key": "scale", "number": 0}, {"key": "date", "date": "2027-01-01"},
                  {"key": "single", "choices": ["black"]}, {"key": "date", "date": "2027-01-02"})
    pointers = [error["pointer"] for error in answer.problem(422, "DUPLICATE", "/answers/3/key")["errors"]]
    assert pointers == ["/answers/0/number", "/answers/2/choices/0", "/answers/3/key"]


def test_a_date_that_does_not_exist_is_malformed(people, every_kind):
    assert save(people(1)[0], every_kind, {"key": "date", "date": "2027-02-29"}).status == 400


def test_answers_are_saved_step_by_step(people, draft_of):
    person = people(1)[0]
    steps = [{"title": "One", "questions": [{"key": "a", "title": "?", "kind": "SHORT"}]},
             {"title": "Two", "questions": [{"key": "b", "title": "?", "kind": "SHORT"}, {"key": "c", "title": "?", "kind": "SHORT"}]}]
    path = f"/v1/memberships/{draft_of(steps)['id']}/answers"
    assert person.get(path).ok() == {"id": path.split("/")[3], "form_version": 0, "answers": []}
    save(person, path, {"key": "a", "text": "first"}, {"key": "b", "text": "second"}).ok()
    save(person, path, {"key": "b", "text": "changed"}).ok()
    kept = person.get(path).ok()
    assert kept["form_version"] == 2 and [(item["key"], item["text"]) for item in kept["answers"]] == [("a", "first"), ("b", "changed")]
    assert [item["key"] for item in person.get(f"{path}?step=2").ok()["answers"]] == ["b"]


def test_answers_are_to_the_version_that_was_shown(people, draft_of, lead):
    person = people(1)[0]
    draft = draft_of(FORM)
    path = f"/v1/memberships/{draft['id']}/answers"
    assert save(person, path, *ANSWERS, form_version=1).problem(409, "FORM_CHANGED")["form_version"] == 2


def test_answers_keep_their_version_when_the_form_changes(people, draft_of, lead):
    person = people(1)[0]
    draft = draft_of(FORM)
    path = f"/v1/memberships/{draft['id']}/answers"
    save(person, path, ANSWERS[0]).ok()
    harder = [{"title": "More", "questions": [{"key": "new", "title": "?", "kind": "SHORT", "required": True}]}]
    lead.put(f"/v1/programs/{draft['program_id']}/forms/MENTEE", {"steps": harder}, headers={"If-Match": '"2"'}).ok()
    save(person, path, {"key": "new", "text": "?"}, form_version=3).problem(409, "FORM_CHANGED")
    save(person, path, ANSWERS[1]).ok()
    person.post(f"/v1/memberships/{draft['id']}/submit").ok()
    versions = lead.get(f"/v1/programs/{draft['program_id']}/forms/MENTEE/versions").ok()["items"]
    assert {item["form_version"]: item["answered"] for item in versions} == {3: "0", 2: "1", 1: "0"}


def test_nobody_else_reads_or_writes_a_drafts_answers(people, lead, draft_of):
    path = f"/v1/memberships/{draft_of(FORM)['id']}/answers"
    stranger = people(2)[1]
    for other in (stranger, lead):
        other.get(path).problem(404, "NOT_FOUND")
        save(other, path, *ANSWERS).problem(404, "NOT_FOUND")


def test_what_was_handed_in_is_read_by_coordinators_and_cannot_be_edited(people, lead, new_program, apply):
    person, stranger = people(2)
    member = apply(person, new_program())
    path = f"/v1/memberships/{member['id']}/answers"
    assert [item["key"] for item in lead.get(path).ok()["answers"]] == ["level", "why"]
    stranger.get(path).problem(404, "NOT_FOUND")
    save(person, path, *ANSWERS, form_version=1).problem(409, "NOT_EDITABLE")


def test_handing_in_names_every_question_that_is_missing(people, draft_of):
    person = people(1)[0]
    draft = draft_of(FORM)
    submit = f"/v1/memberships/{draft['id']}/submit"
    problem = person.post(submit).problem(422, "REQUIRED", "/answers/why")
    assert [error["pointer"] for error in problem["errors"]] == ["/answers/why", "/answers/level"]
    save(person, f"/v1/memberships/{draft['id']}/answers", *ANSWERS).ok()
    save(person, f"/v1/memberships/{draft['id']}/answers", {"key": "why"}).ok()
    problem = person.post(submit).problem(422, "REQUIRED", "/answers/why")
    assert len(problem["errors"]) == 1


def test_a_required_consent_must_be_given(people, draft_of):
    person = people(1)[0]
    draft = draft_of([{"title": "Rules", "questions": [{"key": "agree", "title": "I agree", "kind": "CONSENT", "required": True}]}])
    save(person, f"/v1/memberships/{draft['id']}/answers", {"key": "agree", "consent": False}).ok()
    person.post(f"/v1/memberships/{draft['id']}/submit").problem(422, "REQUIRED", "/answers/agree")
    save(person, f"/v1/memberships/{draft['id']}/answers", {"key": "agree", "consent": True}).ok()
    person.post(f"/v1/memberships/{draft['id']}/submit").ok()


# Files

PNG = (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89\x00\x00\x00\rIDATx\x9cc\xf8"
       b"\xff\xff?\x00\x05\xfe\x02\xfe\xa75\x81\x84\x00\x00\x00\x00IEND\xaeB`\x82")


def test_a_file_answers_a_question(people, lead, draft_of):
    person, stranger = people(2)
    draft = draft_of(KINDS)
    path = f"/v1/memberships/{draft['id']}"
    file = person.post(f"{path}/files", data=PNG, headers={"Content-Type": "image/png"}).ok(201)
    assert file["content_type"] == "image/png" and file["size"] == str(len(PNG))
    save(person, f"{path}/answers", {"key": "file", "file_id": file["id"]}).ok()
    answer = person.get(f"{path}/files/{file['id']}")
    assert answer.status == 200 and answer.response.content == PNG
    stranger.get(f"{path}/files/{file['id']}").problem(404, "NOT_FOUND")
    lead.get(f"{path}/files/{file['id']}").problem(404, "NOT_FOUND")
    person.post(f"{path}/submit").ok()
    assert lead.get(f"{path}/files/{file['id']}").response.content == PNG


def test_a_file_of_megabytes_is_kept_outside_of_the_database_and_read_in_ranges(people, draft_of, stack, sql):
    """The object goes with the registration."""
    person, draft = people(1)[0], draft_of(KINDS)
    path = f"/v1/memberships/{draft['id']}/files"
    content = PNG + os.urandom(1 << 20)
    file = person.post(path, data=content).ok(201)
    store = stores.Folder(stack.processes["programs"].environment["ITHACA_OBJECTS"])
    assert store.objects()[file["id"]].read_bytes() == content
    part = person.get(f"{path}/{file['id']}", headers={"Range": "bytes=300000-900000"})
    assert part.status == 206 and part.response.content == content[300000:900001]
    assert part.headers["Content-Disposition"].startswith('attachment; filename="answer.png"')
    sql(f"delete from membership where id = '{draft['id']}'")
    eventually(lambda: file["id"] not in store.objects())


def test_a_file_that_is_too_big_is_not_taken(people, draft_of):
    person, draft = people(1)[0], draft_of(KINDS)
    path = f"/v1/memberships/{draft['id']}/files"
    answer = person.post(path, data=PNG + bytes(26 << 20), headers={"Content-Type": "image/png"})
    answer.problem(413, "BODY_TOO_LARGE")
    person.post(path, data=PNG, headers={"Content-Type": "image/png"}).ok(201)


def test_a_file_that_was_not_uploaded_is_no_answer(people, every_kind):
    save(people(1)[0], every_kind, {"key": "file", "file_id": str(uuid.uuid4())}).problem(422, "UNKNOWN_FILE")


def test_a_program_is_no_file(people, draft_of):
    path = f"/v1/memberships/{draft_of(KINDS)['id']}/files"
    answer = people(1)[0].post(path, data=b"\x7fELF" + bytes(64), headers={"Content-Type": "application/pdf"})
    assert answer.status in (415, 422)
