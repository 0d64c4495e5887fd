"""Reports and conformance: figures of a program, and what it can show."""

import csv
import io
from concurrent.futures import ThreadPoolExecutor

import pytest

from conftest import at, day, eventually
from mentorships import pair

FORM = [{"title": "You", "questions": [
    {"key": "gender", "title": "=Gender", "kind": "SINGLE", "sensitive": True,
     "choices": [{"key": "a", "title": "+A"}, {"key": "b", "title": "B, or \"none\""}]}]}]
MOOD = [{"title": "Mood", "questions": [{"key": "mood", "title": "How is it?", "kind": "SCALE", "min": 1, "max": 5}]}]


@pytest.fixture(scope="module")
def joined(people, new_program, start, lead):
    """joined(*choices): a program in which as many mentees have made those choices in the sensitive question."""
    def make(*choices):
        program = new_program(mentee_admission="OPEN")
        lead.put(f"/v1/programs/{program['id']}/forms/MENTEE", {"steps": FORM}, headers={"If-Match": "*"}).ok()
        for person, choice in zip(people(len(choices)), choices):
            draft = start(person, program)
            answer_gender(person, draft, choice).ok()
            person.post(f"/v1/memberships/{draft['id']}/submit").ok()
        return program

    return make


@pytest.fixture
def report(lead):
    """report(program, kind): its rows as dicts."""
    def read(program, kind, query=""):
        answer = lead.get(f"/v1/programs/{program['id']}/reports/{kind}{query}").ok()
        return [dict(zip(answer["columns"], row["cells"])) for row in answer["rows"]]

    return read


@pytest.fixture
def miscounted(sql):
    """miscounted(): what is kept for reports and is not what the rows hold, of every program there is."""
    key = "program_id, report, cells, cohort_id, day"
    return lambda: sql(f"""select coalesce(k.report, r.report), coalesce(k.cells, r.cells), k.n, r.n
        from (select {key}, sum(n) as n from report_count group by {key} having sum(n) <> 0) k full join report_recount r using ({key})
        where k.n is distinct from r.n""")


def at_once(*calls):
    """Makes them all at the same time; answers what they answered."""
    with ThreadPoolExecutor(len(calls)) as pool:
        return [done.result() for done in [pool.submit(call) for call in calls]]


def answer_gender(person, member, choice, version=2):
    body = {"form_version": version, "answers": [{"key": "gender", "choices": [choice]}]}
    return person.put(f"/v1/memberships/{member['id']}/answers", body)


def test_the_funnel_counts_how_far_people_have_come(joined, report):
    program = joined("a", "a", "b")
    people = {row["stage"]: row["people"] for row in report(program, "funnel")}
    assert people["STARTED"] == people["SUBMITTED"] == people["ACTIVE"] == "3" and people["WITHDRAWN"] == "0"
    assert report(program, "funnel", f"?from={day(1)}") == [] and len(report(program, "funnel", f"?from={day(0)}&to={day(0)}")) == 10


def test_engagement_outcomes_and_satisfaction_of_a_program(joined, report, lead, people, sql):
    program = joined("a", "a", "b", "b", "a")
    path = f"/v1/programs/{program['id']}/surveys"
    survey = lead.post(path, {"title": "Mood", "audience": "MENTEE", "trigger": "CADENCE", "first_at": at(), "open_days": 7,
                              "anonymity": "CONFIDENTIAL", "steps": MOOD}).ok(201)["id"]
    wave = eventually(lambda: [each for each in lead.get(f"{path}/{survey}/waves").ok()["items"] if each["state"] == "OPEN"])[0]["id"]
    for person in people(5):
        person.put(f"/v1/survey-waves/{wave}/response", {"answers": [{"key": "mood", "number": 4}]}).ok()
    assert report(program, "satisfaction") == []
    sql(f"update survey_wave set closes_at = now() where id = '{wave}'; select schedule('CloseSurveyWave', '{wave}', now())")
    row, = eventually(lambda: report(program, "satisfaction"))
    assert (row["survey"], row["question"], row["answers"], row["mean"]) == ("Mood", "How is it?", "5", "4.0")
    mentees, mentors = report(program, "engagement")
    assert (mentees["people"], mentees["surveys_asked"], mentees["surveys_answered"]) == ("5", "5", "5") and mentors["people"] == "0"
    mine = people(1)[0].get("/v1/me/memberships").ok()["items"][0]["id"]
    people(1)[0].post(f"/v1/memberships/{mine}/withdraw").ok()
    assert report(program, "outcomes") == [{"what": "MEMBERSHIP MENTEE", "outcome": "WITHDRAWN", "count": "1"}]


