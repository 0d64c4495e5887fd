"""Programs: who finds them, how they are designed, reviewed and published."""

import uuid

import pytest

from conftest import DESIGN, at, day, eventually


def version(program):
    return {"If-Match": f'"{program["version"]}"'}


def can(person, program):
    return person.get(f"/v1/programs/{program['id']}").ok()["my"]["can"]


def test_a_new_program_is_a_draft_that_only_its_coordinators_find(site, lead, people, admin):
    program = lead.post("/v1/programs", {"title": "Crossing the sea"}).ok(201)
    assert program["state"] == "DRAFT" and program["label"] == "COMING_SOON" and program["version"] == "1"
    assert program["mentor_admission"] == "APPROVAL" and program["visibility"] == "PUBLIC"
    path = f"/v1/programs/{program['id']}"
    site.get(path).problem(404, "NOT_FOUND")
    people(1)[0].get(path).problem(404, "NOT_FOUND")
    assert lead.get(path).ok()["my"]["can"] == ["COORDINATE"]
    assert admin.get(path).ok()["id"] == program["id"]


def test_a_person_without_a_program_cannot_begin_one(people):
    people(1)[0].post("/v1/programs", {"title": "My own"}).problem(403, "NOT_COORDINATOR")


def test_nobody_begins_a_program_without_signing_in(site):
    assert site.post("/v1/programs", {"title": "My own"}).status == 401


def test_a_program_is_found_by_its_slug(lead):
    title = f"Über Brücken {uuid.uuid4().hex[:8]}"
    program = lead.post("/v1/programs", {"title": title}).ok(201)
    assert program["slug"].startswith("uber-brucken-")
    assert lead.get(f"/v1/programs/{program['slug']}").ok()["id"] == program["id"]


def test_two_programs_of_one_title_have_different_slugs(lead):
    title = f"Twins {uuid.uuid4().hex[:8]}"
    one, other = (lead.post("/v1/programs", {"title": title}).ok(201) for _ in range(2))
    assert one["slug"] != other["slug"]


def test_a_title_in_any_script_has_a_slug(lead):
    assert lead.post("/v1/programs", {"title": "Μέντορες της Ιθάκης"}).ok(201)["slug"].startswith("program-")


def test_a_slug_is_taken_once(lead):
    slug = f"taken-{uuid.uuid4().hex[:8]}"
    lead.post("/v1/programs", {"title": "One", "slug": slug}).ok(201)
    lead.post("/v1/programs", {"title": "Two", "slug": slug}).problem(409, "SLUG_TAKEN")


def test_an_unknown_program_does_not_exist(site):
    site.get(f"/v1/programs/{uuid.uuid4()}").problem(404, "NOT_FOUND")
    site.get("/v1/programs/no-such-program").problem(404, "NOT_FOUND")


def test_an_unknown_matching_mode_is_malformed(lead):
    assert lead.post("/v1/programs", {"title": "Odd", "matching_mode": "TELEPATHY"}).status == 400


def test_the_shortest_duration_is_not_longer_than_the_longest(lead):
    lead.post("/v1/programs", {"title": "Odd", "duration_min_days": 90, "duration_max_days": 30}).problem(422, "MIN_GT_MAX")


# Design


def test_a_patch_changes_what_it_names_and_keeps_the_rest(lead, new_draft):
    program = new_draft(theme="Sailing", mentee_capacity=12)
    changed = lead.patch(f"/v1/programs/{program['id']}", {"title": "Another title", "theme": None, "mentee_capacity": None},
                         headers=version(program)).ok()
    assert changed["title"] == "Another title" and changed["theme"] == "" and changed["mentee_capacity"] is None
    assert changed["about"] == DESIGN["about"] and changed["objectives"] == DESIGN["objectives"]
    assert int(changed["design_version"]) == int(program["design_version"]) + 1
    assert int(changed["version"]) == int(program["version"]) + 1


def test_a_patch_needs_the_version_that_was_read(lead, new_draft):
    program = new_draft()
    path = f"/v1/programs/{program['id']}"
    assert lead.patch(path, {"title": "Unseen"}).status == 428
    lead.patch(path, {"title": "First one"}, headers=version(program)).ok()
    lead.patch(path, {"title": "Second one"}, headers=version(program)).problem(412, "STALE")


