"""What mentors and mentees see of each other while their mentorship runs."""

import time

NEEDS = "I read with a screen reader."
ANY = {"If-Match": "*"}


def wait_until(check, seconds=10):
    end = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.1)


def seen(viewer, owner):
    return viewer.get(f"/v1/profiles/{owner.id}").ok()


def tell(stack, mentorship, state, version=99):
    """As the programs service tells it."""
    mentors, mentees = ("{" + ",".join(mentorship[key]) + "}" for key in ("mentor_ids", "mentee_ids"))
    stack.postgres.sql(f"set search_path = identity; select hear_of_mentorship('{mentorship['id']}', '{mentors}', '{mentees}', "
                       f"'{state}', {version})", "ithaca")


def begin(lead, program, mentor, part, mentees):
    """A mentorship that everybody has accepted; mentees: by their memberships."""
    body = {"mentor_memberships": [part], "mentee_memberships": list(mentees)}
    made = lead.post(f"/v1/programs/{program['id']}/mentorships", body).ok(201)
    for person in (mentor, *mentees.values()):
        answer = person.post(f"/v1/mentorships/{made['id']}/accept").ok()
    return answer


def test_partners_see_what_is_for_partners_until_their_mentorship_ends(stack, lead, new_person, new_program, apply):
    mentor, mentee, other = (new_person() for _ in range(3))
    program = new_program(mentor_admission="OPEN", mentee_admission="OPEN")
    mentor_part = apply(mentor, program, "MENTOR")["id"]
    mentee_parts = {apply(person, program)["id"]: person for person in (mentee, other)}
    mentee.put("/v1/me/profile/mentee", {"goals_text": "Home.", "accessibility_needs": NEEDS}, headers=ANY).ok()
    mentor.put("/v1/me/profile/mentee", {"goals_text": "Away.", "accessibility_needs": NEEDS}, headers=ANY).ok()
    assert seen(mentor, mentee)["mentee"] is None

    mentorship = begin(lead, program, mentor, mentor_part, mentee_parts)
    assert mentorship["state"] == "KICKOFF"
    wait_until(lambda: seen(mentor, mentee)["mentee"])
    assert seen(mentor, mentee)["mentee"]["accessibility_needs"] == NEEDS
    assert seen(mentee, mentor)["mentee"]["goals_text"] == "Away."
    assert not seen(mentee, mentor)["mentee"]["accessibility_needs"]
    assert seen(other, mentee)["mentee"] is None
    assert seen(lead, mentee)["mentee"] is None

    for state in ("PAUSED", "CLOSING"):
        tell(stack, mentorship, state, 98)
        assert seen(mentor, mentee)["mentee"]
    for version, state in enumerate(("SUSPENDED", "CLOSED"), 99):
        tell(stack, mentorship, state, version)
        assert seen(mentor, mentee)["mentee"] is None
    tell(stack, mentorship, "ACTIVE", 3)
    assert seen(mentor, mentee)["mentee"] is None


def test_a_capacity_below_the_load_keeps_what_runs_and_warns_the_mentor(lead, new_person, new_program, apply):
    mentor, *mentees = (new_person() for _ in range(3))
    program = new_program(mentor_admission="OPEN", mentee_admission="OPEN")
    part = apply(mentor, program, "MENTOR")["id"]
    mentor.put("/v1/me/profile/mentor", {"capacity_total": 2, "open_to_mentor": True}, headers=ANY).ok()
    for person in mentees:
        begin(lead, program, mentor, part, {apply(person, program)["id"]: person})
    wait_until(lambda: mentor.get("/v1/me/profile").ok()["mentor"]["mentorships"] == 2)
    assert mentor.get("/v1/me/profile").ok()["mentor"]["over_capacity"] is False
    facet = mentor.put("/v1/me/profile/mentor", {"capacity_total": 1, "open_to_mentor": True}, headers=ANY).ok()["mentor"]
    assert (facet["mentorships"], facet["over_capacity"]) == (2, True)
    assert seen(mentees[0], mentor)["mentor"]["over_capacity"] is False
    assert seen(mentees[0], mentor)["mentor"]["mentorships"] == 0


def test_mentor_and_mentee_hear_of_each_other_by_mail_and_in_the_inbox(lead, new_person, new_program, apply, mails):
    mentor, mentee = new_person(), new_person()
    program = new_program(mentor_admission="OPEN", mentee_admission="OPEN")
    parts = [apply(mentor, program, "MENTOR")["id"]], [apply(mentee, program)["id"]]
    lead.post(f"/v1/programs/{program['id']}/mentorships", dict(zip(("mentor_memberships", "mentee_memberships"), parts))).ok(201)
    assert mails.wait_for(mentor.email, "match_published").subject.startswith("There is a mentee for you")
    assert program["title"] in mails.wait_for(mentee.email, "match_published", "There is a mentor for you").text
    wait_until(lambda: mentee.get("/v1/me/inbox?kind=match_published").ok()["items"])