def test_goals_are_counted_by_their_kind(people, working, report):
    mentor, mentee = people(2)
    made = working([mentor], [mentee])
    path = f"/v1/mentorships/{made['id']}/goals"
    goals = [mentee.post(path, {"title": "Speak", "kind": kind, "measure": {"type": "YES_NO"}, "draft": draft}).ok(201)
             for kind, draft in (("SKILL", False), ("SKILL", False), ("CAREER", False), ("CAREER", True))]
    mentor.post(f"{path}/{goals[0]['id']}/drop", {"reason": "Too much"}).ok()
    mentor.post(f"{path}/{goals[2]['id']}/achieve", {"partly": True, "reason": "Nearly"}).ok()
    program = {"id": made["program_id"]}
    told = report(program, "goals")
    assert [list(row.values()) for row in told] == [["CAREER", "1", "0", "0", "1", "0"], ["SKILL", "2", "1", "0", "0", "1"]]
    assert report(program, "goals", f"?from={day(1)}") == []


def test_equity_is_told_in_fives_and_not_of_fewer(joined, report, lead):
    program = joined(*"aaaaaa", *"bbbbb")
    rows = {row["choice"]: row for row in report(program, "equity")}
    assert (rows["+A"]["registered"], rows["+A"]["approved"], rows["+A"]["completed"]) == ("5", "5", "0")
    assert report(joined(*"aaaaaa", *"bbb"), "equity") == [
        {"role": "MENTEE", "question": "=Gender", "choice": "", "registered": "", "approved": "", "completed": ""}]
    path = f"/v1/programs/{program['id']}/reports/equity"
    for query in (f"?from={day(0)}", f"?to={day(0)}", f"?cohort_id={program['id']}"):
        lead.get(path + query).problem(422, "NO_FILTER")


def test_a_spreadsheet_takes_no_cell_for_a_formula(joined, lead):
    program = joined(*"aaaaa", *"bbbbb")
    answer = lead.get(f"/v1/programs/{program['id']}/reports/equity/csv")
    assert answer.status == 200 and answer.headers["Content-Type"].startswith("text/csv")
    lines = list(csv.reader(io.StringIO(answer.response.content.decode())))
    assert lines[0] == ["role", "question", "choice", "registered", "approved", "completed"]
    assert {(line[1], line[2]) for line in lines[1:]} == {("'=Gender", "'+A"), ("'=Gender", "B, or \"none\"")}


def test_no_report_names_anybody(joined, lead, people):
    program = joined("a", "b")
    for kind in ("funnel", "engagement", "goals", "satisfaction", "outcomes", "equity"):
        told = lead.get(f"/v1/programs/{program['id']}/reports/{kind}").text
        assert not any(secret in told for person in people(2) for secret in (person.id, person.email))


def test_reports_are_for_those_who_run_the_program(joined, lead, people):
    program = joined("a")
    path = f"/v1/programs/{program['id']}"
    for part in ("reports/funnel", "reports/funnel/csv", "conformance"):
        people(1)[0].get(f"{path}/{part}").problem(404, "NOT_FOUND")
    lead.get(f"{path}/reports/gossip").problem(404, "NOT_FOUND")