def test_what_every_program_has_cannot_be_cleared(lead, new_draft):
    program = new_draft()
    lead.patch(f"/v1/programs/{program['id']}", {"title": None}, headers=version(program)).problem(422, "REQUIRED", "/title")
    lead.patch(f"/v1/programs/{program['id']}", {"visibility": None}, headers=version(program)).problem(422, "REQUIRED", "/visibility")


def test_a_published_design_stays_complete(lead, new_program):
    program = new_program()
    lead.patch(f"/v1/programs/{program['id']}", {"objectives": []}, headers=version(program)).problem(422, "NOT_READY")


@pytest.mark.parametrize("changes", [
    {"external_mentors": False}, {"vetting_profile_id": None}, {"safety_officer_id": str(uuid.uuid4())},
    {"required_policies": ["another-code"]}, {"recording": "DUAL_CONSENT"},
])
def test_what_keeps_people_safe_is_changed_by_admins_once_a_program_is_submitted(lead, admin, new_draft, publish, changes):
    draft = new_draft(external_mentors=True, vetting_profile_id=str(uuid.uuid4()))
    path = f"/v1/programs/{draft['id']}"
    lead.patch(path, {"external_mentors": True}, headers=version(draft)).ok()
    lead.post(f"{path}/submit").ok()
    lead.patch(path, changes, headers={"If-Match": "*"}).problem(403, "NOT_ADMIN")
    admin.post(f"{path}/approve").ok()
    lead.patch(path, changes, headers={"If-Match": "*"}).problem(403, "NOT_ADMIN")
    assert lead.patch(path, {"theme": "Still ours"}, headers={"If-Match": "*"}).ok()["vetting_profile_id"] == draft["vetting_profile_id"]
    if changes != {"vetting_profile_id": None}:
        admin.patch(path, changes, headers={"If-Match": "*"}).ok()


def test_what_concerns_those_who_run_a_program_is_hidden_from_the_others(site, lead, admin, people, new_program):
    program = new_program()
    path = f"/v1/programs/{program['id']}"
    assert program["safety_officer_id"] and program["submitted_by"] == lead.id
    assert admin.get(path).ok()["submitted_by"] == lead.id
    for one in (site, people(1)[0]):
        seen = one.get(path).ok()
        assert seen["safety_officer_id"] is None and seen["submitted_by"] is None and seen["rejection"] == ""


def test_who_was_invited_finds_a_program_once_it_was_published(sql, lead, admin, people, new_draft, publish):
    person, word = people(1)[0], uuid.uuid4().hex
    program = new_draft(title=f"Invited {word}", visibility="HIDDEN")
    path = f"/v1/programs/{program['id']}"
    sql(f"insert into program_role (program_id, user_id, role, source_id) "
        f"values ('{program['id']}', '{person.id}', 'MENTOR', '{uuid.uuid4()}')")
    lists = ("/v1/programs?limit=20", f"/v1/programs?q={word}")
    person.get(path).problem(404, "NOT_FOUND")
    assert all(program["id"] not in ids(person.get(one)) for one in lists)
    lead.post(f"{path}/submit").ok()
    admin.post(f"{path}/reject", {"rejection": "Say more."}).ok()
    person.get(path).problem(404, "NOT_FOUND")
    lead.patch(path, {"about": "More."}, headers={"If-Match": "*"}).ok()
    publish(program)
    assert person.get(path).ok()["title"] == program["title"]
    assert all(program["id"] in ids(person.get(one)) for one in lists)


def test_others_cannot_change_a_program(people, new_program, new_draft):
    stranger = people(1)[0]
    program, draft = new_program(), new_draft()
    stranger.patch(f"/v1/programs/{program['id']}", {"title": "Mine now"}, headers=version(program)).problem(403, "NOT_COORDINATOR")
    stranger.patch(f"/v1/programs/{draft['id']}", {"title": "Mine now"}, headers=version(draft)).problem(404, "NOT_FOUND")
    for step in ("submit", "hide", "pause", "archive", "duplicate"):
        stranger.post(f"/v1/programs/{draft['id']}/{step}").problem(404, "NOT_FOUND")
        stranger.post(f"/v1/programs/{program['id']}/{step}").problem(403, "NOT_COORDINATOR")


def test_a_duplicate_has_the_design_and_the_forms(lead, new_program):
    program = new_program(tags=["ropes"])
    copy = lead.post(f"/v1/programs/{program['id']}/duplicate").ok(201)
    assert copy["id"] != program["id"] and copy["slug"] != program["slug"]
    assert copy["state"] == "DRAFT" and copy["tags"] == ["ropes"] and copy["mentors"] == 0
    assert lead.get(f"/v1/programs/{copy['id']}/readiness").ok()["items"] == []
    form = lead.get(f"/v1/programs/{copy['id']}/forms/MENTEE").ok()
    assert form["form_version"] == 1 and form["steps"][0]["questions"][0]["key"] == "why"


