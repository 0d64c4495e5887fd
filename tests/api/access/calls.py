"""How the sweep calls each endpoint: a well-formed request that changes nothing that a later call needs.

Whoever may not is refused before any of it matters; whoever may gets through to an answer such as 412 (a version that
was never), 409 (a step that the state does not allow), 410 (a token that was used) or a harmless 200.
"""

import json
import time
from dataclasses import dataclass, field

from access.parts import parts
from access.people import sign_in
from access.world import PDF, STEPS, png

NEVER = {"If-Match": '"999999999-0"'}


@dataclass
class Call:
    body: object = None  # JSON, or a function of the caller that answers it
    data: bytes = None  # of an upload
    query: dict = None
    headers: dict = field(default_factory=dict)
    owner: str = None  # whose thing it is about; None: the caller's own
    program: str = "ours"  # which program it is about; "any": none in particular
    session: bool = False  # ends the caller's session: made in one of its own
    parties: tuple = ()  # the kinds that are parties of the mentorship that it is about
    path: dict = field(default_factory=dict)

    def json(self, kind):
        return self.body(kind) if callable(self.body) else self.body

    def url(self, rpc, kind):
        values = {name: value(kind) if callable(value) else value for name, value in self.path.items()}
        return rpc["path"].format(**values)


def about(body=None, data=None, query=None, headers=None, owner=None, program="ours", session=False, parties=(), **path):
    return Call(body, data, query, headers or {}, owner, program, session, parties, path)


def new_address():
    return f"sweep.{time.time_ns():x}@people.example"


def calls(world):
    """By the rpc's name. What needs no path, no body and no version is not listed."""
    named = site_calls(world) | people_calls(world) | session_calls(world) | own_calls(world) | news_calls(world)
    named |= program_calls(world) | cohort_calls(world) | membership_calls(world)
    for part in parts():
        named |= part.calls(world)
    return named


def site_calls(world):
    term = {"kind": "skill", "id": world.term["id"]}
    entry = {"key": world.term["key"], "labels": [{"locale": "en", "text": "Weaving"}]}
    invitation = {"role": "MENTEE", "program_id": world.ours}
    return {
        "UpdateSite": about({}, headers=NEVER),
        "ListGrants": about(program="any"),
        "AddGrant": about({"user_id": world.spare.id, "role": "COORDINATOR", "program_id": world.ours}),
        "RevokeGrant": about(id=world.revoked_grant),
        "CreateInvitation": about(invitation),
        "ListInvitations": about(program="any"),
        "GetInvitation": about(id=world.invitation),
        "UpdateInvitation": about({}, headers=NEVER, id=world.revoked_invitation),
        "RevokeInvitation": about(id=world.revoked_invitation),
        "ResendInvitation": about(id=world.invitation),
        "PreviewInvitation": about(token=world.open_link),
        "AcceptInvitation": about(token=world.open_link),
        "ListTerms": about(kind="skill"),
        "SuggestTerms": about(query={"q": "we"}, kind="skill"),
        "AddTerm": about(entry, kind="skill"),
        "GetTerm": about(**term),
        "UpdateTerm": about({}, headers=NEVER, **term),
        "MergeTerm": about({"into_id": world.term["id"]}, **term),
        "UnmergeTerm": about(**term),
        "ImportTerms": about({"terms": [entry]}, kind="skill"),
    }


def people_calls(world):
    reason = {"reason": "The sweep."}
    return {
        "GetUser": about(id=world.spare.id),
        "InviteUser": about(lambda kind: {"email": new_address()}),
        "SuspendUser": about(reason, id=world.person("suspended").id),
        "ReactivateUser": about(reason, id=world.spare.id),
        "LockUser": about(reason, id=world.locked.id),
        "UnlockUser": about(reason, id=world.spare.id),
        "ForceLogout": about(reason, id=world.locked.id),
        "SendPasswordReset": about(reason, id=world.spare.id),
        "ProposeEmailCorrection": about(lambda kind: reason | {"new_email": new_address()}, id=world.spare.id),
        "ViewProfile": about(user_id=world.spare.id),
        "GetPhoto": about(user_id=world.spare.id),
    }


def session_calls(world):
    def registration(kind):
        return {"email": new_address(), "password": world.spare.password, "display_name": "Somebody"}

    def spent(purpose, **more):
        return about({"token": world.spent[purpose]} | more)

    return {
        "RegisterAccount": about(registration),
        "VerifyEmail": spent("VERIFY_EMAIL"),
        "ResendVerification": about(lambda kind: {"email": new_address()}),
        "ForgotPassword": about(lambda kind: {"email": new_address()}),
        "ResetPassword": spent("RESET_PASSWORD", password=world.spare.password),
        "UnlockByMail": spent("UNLOCK"),
        "ConfirmEmailChange": spent("CONFIRM_EMAIL_CHANGE"),
        "RevertEmailChange": spent("REVERT_EMAIL_CHANGE"),
        "ApproveEmailCorrection": spent("APPROVE_EMAIL_CORRECTION"),
        "Login": about({"email": world.spare.email, "password": world.spare.password}),
        "CompleteMfa": about(lambda kind: world.mfa()),
        "RefreshSession": about(lambda kind: {"refresh_token": sign_in(world.spare)["refresh_token"]}),
        "Logout": about(session=True),
        "LogoutAll": about(session=True),
        "RevokeSession": about(owner="member", id=lambda kind: world.kinds["member"].new_session()["session_id"]),
    }


