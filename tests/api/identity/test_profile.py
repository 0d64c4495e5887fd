"""Profiles: what one writes, and who sees it."""

import struct
import time
import uuid
import zlib
from datetime import date, timedelta

ANY = {"If-Match": "*"}


def skill(person, label="Programming"):
    return next(t["id"] for t in person.get(f"/v1/taxonomies/skill/suggest?q={label}").ok()["items"] if t["label"] == label)


def topic(person):
    return person.get("/v1/taxonomies/topic?limit=1").ok()["items"][0]["id"]


def put(person, **body):
    return person.put("/v1/me/profile", body, headers=ANY)


def test_a_profile_is_written_by_its_version(new_person):
    person = new_person()
    answer = person.get("/v1/me/profile")
    assert answer.ok()["display_name"] == person.get("/v1/me").ok()["display_name"]
    body = {"headline": "Weaver", "bio": "By day.\nBy night undone.", "pronouns": "she/her", "country": "GR",
            "links": [{"label": "Loom", "url": "https://loom.example/"}], "languages": [{"code": "el", "level": "NATIVE"}],
            "skills": [{"skill_id": skill(person), "level": 4, "years": 20}], "interests": [topic(person)]}
    person.put("/v1/me/profile", body).problem(428, "IF_MATCH_NEEDED")
    written = person.put("/v1/me/profile", body, headers={"If-Match": answer.headers["ETag"]}).ok()
    for name, value in body.items():
        assert written[name] == value
    person.put("/v1/me/profile", body, headers={"If-Match": answer.headers["ETag"]}).problem(412, "STALE")


def test_profiles_that_are_wrong_are_refused(new_person):
    person = new_person()
    one = skill(person)
    put(person, skills=[{"skill_id": str(uuid.uuid4()), "level": 1}]).problem(422, "UNKNOWN_SKILL")
    put(person, skills=[{"skill_id": topic(person), "level": 1}]).problem(422, "UNKNOWN_SKILL")
    put(person, skills=[{"skill_id": one, "level": 7}]).problem(400, "OUT_OF_RANGE", "/skills/0/level")
    put(person, skills=[{"skill_id": one, "level": 1}] * 60).problem(422, "TOO_MANY", "/skills")
    put(person, skills=[{"skill_id": one, "level": 1}] * 2).problem(409, "SKILL_TWICE")
    put(person, links=[{"url": "javascript:alert(1)"}]).problem(422, "BAD_URL_SCHEME", "/links/0/url")
    put(person, country="XX1").problem(400, "INVALID_COUNTRY", "/country")
    put(person, interests=[str(uuid.uuid4())]).problem(422, "UNKNOWN_TOPIC")


def test_one_person_is_mentor_and_mentee(new_person):
    person = new_person()
    mentor = {"open_to_mentor": True, "capacity_total": 3, "qualifications": ["Twenty years at sea"], "topics": [topic(person)],
              "experience": [{"organisation": "Fleet", "title": "Captain", "from": "1999-01-01", "to": "2009-01-01"}],
              "style": "Patient", "statement": "Ask me anything."}
    profile = person.put("/v1/me/profile/mentor", mentor, headers=ANY).ok()
    for name, value in mentor.items():
        assert profile["mentor"][name] == value
    person.put("/v1/me/profile/mentor", {"capacity_total": 21}, headers=ANY).problem(400, "OUT_OF_RANGE", "/capacity_total")
    mentee = {"goals_text": "Home.", "topics_wanted": [topic(person)], "level": "SENIOR", "first_time": True,
              "challenges": "Storms", "accessibility_needs": "Captions"}
    profile = person.put("/v1/me/profile/mentee", mentee, headers=ANY).ok()
    assert profile["mentee"] == mentee and profile["mentor"]["capacity_total"] == 3