def test_a_duplicate_begins_and_judges_its_mentorships_alike(lead, new_program):
    program = new_program()
    designed = {
        "mentorship-rules": {"auto_accept": True, "acceptance_days": 3, "agreement_needed": False, "post_contact_rule": "Never.",
                             "kickoff_items": [{"key": "names", "title": "Say your names."}]},
        "task-template": {"items": [{"title": "Say who you are", "assignee": "MENTEE", "due_days": 7}]},
        "milestone-template": {"items": [{"title": "Meet", "owner_role": "EITHER", "due_days": 7, "completes_when": "MANUAL"}]},
        "rubric": {"criteria": [{"key": "speaks", "title": "Speaks up", "levels": [{"value": 1, "title": "Rarely"}]}]},
    }
    for part, body in designed.items():
        lead.put(f"/v1/programs/{program['id']}/{part}", body, headers={"If-Match": "*"}).ok()
    lead.post(f"/v1/programs/{program['id']}/mentorships/close-all", {"closes_on": "2040-01-01"}).ok()
    copy = lead.post(f"/v1/programs/{program['id']}/duplicate").ok(201)
    for part in designed:
        old, new = (lead.get(f"/v1/programs/{each['id']}/{part}").ok() for each in (program, copy))
        assert new["program_id"] == copy["id"] and new["version"] == "1" and not new.get("close_all_on")
        assert all(new[name] == old[name] for name in designed[part])


# Review


def test_readiness_names_what_is_missing(lead):
    program = lead.post("/v1/programs", {"title": "Bare bones", "external_mentors": True}).ok(201)
    missing = [item["part"] for item in lead.get(f"/v1/programs/{program['id']}/readiness").ok()["items"]]
    assert missing == ["summary", "about", "objectives", "mentor_responsibilities", "mentee_responsibilities", "duration",
                       "matching_mode", "mentor_form", "mentee_form", "required_policies", "vetting_profile_id", "safety_officer_id"]
    problem = lead.post(f"/v1/programs/{program['id']}/submit").problem(422, "NOT_READY")
    assert [item["part"] for item in problem["missing"]] == missing


def test_a_submitted_program_is_published_by_an_admin(site, lead, admin, new_draft):
    program = new_draft()
    path = f"/v1/programs/{program['id']}"
    assert lead.post(f"{path}/submit").ok()["state"] == "SUBMITTED"
    lead.post(f"{path}/publish").problem(409, "APPROVAL_NEEDED")
    assert lead.post(f"{path}/approve").status == 403
    assert admin.post(f"{path}/approve").ok()["state"] == "PUBLISHED"
    assert site.get(path).ok()["label"] == "APPLY_NOW"


def test_nobody_approves_what_they_have_submitted(admin, new_draft):
    program = new_draft()
    admin.post(f"/v1/programs/{program['id']}/submit").ok()
    admin.post(f"/v1/programs/{program['id']}/approve").problem(403, "FOUR_EYES")


def test_a_rejected_program_is_a_draft_again_when_it_is_worked_on(lead, admin, new_draft):
    program = new_draft()
    path = f"/v1/programs/{program['id']}"
    lead.post(f"{path}/submit").ok()
    rejected = admin.post(f"{path}/reject", {"rejection": "Say more about the mentors."}).ok()
    assert rejected["state"] == "REJECTED" and rejected["rejection"] == "Say more about the mentors."
    lead.post(f"{path}/submit").problem(409, "ILLEGAL_TRANSITION")
    assert lead.patch(path, {"about": "More."}, headers=version(rejected)).ok()["state"] == "DRAFT"
    assert lead.post(f"{path}/submit").ok()["state"] == "SUBMITTED"


def test_repeating_a_finished_step_changes_nothing(lead, new_draft):
    path = f"/v1/programs/{new_draft()['id']}"
    first = lead.post(f"{path}/submit").ok()
    again = lead.post(f"{path}/submit").ok()
    assert again["version"] == first["version"] and again["updated_at"] == first["updated_at"]