def test_a_program_shows_which_practices_it_follows(new_program, lead):
    program = new_program(structure="Six sessions.", guidelines="Be kind.")
    path = f"/v1/programs/{program['id']}/conformance"

    def practices(query=""):
        return {each["requirement"]: each for each in lead.get(path + query).ok()["items"]}

    before = practices()
    assert before["S4-2"]["met"] and before["S4-2"]["ids"] == [program["id"]] and before["S2-2"]["met"]
    assert not before["S0-27"]["met"] and not before["S4-8"]["met"] and not before["S1-5"]["met"]
    made = lead.post(f"/v1/programs/{program['id']}/improvement-actions",
                     {"source": "RETROSPECTIVE", "title": "Answer sooner", "due_on": day(9)}).ok(201)
    after = practices("?standard=S0")
    assert after["S0-27"]["ids"] == [made["id"]] and after["S0-27"]["count"] == 1 and "S4-2" not in after


def test_a_reporter_reads_figures_and_nothing_else(joined, lead, admin, new_person):
    """P-R21; until the grant is taken back."""
    program, reporter = joined("a"), new_person()
    path = f"/v1/programs/{program['id']}"
    reporter.get(f"{path}/reports/funnel").problem(404, "NOT_FOUND")
    grant = lead.post("/v1/admin/grants", {"user_id": reporter.id, "role": "REPORTER", "program_id": program["id"]}).ok(201)
    eventually(lambda: reporter.get(f"{path}/reports/funnel").status == 200)
    for kind in ("matching", "engagement", "goals", "satisfaction", "outcomes", "equity"):
        reporter.get(f"{path}/reports/{kind}").ok()
    assert reporter.get(f"{path}/reports/funnel/csv").status == 200
    for closed in ("memberships", "mentorships", "health", "conformance", "surveys", "readiness"):
        assert reporter.get(f"{path}/{closed}").status in (403, 404), closed
    assert reporter.post("/v1/admin/grants", {"user_id": lead.id, "role": "REPORTER", "program_id": program["id"]}).status in (403, 404)
    assert reporter.get("/v1/admin/grants").status == 403
    lead.delete(f"/v1/admin/grants/{grant['id']}").ok()
    eventually(lambda: reporter.get(f"{path}/reports/funnel").status == 404, 5)


def test_matching_counts_what_came_of_the_pairs(report, lead, people, new_program, apply):
    program = new_program(mentee_admission="OPEN", mentor_admission="OPEN")
    mentor, *mentees = people(4)
    mine = apply(mentor, program, "MENTOR")["id"]
    made = [lead.post(f"/v1/programs/{program['id']}/mentorships", {"mentor_memberships": [mine],
                                                                    "mentee_memberships": [apply(mentee, program)["id"]]}).ok(201) for mentee in mentees]
    for person in (mentor, mentees[0]):
        person.post(f"/v1/mentorships/{made[0]['id']}/accept").ok()
    mentees[1].post(f"/v1/mentorships/{made[1]['id']}/decline").ok()
    row, = report(program, "matching")
    assert [row[name] for name in ("origin", "proposed", "waiting", "begun", "declined", "expired")] == ["ADMIN", "3", "1", "1", "1", "0"]
    assert row["days_until_begun"] == "0.0" and report(program, "matching", f"?from={day(1)}") == []