def test_a_stranger_sees_nothing_until_the_person_shows_it(admin, new_person):
    person, stranger = new_person("Calypso"), new_person()
    put(person, headline="Weaver", bio="On an island.").ok()
    path = f"/v1/profiles/{person.id}"
    stranger.get(path).problem(404, "NOT_FOUND")
    stranger.get(f"/v1/profiles/{uuid.uuid4()}").problem(404, "NOT_FOUND")
    person.put("/v1/me/profile/visibility", {"name": "SITE"}, headers=ANY).ok()
    seen = stranger.get(path).ok()
    assert (seen["display_name"], seen["headline"], seen["bio"], seen["visibility"]) == ("Calypso", "Weaver", "", None)
    person.put("/v1/me/profile/visibility", {"bio": "SITE"}, headers=ANY).ok()
    assert stranger.get(path).ok()["bio"] == "On an island."
    person.put("/v1/me/profile/visibility", {"name": "SELF"}, headers=ANY).ok()
    stranger.get(path).problem(404, "NOT_FOUND")
    admin.get(path).problem(404, "NOT_FOUND")
    assert person.get(path).ok()["bio"] == "On an island."
    person.put("/v1/me/profile/visibility", {"bio": "EVERYBODY"}, headers=ANY).problem(400, "UNKNOWN_VALUE", "/bio")


def test_no_profile_holds_contact_data_and_needs_are_for_the_matched_mentor(admin, new_person):
    person, stranger = new_person(), new_person()
    person.put("/v1/me/profile/mentee", {"goals_text": "Home", "accessibility_needs": "Captions"}, headers=ANY).ok()
    person.put("/v1/me/profile/visibility", {"name": "SITE", "mentee": "SITE"}, headers=ANY).ok()
    for viewer in (stranger, admin):
        seen = viewer.get(f"/v1/profiles/{person.id}")
        assert seen.ok()["mentee"]["goals_text"] == "Home" and seen.json()["mentee"]["accessibility_needs"] == ""
        assert person.email not in seen.text


def test_members_of_a_program_see_each_other_and_no_longer_when_one_leaves(stack, coordinator, new_person):
    """The copy of the memberships, filled as the events of the programs service do."""
    person, member, stranger = new_person("Eumaeus"), new_person(), new_person()
    for who in (person, member):
        stack.postgres.sql("insert into identity.program_member (membership_id, user_id, program_id, role, active, version) "
                           f"values ('{uuid.uuid4()}', '{who.id}', '{coordinator.program_id}', 'MENTEE', true, 1)", "ithaca")
    path = f"/v1/profiles/{person.id}"
    assert member.get(path).ok()["display_name"] == "Eumaeus"
    coordinator.get(path).ok()
    stranger.get(path).problem(404, "NOT_FOUND")
    stack.postgres.sql(f"update identity.program_member set active = false where user_id = '{member.id}'", "ithaca")
    member.get(path).problem(404, "NOT_FOUND")


def exif(orientation):
    tiff = b"II*\0\x08\0\0\0" + struct.pack("<HHHIHH", 1, 0x0112, 3, 1, orientation, 0) + bytes(4)
    return b"\xff\xe1" + struct.pack(">H", len(tiff) + 8) + b"Exif\0\0" + tiff


def test_a_photo_stands_upright_however_the_camera_was_held(new_person):
    person = new_person()
    upright = person.get(put_photo(person, png(64, 32)).ok()["photo_path"]).response.content
    turned = upright[:2] + exif(6) + upright[2:]
    photo = person.get(put_photo(person, turned, "image/jpeg").ok()["photo_path"]).response.content
    at = photo.index(b"\xff\xc0")
    assert struct.unpack(">HH", photo[at + 5:at + 9]) == (64, 32) and b"Exif" not in photo


def test_a_suspended_person_is_not_shown(admin, new_person):
    person, stranger = new_person(), new_person()
    person.put("/v1/me/profile/visibility", {"name": "SITE"}, headers=ANY).ok()
    stranger.get(f"/v1/profiles/{person.id}").ok()
    admin.post(f"/v1/admin/users/{person.id}/suspend", {"reason": "test"}).ok()
    stranger.get(f"/v1/profiles/{person.id}").problem(404, "NOT_FOUND")


