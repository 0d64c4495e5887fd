"""Evaluations: the rubric, whose eyes, and who sees what."""

import uuid

import pytest

LEVELS = [{"value": 1, "title": "Rarely"}, {"value": 3, "title": "Often"}, {"value": 5, "title": "Always"}]
RUBRIC = [{"key": "speaks", "title": "Speaks up", "levels": LEVELS}, {"key": "plans", "title": "Plans ahead", "levels": LEVELS}]
SCORES = [{"key": "speaks", "value": 3}, {"key": "plans", "value": 5, "note": "Weeks ahead"}]
ANY = {"If-Match": "*"}


@pytest.fixture(scope="module")
def rated(people, lead, working):
    """rated(mentees): (mentor, mentees, path) of a mentorship in a program with a rubric."""
    def make(count=1):
        mentor, *mentees = people(1 + count)
        made = working([mentor], mentees)
        lead.put(f"/v1/programs/{made['program_id']}/rubric", {"criteria": RUBRIC}, headers=ANY).ok()
        return mentor, mentees, f"/v1/mentorships/{made['id']}/evaluations"

    return make


def test_a_rubric_is_put_by_who_runs_the_program_and_read_by_members(lead, people, working):
    mentor, mentee, stranger = people(3)
    path = f"/v1/programs/{working([mentor], [mentee])['program_id']}/rubric"
    assert lead.get(path).ok()["version"] == "0"
    assert lead.put(path, {"criteria": RUBRIC}, headers=ANY).ok()["criteria"] == RUBRIC
    assert mentee.get(path).ok()["criteria"] == RUBRIC
    mentor.put(path, {"criteria": RUBRIC}, headers=ANY).problem(403, "NOT_COORDINATOR")
    stranger.get(path).problem(404, "NOT_FOUND")
    lead.put(path, {"criteria": RUBRIC}, headers={"If-Match": '"999999999-0"'}).problem(412, "STALE")
    for wrong in (RUBRIC + RUBRIC[:1], [RUBRIC[0] | {"levels": LEVELS + LEVELS[:1]}]):
        lead.put(path, {"criteria": wrong}, headers=ANY).problem(422, "DUPLICATE_CRITERION")


def test_mentor_mentee_and_panel_each_evaluate_for_themselves(rated, lead, people):
    mentor, (mentee,), path = rated()
    made = {person: person.put(f"{path}/END", {"scores": SCORES}).ok() for person in (mentor, mentee, lead)}
    assert [item["by"] for item in made.values()] == ["MENTOR", "SELF", "PANEL"]
    assert all(item["subject_id"] == mentee.id and item["mean"] == 400 and item["scores"][1]["note"] == "Weeks ahead" for item in made.values())
    assert [item["id"] for item in mentee.get(path).ok()["items"]] == [item["id"] for item in made.values()]
    people(4)[3].get(path).problem(404, "NOT_FOUND")
    people(4)[3].put(f"{path}/END", {"scores": SCORES}).problem(404, "NOT_FOUND")


def test_put_again_it_is_changed_until_the_mentorship_is_closed(rated, sql):
    mentor, _, path = rated()
    made = mentor.put(f"{path}/START", {"scores": SCORES}).ok()
    again = mentor.put(f"{path}/START", {"scores": [SCORES[0], SCORES[1] | {"value": 1}]}).ok()
    assert (again["id"], again["version"], again["mean"]) == (made["id"], "2", 200)
    assert sql(f"select count(*) from outbox where name = 'EvaluationRecorded' and aggregate_id = '{made['id']}'") == "2"
    sql(f"update mentorship set running = false where id = '{made['mentorship_id']}'")
    mentor.put(f"{path}/START", {"scores": SCORES}).problem(409, "MENTORSHIP_NOT_RUNNING")


@pytest.mark.parametrize("scores", [
    SCORES[:1], SCORES + [{"key": "sings", "value": 1}], [SCORES[0], SCORES[0]], [SCORES[0], SCORES[1] | {"value": 2}]])
def test_every_criterion_has_one_score_of_one_of_its_levels(rated, scores):
    mentor, _, path = rated()
    mentor.put(f"{path}/MID", {"scores": scores}).problem(422, "SCORES_DO_NOT_FIT")
    assert mentor.put(f"{path}/LATER", {"scores": SCORES}).status == 400


def test_in_a_group_each_mentee_is_evaluated_and_sees_only_their_own(rated):
    mentor, (one, other), path = rated(2)
    mentor.put(f"{path}/END", {"scores": SCORES}).problem(422, "NOT_A_MENTEE")
    mentor.put(f"{path}/END", {"scores": SCORES, "subject_id": str(uuid.uuid4())}).problem(422, "NOT_A_MENTEE")
    mentor.put(f"{path}/END", {"scores": SCORES, "subject_id": one.id}).ok()
    mentor.put(f"{path}/END", {"scores": SCORES, "subject_id": other.id}).ok()
    one.put(f"{path}/END", {"scores": SCORES, "subject_id": other.id}).problem(403, "OTHER_MENTEE")
    assert [item["subject_id"] for item in one.get(path).ok()["items"]] == [one.id]
    assert len(mentor.get(path).ok()["items"]) == 2


def test_a_program_without_a_rubric_evaluates_nobody(people, working):
    mentor, mentee = people(2)
    path = f"/v1/mentorships/{working([mentor], [mentee])['id']}/evaluations"
    mentor.put(f"{path}/END", {"scores": SCORES}).problem(409, "NO_RUBRIC")


def test_the_closing_evaluation_counts_for_the_certificate(people, lead, working):
    mentor, mentee = people(2)
    made = working([mentor], [mentee], certificate_rule="closing_evaluation.mean >= 3.5 and agreement = in_force and exit_survey = done")
    lead.put(f"/v1/programs/{made['program_id']}/rubric", {"criteria": RUBRIC}, headers=ANY).ok()
    path = f"/v1/mentorships/{made['id']}"

    def unmet():
        answer = lead.post(f"{path}/certificates/issue", {"user_id": mentee.id}, headers={"Idempotency-Key": str(uuid.uuid4())})
        return [(item["condition"], item["actual"]) for item in answer.problem(422, "CONDITIONS_UNMET")["unmet"]]

    others = [("agreement = in_force", "NONE"), ("exit_survey = done", "OPEN")]
    assert unmet() == [("closing_evaluation.mean >= 3.5", "0"), *others]
    mentor.put(f"{path}/evaluations/END", {"scores": SCORES}).ok()
    assert unmet() == others


@pytest.mark.parametrize("before", [True, False])
def test_the_closing_evaluation_is_a_step_of_the_closing(rated, before):
    mentor, (one, other), path = rated(2)
    mentorship = path.removesuffix("/evaluations")

    def is_done():
        return [bool(step["done_at"]) for step in one.get(f"{mentorship}/closure").ok()["steps"] if step["key"] == "CLOSING_EVALUATION"]

    def evaluate():
        for mentee in (one, other):
            yield mentor.put(f"{path}/END", {"scores": SCORES, "subject_id": mentee.id}).ok()

    one.put(f"{path}/END", {"scores": SCORES}).ok()
    if before:
        list(evaluate())
    mentor.post(f"{mentorship}/close", {"close_reason": "COMPLETED"}).ok()
    assert is_done() == [before]
    if not before:
        assert [is_done() for _ in evaluate()] == [[False], [True]]
