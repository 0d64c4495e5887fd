"""Cohorts: their dates, their steps by hand and by the clock."""

import uuid

import pytest

from conftest import at, day, eventually


def version(cohort):
    return {"If-Match": f'"{cohort["version"]}"'}


def path(cohort):
    return f"/v1/programs/{cohort['program_id']}/cohorts/{cohort['id']}"


def due(sql, rpc, cohort):
    """Lets a timer ring now."""
    sql(f"update timer set due_at = now() where rpc = '{rpc}' and subject_id = '{cohort['id']}'")


def test_a_cohort_is_planned_with_its_dates(site, new_program, new_cohort):
    program = new_program()
    cohort = new_cohort(program, registration_opens_at=at(days=1), zone="Asia/Calcutta")
    assert cohort["state"] == "PLANNED" and cohort["program_id"] == program["id"]
    assert cohort["zone"] == "Asia/Kolkata"
    assert site.get(path(cohort)).ok() == cohort
    assert [item["id"] for item in site.get(f"/v1/programs/{program['id']}/cohorts").ok()["items"]] == [cohort["id"]]


@pytest.mark.parametrize("changes, code", [
    ({"registration_opens_at": at(days=8), "registration_closes_at": at(days=7)}, "OPENS_AFTER_CLOSES"),
    ({"starts_on": day(20), "ends_on": day(19)}, "STARTS_AFTER_ENDS"),
])
def test_dates_must_follow_each_other(lead, new_program, changes, code):
    cohort = {"name": "Odd", "registration_opens_at": at(days=1), "registration_closes_at": at(days=7), "starts_on": day(14),
              "ends_on": day(104), "zone": "UTC", **changes}
    lead.post(f"/v1/programs/{new_program()['id']}/cohorts", cohort).problem(422, code)


def test_an_abbreviated_zone_is_refused(lead, new_program):
    cohort = {"name": "Odd", "registration_opens_at": at(days=1), "registration_closes_at": at(days=7), "starts_on": day(14),
              "ends_on": day(104), "zone": "IST"}
    lead.post(f"/v1/programs/{new_program()['id']}/cohorts", cohort).problem(400, "INVALID_ZONE", "/zone")


def test_only_coordinators_plan_cohorts(people, new_program, new_cohort):
    program = new_program()
    cohort = new_cohort(program)
    stranger = people(1)[0]
    stranger.post(f"{path(cohort)}/open").problem(403, "NOT_COORDINATOR")
    stranger.patch(path(cohort), {"name": "Mine"}, headers=version(cohort)).problem(403, "NOT_COORDINATOR")


def test_a_cohort_of_another_program_does_not_exist(lead, new_program, new_cohort):
    cohort, other = new_cohort(new_program()), new_program()
    lead.get(f"/v1/programs/{other['id']}/cohorts/{cohort['id']}").problem(404, "NOT_FOUND")
    lead.post(f"/v1/programs/{other['id']}/cohorts/{cohort['id']}/open").problem(404, "NOT_FOUND")


def test_a_patch_needs_the_version_and_keeps_the_rest(lead, new_program, new_cohort):
    cohort = new_cohort(new_program(), registration_opens_at=at(days=1))
    changed = lead.patch(path(cohort), {"name": "Autumn", "mentor_capacity": 3}, headers=version(cohort)).ok()
    assert changed["name"] == "Autumn" and changed["mentor_capacity"] == 3 and changed["ends_on"] == cohort["ends_on"]
    lead.patch(path(cohort), {"name": "Winter"}, headers=version(cohort)).problem(412, "STALE")
    lead.patch(path(cohort), {"ends_on": None}, headers=version(changed)).problem(422, "REQUIRED", "/ends_on")


def test_a_cohort_goes_from_planned_to_ended(lead, new_program, new_cohort):
    cohort = new_cohort(new_program(), registration_opens_at=at(days=1))
    opened = lead.post(f"{path(cohort)}/open").ok()
    assert opened["state"] == "REGISTRATION_OPEN" and opened["registration_opens_at"] < cohort["registration_opens_at"]
    lead.post(f"{path(cohort)}/start").problem(409, "ILLEGAL_TRANSITION")
    closed = lead.post(f"{path(cohort)}/close").ok()
    assert closed["state"] == "REGISTRATION_CLOSED" and closed["registration_closes_at"] < cohort["registration_closes_at"]
    for step, state in (("start-matching", "MATCHING"), ("start", "RUNNING"), ("end", "ENDED")):
        assert lead.post(f"{path(cohort)}/{step}").ok()["state"] == state
    problem = lead.post(f"{path(cohort)}/cancel").problem(409, "ILLEGAL_TRANSITION")
    assert problem["from"] == "ENDED" and problem["allowed"] == []
    lead.patch(path(cohort), {"name": "Late"}, headers={"If-Match": "*"}).problem(409, "COHORT_IS_OVER")


def test_registration_reopens_until_matching(lead, new_program, new_cohort):
    cohort = new_cohort(new_program())
    lead.post(f"{path(cohort)}/open").ok()
    lead.post(f"{path(cohort)}/close").ok()
    lead.post(f"{path(cohort)}/open").problem(422, "CLOSES_IN_THE_PAST")
    reopened = lead.post(f"{path(cohort)}/open", {"registration_closes_at": at(days=2)}).ok()
    assert reopened["state"] == "REGISTRATION_OPEN"
    lead.post(f"{path(cohort)}/close").ok()
    lead.post(f"{path(cohort)}/start-matching").ok()
    lead.post(f"{path(cohort)}/open", {"registration_closes_at": at(days=2)}).problem(409, "ILLEGAL_TRANSITION")