def own_calls(world):
    return {
        "UpdateMe": about({}),
        "ChangePassword": about(lambda kind: {"current_password": world.spare.password, "new_password": world.spare.password}),
        "RequestEmailChange": about(lambda kind: {"new_email": new_address()}),
        "ConfirmTotp": about({"code": "000000"}),
        "PutProfile": about({}, headers=NEVER),
        "PutMentorFacet": about({}, headers=NEVER),
        "PutMenteeFacet": about({}, headers=NEVER),
        "PutVisibility": about({}, headers=NEVER),
        "PauseMentoring": about({}),
        "PutPhoto": about(data=png(), headers={"Content-Type": "image/png"}),
        "PutQuietHours": about({"quiet_from": "22:00", "quiet_to": "07:00"}),
        "PutNotificationPreferences": about({"items": []}),
    }


def news_calls(world):
    of_each = dict(zip(("support", "admin"), world.suppressions[1:]))
    return {
        "GetInboxItem": about(owner="member", id=world.inbox_item),
        "ReadInboxItem": about(owner="member", id=world.inbox_item),
        "ArchiveInboxItem": about(owner="member", id=world.inbox_item),
        "ListStream": about(headers={"Accept": "text/event-stream"}),
        "ResendDelivery": about(id=world.delivery),
        "DeleteSuppression": about(id=lambda kind: of_each.get(kind.name, world.suppressions[0])),
        "GetUnsubscription": about(token=world.unsubscribe),
        "Unsubscribe": about(token=world.unsubscribe),
    }


def program_calls(world):
    ours, archived = {"id": world.ours}, {"id": world.archived}
    form = {"program_id": world.ours, "role": "MENTEE"}
    return {
        "GetProgram": about(**ours),
        "CreateProgram": about({"title": "A program of the sweep"}, program="any"),
        "UpdateProgram": about({}, headers=NEVER, **ours),
        "DeleteProgram": about(headers=NEVER, **ours),
        "DuplicateProgram": about(**ours),
        "SubmitProgram": about(**ours),
        "ApproveProgram": about(**ours),
        "RejectProgram": about({"rejection": "Not yet."}, **ours),
        "PublishProgram": about(**ours),
        "HideProgram": about(**archived),
        "UnhideProgram": about(**ours),
        "PauseProgram": about(**archived),
        "ResumeProgram": about(**ours),
        "ArchiveProgram": about(**archived),
        "ProgramReadiness": about(**ours),
        "GetForm": about(**form),
        "PutForm": about({"steps": STEPS}, headers=NEVER, **form),
        "ListFormVersions": about(**form),
    }


def cohort_calls(world):
    program = {"program_id": world.ours}
    cancelled = program | {"id": world.cancelled}
    backwards = {"name": "Backwards", "registration_opens_at": "2030-02-01T00:00:00Z", "registration_closes_at": "2030-01-01T00:00:00Z",
                 "starts_on": "2030-03-01", "ends_on": "2030-06-01", "zone": "Europe/Athens"}
    steps = ("OpenCohort", "CloseCohort", "StartMatching", "StartCohort", "EndCohort", "CancelCohort")
    return {name: about(**cancelled) for name in steps} | {
        "CreateCohort": about(backwards, **program),
        "ListCohorts": about(**program),
        "GetCohort": about(**program, id=world.cohort),
        "UpdateCohort": about({}, headers=NEVER, **program, id=world.cohort),
    }


def membership_calls(world):
    """All about the member's former membership."""
    reason, answers = {"reason_code": "OTHER"}, {"form_version": 1, "answers": [{"key": "why", "text": "To learn."}]}
    bodies = {
        "GetMembership": None, "GetAnswers": None, "SaveAnswers": answers, "SubmitRegistration": None, "WithdrawMembership": None,
        "ReviewMembership": None, "ApproveMembership": None, "RejectMembership": reason, "WaitlistMembership": None,
        "RequestInfo": {"info_question": "Why?"}, "AnswerInfo": {"info_answer": "Because."}, "PauseMembership": None,
        "ResumeMembership": None, "RemoveMembership": reason, "AllowReapplying": None,
    }
    decision = {"membership_id": world.former, "verdict": "APPROVE"}
    former = {"owner": "member", "id": world.former}
    return {name: about(body, **former) for name, body in bodies.items()} | {
        "UploadAnswerFile": about(data=PDF, headers={"Content-Type": "application/pdf"}, **former),
        "GetAnswerFile": about(file_id=world.file, **former),
        "StartRegistration": about({"role": "MENTEE", "cohort_id": world.later}, program_id=world.ours),
        "ListMemberships": about(program_id=world.ours),
        "BulkDecide": about({"decisions": [decision]}, program_id=world.ours),
    }


def call_of(rpc, named):
    """The call of an endpoint; every one that needs something to be called with has to be named above."""
    needs = "{" in rpc["path"] or rpc["if_match"] or any(field["required"] for field in rpc["fields"])
    assert rpc["name"] in named or not needs, f"tests/api/access/calls.py does not say how {rpc['name']} is called"
    return named.get(rpc["name"], about(program="any"))


def send(session, url, rpc, call, kind, body):
    """The answer of a call; the stream of one that does not end is not read."""
    headers = dict(call.headers)
    token = kind.new_session()["access_token"] if call.session and kind.signed_in and kind.lives else kind.token()
    if token:
        headers["Authorization"] = f"Bearer {token}"
    data = call.data
    if body is not None:
        data, headers["Content-Type"] = json.dumps(body), "application/json"
    with session.request(rpc["verb"], url + call.url(rpc, kind), params=call.query, data=data, headers=headers, timeout=30,
                         stream=True) as answer:
        return answer.status_code, answer.text if "event-stream" not in answer.headers.get("Content-Type", "") else ""
