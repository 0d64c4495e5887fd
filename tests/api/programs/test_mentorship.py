"""Mentorships: who is brought together, who sees it, and how many a mentor takes on."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import bus
from conftest import eventually
from mentorships import begin, pair


def take_on(person, count):
    person.put("/v1/me/profile/mentor", {"capacity_total": count, "open_to_mentor": True}, headers={"If-Match": "*"}).ok()


def test_a_coordinator_brings_members_together(lead, people, joined):
    mentor, mentee, stranger = people(3)
    program, mentors, mentees = joined([mentor], [mentee])
    made = pair(lead, program, mentors, mentees).ok(201)
    assert (made["state"], made["origin"]) == ("PENDING_ACCEPTANCE", "ADMIN")
    assert (made["mentor_ids"], made["mentee_ids"]) == ([mentor.id], [mentee.id])
    assert [(party["role"], party["accepted_at"]) for party in made["parties"]] == [("MENTOR", None), ("MENTEE", None)]
    for reader in (mentor, mentee, lead):
        assert reader.get(f"/v1/mentorships/{made['id']}").ok() == made
    stranger.get(f"/v1/mentorships/{made['id']}").problem(404, "NOT_FOUND")
    mine = mentee.get("/v1/me/mentorships").ok()["items"][0]
    assert (mine["id"], mine["role"], mine["program_title"]) == (made["id"], "MENTEE", program["title"])
    assert [item["id"] for item in lead.get(f"/v1/programs/{program['id']}/mentorships").ok()["items"]] == [made["id"]]
    mentor.get(f"/v1/programs/{program['id']}/mentorships").problem(404, "NOT_FOUND")


def test_groups_have_one_mentor_or_one_mentee(lead, people, joined):
    a, b, c, d = people(4)
    program, mentors, mentees = joined([a, b], [c, d])
    pair(lead, program, mentors, mentees).problem(422, "MANY_TO_MANY")
    assert len(pair(lead, program, mentors[:1], mentees).ok(201)["mentee_ids"]) == 2
    assert len(pair(lead, program, mentors[1:], mentees[:1]).ok(201)["mentor_ids"]) == 1


def test_who_is_no_active_member_is_not_paired(lead, people, joined):
    mentor, mentee = people(2)
    program, mentors, mentees = joined([mentor], [mentee])
    pair(lead, program, mentees, mentees).problem(422, "NOT_AN_ACTIVE_MEMBER")
    pair(lead, program, mentors, [str(uuid.uuid4())]).problem(422, "NOT_AN_ACTIVE_MEMBER")
    mentee.post(f"/v1/memberships/{mentees[0]}/pause").ok()
    assert pair(lead, program, mentors, mentees).problem(422, "NOT_AN_ACTIVE_MEMBER")["membership_id"] == mentees[0]
    pair(mentor, program, mentors, mentees).problem(403, "NOT_COORDINATOR")


def test_nobody_mentors_themselves(lead, people, joined, apply):
    mentor, = people(1)
    program, mentors, _ = joined([mentor], [], both_roles=True)
    mentee = apply(mentor, program)["id"]
    pair(lead, program, mentors, [mentee]).problem(409, "MENTORSHIP_WITH_SELF")


def test_two_are_paired_once_at_a_time(lead, people, joined):
    mentor, mentee = people(2)
    program, mentors, mentees = joined([mentor], [mentee])
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: pair(lead, program, mentors, mentees), range(8)))
    assert sorted(answer.status for answer in answers) == [201] + [409] * 7
    made = next(answer.json()["id"] for answer in answers if answer.status == 201)
    assert pair(lead, program, mentors, mentees).problem(409, "ALREADY_PAIRED")["mentorship_id"] == made


def test_a_held_proposal_is_the_coordinators_alone(lead, people, joined):
    mentor, mentee = people(2)
    program, mentors, mentees = joined([mentor], [mentee])
    held = pair(lead, program, mentors, mentees, held=True).ok(201)
    assert held["state"] == "PROPOSED"
    mentor.get(f"/v1/mentorships/{held['id']}").problem(404, "NOT_FOUND")
    assert held["id"] not in [item["id"] for item in mentor.get("/v1/me/mentorships").ok()["items"]]


def test_a_mentorship_ends_in_the_future(lead, people, joined):
    mentor, mentee = people(2)
    program, mentors, mentees = joined([mentor], [mentee])
    pair(lead, program, mentors, mentees, planned_end_on="2020-01-01").problem(422, "ENDS_IN_THE_PAST")


def test_it_begins_when_everybody_has_accepted(lead, people, joined):
    mentor, mentee = people(2)
    program, *memberships = joined([mentor], [mentee])
    path = f"/v1/mentorships/{pair(lead, program, *memberships).ok(201)['id']}"
    first = mentor.post(f"{path}/accept").ok()
    assert first["state"] == "PENDING_ACCEPTANCE"
    assert mentor.post(f"{path}/accept").ok() == first
    lead.post(f"{path}/accept").problem(404, "NOT_FOUND")
    begun = mentee.post(f"{path}/accept").ok()
    assert begun["state"] == "KICKOFF" and begun["answer_by"] is None and all(party["accepted_at"] for party in begun["parties"])
    assert mentee.post(f"{path}/accept").ok() == begun
    mentee.post(f"{path}/decline").problem(409, "ILLEGAL_TRANSITION")


def test_one_who_declines_ends_the_proposal_and_frees_the_mentor(lead, people, joined):
    mentor, mentee = people(2)
    program, *memberships = joined([mentor], [mentee])
    path = f"/v1/mentorships/{pair(lead, program, *memberships).ok(201)['id']}"
    mentee.post(f"{path}/decline").ok()
    mentor.post(f"{path}/accept").problem(409, "ILLEGAL_TRANSITION")
    again = pair(lead, program, *memberships).ok(201)
    assert lead.post(f"/v1/mentorships/{again['id']}/decline").ok()["state"] == "DECLINED"


def test_a_proposal_that_was_held_is_sent_out(lead, people, joined):
    mentor, mentee = people(2)
    program, *memberships = joined([mentor], [mentee])
    path = f"/v1/mentorships/{pair(lead, program, *memberships, held=True).ok(201)['id']}"
    mentor.post(f"{path}/propose").problem(404, "NOT_FOUND")
    sent = lead.post(f"{path}/propose").ok()
    assert sent["state"] == "PENDING_ACCEPTANCE" and lead.post(f"{path}/propose").ok() == sent
    mentor.post(f"{path}/propose").problem(403, "NOT_COORDINATOR")


def test_a_proposal_expires_when_nobody_answers(lead, people, joined, sql):
    mentor, mentee = people(2)
    program, *memberships = joined([mentor], [mentee])
    path = f"/v1/mentorships/{pair(lead, program, *memberships).ok(201)['id']}"
    sql(f"update mentorship set answer_by = now() where id = '{path[-36:]}';"
        f"select schedule('ExpireMentorship', '{path[-36:]}', now())")
    eventually(lambda: lead.get(path).ok()["state"] == "EXPIRED")
    pair(lead, program, *memberships).ok(201)


def test_a_mentor_takes_on_as_many_as_they_say_over_all_programs(lead, people, joined, sql, new_person):
    """The last place goes to exactly one of many who are proposed at once."""
    mentor, mentees = new_person(), people(4)
    take_on(mentor, 2)
    eventually(lambda: sql(f"select capacity_total from mentor_load where user_id = '{mentor.id}'") == "2")
    programs = [joined([mentor], mentees) for _ in range(2)]
    wishes = [(program, members, [mentee]) for program, members, others in programs for mentee in others]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda wish: pair(lead, *wish), wishes))
    assert sorted(answer.status for answer in answers) == [201] * 2 + [409] * 6
    assert {answer.json()["code"] for answer in answers if answer.status == 409} == {"MENTOR_FULL"}
    made = next(answer.json() for answer in answers if answer.status == 201)
    lead.post(f"/v1/mentorships/{made['id']}/decline").ok()
    assert sorted(pair(lead, *wish).status for wish in wishes)[:2] == [201, 409]


def test_a_mentor_of_three_programs_with_one_place_is_given_one_mentee(lead, people, joined, sql, new_person):
    mentor, mentees = new_person(), people(3)
    take_on(mentor, 1)
    eventually(lambda: sql(f"select capacity_total from mentor_load where user_id = '{mentor.id}'") == "1")
    wishes = [joined([mentor], [mentee]) for mentee in mentees]
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda wish: pair(lead, *wish), wishes))
    assert sorted(answer.status for answer in answers) == [201, 409, 409]


def test_a_mentor_who_pauses_is_given_nobody(lead, people, joined, sql, new_person):
    mentor, mentee = new_person(), people(1)[0]
    take_on(mentor, 3)
    program, *memberships = joined([mentor], [mentee])
    mentor.post("/v1/me/mentor/pause", {}).ok()
    eventually(lambda: sql(f"select paused_until from mentor_load where user_id = '{mentor.id}'"))
    pair(lead, program, *memberships).problem(409, "MENTOR_PAUSED")


def test_accepting_and_leaving_at_once_leaves_nobody_behind(lead, people, joined, new_person):
    """Whichever comes first: either it never begins, or it is on its way to its end."""
    for _ in range(3):
        mentor, mentee = new_person(), new_person()
        program, mentors, mentees = joined([mentor], [mentee])
        path = f"/v1/mentorships/{pair(lead, program, mentors, mentees).ok(201)['id']}"
        mentor.post(f"{path}/accept").ok()
        with ThreadPoolExecutor(2) as pool:
            accepting = pool.submit(mentee.post, f"{path}/accept")
            leaving = pool.submit(mentor.post, f"/v1/memberships/{mentors[0]}/withdraw")
            assert leaving.result().status == 200 and accepting.result().status in (200, 409)
        end = "CLOSING" if accepting.result().status == 200 else "DECLINED"
        eventually(lambda: lead.get(path).ok()["state"] == end)


def test_a_group_goes_on_without_one_who_leaves(lead, people, joined):
    mentor, one, other = people(3)
    program, mentors, mentees = joined([mentor], [one, other])
    path = f"/v1/mentorships/{pair(lead, program, mentors, mentees).ok(201)['id']}"
    for person in (mentor, one, other):
        person.post(f"{path}/accept").ok()
    one.post(f"/v1/memberships/{mentees[0]}/withdraw").ok()
    eventually(lambda: mentor.get(path).ok()["mentee_ids"] == [other.id])
    assert mentor.get(path).ok()["state"] == "KICKOFF"
    one.get(path).problem(404, "NOT_FOUND")
    other.post(f"/v1/memberships/{mentees[1]}/withdraw").ok()
    closing = eventually(lambda: [found for found in [mentor.get(path).ok()] if found["state"] == "CLOSING"])[0]
    assert closing["close_reason"] == "MENTEE_LEFT"


def test_with_two_mentors_it_goes_on_while_one_is_suspended(admin, lead, people, joined, new_person):
    one, other, mentee = new_person(), new_person(), people(1)[0]
    begun = begin(lead, joined, [one, other], [mentee])
    path = f"/v1/mentorships/{begun['id']}"
    admin.post(f"/v1/admin/users/{one.id}/suspend", {"reason": "To see what goes on."}).ok()
    eventually(lambda: mentee.get(path).ok()["suspended_ids"] == [one.id])
    assert mentee.get(path).ok()["state"] == "KICKOFF"
    admin.post(f"/v1/admin/users/{other.id}/suspend", {"reason": "To see what stops."}).ok()
    eventually(lambda: mentee.get(path).ok()["state"] == "SUSPENDED")
    mentee.post(f"{path}/kickoff/complete").problem(409, "MENTORSHIP_NOT_RUNNING")
    admin.post(f"/v1/admin/users/{one.id}/reactivate", {"reason": "Seen."}).ok()
    eventually(lambda: mentee.get(path).ok()["state"] == "KICKOFF")
    assert mentee.get(path).ok()["suspended_ids"] == [other.id]


def test_safety_stops_a_mentorship_and_lets_it_go_on(lead, people, joined, as_safety):
    mentor, mentee = people(2)
    begun = begin(lead, joined, [mentor], [mentee])
    path, subject = f"/v1/mentorships/{begun['id']}", bus.field(1, begun["id"])
    assert as_safety("SuspendMentorship", subject) is None
    assert mentor.get(path).ok()["state"] == "SUSPENDED"
    assert as_safety("ReleaseMentorship", subject) is None
    assert mentor.get(path).ok()["state"] == "KICKOFF"


def test_the_kickoff_is_done_when_everything_was_talked_over(lead, people, joined):
    mentor, mentee = people(2)
    path = f"/v1/mentorships/{begin(lead, joined, [mentor], [mentee])['id']}"
    kickoff = mentor.get(f"{path}/kickoff").ok()
    assert len(kickoff["items"]) == 5 and kickoff["agreement_needed"] and kickoff["due_at"] > kickoff["kickoff_at"]
    lead.get(f"{path}/kickoff").problem(404, "NOT_FOUND")
    keys = [item["key"] for item in kickoff["items"]]
    mentee.post(f"{path}/kickoff/items/{keys[0]}/complete").ok()
    assert mentor.post(f"{path}/kickoff/complete").problem(422, "KICKOFF_INCOMPLETE")["missing"] == keys[1:]
    mentor.post(f"{path}/kickoff/items/no-such-item/complete").problem(404, "NOT_FOUND")
    for key in keys[1:]:
        ticked = mentor.post(f"{path}/kickoff/items/{key}/complete").ok()
    assert [item["done_by"] for item in ticked["items"]] == [mentee.id] + [mentor.id] * 4
    done = mentee.post(f"{path}/kickoff/complete").ok()
    assert done["kickoff_completed_at"] and done["state"] == "KICKOFF"
    assert mentor.post(f"{path}/kickoff/complete").ok() == done
    assert [entry["what"] for entry in mentor.get(f"{path}/timeline").ok()["items"]] == ["KICKOFF", "PENDING_ACCEPTANCE"]
    assert mentor.get(f"{path}/timeline", params={"kinds": "GOAL,TASK"}).ok()["items"] == []


def test_rules_of_a_program_say_how_mentorships_begin(lead, people, joined):
    mentor, mentee = people(2)
    program, *memberships = joined([mentor], [mentee])
    rules = f"/v1/programs/{program['id']}/mentorship-rules"
    assert mentee.get(rules).ok()["acceptance_days"] == 7
    wish = {"auto_accept": True, "agreement_needed": False, "kickoff_items": [{"key": "hello", "title": "Say hello."}]}
    lead.put(rules, wish).problem(428, "IF_MATCH_NEEDED")
    mentor.put(rules, wish, headers={"If-Match": "*"}).problem(403, "NOT_COORDINATOR")
    lead.put(rules, wish, headers={"If-Match": "*"}).ok()
    lead.put(rules, {**wish, "acceptance_days": 0}, headers={"If-Match": "*"}).problem(400, "OUT_OF_RANGE", "/acceptance_days")
    made = pair(lead, program, *memberships).ok(201)
    assert made["state"] == "KICKOFF"
    path = f"/v1/mentorships/{made['id']}/kickoff"
    mentor.post(f"{path}/items/hello/complete").ok()
    active = mentor.post(f"{path}/complete").ok()
    assert active["state"] == "ACTIVE" and active["started_at"] and active["planned_end_on"]


def test_an_unfinished_kickoff_is_reminded_of(lead, people, joined, sql):
    mentor, mentee = people(2)
    made = begin(lead, joined, [mentor], [mentee])["id"]

    def told(name):
        return int(sql(f"select count(*) from outbox where name = '{name}' and aggregate_id = '{made}'"))

    for days, name, count in ((3, "MentorshipKickoffReminded", 1), (13, "MentorshipKickoffReminded", 2), (15, "MentorshipKickoffOverdue", 1)):
        sql(f"update mentorship set kickoff_at = now() - interval '{days} days' where id = '{made}';"
            f"select schedule('RemindKickoff', '{made}', now())")
        eventually(lambda: told(name) == count)
    assert sql(f"select count(*) from timer where rpc = 'RemindKickoff' and subject_id = '{made}'") == "0"


def test_a_file_brings_many_together_line_by_line(lead, people, joined):
    mentor, one, other = people(3)
    program, *_ = joined([mentor], [one, other])
    lines = ["mentor,mentee,planned_end_on", f"{mentor.id},{one.id},2030-06-30", f'"{mentor.id}","{other.id}"', f"{mentor.id},{one.id}",
             f"{mentor.id},{mentor.id}", "nobody,at all", f"{mentor.id},{other.id},1999-01-01", f"{mentor.id},"]

    def send(content, runner=lead):
        return runner.post(f"/v1/programs/{program['id']}/mentorships/import", data=content, headers={"Content-Type": "text/csv"})

    done = send("\r\n".join(lines).encode()).ok()["items"]
    assert [item["code"] for item in done] == ["", "", "ALREADY_PAIRED", "NOT_AN_ACTIVE_MEMBER", "MALFORMED_ROW", "ENDS_IN_THE_PAST", "REQUIRED"]
    assert [item["line"] for item in done] == [2, 3, 4, 5, 6, 7, 8]
    made = lead.get(f"/v1/mentorships/{done[0]['mentorship_id']}").ok()
    assert (made["origin"], made["state"], made["planned_end_on"]) == ("IMPORT", "PENDING_ACCEPTANCE", "2030-06-30")
    assert {item["code"] for item in send("\n".join(lines[:4]).encode()).ok()["items"]} == {"ALREADY_PAIRED"}
    send(b"who,whom\n").problem(422, "MALFORMED_FILE")
    send(b"mentor,mentee\n\xff").problem(400, "INVALID_UTF8")
    send(b"mentor,mentee\n", mentor).problem(403, "NOT_COORDINATOR")


def test_who_accepted_each_other_elsewhere_begins_once(lead, people, joined, as_matching, sql):
    mentor, mentee = people(2)
    program, mentors, mentees = joined([mentor], [mentee])
    wish = bus.field(2, program["id"]) + bus.field(3, 2) + bus.field(4, mentors[0]) + bus.field(5, mentees[0])
    chosen = str(uuid.uuid4())
    with ThreadPoolExecutor(1) as pool:
        assert [pool.submit(as_matching, "OpenMatch", bus.field(1, chosen) + wish).result() for _ in range(2)] == [None, None]
    made = mentee.get(f"/v1/mentorships/{chosen}").ok()
    assert (made["state"], made["origin"]) == ("KICKOFF", "REQUEST") and all(party["accepted_at"] for party in made["parties"])
    assert sql(f"select count(*) from outbox where name = 'MentorshipAccepted' and aggregate_id = '{chosen}'") == "1"
    assert as_matching("OpenMatch", bus.field(1, str(uuid.uuid4())) + wish) == "ALREADY_PAIRED"


def test_a_program_says_who_may_bring_people_together(lead, people, joined):
    mentor, mentee = people(2)
    program, _, mentees = joined([mentor], [mentee])

    def can(person):
        return person.get(f"/v1/programs/{program['id']}").ok()["my"]["can"]

    assert "BRING_TOGETHER" in can(lead) and "BRING_TOGETHER" not in can(mentee)
    assert "PAUSE" in can(mentee)
    mentee.post(f"/v1/memberships/{mentees[0]}/pause").ok()
    assert "RESUME" in can(mentee) and "PAUSE" not in can(mentee)


def test_archiving_and_beginning_at_once_leave_no_mentorship_behind(lead, people, joined):
    """Either it is archived and nothing began, or something began and it is not archived."""
    mentor, mentee = people(2)
    for _ in range(4):
        program, *memberships = joined([mentor], [mentee])
        with ThreadPoolExecutor(2) as pool:
            archiving = pool.submit(lead.post, f"/v1/programs/{program['id']}/archive")
            beginning = pool.submit(pair, lead, program, *memberships)
            assert sorted((archiving.result().status, beginning.result().status)) in ([200, 409], [201, 409])


def test_items_of_the_list_have_keys_of_their_own(lead, people, joined):
    program, *_ = joined([], [])
    twice = {"kickoff_items": [{"key": "hello", "title": "Hello."}, {"key": "hello", "title": "Again."}]}
    lead.put(f"/v1/programs/{program['id']}/mentorship-rules", twice, headers={"If-Match": "*"}).problem(422, "DUPLICATE")


def test_a_line_of_a_file_may_name_a_group(lead, people, joined):
    mentor, one, other = people(3)
    program, *_ = joined([mentor], [one, other])
    content = f"mentor,mentee\n{mentor.id},{one.id} {other.id}\n".encode()
    done = lead.post(f"/v1/programs/{program['id']}/mentorships/import", data=content, headers={"Content-Type": "text/csv"}).ok()["items"]
    assert lead.get(f"/v1/mentorships/{done[0]['mentorship_id']}").ok()["mentee_ids"] == sorted([one.id, other.id])
