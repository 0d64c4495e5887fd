"""Health: flags that a sweep raises and clears by rules."""

import pytest

from conftest import at, eventually

EXIT = [{"title": "You", "questions": [{"key": "exit-intent", "title": "Are you thinking of leaving?", "kind": "CONSENT"}]}]


@pytest.fixture
def sweep(sql):
    """sweep(program): now instead of within the hour."""
    def do(program):
        sql(f"select schedule('SweepHealth', '{program['id']}', now())")
        eventually(lambda: sql(f"select due_at > now() from timer where rpc = 'SweepHealth' and subject_id = '{program['id']}'") == "t")

    return do


@pytest.fixture
def flags(lead):
    return lambda program, query="": lead.get(f"/v1/programs/{program['id']}/health{query}").ok()["items"]


@pytest.fixture
def say_exit(lead, sql):
    """say_exit(person, program, yes, **survey): answers a survey about leaving."""
    def do(person, program, yes, **more):
        path = f"/v1/programs/{program['id']}/surveys"
        survey = lead.post(path, {"title": "Leaving?", "audience": "MENTEE", "trigger": "CADENCE", "first_at": at(), "open_days": 7,
                                  "anonymity": "NAMED", "steps": EXIT} | more).ok(201)["id"]
        wave = eventually(lambda: [each for each in lead.get(f"{path}/{survey}/waves").ok()["items"] if each["state"] == "OPEN"])[0]
        person.put(f"/v1/survey-waves/{wave['id']}/response", {"answers": [{"key": "exit-intent", "consent": yes}]}).ok()
        return wave["id"]

    return do


def events(sql, flag):
    return sql(f"select string_agg(name, ' ' order by id) from outbox where aggregate_id = '{flag['id']}'")


def test_who_thinks_of_leaving_is_seen_until_they_say_otherwise(people, new_program, apply, say_exit, sweep, flags, sql):
    person, program = people(1)[0], new_program(mentee_admission="OPEN")
    apply(person, program)
    wave = say_exit(person, program, True)
    sweep(program)
    sweep(program)
    flag, = flags(program)
    assert flag["rule"] == "EXIT_INTENT" and flag["user_id"] == person.id and flag["next_step"] and flag["since"]
    assert flag["values"] == [{"name": "wave_id", "value": wave}]
    say_exit(person, program, False)
    sweep(program)
    assert flags(program) == [] and events(sql, flag) == "HealthFlagRaised HealthFlagCleared"


def test_what_was_said_in_confidence_raises_no_flag(people, new_program, apply, say_exit, sweep, flags):
    person, program = people(1)[0], new_program(mentee_admission="OPEN")
    apply(person, program)
    say_exit(person, program, True, anonymity="CONFIDENTIAL")
    sweep(program)
    assert flags(program) == []


def test_an_agreement_that_stays_unsigned_is_seen(people, new_program, apply, sweep, flags, lead, sql):
    mentor, mentee = people(2)
    program = new_program(mentor_admission="OPEN", mentee_admission="OPEN")
    memberships = {"mentor_memberships": [apply(mentor, program, "MENTOR")["id"]], "mentee_memberships": [apply(mentee, program)["id"]]}
    mentorship = lead.post(f"/v1/programs/{program['id']}/mentorships", memberships).ok(201)["id"]
    sql(f"update mentorship set state = 'KICKOFF' where id = '{mentorship}'")
    sweep(program)
    assert flags(program) == []
    sql(f"update mentorship set kickoff_at = now() - interval '11 days' where id = '{mentorship}'")
    sweep(program)
    flag, = flags(program)
    assert (flag["rule"], flag["mentorship_id"], flag["user_id"]) == ("AGREEMENT_UNSIGNED", mentorship, None)
    sql(f"update mentorship set state = 'CLOSING' where id = '{mentorship}'")
    sweep(program)
    assert flags(program) == []


