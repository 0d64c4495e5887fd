"""How tests bring people together."""


def pair(runner, program, mentors, mentees, **more):
    body = {"mentor_memberships": mentors, "mentee_memberships": mentees, **more}
    return runner.post(f"/v1/programs/{program['id']}/mentorships", body)


def begin(lead, joined, mentors, mentees, **design):
    """A mentorship that everybody has accepted."""
    program, *memberships = joined(mentors, mentees, **design)
    made = pair(lead, program, *memberships).ok(201)
    for person in mentors + mentees:
        accepted = person.post(f"/v1/mentorships/{made['id']}/accept").ok()
    assert accepted["state"] == "KICKOFF"
    return accepted


def kick_off(path, person):
    """Talks everything over that the program's list names."""
    for item in person.get(f"{path}/kickoff").ok()["items"]:
        person.post(f"{path}/kickoff/items/{item['key']}/complete").ok()
    return person.post(f"{path}/kickoff/complete").ok()


def activate(lead, joined, mentors, mentees, **design):
    """A mentorship that is active, without an agreement."""
    program, *memberships = joined(mentors, mentees, **design)
    rules = {"auto_accept": True, "agreement_needed": False, "kickoff_items": []}
    lead.put(f"/v1/programs/{program['id']}/mentorship-rules", rules, headers={"If-Match": "*"}).ok()
    made = pair(lead, program, *memberships).ok(201)
    return mentors[0].post(f"/v1/mentorships/{made['id']}/kickoff/complete").ok()
