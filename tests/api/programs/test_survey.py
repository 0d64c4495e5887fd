"""Surveys: their waves, who is asked, and what is told of the answers."""

import uuid

import pytest

from blind import Token, data, is_proven
from conftest import at, day, eventually

STEPS = [{"title": "How is it going?", "questions": [
    {"key": "mood", "title": "How content are you?", "kind": "SCALE", "min": 1, "max": 5, "required": True},
    {"key": "again", "title": "Would you do it again?", "kind": "SINGLE",
     "choices": [{"key": "yes", "title": "Yes"}, {"key": "no", "title": "No"}]},
    {"key": "words", "title": "In your words?", "kind": "LONG", "max": 200}]}]


def answers(mood=4, again="yes", words=None):
    given = [{"key": "mood", "number": mood}, {"key": "again", "choices": [again]}]
    return given + ([{"key": "words", "text": words}] if words else [])


@pytest.fixture(scope="module")
def party(people, new_program, apply):
    """A program with two mentors and six mentees."""
    program = new_program(mentee_admission="OPEN", mentor_admission="OPEN")
    crowd = people(8)
    for number, person in enumerate(crowd):
        apply(person, program, "MENTOR" if number < 2 else "MENTEE")
    return program, crowd


@pytest.fixture
def ask(lead):
    """ask(program, **survey): a survey whose first wave is due now; answers it."""
    def make(program, **more):
        survey = {"title": f"Survey {uuid.uuid4().hex[:8]}", "audience": "BOTH", "trigger": "CADENCE", "first_at": at(), "open_days": 7,
                  "anonymity": "CONFIDENTIAL", "steps": STEPS, **more}
        return lead.post(f"/v1/programs/{program['id']}/surveys", {key: value for key, value in survey.items() if value is not None}).ok(201)

    return make


@pytest.fixture
def open_wave(ask, waves):
    """open_wave(program, **survey): the first wave of a new survey, open."""
    def make(program, **more):
        survey = ask(program, **more)
        return eventually(lambda: [wave for wave in waves(survey) if wave["state"] == "OPEN"])[0]

    return make


@pytest.fixture
def waves(lead):
    return lambda survey: lead.get(f"/v1/programs/{survey['program_id']}/surveys/{survey['id']}/waves").ok()["items"]


@pytest.fixture
def close(sql, lead):
    """close(wave): its time is over."""
    def do(wave):
        sql(f"update survey_wave set closes_at = now() where id = '{wave['id']}'; select schedule('CloseSurveyWave', '{wave['id']}', now())")
        eventually(lambda: sql(f"select state from survey_wave where id = '{wave['id']}'") == "CLOSED")

    return do


def respond(person, wave, given):
    return person.put(f"/v1/survey-waves/{wave['id']}/response", {"answers": given})


def results(person, wave):
    return person.get(f"/v1/survey-waves/{wave['id']}/results")


def mine(person, wave):
    return next((each for each in person.get("/v1/me/surveys?limit=200").ok()["items"] if each["id"] == wave["id"]), None)


def texts(person, wave, key="words", query=""):
    return person.get(f"/v1/survey-waves/{wave['id']}/texts/{key}{query}")


def responses(person, wave, query=""):
    return person.get(f"/v1/survey-waves/{wave['id']}/responses{query}")


def question(result, key):
    return next(each for each in result["questions"] if each["key"] == key)


def draw(person, wave):
    """A token, checked against the key that everybody is shown."""
    token = Token()
    answer = person.post(f"/v1/survey-waves/{wave['id']}/token", {"blinded": token.blinded}).ok()
    return token.take(answer, mine(person, wave)["public_key"])


def answer_anonymously(site, wave, token, given):
    return site.post(f"/v1/survey-waves/{wave['id']}/anonymous-response", token.spend(given))


# Waves


def test_a_wave_opens_at_its_time_for_those_who_take_part(party, open_wave, people):
    program, crowd = party
    wave = open_wave(program, audience="MENTEE")
    assert wave["seats"] == 6 and wave["closes_at"] > at(days=6)
    asked = mine(crowd[2], wave)
    assert asked["steps"][0]["questions"][0]["key"] == "mood" and asked["program_title"] == program["title"] and asked["answers"] == []
    assert mine(crowd[0], wave) is None