def test_a_mentorship_without_a_goal_is_seen_after_a_month(people, working, sweep, flags, sql):
    mentor, mentee = people(2)
    made = working([mentor], [mentee])
    program = {"id": made["program_id"]}
    sql(f"update mentorship set started_at = now() - interval '29 days' where id = '{made['id']}'")
    goals = f"/v1/mentorships/{made['id']}/goals"
    mentee.post(goals, {"title": "Speak", "kind": "SKILL", "measure": {"type": "YES_NO"}, "draft": True}).ok(201)
    sweep(program)
    assert flags(program) == []
    sql(f"update mentorship set started_at = now() - interval '31 days' where id = '{made['id']}'")
    sweep(program)
    flag, = flags(program)
    assert (flag["rule"], flag["mentorship_id"]) == ("NO_GOAL", made["id"]) and flag["next_step"] and flag["values"][0]["name"] == "started_at"
    mentee.post(goals, {"title": "Speak", "kind": "SKILL", "measure": {"type": "YES_NO"}}).ok(201)
    sweep(program)
    assert flags(program) == [] and events(sql, flag) == "HealthFlagRaised HealthFlagCleared"


def test_a_required_milestone_is_seen_when_it_is_three_weeks_late(people, working, sweep, flags, sql, lead):
    made = working(*[[person] for person in people(2)])
    program = {"id": made["program_id"]}
    items = [{"title": title, "owner_role": "EITHER", "due_days": 0, "completes_when": "MANUAL", "required": title == "Must"} for title in ("Must", "May")]
    lead.put(f"/v1/programs/{program['id']}/milestone-template", {"items": items}, headers={"If-Match": "*"}).ok()
    sql(f"select schedule('BeginMilestones', '{made['id']}', now())")
    path = f"/v1/mentorships/{made['id']}/milestones"
    must = eventually(lambda: lead.get(path).ok()["items"])[0]
    for days, seen in ((21, 0), (22, 1)):
        sql(f"update milestone set due_on = current_date - {days} where mentorship_id = '{made['id']}'")
        sweep(program)
        assert len(flags(program)) == seen
    flag, = flags(program)
    assert flag["rule"] == "MILESTONE_LATE" and {"name": "milestone_id", "value": must["id"]} in flag["values"] and flag["next_step"]
    lead.post(f"{path}/{must['id']}/skip", {"reason": "Not theirs"}).ok()
    sweep(program)
    assert flags(program) == []


def test_a_flag_is_snoozed_for_fourteen_days_at_most(people, new_program, apply, say_exit, sweep, flags, lead):
    person, program = people(1)[0], new_program(mentee_admission="OPEN")
    apply(person, program)
    say_exit(person, program, True)
    sweep(program)
    flag, = flags(program)
    path = f"/v1/health-flags/{flag['id']}/snooze"
    lead.post(path, {"days": 15}).problem(400, "OUT_OF_RANGE", "/days")
    person.post(path, {"days": 1}).problem(404, "NOT_FOUND")
    assert at(days=13) < lead.post(path, {"days": 14}).ok()["snoozed_until"] < at(days=15)
    assert flags(program) == [] and len(flags(program, "?snoozed=true")) == 1
    person.get(f"/v1/programs/{program['id']}/health").problem(404, "NOT_FOUND")


def test_parties_of_a_mentorship_that_closes_get_the_exit_survey(people, new_program, apply, lead, sql):
    mentor, mentee, other = people(3)
    program = new_program(mentor_admission="OPEN", mentee_admission="OPEN")
    memberships = {"mentor_memberships": [apply(mentor, program, "MENTOR")["id"]], "mentee_memberships": [apply(mentee, program)["id"]]}
    apply(other, program)
    path = f"/v1/programs/{program['id']}/surveys"
    survey = lead.post(path, {"title": "Farewell", "audience": "BOTH", "trigger": "AT_CLOSE", "open_days": 7, "anonymity": "NAMED",
                              "steps": EXIT}).ok(201)["id"]
    mentorship = lead.post(f"/v1/programs/{program['id']}/mentorships", memberships).ok(201)["id"]
    sql(f"update mentorship set state = 'KICKOFF' where id = '{mentorship}'; update mentorship set state = 'CLOSING' where id = '{mentorship}'")
    wave = eventually(lambda: [each for each in lead.get(f"{path}/{survey}/waves").ok()["items"] if each["state"] == "OPEN"])[0]
    asked = [bool([each for each in person.get("/v1/me/surveys").ok()["items"] if each["id"] == wave["id"]]) for person in (mentor, mentee, other)]
    assert wave["seats"] == 2 and asked == [True, True, False]