def test_closed_registration_is_not_reopened_by_moving_its_dates(lead, new_program, new_cohort):
    cohort = new_cohort(new_program())
    lead.post(f"{path(cohort)}/open").ok()
    closed = lead.post(f"{path(cohort)}/close").ok()
    lead.patch(path(cohort), {"registration_closes_at": at(days=2)}, headers=version(closed)).problem(422, "REGISTRATION_IS_OVER")


def test_registration_of_an_unpublished_program_does_not_open(lead, new_draft, new_cohort):
    cohort = new_cohort(new_draft())
    lead.post(f"{path(cohort)}/open").problem(409, "NOT_PUBLISHED")


def test_repeating_a_step_changes_nothing(lead, new_program, new_cohort):
    cohort = new_cohort(new_program())
    first = lead.post(f"{path(cohort)}/open").ok()
    assert lead.post(f"{path(cohort)}/open").ok()["version"] == first["version"]


def test_registration_opens_and_closes_by_the_clock(lead, new_program, new_cohort):
    cohort = new_cohort(new_program(), registration_opens_at=at(seconds=1), registration_closes_at=at(seconds=3))
    assert cohort["state"] == "PLANNED"
    eventually(lambda: lead.get(path(cohort)).ok()["state"] == "REGISTRATION_OPEN")
    eventually(lambda: lead.get(path(cohort)).ok()["state"] == "REGISTRATION_CLOSED")


def test_publishing_opens_what_is_due(lead, new_draft, new_cohort, publish):
    program = new_draft()
    cohort = new_cohort(program)
    publish(program)
    eventually(lambda: lead.get(path(cohort)).ok()["state"] == "REGISTRATION_OPEN")


def test_a_running_cohort_winds_down_after_its_last_day(sql, lead, new_program, new_cohort):
    cohort = new_cohort(new_program(), starts_on=day(-9), ends_on=day(-2), zone="UTC")
    for step in ("open", "close", "start-matching", "start"):
        lead.post(f"{path(cohort)}/{step}").ok()
    due(sql, "WindDownCohort", cohort)
    eventually(lambda: lead.get(path(cohort)).ok()["state"] == "CLOSING")
    assert lead.post(f"{path(cohort)}/end").ok()["state"] == "ENDED"


def test_the_end_completes_the_memberships(lead, people, new_program, new_cohort, apply):
    program = new_program(mentee_admission="OPEN")
    cohort = new_cohort(program)
    member, leaver = people(2)
    stays, leaves = apply(member, program), apply(leaver, program)
    assert stays["cohort_id"] == cohort["id"] and stays["state"] == "ACTIVE"
    leaver.post(f"/v1/memberships/{leaves['id']}/withdraw").ok()
    eventually(lambda: lead.get(path(cohort)).ok()["state"] == "REGISTRATION_OPEN")
    for step in ("close", "start-matching", "start", "end"):
        lead.post(f"{path(cohort)}/{step}").ok()
    eventually(lambda: member.get(f"/v1/memberships/{stays['id']}").ok()["state"] == "COMPLETED")
    assert leaver.get(f"/v1/memberships/{leaves['id']}").ok()["state"] == "WITHDRAWN"


def test_whoever_waits_in_a_cohort_that_is_called_off_is_told(sql, lead, people, new_program, new_cohort, start, apply):
    program = new_program(mentee_capacity=0)
    cohort = new_cohort(program)
    began, asks, waits = people(3)
    draft, asked, waiting = start(began, program), apply(asks, program), apply(waits, program)
    assert lead.post(f"/v1/memberships/{waiting['id']}/waitlist").ok()["state"] == "WAITLISTED"
    lead.post(f"{path(cohort)}/cancel").ok()
    for person, member, state, told in ((began, draft, "EXPIRED", "MembershipExpired"), (asks, asked, "REJECTED", "MembershipRejected"),
                                        (waits, waiting, "REJECTED", "MembershipRejected")):
        eventually(lambda: person.get(f"/v1/memberships/{member['id']}").ok()["state"] == state)
        assert sql(f"select name from outbox where aggregate_id = '{member['id']}' order by occurred_at desc, id desc limit 1") == told
        assert person.get(f"/v1/memberships/{member['id']}").ok()["reason_code"] == ("NOT_NOW" if state == "REJECTED" else None)
    apply(asks, program)


def test_an_unknown_cohort_does_not_exist(site, new_program):
    site.get(f"/v1/programs/{new_program()['id']}/cohorts/{uuid.uuid4()}").problem(404, "NOT_FOUND")


def test_the_cohorts_of_a_hidden_program_are_hidden(site, people, new_program, new_cohort):
    program = new_program(visibility="HIDDEN")
    cohort = new_cohort(program)
    for one in (site, people(1)[0]):
        one.get(path(cohort)).problem(404, "NOT_FOUND")
        one.get(f"/v1/programs/{program['id']}/cohorts").problem(404, "NOT_FOUND")