def test_who_changes_roles_while_a_wave_opens_is_asked_once(people, new_program, apply, open_wave, close, lead):
    """In the role that they had when it opened; their answer counts there."""
    program = new_program(mentee_admission="OPEN", mentor_admission="OPEN")
    crowd = people(8)
    memberships = [apply(person, program, "MENTOR" if number < 2 else "MENTEE") for number, person in enumerate(crowd)]
    wave = open_wave(program, breakdown="ROLE")
    changed = crowd[7]
    changed.post(f"/v1/memberships/{memberships[7]['id']}/withdraw").ok()
    apply(changed, program, "MENTOR")
    assert [each["id"] for each in changed.get("/v1/me/surveys?limit=200").ok()["items"] if each["program_id"] == program["id"]] == [wave["id"]]
    for person in crowd[2:]:
        respond(person, wave, answers()).ok()
    close(wave)
    told = results(lead, wave).ok()
    assert (told["seats"], told["responses"]) == (8, 6)
    assert [(part["part"], part["responses"]) for part in told["parts"]] == [("MENTEE", 6)]


def test_a_cadence_brings_the_next_wave(party, ask, waves):
    survey = ask(party[0], every_days=30, first_at=at(days=-70))
    both = eventually(lambda: waves(survey) if len(waves(survey)) == 2 else None)
    assert [wave["state"] for wave in both] == ["SCHEDULED", "OPEN"]
    assert at(days=19) < both[0]["opens_at"] < at(days=21)


def test_a_survey_that_has_ended_opens_no_further_wave(party, ask, waves, lead):
    survey = ask(party[0], first_at=at(days=3))
    path = f"/v1/programs/{survey['program_id']}/surveys/{survey['id']}"
    assert [wave["state"] for wave in waves(survey)] == ["SCHEDULED"]
    ended = lead.post(path + "/end").ok()
    assert ended["ended_at"] and lead.post(path + "/end").ok() == ended
    assert waves(survey) == []


def test_cohorts_are_asked_on_their_day_and_when_they_close(people, new_program, new_cohort, apply, ask, waves, lead):
    person, program = people(1)[0], new_program(mentee_admission="OPEN")
    cohort = new_cohort(program, starts_on=day(0), ends_on=day(30))
    apply(person, program)
    third, last = ask(program, trigger="DAY", day=3, first_at=None), ask(program, trigger="AT_CLOSE", first_at=None)
    assert waves(third) == waves(last) == []
    path = f"/v1/programs/{program['id']}/cohorts/{cohort['id']}"
    eventually(lambda: lead.get(path).ok()["state"] == "REGISTRATION_OPEN")
    for step in ("close", "start-matching", "start"):
        lead.post(f"{path}/{step}").ok()
    assert [wave["state"] for wave in waves(third)] == ["SCHEDULED"] and at(days=1) < waves(third)[0]["opens_at"] < at(days=4)
    lead.post(path + "/end").ok()
    wave = eventually(lambda: [each for each in waves(last) if each["state"] == "OPEN"])[0]
    assert wave["cohort_id"] == cohort["id"] and wave["seats"] == 1 and mine(person, wave)


def test_who_changes_while_a_wave_is_open_keeps_the_seat(people, new_program, apply, open_wave, lead):
    stays, comes = people(2)
    program = new_program(mentee_admission="OPEN", mentor_admission="OPEN", both_roles=True)
    member = apply(stays, program)
    wave = open_wave(program, audience="MENTEE")
    stays.post(f"/v1/memberships/{member['id']}/withdraw").ok()
    apply(stays, program, "MENTOR")
    apply(comes, program)
    respond(stays, wave, answers()).ok()
    respond(comes, wave, answers()).problem(404, "NOT_FOUND")
    assert lead.get(f"/v1/programs/{program['id']}/surveys/{wave['survey_id']}/waves").ok()["items"][0]["seats"] == 1


def test_open_waves_keep_the_questions_they_were_opened_with(party, open_wave, lead):
    program, crowd = party
    wave = open_wave(program)
    path = f"/v1/programs/{program['id']}/surveys/{wave['survey_id']}"
    survey = lead.get(path)
    other = [{"title": "Else", "questions": [{"key": "else", "title": "Else?", "kind": "SHORT"}]}]
    changed = lead.patch(path, {"steps": other}, headers={"If-Match": survey.headers["ETag"]}).ok()
    assert changed["steps"][0]["title"] == "Else" and changed["title"] == survey.json()["title"]
    respond(crowd[0], wave, answers()).ok()
    lead.patch(path, {"title": "New"}, headers={"If-Match": survey.headers["ETag"]}).problem(412, "STALE")


