"""What the large platform is asked: every list and report of programs, by name, as whom, for the things that are plentiful."""
import json
from dataclasses import dataclass

PROGRAM, MENTORSHIP = "/v1/programs/{program}", "/v1/mentorships/{mentorship}"
# The ids that paths and queries name, as SQL over what scale.sql left.
THINGS = {
    "program": "scale.program(1)", "mentorship": "(select id from scale.pair where j = 1)", "cohort": "scale.cohort(1, 7)",
    "mentee": "scale.person(5001)", "other": "scale.person(5100)",
    "goal": "(select min(id::text) from goal where mentorship_id = (select id from scale.pair where j = 1))",
    "task": "(select id from task where mentorship_id = (select id from scale.pair where j = 1) order by id desc limit 1)",
    "module": "(select id from training_module where program_id = scale.program(1) and position = 2)",
    "survey": "(select id from survey where program_id = scale.program(1) and title = 'Pulse 1')",
    "wave": "(select id from survey_wave where program_id = scale.program(1) and title = 'Pulse 1' order by opens_at desc limit 1)",
    "thread": "md5('thread1')::uuid", "resource": "(select id from resource where title = 'How to begin, part 12')",
    "opportunity": "(select id from opportunity where title = 'A seat 2')",
    "membership": "(select id from scale.member where n = 1)", "certificate": "(select id from certificate where holder_id = scale.person(1) limit 1)",
    "introduction": "(select id from introduction where introduced_by = scale.person(1) limit 1)",
}


@dataclass
class Call:
    rpc: str
    person: str
    path: str  # with its query
    report: bool = False

    @property
    def name(self):
        query = self.path.partition("?")[2]
        kind = self.path.partition("/reports/")[2]
        return " ".join(word for word in (self.rpc, kind, query) if word)