def test_hiding_and_pausing_go_back_and_forth(site, lead, new_program, people):
    program = new_program()
    path = f"/v1/programs/{program['id']}"
    assert lead.post(f"{path}/hide").ok()["state"] == "HIDDEN"
    site.get(path).problem(404, "NOT_FOUND")
    lead.post(f"{path}/resume").problem(409, "ILLEGAL_TRANSITION")
    lead.post(f"{path}/pause").problem(409, "ILLEGAL_TRANSITION")
    assert lead.post(f"{path}/unhide").ok()["state"] == "PUBLISHED"
    assert lead.post(f"{path}/pause").ok()["label"] == "IN_PROGRESS"
    people(1)[0].post(f"{path}/memberships", {"role": "MENTEE"}).problem(422, "REGISTRATION_CLOSED")
    assert lead.post(f"{path}/resume").ok()["label"] == "APPLY_NOW"


def test_an_archived_program_stays_readable_and_never_comes_back(site, lead, new_program):
    program = new_program()
    path = f"/v1/programs/{program['id']}"
    assert lead.post(f"{path}/archive").ok()["label"] == "COMPLETED"
    assert site.get(path).ok()["state"] == "ARCHIVED"
    problem = lead.post(f"{path}/pause").problem(409, "ILLEGAL_TRANSITION")
    assert problem["from"] == "ARCHIVED" and problem["allowed"] == []
    lead.patch(path, {"title": "Once more"}, headers=version(site.get(path).ok())).problem(409, "ARCHIVED")


def test_a_draft_cannot_be_archived(lead, new_draft):
    lead.post(f"/v1/programs/{new_draft()['id']}/archive").problem(409, "ILLEGAL_TRANSITION")


# P-R22


def test_a_program_that_nobody_joined_can_be_deleted(lead, new_draft):
    program = new_draft()
    assert lead.delete(f"/v1/programs/{program['id']}", headers=version(program)).status == 204
    lead.get(f"/v1/programs/{program['id']}").problem(404, "NOT_FOUND")


def test_a_program_that_somebody_joined_can_only_be_archived(lead, people, new_program, start):
    program = new_program()
    draft = start(people(1)[0], program)
    people(1)[0].post(f"/v1/memberships/{draft['id']}/withdraw").ok()
    lead.delete(f"/v1/programs/{program['id']}", headers={"If-Match": "*"}).problem(409, "HAS_MEMBERSHIPS")


# Catalogue


def ids(answer):
    return [item["id"] for item in answer.ok()["items"]]


def test_the_catalogue_shows_what_one_may_see(site, people, lead, new_program, new_draft):
    public, hidden = new_program(), new_program(visibility="HIDDEN")
    members, draft = new_program(visibility="MEMBERS"), new_draft()
    nobody, person, own = (ids(one.get("/v1/programs?limit=10")) for one in (site, people(1)[0], lead))
    assert public["id"] in nobody and not {hidden["id"], members["id"], draft["id"]} & set(nobody)
    assert {public["id"], members["id"]} <= set(person) and not {hidden["id"], draft["id"]} & set(person)
    assert {public["id"], hidden["id"], members["id"], draft["id"]} <= set(own)
    site.get(f"/v1/programs/{members['id']}").problem(404, "NOT_FOUND")
    assert people(1)[0].get(f"/v1/programs/{members['id']}").ok()["id"] == members["id"]
    people(1)[0].get(f"/v1/programs/{hidden['id']}").problem(404, "NOT_FOUND")


def test_the_catalogue_is_searched_by_words_tags_and_state(site, lead, new_program, new_draft):
    word = uuid.uuid4().hex
    by_title, by_summary = new_program(title=f"Rope {word}"), new_program(summary=f"About {word} and sails")
    by_tag, other, draft = new_program(tags=[word]), new_program(), new_draft(title=f"Draft {word}")
    found = ids(site.get(f"/v1/programs?q={word.upper()}"))
    assert found == [by_tag["id"], by_summary["id"], by_title["id"]]
    assert ids(site.get(f"/v1/programs?q=sails%20{word}")) == [by_summary["id"]]
    assert ids(site.get(f"/v1/programs?tag={word}")) == [by_tag["id"]]
    assert ids(lead.get(f"/v1/programs?q={word}&state=DRAFT")) == [draft["id"]]
    assert other["id"] not in found


