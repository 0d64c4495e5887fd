"""Memberships: joining, deciding, places, gates, and who may see what."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

import bus
from conftest import ANSWERS, at, eventually


def together(*calls):
    """Makes the calls at the same instant; their answers."""
    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result() for future in [pool.submit(call) for call in calls]]


def path(membership):
    return f"/v1/memberships/{membership['id']}"


def state(person, membership):
    return person.get(path(membership)).ok()["state"]


# Beginning to register


def test_a_registration_begins_as_a_draft_for_thirty_days(people, new_program, start):
    person, program = people(1)[0], new_program()
    draft = start(person, program)
    assert draft["state"] == "DRAFT" and draft["open"] and draft["user_id"] == person.id and draft["role"] == "MENTEE"
    assert draft["program_id"] == program["id"] and draft["version"] == "1" and draft["form_version"] is None
    assert draft["expires_at"][:10] > at(days=29)[:10]
    assert person.get(path(draft)).ok() == draft
    mine = person.get("/v1/me/memberships?limit=1").ok()["items"][0]
    assert mine["id"] == draft["id"] and mine["program_title"] == program["title"] and mine["program_slug"] == program["slug"]


def test_nobody_joins_without_signing_in(site, new_program):
    assert site.post(f"/v1/programs/{new_program()['id']}/memberships", {"role": "MENTEE"}).status == 401


def test_an_unknown_role_is_malformed(people, new_program):
    assert people(1)[0].post(f"/v1/programs/{new_program()['id']}/memberships", {"role": "TOURIST"}).status == 400


def test_a_program_that_one_does_not_find_cannot_be_joined(people, new_program, new_draft):
    for program in (new_program(visibility="HIDDEN"), new_draft(), {"id": str(uuid.uuid4())}):
        people(1)[0].post(f"/v1/programs/{program['id']}/memberships", {"role": "MENTEE"}).problem(404, "NOT_FOUND")


def test_joining_twice_is_refused_with_the_membership(people, new_program, start):
    person, program = people(1)[0], new_program()
    draft = start(person, program)
    problem = person.post(f"/v1/programs/{program['id']}/memberships", {"role": "MENTEE"}).problem(409, "ALREADY_MEMBER")
    assert problem["membership_id"] == draft["id"]


def test_joining_twice_at_the_same_instant_makes_one_membership(people, new_program):
    person, program = people(1)[0], new_program()
    answers = together(*[lambda role=role: person.post(f"/v1/programs/{program['id']}/memberships", {"role": role})
                         for role in ("MENTEE", "MENTOR") * 3])
    assert sorted(answer.status for answer in answers) == [201] + [409] * 5
    made = next(answer for answer in answers if answer.status == 201).ok(201)
    assert {answer.problem(409, "ALREADY_MEMBER")["membership_id"] for answer in answers if answer.status == 409} == {made["id"]}


def test_a_program_is_joined_or_deleted_but_not_both(sql, lead, people, new_program):
    for _ in range(5):
        program = new_program()
        deleted, *joined = together(lambda: lead.delete(f"/v1/programs/{program['id']}", headers={"If-Match": "*"}), *[
            lambda person=person: person.post(f"/v1/programs/{program['id']}/memberships", {"role": "MENTEE"}) for person in people(3)])
        stays = any(answer.status == 201 for answer in joined)
        assert deleted.status == (409 if stays else 204), deleted.text
        assert {answer.status for answer in joined} == {201 if stays else 404}
        assert sql(f"select count(*) from program where id = '{program['id']}'") == ("1" if stays else "0")


def test_both_roles_are_for_programs_that_say_so(people, new_program, start):
    person = people(1)[0]
    one, both = new_program(), new_program(both_roles=True)
    start(person, one)
    person.post(f"/v1/programs/{one['id']}/memberships", {"role": "MENTOR"}).problem(409, "ALREADY_MEMBER")
    assert start(person, both)["id"] != start(person, both, "MENTOR")["id"]


def test_whether_one_holds_both_roles_may_change(lead, people, new_program, start):
    def let(both_roles):
        lead.patch(path, {"both_roles": both_roles}, headers={"If-Match": "*"}).ok()

    (one, other), program = people(2), new_program()
    path = f"/v1/programs/{program['id']}"
    start(one, program)
    let(True)
    one.post(f"{path}/memberships", {"role": "MENTEE"}).problem(409, "ALREADY_MEMBER")
    start(one, program, "MENTOR")
    start(other, program, "MENTOR")
    let(False)
    for person, role in ((one, "MENTEE"), (one, "MENTOR"), (other, "MENTEE"), (other, "MENTOR")):
        person.post(f"{path}/memberships", {"role": role}).problem(409, "ALREADY_MEMBER")


def test_joining_while_that_changes_makes_one_membership(lead, people, new_program):
    program = new_program()
    path = f"/v1/programs/{program['id']}"
    for turn, person in enumerate(people(6)):
        changed, *joined = together(
            lambda turn=turn: lead.patch(path, {"both_roles": turn % 2 == 0}, headers={"If-Match": "*"}),
            *[lambda person=person: person.post(f"{path}/memberships", {"role": "MENTEE"})] * 3)
        changed.ok()
        assert sorted(answer.status for answer in joined) == [201, 409, 409]


def test_the_same_key_begins_one_registration(people, new_program):
    person, program = people(1)[0], new_program()
    key = {"Idempotency-Key": str(uuid.uuid4())}
    first = person.post(f"/v1/programs/{program['id']}/memberships", {"role": "MENTEE"}, headers=key).ok(201)
    again = person.post(f"/v1/programs/{program['id']}/memberships", {"role": "MENTEE"}, headers=key)
    assert again.ok(201) == first and again.headers["Idempotent-Replay"] == "true"
    person.post(f"/v1/programs/{program['id']}/memberships", {"role": "MENTOR"}, headers=key).problem(422, "IDEMPOTENCY_KEY_REUSE")


@pytest.mark.parametrize("opens, closes", [(1, 2), (-2, -1)])
def test_registration_is_closed_outside_its_dates(people, new_program, new_cohort, opens, closes):
    program, opens, closes = new_program(), at(days=opens), at(days=closes)
    new_cohort(program, registration_opens_at=opens, registration_closes_at=closes)
    problem = people(1)[0].post(f"/v1/programs/{program['id']}/memberships", {"role": "MENTEE"}).problem(422, "REGISTRATION_CLOSED")
    assert problem["opens_at"] == opens and problem["closes_at"] == closes


def test_one_joins_the_current_cohort_unless_told(people, new_program, new_cohort, start):
    one, other = people(2)
    program = new_program()
    current = new_cohort(program)
    later = new_cohort(program, registration_opens_at=at(days=30), registration_closes_at=at(days=40))
    assert start(one, program)["cohort_id"] == current["id"]
    other.post(f"/v1/programs/{program['id']}/memberships", {"role": "MENTEE", "cohort_id": later["id"]}).problem(422, "REGISTRATION_CLOSED")
    foreign = new_cohort(new_program())
    other.post(f"/v1/programs/{program['id']}/memberships", {"role": "MENTEE", "cohort_id": foreign["id"]}).problem(422, "UNKNOWN_COHORT")


def test_registration_that_closed_meanwhile_takes_nothing_in(lead, people, new_program, new_cohort, start):
    person, program = people(1)[0], new_program()
    cohort = new_cohort(program)
    draft = start(person, program)
    person.put(f"{path(draft)}/answers", {"form_version": 1, "answers": ANSWERS}).ok()
    eventually(lambda: lead.post(f"/v1/programs/{program['id']}/cohorts/{cohort['id']}/close").status == 200)
    person.post(f"{path(draft)}/submit").problem(422, "REGISTRATION_CLOSED")


def test_an_archived_program_takes_no_half_filled_form(lead, people, new_program, start):
    person, program = people(1)[0], new_program()
    draft = start(person, program)
    lead.post(f"/v1/programs/{program['id']}/archive").ok()
    person.put(f"{path(draft)}/answers", {"form_version": 1, "answers": ANSWERS}).ok()
    person.post(f"{path(draft)}/submit").problem(422, "REGISTRATION_CLOSED")
    assert person.post(f"{path(draft)}/withdraw").ok()["state"] == "WITHDRAWN"


def test_a_program_by_invitation_is_joined_in_the_role_of_the_invitation(sql, people, new_program):
    person, program = people(1)[0], new_program(mentor_admission="INVITE", mentee_admission="INVITE")
    join = f"/v1/programs/{program['id']}/memberships"
    person.post(join, {"role": "MENTOR"}).problem(403, "INVITATION_NEEDED")
    sql(f"insert into program_role (program_id, user_id, role, source_id) "
        f"values ('{program['id']}', '{person.id}', 'MENTOR', '{uuid.uuid4()}')")
    person.post(join, {"role": "MENTEE"}).problem(403, "INVITATION_NEEDED")
    person.post(join, {"role": "MENTOR"}).ok(201)


def test_a_draft_expires_after_thirty_days(sql, people, new_program, start):
    (person, other), program = people(2), new_program()
    draft, kept = start(person, program), start(other, program)
    assert sql("select due_at > now() + interval '29 days' from timer where rpc = 'ExpireDrafts'") == "t"
    sql(f"update membership set expires_at = now() where id = '{draft['id']}'; "
        f"update timer set due_at = now() where rpc = 'ExpireDrafts'")
    eventually(lambda: state(person, draft) == "EXPIRED")
    assert sql(f"select due_at > now() and due_at <= expires_at from timer, membership where rpc = 'ExpireDrafts' "
               f"and id = '{kept['id']}'") == "t"
    start(person, program)


# Deciding


def test_a_registration_is_approved_by_a_coordinator(lead, people, new_program, apply):
    person, program = people(1)[0], new_program()
    member = apply(person, program)
    assert member["state"] == "SUBMITTED" and member["submitted_at"] and member["expires_at"] is None
    approved = lead.post(f"{path(member)}/approve").ok()
    assert approved["state"] == "ACTIVE" and approved["decided_by"] == lead.id and approved["decided_at"]
    assert lead.get(f"/v1/programs/{program['id']}").ok()["mentees"] == 1
    again = lead.post(f"{path(member)}/approve").ok()
    assert again["version"] == approved["version"]


def test_open_admission_skips_the_review(people, new_program, apply):
    member = apply(people(1)[0], new_program(mentee_admission="OPEN"))
    assert member["state"] == "ACTIVE" and member["decided_by"] is None
    again = people(1)[0].post(f"{path(member)}/submit").ok()
    assert again["version"] == member["version"]


def test_a_rejection_has_a_reason(lead, people, new_program, apply):
    member = apply(people(1)[0], new_program())
    assert lead.post(f"{path(member)}/reject", {}).status in (400, 422)
    rejected = lead.post(f"{path(member)}/reject", {"reason_code": "NOT_A_FIT"}).ok()
    assert rejected["state"] == "REJECTED" and rejected["reason_code"] == "NOT_A_FIT" and not rejected["open"]


def test_a_coordinator_asks_and_the_person_answers(lead, people, new_program, apply):
    person = people(1)[0]
    member = apply(person, new_program())
    asked = lead.post(f"{path(member)}/request-info", {"info_question": "Which weekdays?"}).ok()
    assert asked["state"] == "INFO_REQUESTED" and asked["info_question"] == "Which weekdays?"
    lead.post(f"{path(member)}/request-info", {"info_question": "And which hours?"}).problem(409, "ALREADY_ASKED")
    lead.post(f"{path(member)}/approve").problem(409, "ILLEGAL_TRANSITION")
    person.put(f"{path(member)}/answers", {"form_version": 1, "answers": [{"key": "note", "text": "Mondays"}]}).ok()
    answered = person.post(f"{path(member)}/answer-info", {"info_answer": "Mondays."}).ok()
    assert answered["state"] == "UNDER_REVIEW" and answered["info_answer"] == "Mondays."
    assert lead.post(f"{path(member)}/approve").ok()["state"] == "ACTIVE"
    person.post(f"{path(member)}/answer-info", {"info_answer": "Tuesdays."}).problem(409, "ILLEGAL_TRANSITION")


def test_required_answers_are_not_taken_back_while_being_asked(lead, people, new_program, apply):
    person = people(1)[0]
    member = apply(person, new_program())
    lead.post(f"{path(member)}/request-info", {"info_question": "Which weekdays?"}).ok()
    person.put(f"{path(member)}/answers", {"form_version": 1, "answers": [{"key": "why"}]}).ok()
    person.post(f"{path(member)}/answer-info", {"info_answer": "Mondays."}).problem(422, "REQUIRED", "/answers/why")
    assert state(person, member) == "INFO_REQUESTED"


def test_a_registration_is_taken_under_review(lead, people, new_program, apply):
    member = apply(people(1)[0], new_program())
    assert lead.post(f"{path(member)}/review").ok()["state"] == "UNDER_REVIEW"
    assert lead.post(f"{path(member)}/approve").ok()["state"] == "ACTIVE"


def test_a_withdrawn_registration_cannot_be_approved(lead, people, new_program, apply):
    person = people(1)[0]
    member = apply(person, new_program())
    assert person.post(f"{path(member)}/withdraw").ok()["state"] == "WITHDRAWN"
    problem = lead.post(f"{path(member)}/approve").problem(409, "ILLEGAL_TRANSITION")
    assert problem["from"] == "WITHDRAWN" and problem["allowed"] == []


def test_approving_and_withdrawing_at_the_same_instant_come_one_after_the_other(lead, people, new_program, apply):
    person = people(1)[0]
    for _ in range(5):
        program = new_program()
        member = apply(person, program)
        approve, withdraw = together(lambda: lead.post(f"{path(member)}/approve"), lambda: person.post(f"{path(member)}/withdraw"))
        assert withdraw.ok()["state"] == "WITHDRAWN" and state(person, member) == "WITHDRAWN"
        assert approve.status == 200 or approve.problem(409, "ILLEGAL_TRANSITION")
        assert lead.get(f"/v1/programs/{program['id']}").ok()["mentees"] == 0


def test_a_member_pauses_and_resumes_and_keeps_the_place(lead, people, new_program, apply):
    person, program = people(1)[0], new_program(mentee_admission="OPEN")
    member = apply(person, program)
    assert person.post(f"{path(member)}/pause").ok()["state"] == "PAUSED"
    assert lead.get(f"/v1/programs/{program['id']}").ok()["mentees"] == 1
    assert person.post(f"{path(member)}/resume").ok()["state"] == "ACTIVE"
    assert lead.post(f"{path(member)}/pause").ok()["state"] == "PAUSED"
    assert lead.post(f"{path(member)}/remove", {"reason_code": "INACTIVE"}).ok()["state"] == "REMOVED"
    assert lead.get(f"/v1/programs/{program['id']}").ok()["mentees"] == 0


def test_a_registration_that_waits_cannot_be_resumed_into_a_place(people, lead, new_program, apply):
    member = apply(people(1)[0], new_program())
    people(1)[0].post(f"{path(member)}/resume").problem(409, "ILLEGAL_TRANSITION")
    lead.post(f"{path(member)}/resume").problem(409, "ILLEGAL_TRANSITION")


# Coming back


def test_after_withdrawing_one_may_apply_again(people, new_program, apply):
    person, program = people(1)[0], new_program()
    person.post(f"{path(apply(person, program))}/withdraw").ok()
    assert apply(person, program)["state"] == "SUBMITTED"


def test_after_a_rejection_one_may_apply_again_when_the_reason_was_not_now(lead, people, new_program, apply):
    person, program = people(1)[0], new_program()
    lead.post(f"{path(apply(person, program))}/reject", {"reason_code": "NOT_NOW"}).ok()
    apply(person, program)


def test_after_another_rejection_an_admin_has_to_allow_it(lead, admin, people, new_program, apply):
    person, program = people(1)[0], new_program()
    join = f"/v1/programs/{program['id']}/memberships"
    member = apply(person, program)
    admin.post(f"{path(member)}/allow-reapplying").problem(409, "ILLEGAL_TRANSITION")
    lead.post(f"{path(member)}/reject", {"reason_code": "NOT_A_FIT"}).ok()
    person.post(join, {"role": "MENTEE"}).problem(403, "MAY_NOT_REAPPLY")
    assert lead.post(f"{path(member)}/allow-reapplying").status in (403, 404)
    assert admin.post(f"{path(member)}/allow-reapplying").ok()["may_reapply"]
    person.post(join, {"role": "MENTEE"}).ok(201)


def test_who_was_removed_comes_back_in_no_role_unless_allowed(lead, admin, people, new_program, apply):
    person, program = people(1)[0], new_program(both_roles=True)
    join = f"/v1/programs/{program['id']}/memberships"
    mentor, mentee = apply(person, program, "MENTOR"), apply(person, program)
    lead.post(f"{path(mentor)}/approve").ok()
    lead.post(f"{path(mentor)}/remove", {"reason_code": "CONDUCT"}).ok()
    person.post(f"{path(mentee)}/withdraw").ok()
    for role in ("MENTEE", "MENTOR"):
        person.post(join, {"role": role}).problem(403, "MAY_NOT_REAPPLY")
    admin.post(f"{path(mentor)}/allow-reapplying").ok()
    person.post(join, {"role": "MENTEE"}).ok(201)


def test_who_was_turned_down_may_apply_in_the_other_role(lead, people, new_program, apply):
    person, program = people(1)[0], new_program()
    lead.post(f"{path(apply(person, program, 'MENTOR'))}/reject", {"reason_code": "NOT_A_FIT"}).ok()
    person.post(f"/v1/programs/{program['id']}/memberships", {"role": "MENTOR"}).problem(403, "MAY_NOT_REAPPLY")
    apply(person, program)


# Who sees what (P-R1, P-R3)


def test_a_draft_is_seen_by_its_owner_only(lead, admin, people, new_program, start):
    person, stranger = people(2)
    program = new_program()
    draft = start(person, program)
    for other in (lead, admin, stranger):
        other.get(path(draft)).problem(404, "NOT_FOUND")
        other.post(f"{path(draft)}/approve").problem(404, "NOT_FOUND")
    assert lead.get(f"/v1/programs/{program['id']}/memberships").ok()["items"] == []


def test_applications_are_not_shown_to_mentors(people, new_program, apply):
    mentor, mentee = people(2)
    program = new_program(mentor_admission="OPEN")
    assert apply(mentor, program, "MENTOR")["state"] == "ACTIVE"
    application = apply(mentee, program)
    mentor.get(path(application)).problem(404, "NOT_FOUND")
    mentor.get(f"{path(application)}/answers").problem(404, "NOT_FOUND")
    mentor.get(f"/v1/programs/{program['id']}/memberships").problem(404, "NOT_FOUND")


def test_the_members_of_a_program_are_hidden_from_strangers(site, people, new_program, apply):
    person, stranger = people(2)
    program = new_program(mentee_admission="OPEN", visibility="MEMBERS")
    apply(person, program)
    for one in (person, stranger):
        one.get(f"/v1/programs/{program['id']}/memberships").problem(404, "NOT_FOUND")
    assert site.get(f"/v1/programs/{program['id']}/memberships").status == 401
    hidden = new_program(visibility="HIDDEN")
    stranger.get(f"/v1/programs/{hidden['id']}/memberships").problem(404, "NOT_FOUND")


DECISIONS = [("approve", None), ("waitlist", None), ("review", None), ("reject", {"reason_code": "OTHER"}),
             ("remove", {"reason_code": "OTHER"}), ("request-info", {"info_question": "?"})]


def test_one_cannot_decide_about_oneself(people, new_program, apply):
    person, stranger = people(2)
    member = apply(person, new_program())
    for step, body in DECISIONS:
        person.post(f"{path(member)}/{step}", body).problem(403, "OWN_MEMBERSHIP")
        stranger.post(f"{path(member)}/{step}", body).problem(404, "NOT_FOUND")
    for step in ("withdraw", "submit", "pause"):
        stranger.post(f"{path(member)}/{step}").problem(404, "NOT_FOUND")


def test_not_even_coordinators_decide_about_themselves(lead, new_program, apply):
    program = new_program()
    member = apply(lead, program)
    for step, body in DECISIONS:
        lead.post(f"{path(member)}/{step}", body).problem(403, "OWN_MEMBERSHIP")
    outcome = lead.post(f"/v1/programs/{program['id']}/memberships/bulk-decide",
                        {"decisions": [{"membership_id": member["id"], "verdict": "APPROVE"}]}).ok()["items"][0]
    assert (outcome["state"], outcome["changed"], outcome["code"]) == ("SUBMITTED", False, "OWN_MEMBERSHIP")
    assert state(lead, member) == "SUBMITTED"


def test_not_even_admins_let_themselves_apply_again(lead, admin, new_program, apply):
    member = apply(admin, new_program())
    lead.post(f"{path(member)}/reject", {"reason_code": "CONDUCT"}).ok()
    admin.post(f"{path(member)}/allow-reapplying").problem(403, "OWN_MEMBERSHIP")


def test_members_do_not_learn_who_has_decided_about_them(lead, people, new_program, apply):
    person = people(1)[0]
    member = apply(person, new_program())
    assert lead.post(f"{path(member)}/approve").ok()["decided_by"] == lead.id
    assert person.get(path(member)).ok()["decided_by"] is None
    for step in ("submit", "pause", "resume", "withdraw"):
        assert person.post(f"{path(member)}/{step}").ok()["decided_by"] is None
    assert lead.get(path(member)).ok()["decided_by"] == lead.id


def test_coordinators_filter_and_page_through_memberships(lead, people, new_program, apply):
    program = new_program(both_roles=True, mentee_admission="OPEN")
    persons = people(4)
    mentees = [apply(person, program)["id"] for person in persons]
    mentors = [apply(person, program, "MENTOR")["id"] for person in persons[:2]]
    base = f"/v1/programs/{program['id']}/memberships"

    def listed(query):
        return [item["id"] for item in lead.get(f"{base}?{query}").ok()["items"]]

    assert listed("role=MENTOR") == mentors and listed("state=ACTIVE") == mentees and listed("state=ACTIVE&role=MENTOR") == []
    seen, cursor = [], ""
    for _ in range(3):
        page = lead.get(f"{base}?limit=2{cursor}").ok()
        seen += [item["id"] for item in page["items"]]
        cursor = f"&cursor={page['next_cursor']}"
    assert seen == mentees + mentors and page["next_cursor"] in ("", None)


# Places (P-R4)


def test_the_last_place_goes_to_exactly_one(lead, people, new_program, apply):
    persons = people(6)
    program = new_program(mentee_capacity=1)
    members = [apply(person, program) for person in persons]
    answers = together(*[lambda member=member: lead.post(f"{path(member)}/approve") for member in members])
    assert sorted(answer.ok()["state"] for answer in answers) == ["ACTIVE"] + ["WAITLISTED"] * 5
    program = lead.get(f"/v1/programs/{program['id']}").ok()
    assert program["mentees"] == 1


def test_the_last_place_goes_to_exactly_one_where_admission_is_open(people, lead, new_program, start):
    persons = people(6)
    program = new_program(mentee_capacity=2, mentee_admission="OPEN")
    drafts = [start(person, program) for person in persons]
    for person, draft in zip(persons, drafts):
        person.put(f"{path(draft)}/answers", {"form_version": 1, "answers": ANSWERS}).ok()
    answers = together(*[lambda person=person, draft=draft: person.post(f"{path(draft)}/submit") for person, draft in zip(persons, drafts)])
    assert sorted(answer.ok()["state"] for answer in answers) == ["ACTIVE"] * 2 + ["WAITLISTED"] * 4
    assert lead.get(f"/v1/programs/{program['id']}").ok()["mentees"] == 2


def test_a_place_given_back_goes_to_who_has_waited_longest(lead, people, new_program, apply):
    first, second, third = people(3)
    program = new_program(mentee_capacity=1, mentee_admission="OPEN")
    holds, waits, waits_too = (apply(person, program) for person in (first, second, third))
    assert [one["state"] for one in (holds, waits, waits_too)] == ["ACTIVE", "WAITLISTED", "WAITLISTED"]
    first.post(f"{path(holds)}/withdraw").ok()
    eventually(lambda: state(second, waits) == "ACTIVE")
    assert state(third, waits_too) == "WAITLISTED"
    assert lead.get(f"/v1/programs/{program['id']}").ok()["mentees"] == 1


def test_more_places_take_in_who_waits(lead, people, new_program, apply):
    persons = people(3)
    program = new_program(mentee_capacity=1, mentee_admission="OPEN")
    members = [apply(person, program) for person in persons]
    lead.patch(f"/v1/programs/{program['id']}", {"mentee_capacity": 3}, headers={"If-Match": "*"}).ok()
    eventually(lambda: [state(person, member) for person, member in zip(persons, members)] == ["ACTIVE"] * 3)


def filled(sql, program):
    """Whether free places have been offered."""
    return sql(f"select count(*) from timer where rpc = 'FillPlaces' and subject_id = '{program['id']}'") == "0"


def test_a_paused_program_fills_its_places_when_it_goes_on(sql, lead, people, new_program, apply):
    first, second = people(2)
    program = new_program(mentee_capacity=1, mentee_admission="OPEN")
    holds, waits = apply(first, program), apply(second, program)
    lead.post(f"/v1/programs/{program['id']}/pause").ok()
    first.post(f"{path(holds)}/withdraw").ok()
    eventually(lambda: filled(sql, program))
    assert state(second, waits) == "WAITLISTED"
    lead.post(f"/v1/programs/{program['id']}/resume").ok()
    eventually(lambda: state(second, waits) == "ACTIVE")


def test_an_archived_program_takes_nobody_any_more(sql, lead, people, new_program, apply):
    first, second, third = people(3)
    program = new_program(mentee_capacity=1, both_roles=True, mentee_admission="OPEN")
    holds, waits, asks = apply(first, program), apply(second, program), apply(third, program, "MENTOR")
    lead.post(f"/v1/programs/{program['id']}/archive").ok()
    first.post(f"{path(holds)}/withdraw").ok()
    eventually(lambda: filled(sql, program))
    assert state(second, waits) == "WAITLISTED"
    for member in (waits, asks):
        lead.post(f"{path(member)}/approve").problem(409, "ARCHIVED")


def test_no_place_goes_to_who_is_suspended(sql, lead, admin, people, new_person, new_program, apply):
    first, second, third = people(1)[0], new_person(), new_person()
    program = new_program(mentee_capacity=1, mentee_admission="OPEN")
    holds, waits, waits_too = (apply(person, program) for person in (first, second, third))
    admin.post(f"/v1/admin/users/{second.id}/suspend", {"reason": "test"}).ok()
    eventually(lambda: sql(f"select suspended from suspension where user_id = '{second.id}'") == "t")
    first.post(f"{path(holds)}/withdraw").ok()
    eventually(lambda: state(third, waits_too) == "ACTIVE")
    assert state(lead, waits) == "WAITLISTED"
    admin.post(f"/v1/admin/users/{second.id}/reactivate", {"reason": "test"}).ok()
    third.post(f"{path(waits_too)}/withdraw").ok()
    eventually(lambda: state(lead, waits) == "ACTIVE")


def test_who_is_reinstated_gets_the_place_that_was_left(sql, lead, admin, people, new_person, new_program, apply):
    first, second = people(1)[0], new_person()
    program = new_program(mentee_capacity=1, mentee_admission="OPEN")
    holds, waits = apply(first, program), apply(second, program)
    admin.post(f"/v1/admin/users/{second.id}/suspend", {"reason": "test"}).ok()
    eventually(lambda: sql(f"select suspended from suspension where user_id = '{second.id}'") == "t")
    first.post(f"{path(holds)}/withdraw").ok()
    eventually(lambda: filled(sql, program))
    assert state(lead, waits) == "WAITLISTED"
    admin.post(f"/v1/admin/users/{second.id}/reactivate", {"reason": "test"}).ok()
    eventually(lambda: state(lead, waits) == "ACTIVE")


def test_a_full_program_says_waitlist(site, people, new_program, apply):
    program = new_program(mentee_capacity=1, mentor_capacity=0, mentee_admission="OPEN")
    apply(people(1)[0], program)
    assert site.get(f"/v1/programs/{program['id']}").ok()["label"] == "WAITLIST"


def test_places_of_a_cohort_count_within_those_of_the_program(lead, people, new_program, new_cohort, apply):
    one, other = people(2)
    program = new_program(mentee_capacity=5, mentee_admission="OPEN")
    cohort = new_cohort(program, mentee_capacity=1)
    assert [apply(person, program)["state"] for person in (one, other)] == ["ACTIVE", "WAITLISTED"]
    assert lead.get(f"/v1/programs/{program['id']}/cohorts/{cohort['id']}").ok()["mentees"] == 1


def test_nobody_on_the_wait_list_is_approved_without_a_place(lead, people, new_program, apply):
    one, other = people(2)
    program = new_program(mentee_capacity=1, mentee_admission="OPEN")
    apply(one, program)
    lead.post(f"{path(apply(other, program))}/approve").problem(409, "NO_PLACE")


def test_a_mentors_place_is_not_a_mentees(people, new_program, apply):
    one, other = people(2)
    program = new_program(mentee_capacity=1, mentor_capacity=1, mentee_admission="OPEN", mentor_admission="OPEN")
    assert apply(one, program)["state"] == "ACTIVE" and apply(other, program, "MENTOR")["state"] == "ACTIVE"


# Several decisions at once


def test_bulk_decisions_are_taken_one_by_one(lead, people, new_program, apply):
    one, two, three = people(3)
    program, other = new_program(mentee_capacity=1), new_program()
    approved, rejected, gone = (apply(person, program) for person in (one, two, three))
    foreign = apply(one, other)
    three.post(f"{path(gone)}/withdraw").ok()
    decisions = [{"membership_id": approved["id"], "verdict": "APPROVE"}, {"membership_id": foreign["id"], "verdict": "APPROVE"},
                 {"membership_id": gone["id"], "verdict": "APPROVE"},
                 {"membership_id": rejected["id"], "verdict": "REJECT", "reason_code": "NO_PLACE"}]
    outcomes = lead.post(f"/v1/programs/{program['id']}/memberships/bulk-decide", {"decisions": decisions}).ok()["items"]
    assert [(item["membership_id"], item["state"], item["changed"], item["code"]) for item in outcomes] == [
        (approved["id"], "ACTIVE", True, ""), (foreign["id"], None, False, "NOT_FOUND"),
        (gone["id"], "WITHDRAWN", False, "ILLEGAL_TRANSITION"), (rejected["id"], "REJECTED", True, "")]
    assert state(one, approved) == "ACTIVE" and state(one, foreign) == "SUBMITTED" and state(two, rejected) == "REJECTED"


def test_bulk_decisions_are_refused_when_they_make_no_sense(lead, people, new_program, apply):
    program = new_program()
    member = apply(people(1)[0], program)
    bulk = f"/v1/programs/{program['id']}/memberships/bulk-decide"
    reject, approve = {"membership_id": member["id"], "verdict": "REJECT"}, {"membership_id": member["id"], "verdict": "APPROVE"}
    lead.post(bulk, {"decisions": [reject]}).problem(422, "REQUIRED", "/decisions/0/reason_code")
    lead.post(bulk, {"decisions": [approve, approve]}).problem(422, "DUPLICATE", "/decisions/1/membership_id")
    people(1)[0].post(bulk, {"decisions": [approve]}).problem(403, "NOT_COORDINATOR")
    assert state(people(1)[0], member) == "SUBMITTED"


# Gates (P-R2)


def test_a_mentor_from_outside_waits_for_vetting(lead, admin, as_safety, people, new_program, apply):
    person = people(1)[0]
    program = new_program(external_mentors=True, vetting_profile_id=str(uuid.uuid4()))
    member = apply(person, program, "MENTOR")
    assert member["waiting_for"] == ["VETTING"]
    assert lead.post(f"{path(member)}/approve").ok()["state"] == "APPROVED"
    for one in (lead, admin):
        assert one.post(f"{path(member)}/approve").ok()["state"] == "APPROVED"
        one.post(f"{path(member)}/resume").problem(409, "ILLEGAL_TRANSITION")
    assert lead.get(f"/v1/programs/{program['id']}").ok()["mentors"] == 1
    assert as_safety("ClearGate", bus.field(1, member["id"]) + bus.field(2, 1)) is None
    cleared = person.get(path(member)).ok()
    assert cleared["state"] == "ACTIVE" and cleared["waiting_for"] == []


def test_what_was_cleared_before_is_not_waited_for(lead, as_safety, people, new_program, apply):
    person = people(1)[0]
    member = apply(person, new_program(vetting_profile_id=str(uuid.uuid4())), "MENTOR")
    assert as_safety("ClearGate", bus.field(1, member["id"]) + bus.field(2, 1)) is None
    assert state(person, member) == "SUBMITTED"
    assert lead.post(f"{path(member)}/approve").ok()["state"] == "ACTIVE"


def test_clearing_what_nobody_waits_for_is_harmless(as_safety, people, new_program, apply):
    person = people(1)[0]
    member = apply(person, new_program(mentee_admission="OPEN"))
    assert as_safety("ClearGate", bus.field(1, member["id"]) + bus.field(2, 1)) is None
    assert person.get(path(member)).ok()["version"] == member["version"]
    assert as_safety("ClearGate", bus.field(1, str(uuid.uuid4())) + bus.field(2, 1)) == "NOT_FOUND"


def test_a_mentee_waits_for_no_vetting(lead, people, new_program, apply):
    member = apply(people(1)[0], new_program(vetting_profile_id=str(uuid.uuid4())))
    assert lead.post(f"{path(member)}/approve").ok()["state"] == "ACTIVE"


# Events


@pytest.mark.parametrize("service", ["matching", "scheduling", "safety"])
def test_the_other_services_know_who_is_a_member(sql, people, new_program, apply, service):
    person = people(1)[0]
    member = apply(person, new_program(mentee_admission="OPEN"))

    def known():
        return sql(f"select role, state, version from {service}.member where membership_id = '{member['id']}'")

    eventually(lambda: known() == f"MENTEE|ACTIVE|{member['version']}")
    left = person.post(f"{path(member)}/withdraw").ok()
    eventually(lambda: known() == f"MENTEE|WITHDRAWN|{left['version']}")


def test_every_step_is_told_once(sql, lead, people, new_program, apply):
    person = people(1)[0]
    member = apply(person, new_program())
    lead.post(f"{path(member)}/approve").ok()
    lead.post(f"{path(member)}/approve").ok()
    person.post(f"{path(member)}/pause").ok()
    person.post(f"{path(member)}/resume").ok()
    person.post(f"{path(member)}/withdraw").ok()
    lead.post(f"{path(member)}/approve").problem(409, "ILLEGAL_TRANSITION")
    told = sql(f"select name from outbox where aggregate_id = '{member['id']}' order by occurred_at, id").split()
    assert told == ["MembershipStarted", "MembershipSubmitted", "MembershipApproved", "MembershipActivated", "MembershipPaused",
                    "MembershipResumed", "MembershipWithdrawn"]