def test_goals_that_change_at_the_same_instant_are_counted_as_the_rows_hold_them(people, working, report, miscounted, sql):
    mentor, *mentees = people(6)
    made = working([mentor], mentees)
    path, program = f"/v1/mentorships/{made['id']}/goals", {"id": made["program_id"]}

    def work(person, kind):
        goals = [person.post(path, {"title": "Speak", "kind": kind, "measure": {"type": "YES_NO"}}).ok(201)["id"] for _ in range(4)]
        person.post(f"{path}/{goals[0]}/drop", {"reason": "Too much"}).ok()
        person.post(f"{path}/{goals[0]}/reopen").ok()
        person.post(f"{path}/{goals[1]}/achieve", {"partly": True, "reason": "Nearly"}).ok()
        person.delete(f"{path}/{goals[2]}", headers={"If-Match": "*"}).ok(204)
        person.patch(f"{path}/{goals[3]}", {"title": "Sing"}, headers={"If-Match": "*"}).ok()
        return goals[3]

    last = at_once(*[lambda person=person: work(person, "SKILL") for person in mentees + mentees])[-1]
    assert list(report(program, "goals")[0].values()) == ["SKILL", "30", "20", "0", "10", "0"]
    assert miscounted() == ""
    sql(f"update goal set created_at = now() - interval '40 days', kind = 'CAREER' where id = '{last}'")
    assert [row["set"] for row in report(program, "goals")] == ["1", "29"]
    assert [row["kind"] for row in report(program, "goals", f"?to={day(-30)}")] == ["CAREER"]
    assert miscounted() == ""


def test_members_who_train_are_paired_and_leave_at_once_are_counted_as_the_rows_hold_them(joined, people, apply, lead, report, miscounted, sql):
    *mentees, mentor = people(7)
    program = joined(*"aabbab")
    module = {"key": "basics", "title": "Basics", "audience": "BOTH", "items": [{"key": "read", "title": "Read", "kind": "RESOURCE"}]}
    lead.put(f"/v1/programs/{program['id']}/training", {"modules": [module]}, headers={"If-Match": "*"}).ok()
    basics, = mentees[0].get(f"/v1/programs/{program['id']}/training").ok()["modules"]
    mentor_id = apply(mentor, program, "MENTOR")["id"]
    lead.post(f"/v1/memberships/{mentor_id}/approve").ok()
    own = [next(each["id"] for each in person.get("/v1/me/memberships").ok()["items"] if each["program_id"] == program["id"]) for person in mentees]
    made = [pair(lead, program, [mentor_id], [member]).ok(201)["id"] for member in own]

    def read(person):
        return person.post(f"/v1/training/{basics['id']}/items/read/complete")

    at_once(*[call for n, person in enumerate(mentees) for call in (
        lambda person=person: read(person),
        lambda n=n: (lead.post(f"/v1/memberships/{own[n]}/remove", {"reason_code": "INACTIVE"}) if n % 2 else mentor.post(f"/v1/mentorships/{made[n]}/decline")))])
    eventually(lambda: sql(f"select count(*) from mentorship where program_id = '{program['id']}' and open") == "0")
    told, mentors = report(program, "engagement")
    assert (told["people"], told["trained"], told["in_mentorships"]) == ("3", "3", "0") and mentors["people"] == "1"
    assert miscounted() == ""
    assert report(program, "engagement", f"?from={day(0)}&to={day(0)}")[0]["trained"] == "3"
    assert report(program, "engagement", f"?from={day(1)}")[0]["trained"] == "0"


def test_who_chooses_otherwise_when_asked_again_is_counted_once(people, new_program, start, lead, miscounted, report):
    program, crowd, members = new_program(), people(10), []
    lead.put(f"/v1/programs/{program['id']}/forms/MENTEE", {"steps": FORM}, headers={"If-Match": "*"}).ok()
    for person in crowd:
        members.append(start(person, program))
        answer_gender(person, members[-1], "a").ok()
        person.post(f"/v1/memberships/{members[-1]['id']}/submit").ok()
    assert [(row["choice"], row["registered"]) for row in report(program, "equity")] == [("+A", "10")]
    for person, member in list(zip(crowd, members))[:5]:
        path = f"/v1/memberships/{member['id']}"
        lead.post(f"{path}/request-info", {"info_question": "Are you sure?"}).ok()
        answer_gender(person, member, "b").ok()
        at_once(lambda: answer_gender(person, member, "b"), lambda: person.post(f"{path}/withdraw").ok())
    assert [(row["choice"], row["registered"], row["approved"]) for row in report(program, "equity")] == [
        ("+A", "5", "0"), ("B, or \"none\"", "5", "0")]
    assert miscounted() == ""