# Answers


def test_answers_can_be_replaced_while_the_wave_is_open_and_not_after(party, open_wave, close, sql):
    program, crowd = party
    wave = open_wave(program)
    assert not respond(crowd[2], wave, answers(mood=1)).ok()["replaced"]
    again = respond(crowd[2], wave, answers(mood=5)).ok()
    assert again["replaced"] and again["answers"][0]["number"] == 5
    assert mine(crowd[2], wave)["answers"][0]["number"] == 5
    assert sql(f"select count(*) from outbox where name = 'SurveyResponded' and aggregate_id = '{wave['id']}'") == "1"
    close(wave)
    respond(crowd[2], wave, answers()).problem(410, "SURVEY_CLOSED")


def test_answers_have_to_fit_the_questions(party, open_wave):
    program, crowd = party
    wave = open_wave(program)
    respond(crowd[2], wave, answers()[1:]).problem(422, "REQUIRED", "/answers/mood")
    respond(crowd[2], wave, answers(mood=6)).problem(422, "OUT_OF_RANGE", "/answers/0/number")
    respond(crowd[2], wave, answers(again="perhaps")).problem(422, "UNKNOWN_CHOICE", "/answers/1/choices/0")
    respond(crowd[2], wave, answers() + [{"key": "why", "text": "x"}]).problem(422, "UNKNOWN_QUESTION", "/answers/2/key")


@pytest.mark.parametrize("wrong, status, code, pointer", [
    ({"first_at": None}, 422, "CADENCE_NEEDS_FIRST_AT", None),
    ({"trigger": "DAY"}, 422, "DAY_NEEDS_DAY", None),
    ({"trigger": "AFTER_LUNCH"}, 400, "UNKNOWN_VALUE", "/trigger"),
    ({"anonymity": "ANONYMOUS", "breakdown": "ROLE"}, 422, "ANONYMOUS_HAS_NO_BREAKDOWN", None),
    ({"steps": [{"title": "File", "questions": [{"key": "file", "title": "A file?", "kind": "FILE"}]}]}, 422, "WRONG_KIND",
     "/steps/0/questions/0/kind"),
])
def test_a_survey_that_makes_no_sense_is_refused(party, lead, wrong, status, code, pointer):
    survey = {"title": "Wrong", "audience": "BOTH", "trigger": "CADENCE", "first_at": at(), "open_days": 7, "anonymity": "NAMED",
              "steps": STEPS} | wrong
    lead.post(f"/v1/programs/{party[0]['id']}/surveys", survey).problem(status, code, pointer)


# Results


def test_results_are_told_when_the_wave_has_closed_and_to_those_asked_when_published(party, open_wave, close, lead, people):
    program, crowd = party
    stranger = people(9)[8]
    wave = open_wave(program)
    for number, person in enumerate(crowd[:6]):
        respond(person, wave, answers(words=f"So far, {6 - number}")).ok()
    for told in (results, texts, responses):
        told(lead, wave).problem(409, "STILL_OPEN")
    close(wave)
    result = results(lead, wave).ok()
    assert result["responses"] == 6 and result["seats"] == 8 and not result["withheld"]
    assert question(result, "mood")["mean"] == 4.0 and question(result, "mood")["cells"] == [{"value": "4", "count": 6}]
    assert question(result, "words")["texts"] == 6 and responses(lead, wave).ok()["items"] == []
    first = texts(lead, wave, query="?limit=4").ok()
    second = texts(lead, wave, query=f"?limit=4&cursor={first['next_cursor']}").ok()
    assert [each["text"] for each in first["items"] + second["items"]] == [f"So far, {n}" for n in range(1, 7)] and second["next_cursor"] == ""
    results(crowd[0], wave).problem(409, "NOT_PUBLISHED")
    results(stranger, wave).problem(404, "NOT_FOUND")
    crowd[0].post(f"/v1/survey-waves/{wave['id']}/publish").problem(404, "NOT_FOUND")
    assert lead.post(f"/v1/survey-waves/{wave['id']}/publish").ok()["state"] == "PUBLISHED"
    told = results(crowd[0], wave).ok()
    assert question(told, "mood")["mean"] == 4.0 and question(told, "words")["texts"] == 0
    for person in (crowd[0], stranger):
        texts(person, wave).problem(404, "NOT_FOUND")
        responses(person, wave).problem(404, "NOT_FOUND")