def test_accessibility_needs_lie_sealed(stack, new_person):
    person = new_person()
    body = {"goals_text": "Home", "accessibility_needs": "Captions, large print"}
    person.put("/v1/me/profile/mentee", body, headers=ANY).ok()
    assert person.get("/v1/me/profile").ok()["mentee"]["accessibility_needs"] == "Captions, large print"
    sql = f"select accessibility_needs from identity.mentee_facet where user_id = '{person.id}'"
    assert "Captions" not in str(stack.postgres.sql(sql, "ithaca"))


def test_a_pause_ends_at_midnight_where_the_mentor_has_moved_to(stack, new_person):
    person = new_person(zone="Pacific/Auckland")
    person.put("/v1/me/profile/mentor", {"open_to_mentor": True, "capacity_total": 1}, headers=ANY).ok()
    person.post("/v1/me/mentor/pause", {"until": "2097-06-30"}).ok()
    due = f"select due_at at time zone 'UTC' from identity.timer where rpc = 'EndMentorPause' and subject_id = '{person.id}'"
    assert "2097-06-30 12:00:00" in str(stack.postgres.sql(due, "ithaca"))
    person.patch("/v1/me", {"zone": "Asia/Tokyo"}).ok()
    assert "2097-06-30 15:00:00" in str(stack.postgres.sql(due, "ithaca"))


def test_a_mentor_pauses_until_a_day_and_resumes(new_person):
    person = new_person()
    person.post("/v1/me/mentor/pause", {}).problem(404, "NOT_FOUND")
    person.put("/v1/me/profile/mentor", {"open_to_mentor": True}, headers=ANY).ok()
    until = (date.today() + timedelta(days=9)).isoformat()
    assert person.post("/v1/me/mentor/pause", {"until": until}).ok()["mentor"]["paused_until"] == until
    assert person.post("/v1/me/mentor/pause", {}).ok()["mentor"]["paused_until"] == "9999-12-31"
    person.post("/v1/me/mentor/pause", {"until": "2001-01-01"}).problem(422, "PAUSE_IN_THE_PAST")
    for _ in range(2):
        assert person.post("/v1/me/mentor/resume").ok()["mentor"]["paused_until"] is None


def png(width, height, rows=None):
    """A PNG by itself; rows of one colour unless given."""
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    rows = rows if rows is not None else (b"\x00" + b"\x20\x60\x80" * width) * height
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) + \
        chunk(b"tEXt", b"GPS\x0038.4 N 20.7 E") + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


def put_photo(person, content, content_type="image/png"):
    return person.request("PUT", "/v1/me/photo", data=content, headers={"Content-Type": content_type})


def test_a_photo_is_drawn_anew_without_what_the_camera_wrote(new_person):
    person, stranger = new_person(), new_person()
    profile = put_photo(person, png(1200, 600)).ok()
    answer = person.get(profile["photo_path"])
    photo = answer.response.content
    assert answer.headers["Content-Type"] == "image/jpeg" and photo.startswith(b"\xff\xd8\xff")
    assert b"GPS" not in photo and b"Exif" not in photo
    at = photo.index(b"\xff\xc0")
    assert struct.unpack(">HH", photo[at + 5:at + 9]) == (256, 512)
    stranger.get(profile["photo_path"]).problem(404, "NOT_FOUND")
    person.delete("/v1/me/photo").ok(204)
    person.get(profile["photo_path"]).problem(404, "NOT_FOUND")
    assert person.get("/v1/me/profile").ok()["photo_path"] is None


def test_what_is_no_picture_or_a_bomb_is_refused(new_person):
    person = new_person()
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    assert put_photo(person, svg, "image/svg+xml").status in (415, 422)
    assert put_photo(person, svg, "image/png").status in (415, 422)
    put_photo(person, png(50000, 50000, b"\x00" * 1000)).problem(422, "NOT_A_PICTURE")
    put_photo(person, png(7000, 7000, b"\x00" * 1000)).problem(422, "NOT_A_PICTURE")
    assert put_photo(person, png(64, 64)[:-40]).status in (200, 422)
    put_photo(person, b"\xff\xd8\xff\xe0" + b"\x00" * 5000, "image/jpeg").problem(422, "NOT_A_PICTURE")
    assert put_photo(person, png(16, 16) + b"\x00" * (5 << 20)).status in (413, 422)
    person.get("/v1/me").ok()
