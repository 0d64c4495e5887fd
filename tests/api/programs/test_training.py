"""Training: its design, quizzes, and the gate before who has not completed it."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from conftest import eventually

READ = {"key": "read", "title": "How we work", "kind": "RESOURCE", "url": "https://ithaca.example/how"}
QUIZ = {"key": "quiz", "title": "What do you know?", "kind": "QUIZ", "pass_mark": 60, "questions": [
    {"key": "who", "title": "Who decides?", "choices": [{"key": "mentor", "title": "The mentor"}, {"key": "both", "title": "Both"}],
     "right": ["both"]},
    {"key": "what", "title": "What stays between us?", "multiple": True, "right": ["words", "notes"],
     "choices": [{"key": "words", "title": "What is said"}, {"key": "notes", "title": "Notes"}, {"key": "dates", "title": "Dates"}]}]}
EVENT = {"key": "evening", "title": "Opening evening", "kind": "EVENT"}
RIGHT = [{"key": "who", "choices": ["both"]}, {"key": "what", "choices": ["notes", "words"]}]
HALF_RIGHT = [{"key": "who", "choices": ["both"]}, {"key": "what", "choices": ["words"]}]


def module(*items, key="basics", **more):
    return {"key": key, "title": "The basics", "audience": "BOTH", "required_before": "MATCHING", "items": list(items), **more}


@pytest.fixture
def design(lead):
    """design(program, *modules): puts the training; answers it."""
    def put(program, *modules, version="*"):
        return lead.put(f"/v1/programs/{program['id']}/training", {"modules": list(modules)}, headers={"If-Match": version}).ok()

    return put


@pytest.fixture
def trained(new_program, design):
    """trained(*modules): a program with open admission for mentees and that training."""
    def make(*modules):
        program = new_program(mentee_admission="OPEN")
        return program, design(program, *modules)

    return make


def modules(person, program):
    return person.get(f"/v1/programs/{program['id']}/training").ok()["modules"]


def complete(person, of, key):
    return person.post(f"/v1/training/{of['id']}/items/{key}/complete")


def take(person, of, answers, key="quiz"):
    return person.post(f"/v1/training/{of['id']}/items/{key}/quiz", {"answers": answers})


def standing(person, membership):
    return person.get(f"/v1/memberships/{membership['id']}").ok()


# The gate


def test_whoever_has_to_be_trained_first_waits_for_the_training(people, trained, apply):
    person = people(1)[0]
    program, _ = trained(module(READ))
    member = apply(person, program)
    assert member["state"] == "ONBOARDING" and member["waiting_for"] == ["TRAINING"]


def test_the_last_item_of_the_training_lets_the_member_take_part(people, trained, apply, sql):
    person = people(1)[0]
    program, _ = trained(module(READ, QUIZ))
    member = apply(person, program)
    basics = modules(person, program)[0]
    assert complete(person, basics, "read").ok()["completed_at"] is None
    assert standing(person, member)["state"] == "ONBOARDING"
    result = take(person, basics, RIGHT).ok()
    assert result["score"] == 100 and result["passed"] and result["completed"] and result["pass_mark"] == 60
    after = standing(person, member)
    assert after["state"] == "ACTIVE" and after["waiting_for"] == []
    assert modules(person, program)[0]["completed_at"]
    events = sql(f"select string_agg(name, ',' order by id) from outbox where aggregate_id = '{member['id']}'").split(",")
    assert events.count("MembershipActivated") == 1
    assert sql(f"select count(*) from outbox where name = 'TrainingCompleted' and actor_id = '{person.id}' and aggregate_id in "
               f"(select id::text from training_completion where module_id = '{basics['id']}')") == "1"


def test_optional_training_and_that_of_the_other_role_hold_nobody_up(people, trained, apply):
    person = people(1)[0]
    program, _ = trained(module(READ, required_before=None), module(READ, key="mentors", audience="MENTOR"),
                         module(READ, key="later", required_before="FIRST_SESSION"))
    assert apply(person, program)["state"] == "ACTIVE"
    assert [each["key"] for each in modules(person, program)] == ["basics", "later"]


def test_a_training_that_is_designed_later_closes_and_opens_the_gate(people, trained, design, apply):
    person = people(1)[0]
    program, first = trained(module(READ))
    member = apply(person, program)
    assert design(program, version='"%s"' % first["version"])["version"] == "2"
    eventually(lambda: standing(person, member)["state"] == "ACTIVE")
    design(program, module(READ, key="new"))
    eventually(lambda: standing(person, member)["waiting_for"] == ["TRAINING"])
    assert standing(person, member)["state"] == "ACTIVE"


def test_the_last_two_items_done_at_one_instant_complete_the_module(people, trained, apply):
    person = people(1)[0]
    items = [dict(READ, key=f"read-{number}") for number in range(8)]
    program, _ = trained(module(*items))
    member = apply(person, program)
    basics = modules(person, program)[0]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda item: complete(person, basics, item["key"]), items))
    assert [answer.status for answer in answers] == [200] * 8
    assert standing(person, member)["state"] == "ACTIVE"


def test_completing_an_item_again_changes_nothing(people, trained, apply):
    person = people(1)[0]
    program, _ = trained(module(READ, EVENT))
    apply(person, program)
    basics = modules(person, program)[0]
    first = complete(person, basics, "read").ok()
    assert complete(person, basics, "read").ok() == first


# Validity


def test_a_completion_runs_out_and_the_gate_closes_again(people, trained, apply, sql):
    person = people(1)[0]
    program, _ = trained(module(READ, valid_days=30))
    member = apply(person, program)
    basics = modules(person, program)[0]
    assert complete(person, basics, "read").ok()["expires_at"]
    assert standing(person, member)["state"] == "ACTIVE"
    sql(f"update training_completion set expires_at = now() where module_id = '{basics['id']}'")
    eventually(lambda: standing(person, member)["waiting_for"] == ["TRAINING"])
    again = modules(person, program)[0]
    assert again["completed_at"] is None and again["items"][0]["done_at"] is None
    assert sql(f"select count(*) from outbox where name = 'TrainingExpired' and aggregate_id in "
               f"(select id::text from training_completion where module_id = '{basics['id']}')") == "1"
    complete(person, basics, "read").ok()
    after = standing(person, member)
    assert after["waiting_for"] == [] and after["state"] == "ACTIVE"
    activated = sql(f"select count(*) from outbox where name = 'MembershipActivated' and aggregate_id = '{member['id']}'")
    assert activated == "1"


def test_who_completed_a_module_stays_so_when_it_changes(people, trained, design, apply):
    person = people(1)[0]
    program, _ = trained(module(READ))
    member = apply(person, program)
    complete(person, modules(person, program)[0], "read").ok()
    design(program, module(READ, QUIZ, title="More"))
    eventually(lambda: modules(person, program)[0]["title"] == "More")
    assert modules(person, program)[0]["completed_at"] and standing(person, member)["waiting_for"] == []


def test_a_coordinator_may_have_everybody_do_a_module_again(people, trained, design, apply):
    person = people(1)[0]
    program, _ = trained(module(READ))
    member = apply(person, program)
    complete(person, modules(person, program)[0], "read").ok()
    design(program, module(READ, renew=True))
    eventually(lambda: standing(person, member)["waiting_for"] == ["TRAINING"])
    assert modules(person, program)[0]["completed_at"] is None


# Quizzes and events


def test_right_answers_are_not_sent_to_members(people, trained, apply, lead):
    person = people(1)[0]
    program, _ = trained(module(QUIZ))
    apply(person, program)
    answer = person.get(f"/v1/programs/{program['id']}/training")
    assert answer.ok()["modules"][0]["items"][0]["questions"][0]["choices"] and '"right"' not in answer.text
    person.get(f"/v1/programs/{program['id']}/training/design").problem(404, "NOT_FOUND")
    taken = take(person, answer.json()["modules"][0], HALF_RIGHT)
    assert taken.ok()["score"] == 50 and '"right"' not in taken.text
    design = lead.get(f"/v1/programs/{program['id']}/training/design").ok()
    assert design["modules"][0]["items"][0]["questions"][1]["right"] == ["words", "notes"]


def test_a_failed_quiz_is_kept_and_may_be_tried_again(people, trained, apply):
    person = people(1)[0]
    program, _ = trained(module(QUIZ))
    member = apply(person, program)
    basics = modules(person, program)[0]
    assert not take(person, basics, HALF_RIGHT).ok()["passed"]
    assert standing(person, member)["state"] == "ONBOARDING"
    assert modules(person, program)[0]["items"][0]["attempts"] == 1
    assert take(person, basics, RIGHT).ok()["passed"]
    item = modules(person, program)[0]["items"][0]
    assert item["attempts"] == 2 and item["done_at"]


def test_a_quiz_is_answered_whole_and_with_what_is_offered(people, trained, apply):
    person = people(1)[0]
    program, _ = trained(module(QUIZ, READ))
    apply(person, program)
    basics = modules(person, program)[0]
    take(person, basics, RIGHT[:1]).problem(422, "REQUIRED", "/answers/what")
    take(person, basics, RIGHT + [{"key": "why", "choices": ["both"]}]).problem(422, "UNKNOWN_QUESTION", "/answers/2/key")
    take(person, basics, RIGHT + RIGHT[:1]).problem(422, "DUPLICATE", "/answers/2/key")
    take(person, basics, [{"key": "who", "choices": ["nobody"]}, RIGHT[1]]).problem(422, "UNKNOWN_CHOICE", "/answers/0/choices/0")
    take(person, basics, [{"key": "who", "choices": ["both", "mentor"]}, RIGHT[1]]).problem(422, "OUT_OF_RANGE", "/answers/0/choices")
    take(person, basics, RIGHT, key="read").problem(409, "NOT_A_QUIZ")
    complete(person, basics, "quiz").problem(409, "QUIZ_NEEDED")
    complete(person, basics, "nothing").problem(404, "NOT_FOUND")


def test_a_coordinator_says_who_attended(people, trained, apply, lead):
    here, away, stranger = people(3)
    program, _ = trained(module(EVENT))
    one, other = apply(here, program), apply(away, program)
    basics = modules(here, program)[0]
    path = f"/v1/training/{basics['id']}/items/evening/attendance"
    complete(here, basics, "evening").problem(409, "ATTENDANCE_NEEDED")
    here.post(path, {"user_ids": [here.id]}).problem(404, "NOT_FOUND")
    lead.post(path, {"user_ids": [here.id, stranger.id]}).ok(204)
    assert standing(here, one)["state"] == "ACTIVE" and standing(away, other)["state"] == "ONBOARDING"
    done = lead.get(f"/v1/programs/{program['id']}/training/completions").ok()["items"]
    assert [each["user_id"] for each in done] == [here.id] and done[0]["module_title"] == "The basics"


# Design


@pytest.mark.parametrize("wrong, code, pointer", [
    ([module(READ), module(READ)], "DUPLICATE", "/modules/1/key"),
    ([module(READ, READ)], "DUPLICATE", "/modules/0/items/1/key"),
    ([module(dict(READ, questions=QUIZ["questions"]))], "WRONG_KIND", "/modules/0/items/0/questions"),
    ([module(dict(QUIZ, questions=[]))], "REQUIRED", "/modules/0/items/0/questions"),
    ([module(dict(QUIZ, questions=[QUIZ["questions"][0]] * 2))], "DUPLICATE", "/modules/0/items/0/questions/1/key"),
    ([module(dict(QUIZ, questions=[dict(QUIZ["questions"][0], right=["nobody"])]))], "UNKNOWN_CHOICE",
     "/modules/0/items/0/questions/0/right/0"),
    ([module(dict(QUIZ, questions=[dict(QUIZ["questions"][0], right=["both", "mentor"])]))], "OUT_OF_RANGE",
     "/modules/0/items/0/questions/0/right"),
])
def test_a_design_that_makes_no_sense_is_refused(lead, new_program, wrong, code, pointer):
    path = f"/v1/programs/{new_program()['id']}/training"
    lead.put(path, {"modules": wrong}, headers={"If-Match": "*"}).problem(422, code, pointer)


def test_a_design_needs_the_version_it_changes(lead, trained):
    program, first = trained(module(READ))
    path = f"/v1/programs/{program['id']}/training"
    lead.put(path, {"modules": []}).problem(428, "IF_MATCH_NEEDED")
    lead.put(path, {"modules": []}, headers={"If-Match": '"7"'}).problem(412, "STALE")
    assert lead.put(path, {"modules": []}, headers={"If-Match": '"%s"' % first["version"]}).ok()["modules"] == []


def test_members_and_strangers_design_no_training(people, trained, apply):
    member, stranger = people(2)
    program, _ = trained(module(READ))
    apply(member, program)
    path = f"/v1/programs/{program['id']}/training"
    for person in (member, stranger):
        person.put(path, {"modules": []}, headers={"If-Match": "*"}).problem(403, "NOT_COORDINATOR")
    stranger.get(path).problem(404, "NOT_FOUND")
    basics = modules(member, program)[0]
    complete(stranger, basics, "read").problem(404, "NOT_FOUND")
    complete(member, {"id": uuid.uuid4()}, "read").problem(404, "NOT_FOUND")


def test_the_copy_of_a_program_has_its_training(lead, trained):
    program, _ = trained(module(READ, QUIZ))
    copy = lead.post(f"/v1/programs/{program['id']}/duplicate").ok(201)
    one, other = (lead.get(f"/v1/programs/{each['id']}/training/design").ok() for each in (program, copy))
    assert other["modules"] == one["modules"] and other["version"] == "1"