def test_a_wave_can_be_closed_before_its_time(party, open_wave, lead, sql):
    program, crowd = party
    wave = open_wave(program)
    path = f"/v1/survey-waves/{wave['id']}/close"
    respond(crowd[0], wave, answers()).ok()
    crowd[0].post(path).problem(404, "NOT_FOUND")
    closed = lead.post(path).ok()
    assert closed["state"] == "CLOSED" and closed["closes_at"] < wave["closes_at"]
    assert lead.post(path).ok() == closed
    respond(crowd[1], wave, answers()).problem(410, "SURVEY_CLOSED")
    assert sql(f"select count(*) from outbox where name = 'SurveyClosed' and aggregate_id = '{wave['id']}'") == "1"


def test_fewer_than_five_answers_are_not_told(party, open_wave, close, lead):
    program, crowd = party
    wave = open_wave(program)
    for person in crowd[:4]:
        respond(person, wave, answers()).ok()
    close(wave)
    result = results(lead, wave).ok()
    assert result["withheld"] and result["questions"] == [] and result["parts"] == []


def test_a_small_cell_withholds_every_count_of_its_question(party, open_wave, close, lead):
    program, crowd = party
    wave = open_wave(program)
    for number, person in enumerate(crowd):
        respond(person, wave, answers(mood=5 if number else 1, again="yes" if number < 5 else "no", words="x" if number < 4 else None)).ok()
    close(wave)
    result = results(lead, wave).ok()
    for key in ("mood", "again"):
        assert question(result, key)["cells"] == [] and question(result, key)["withheld"] and question(result, key)["answered"] == 8
    words = question(result, "words")
    assert words["texts"] == 0 and words["answered"] is None and words["withheld"]
    assert texts(lead, wave).ok()["items"] == []


def test_a_part_that_is_too_small_withholds_the_whole_breakdown(party, open_wave, close, lead):
    program, crowd = party
    wave = open_wave(program, breakdown="ROLE")
    for person in crowd:
        respond(person, wave, answers()).ok()
    close(wave)
    result = results(lead, wave).ok()
    assert result["parts"] == [] and question(result, "mood")["cells"] == [{"value": "4", "count": 8}]


def test_a_breakdown_leaves_nothing_to_subtract(people, new_program, apply, open_wave, close, lead):
    """Five mentors and six mentees; a question that one part answered too rarely is told of neither."""
    crowd, program = people(11), new_program(mentee_admission="OPEN", mentor_admission="OPEN")
    for number, person in enumerate(crowd):
        apply(person, program, "MENTOR" if number < 5 else "MENTEE")
    wave = open_wave(program, breakdown="ROLE")
    for number, person in enumerate(crowd):
        given = answers(again="yes" if number < 5 else "no")
        respond(person, wave, given[:1] if number == 0 else given).ok()
    close(wave)
    result = results(lead, wave).ok()
    assert [(part["part"], part["responses"]) for part in result["parts"]] == [("MENTEE", 6), ("MENTOR", 5)]
    for part in result["parts"]:
        assert question(part, "mood")["mean"] == 4.0
        assert question(part, "again")["answered"] is None and question(part, "again")["cells"] == []
    whole = question(result, "again")
    assert whole["withheld"] and whole["cells"] == []


def test_a_named_survey_tells_its_coordinator_who_said_what(party, open_wave, close, lead):
    program, crowd = party
    wave = open_wave(program, anonymity="NAMED", breakdown="ROLE")
    for person, mood in zip(crowd[:3], (2, 2, 2)):
        respond(person, wave, answers(mood, words="Hm")).ok()
    close(wave)
    result = results(lead, wave).ok()
    first = responses(lead, wave, "?limit=2").ok()
    named = first["items"] + responses(lead, wave, f"?limit=2&cursor={first['next_cursor']}").ok()["items"]
    assert [(each["user_id"], each["answers"][0]["number"]) for each in named] == [(person, 2) for person in sorted(each.id for each in crowd[:3])]
    assert question(result, "words")["texts"] == 3 and len(texts(lead, wave).ok()["items"]) == 3
    assert question(result, "mood")["mean"] == 2.0 and [part["part"] for part in result["parts"]] == ["MENTEE", "MENTOR"]
    lead.post(f"/v1/survey-waves/{wave['id']}/publish").ok()
    told = results(crowd[0], wave).ok()
    assert told["withheld"] and told["questions"] == []


