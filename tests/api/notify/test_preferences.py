"""What people want to be told."""

import requests

from deliveries import settled


def choose(person, kind, channels):
    return person.put("/v1/me/notification-preferences", {"items": [{"kind": kind, "channels": channels}]})


def preference(answer, kind):
    return next(item for item in answer["items"] if item["kind"] == kind)


def test_every_kind_is_listed_with_its_channels(new_person):
    answer = new_person().get("/v1/me/notification-preferences").ok()
    assert preference(answer, "verify_email") == {
        "kind": "verify_email", "class": "SECURITY", "mandatory": True, "channels": ["EMAIL"]}
    assert preference(answer, "membership_approved")["channels"] == ["EMAIL", "IN_APP"]
    assert answer["quiet_hours"] == {"quiet_from": "21:00", "quiet_to": "08:00"}
    assert answer["digest"] == "OFF"


def test_a_choice_changes_that_kind_only(new_person):
    person = new_person()
    before = person.get("/v1/me/notification-preferences").ok()
    after = choose(person, "membership_approved", ["IN_APP"]).ok()
    assert preference(after, "membership_approved")["channels"] == ["IN_APP"]
    assert [item for item in after["items"] if item["kind"] != "membership_approved"] == [
        item for item in before["items"] if item["kind"] != "membership_approved"]


def test_mandatory_news_cannot_be_turned_off(new_person):
    choose(new_person(), "password_changed", ["IN_APP"]).problem(422, "MANDATORY")


def test_an_unknown_kind_is_not_found(new_person):
    choose(new_person(), "horoscope", []).problem(404, "UNKNOWN_KIND")


def test_quiet_hours_begin_and_end_at_different_times(new_person):
    person = new_person()
    path = "/v1/me/notification-preferences/quiet-hours"
    person.put(path, {"quiet_from": "22:00", "quiet_to": "22:00"}).problem(422, "QUIET_HOURS_EMPTY")
    person.put(path, {"quiet_from": "25:00", "quiet_to": "07:00"}).problem(400, "INVALID_TIME", "/quiet_from")
    assert person.put(path, {"quiet_from": "22:30", "quiet_to": "07:00"}).ok()["quiet_hours"] == {
        "quiet_from": "22:30", "quiet_to": "07:00"}
    person.delete(path).ok(204)
    assert person.get("/v1/me/notification-preferences").ok()["quiet_hours"] is None


def test_what_is_not_wanted_by_mail_is_told_inside_only(admin, new_person, mails, stack):
    person = new_person()
    choose(person, "role_granted", ["IN_APP"]).ok()
    admin.post("/v1/admin/grants", {"user_id": person.id, "role": "SUPPORT"}).ok(201)
    deliveries = settled(admin, person, "role_granted", 1)
    assert [(one["channel"], one["state"]) for one in deliveries] == [("IN_APP", "SENT")]
    assert mails.matching(person.email, "role_granted") == []


def test_one_click_ends_a_kind_of_mail(site, admin, new_person, mails):
    person = new_person()
    admin.post("/v1/admin/grants", {"user_id": person.id, "role": "SUPPORT"}).ok(201)
    mail = mails.wait_for(person.email, "role_granted")
    link = mail.headers["list-unsubscribe"].strip(" <>\r\n")
    path = link.removeprefix(site.url)
    for _ in range(2):
        assert site.get(path).ok() == {"kind": "role_granted", "subscribed": True}
    answer = requests.post(link, data={"List-Unsubscribe": "One-Click"}, timeout=10)
    assert (answer.status_code, answer.json()["subscribed"]) == (200, False), answer.text
    mine = person.sign_in().get("/v1/me/notification-preferences").ok()
    assert preference(mine, "role_granted")["channels"] == ["IN_APP"]
    altered = path[:-1] + ("A" if path[-1] != "A" else "B")
    site.get(altered).problem(404, "NOT_FOUND")
    site.post(altered).problem(404, "NOT_FOUND")