def test_the_catalogue_is_read_in_pages_newest_first(site, new_program):
    word = uuid.uuid4().hex
    programs = [new_program(title=f"Page {word} {n}")["id"] for n in range(5)]
    seen, cursor = [], ""
    while True:
        page = site.get(f"/v1/programs?q={word}&limit=2" + (f"&cursor={cursor}" if cursor else "")).ok()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert seen == programs[::-1]


def test_a_cursor_of_another_list_is_refused(site, new_program):
    word = uuid.uuid4().hex
    for _ in range(2):
        new_program(title=f"Cursor {word}")
    cursor = site.get(f"/v1/programs?q={word}&limit=1").ok()["next_cursor"]
    site.get(f"/v1/programs?limit=1&cursor={cursor}").problem(400, "INVALID_CURSOR")
    site.get(f"/v1/programs?q={word}&limit=1&cursor={cursor[:-2]}xx").problem(400, "INVALID_CURSOR")


# P-R6


@pytest.mark.parametrize("opens, closes, starts, ends, label", [
    (2, 9, 20, 90, "COMING_SOON"), (-2, 9, 20, 90, "APPLY_NOW"), (-9, -2, -1, 90, "IN_PROGRESS"), (-90, -80, -70, -2, "COMPLETED"),
])
def test_the_label_follows_the_dates_of_the_cohort(site, new_program, new_cohort, opens, closes, starts, ends, label):
    program = new_program()
    new_cohort(program, registration_opens_at=at(days=opens), registration_closes_at=at(days=closes), starts_on=day(starts), ends_on=day(ends))
    assert site.get(f"/v1/programs/{program['id']}").ok()["label"] == label
    tile = next(tile for tile in site.get("/v1/programs?limit=20").ok()["items"] if tile["id"] == program["id"])
    assert tile["label"] == label


def test_a_cohort_ends_with_its_last_day_where_it_takes_place(site, new_program, new_cohort):
    past = dict(registration_opens_at=at(days=-90), registration_closes_at=at(days=-80), starts_on=day(-70))
    far_east, far_west = new_program(), new_program()
    new_cohort(far_east, **past, ends_on=day(-1), zone="Pacific/Kiritimati")
    new_cohort(far_west, **past, ends_on=day(-1), zone="Pacific/Pago_Pago")
    east, west = (site.get(f"/v1/programs/{program['id']}").ok() for program in (far_east, far_west))
    assert east["ends_at"].startswith(f"{day(-1)}T10:00:00") and west["ends_at"].startswith(f"{day(0)}T11:00:00")


def test_the_label_speaks_of_the_cohort_that_can_be_joined(site, lead, new_program, new_cohort):
    program = new_program()
    new_cohort(program, registration_opens_at=at(days=30), registration_closes_at=at(days=40), starts_on=day(50), ends_on=day(90))
    now = new_cohort(program)
    assert site.get(f"/v1/programs/{program['id']}").ok()["cohort_id"] == now["id"]
    lead.post(f"/v1/programs/{program['id']}/cohorts/{now['id']}/cancel").ok()
    assert site.get(f"/v1/programs/{program['id']}").ok()["label"] == "COMING_SOON"


def test_the_reader_is_told_what_they_can_do(people, lead, new_program, start, apply):
    person = people(1)[0]
    program = new_program(mentee_admission="OPEN")
    assert can(person, program) == ["JOIN"]
    draft = start(person, program)
    my = person.get(f"/v1/programs/{program['id']}").ok()["my"]
    assert my["membership_id"] == draft["id"] and my["role"] == "MENTEE" and my["state"] == "DRAFT"
    assert my["can"] == ["COMPLETE_REGISTRATION", "WITHDRAW"]
    person.post(f"/v1/memberships/{draft['id']}/withdraw").ok()
    apply(person, program)
    assert can(person, program) == ["WITHDRAW", "SEE_MENTORS", "PAUSE"]
    assert can(lead, program) == ["JOIN", "COORDINATE", "BRING_TOGETHER"]


# C-20


def test_a_grant_makes_a_coordinator_and_its_end_unmakes_one(admin, people, new_draft):
    person, program = people(1)[0], new_draft()
    path = f"/v1/programs/{program['id']}"
    grant = admin.post("/v1/admin/grants", {"user_id": person.id, "role": "COORDINATOR", "program_id": program["id"]}).ok(201)
    eventually(lambda: person.get(path).status == 200)
    person.post(f"{path}/submit").ok()
    admin.delete(f"/v1/admin/grants/{grant['id']}", headers={"If-Match": "*"})
    eventually(lambda: person.get(path).status == 404, 5)