def test_only_coordinators_run_surveys(party, open_wave):
    program, crowd = party
    wave = open_wave(program)
    path = f"/v1/programs/{program['id']}/surveys"
    crowd[0].get(path).problem(404, "NOT_FOUND")
    crowd[0].post(path, {"title": "Mine", "audience": "BOTH", "trigger": "AT_CLOSE", "open_days": 7, "anonymity": "NAMED",
                         "steps": STEPS}).problem(403, "NOT_COORDINATOR")
    crowd[0].post(f"{path}/{wave['survey_id']}/end").problem(404, "NOT_FOUND")


# Anonymous surveys


@pytest.fixture
def anonymous_wave(open_wave, party):
    return open_wave(party[0], anonymity="ANONYMOUS")


def test_an_anonymous_answer_is_given_with_a_token_by_nobody(party, anonymous_wave, site, close, lead):
    crowd, wave = party[1], anonymous_wave
    for person in crowd[:5]:
        answer_anonymously(site, wave, draw(person, wave), answers(mood=5)).ok(204)
    assert mine(crowd[0], wave)["token_drawn"] and not mine(crowd[6], wave)["token_drawn"]
    close(wave)
    result = results(lead, wave).ok()
    assert result["responses"] == 5 and question(result, "mood")["mean"] == 5.0


def test_a_token_is_drawn_once_and_used_once(party, anonymous_wave, site):
    person, wave = party[1][0], anonymous_wave
    token = Token()
    path = f"/v1/survey-waves/{wave['id']}/token"
    first = person.post(path, {"blinded": token.blinded}).ok()
    again = person.post(path, {"blinded": token.blinded}).ok()
    assert again["evaluated"] == first["evaluated"]
    person.post(path, {"blinded": Token().blinded}).problem(409, "TOKEN_DRAWN")
    token.take(first, mine(person, wave)["public_key"])
    answer_anonymously(site, wave, token, answers(mood=9)).problem(422, "OUT_OF_RANGE", "/answers/0/number")
    answer_anonymously(site, wave, token, answers()).ok(204)
    answer_anonymously(site, wave, token, answers()).problem(410, "TOKEN_USED")


def test_everybody_is_shown_the_same_key_and_can_check_that_it_was_used(party, anonymous_wave, site):
    crowd, wave = party[1], anonymous_wave
    keys = {mine(person, wave)["public_key"] for person in crowd}
    assert keys == {site.get(f"/v1/survey-waves/{wave['id']}/key").ok()["public_key"]}
    token = Token()
    answer = crowd[0].post(f"/v1/survey-waves/{wave['id']}/token", {"blinded": token.blinded}).ok()
    assert is_proven(data(keys.pop()), token.point, data(answer["evaluated"]), data(answer["proof"]))
    assert not is_proven(Token().point, token.point, data(answer["evaluated"]), data(answer["proof"]))


def test_what_is_no_token_of_the_wave_opens_nothing(party, anonymous_wave, open_wave, site, people):
    crowd, wave = party[1], anonymous_wave
    token = draw(crowd[0], wave)
    other = open_wave(party[0], anonymity="ANONYMOUS")
    answer_anonymously(site, other, token, answers()).problem(422, "INVALID_TOKEN")
    token.input = bytes(32)
    answer_anonymously(site, wave, token, answers()).problem(422, "INVALID_TOKEN")
    crowd[1].post(f"/v1/survey-waves/{wave['id']}/token", {"blinded": "A" * 43}).problem(422, "INVALID_POINT", "/blinded")
    people(9)[8].post(f"/v1/survey-waves/{wave['id']}/token", {"blinded": Token().blinded}).problem(404, "NOT_FOUND")


def test_an_anonymous_answer_is_taken_from_nobody_who_is_signed_in(party, anonymous_wave, open_wave, site, close):
    person, wave = party[1][0], anonymous_wave
    token = draw(person, wave)
    answer_anonymously(person, wave, token, answers()).problem(422, "SIGNED_IN")
    respond(person, wave, answers()).problem(409, "TOKEN_NEEDED")
    named = open_wave(party[0], anonymity="NAMED")
    answer_anonymously(site, named, token, answers()).problem(404, "NOT_FOUND")
    person.post(f"/v1/survey-waves/{named['id']}/token", {"blinded": token.blinded}).problem(409, "NOT_ANONYMOUS")
    close(wave)
    answer_anonymously(site, wave, token, answers()).problem(410, "SURVEY_CLOSED")