def calls():
    """(rpc, as whom, path) for pages; what counts over everything is marked as a report."""
    pages = [
        ("ListPrograms", "mentee", "/v1/programs"), ("ListPrograms", "mentee", "/v1/programs?q=growing"),
        ("ListPrograms", "admin", "/v1/programs?state=DRAFT"),
        ("ListCohorts", "mentee", PROGRAM + "/cohorts"),
        ("ListFormVersions", "coordinator", PROGRAM + "/forms/MENTEE/versions"),
        ("ListMemberships", "coordinator", PROGRAM + "/memberships"),
        ("ListMemberships", "coordinator", PROGRAM + "/memberships?state=INFO_REQUESTED"),
        ("ListMemberships", "coordinator", PROGRAM + "/memberships?cohort_id={cohort}"),
        ("ListMemberships", "admin", PROGRAM + "/memberships?role=MENTOR&state=WAITLISTED"),
        ("ListMyMemberships", "mentor", "/v1/me/memberships"),
        ("ListMentorships", "coordinator", PROGRAM + "/mentorships"),
        ("ListMentorships", "coordinator", PROGRAM + "/mentorships?state=SUSPENDED"),
        ("ListMentorships", "coordinator", PROGRAM + "/mentorships?user_id={other}"),
        ("ListMentorships", "admin", PROGRAM + "/mentorships?cohort_id={cohort}"),
        ("ListMyMentorships", "mentor", "/v1/me/mentorships"), ("ListMyMentorships", "mentor", "/v1/me/mentorships?state=PAUSED"),
        ("GetTimeline", "mentee", MENTORSHIP + "/timeline"), ("GetTimeline", "mentee", MENTORSHIP + "/timeline?kinds=SURVEY"),
        ("ListAgreementVersions", "mentor", MENTORSHIP + "/agreement/versions"),
        ("GetHandovers", "mentor", MENTORSHIP + "/handover"),
        ("ListGoals", "mentee", MENTORSHIP + "/goals"), ("ListGoalCheckIns", "mentee", MENTORSHIP + "/goals/{goal}/check-ins"),
        ("ListTasks", "mentee", MENTORSHIP + "/tasks"), ("ListTasks", "mentor", MENTORSHIP + "/tasks?overdue=true"),
        ("ListTaskSubmissions", "mentor", MENTORSHIP + "/tasks/{task}/submissions"),
        ("ListTaskComments", "mentee", MENTORSHIP + "/tasks/{task}/comments"),
        ("ListMilestones", "mentor", MENTORSHIP + "/milestones"), ("GetProgress", "coordinator", MENTORSHIP + "/progress"),
        ("ListEvaluations", "mentor", MENTORSHIP + "/evaluations"),
        ("ListMyCertificates", "mentor", "/v1/me/certificates"),
        ("ListCertificateKeys", "mentee", "/.well-known/certificate-keys.json"),
        ("GetTraining", "mentee", PROGRAM + "/training"),
        ("ListTrainingCompletions", "coordinator", PROGRAM + "/training/completions"),
        ("ListTrainingCompletions", "coordinator", PROGRAM + "/training/completions?module_id={module}"),
        ("ListTrainingCompletions", "coordinator", PROGRAM + "/training/completions?user_id={mentee}"),
        ("ListSurveys", "coordinator", PROGRAM + "/surveys"), ("ListSurveyWaves", "coordinator", PROGRAM + "/surveys/{survey}/waves"),
        ("ListMySurveys", "mentee", "/v1/me/surveys"), ("ListSurveyTexts", "coordinator", "/v1/survey-waves/{wave}/texts/text"),
        ("ListSurveyResponses", "coordinator", "/v1/survey-waves/{wave}/responses"),
        ("ListImprovementActions", "coordinator", PROGRAM + "/improvement-actions"),
        ("ListImprovementActions", "coordinator", PROGRAM + "/improvement-actions?state=DONE"),
        ("ProgramHealth", "coordinator", PROGRAM + "/health"),
        ("ListResources", "mentee", "/v1/resources"), ("ListResources", "mentee", "/v1/resources?q=listening"),
        ("ListResources", "mentee", "/v1/resources?program_id={program}"), ("ListResources", "mentee", "/v1/resources?tag=tag-33"),
        ("ListResources", "coordinator", "/v1/resources?state=DRAFT"), ("ListResources", "admin", "/v1/resources?scope=SITE"),
        ("ListResourceVersions", "coordinator", "/v1/resources/{resource}/versions"),
        ("ListResourceComments", "mentee", "/v1/resources/{resource}/comments"),
        ("ListDiscussions", "mentee", "/v1/discussions"), ("ListDiscussions", "mentee", "/v1/discussions?sort=VOTES"),
        ("ListDiscussions", "mentee", "/v1/discussions?q=begin"), ("ListDiscussions", "mentee", "/v1/discussions?program_id={program}"),
        ("ListDiscussions", "mentee", "/v1/discussions?program_id={program}&sort=VOTES"),
        ("ListDiscussions", "mentor", "/v1/discussions?scope=SITE"), ("ListDiscussions", "coordinator", "/v1/discussions?flagged=true"),
        ("ListDiscussions", "mentee", "/v1/discussions?unanswered=true"), ("ListDiscussions", "mentee", "/v1/discussions?tag=tag-33"),
        ("ListAnswers", "mentee", "/v1/discussions/{thread}/answers"),
        ("ListOpportunities", "mentee", PROGRAM + "/opportunities"), ("ListOpportunities", "mentee", PROGRAM + "/opportunities?state=CLOSED"),
        ("ListApplications", "mentor", PROGRAM + "/opportunities/{opportunity}/applications"),
        ("ListMyIntroductions", "mentor", "/v1/me/introductions"),
    ]
    reports = [(rpc, "coordinator", f"{PROGRAM}/reports/{kind}{end}") for rpc, end in (("GetReport", ""), ("GetReportFile", "/csv"))
               for kind in ("funnel", "matching", "engagement", "goals", "satisfaction", "outcomes", "equity")]
    reports += [("ProgramConformance", "coordinator", PROGRAM + "/conformance"),
                ("GetSurveyResults", "coordinator", "/v1/survey-waves/{wave}/results"),
                ("GetCertificateRevocations", "mentee", "/.well-known/certificate-revocations.json"),
                ("ProgramReadiness", "coordinator", PROGRAM + "/readiness")]
    return [Call(*page) for page in pages] + [Call(*report, report=True) for report in reports]


def left_out(contract):
    """Lists and reports of the contract that are not asked."""
    asked = {call.rpc for call in calls()}
    rpcs = [rpc for rpc in json.loads(contract.read_text())["rpcs"] if rpc["service"] == "programs" and rpc["verb"] == "GET"]
    return [rpc["name"] for rpc in rpcs if rpc["name"] not in asked
            and (rpc["name"].startswith("List") or any(field["name"] == "cursor" for field in rpc["fields"]) or "/reports/" in rpc["path"])]
