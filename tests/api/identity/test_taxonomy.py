"""Taxonomies: found, kept, merged and parted again."""

import time


def add(admin, label, kind="skill", **more):
    key = f"{label.lower().replace(' ', '-').encode('ascii', 'ignore').decode()}-{time.time_ns():x}"
    return admin.post(f"/v1/admin/taxonomies/{kind}/terms", {"key": key, "labels": [{"locale": "en", "text": label}], **more}).ok(201)


def suggest(person, q, kind="skill"):
    return person.get(f"/v1/taxonomies/{kind}/suggest", params={"q": q}).ok()["items"]


def test_a_new_site_has_terms_of_every_kind(admin):
    for kind in ("skill", "industry", "topic", "language", "education"):
        items = admin.get(f"/v1/taxonomies/{kind}?limit=200").ok()["items"]
        assert len(items) > 10 and all(item["kind"] == kind and item["label"] for item in items)
    assert admin.get("/v1/taxonomies/nothing").ok()["items"] == []


def test_terms_come_in_pages_in_the_order_of_their_labels(admin):
    seen, cursor = [], None
    while True:
        page = admin.get("/v1/taxonomies/topic", params={"limit": 10, **({"cursor": cursor} if cursor else {})}).ok()
        seen += [item["label"] for item in page["items"]]
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert len(seen) == len(set(seen)) and seen == sorted(seen, key=str.lower)


def test_terms_are_found_by_prefix_alias_and_word_without_case_and_accents(admin):
    assert suggest(admin, "prog")[0]["label"] == "Programming"
    assert "Human resources" in [t["label"] for t in suggest(admin, "hr")]
    assert "Writing CVs" in [t["label"] for t in suggest(admin, "RESUME")]
    assert "Technical writing" in [t["label"] for t in suggest(admin, "writing")]
    assert "Turkish" in [t["label"] for t in suggest(admin, "turkce", "language")]
    term = add(admin, "Straßenbau", aliases=["İnşaat", "Ｗｉｄｅ"])
    for q in ("strassen", "STRASSENBAU", "insaat", "wide"):
        assert term["id"] in [t["id"] for t in suggest(admin, q)], q
    assert suggest(admin, "%") == [] and suggest(admin, "zzzz") == []


def test_labels_come_in_the_readers_language(admin, new_person):
    term = admin.post("/v1/admin/taxonomies/skill/terms", {"key": f"weaving-{time.time_ns():x}", "labels": [
        {"locale": "en", "text": "Weaving"}, {"locale": "de", "text": "Weben"}]}).ok(201)
    person = new_person(locale="de-AT")
    assert [t["label"] for t in suggest(person, "weav") if t["id"] == term["id"]] == ["Weben"]


def test_only_administrators_change_terms(new_person, admin):
    person = new_person()
    term = add(admin, "Sailing")
    person.post("/v1/admin/taxonomies/skill/terms", {"key": "x", "labels": [{"locale": "en", "text": "X"}]}).problem(403, "FORBIDDEN")
    person.post(f"/v1/admin/taxonomies/skill/terms/{term['id']}/merge", {"into_id": term["id"]}).problem(403, "FORBIDDEN")


def test_a_term_is_changed_by_its_version(admin):
    term = add(admin, "Rowing")
    path = f"/v1/admin/taxonomies/skill/terms/{term['id']}"
    etag = admin.get(path).headers["ETag"]
    changed = admin.patch(path, {"aliases": ["Oars"]}, headers={"If-Match": etag}).ok()
    assert changed["aliases"] == ["Oars"] and changed["labels"] == term["labels"]
    admin.patch(path, {"aliases": []}, headers={"If-Match": etag}).problem(412, "STALE")
    admin.patch(path, {"parent_id": term["id"]}, headers={"If-Match": "*"}).problem(422, "OWN_PARENT")
    admin.patch(path, {"state": "RETIRED"}, headers={"If-Match": "*"}).ok()
    assert suggest(admin, "oars") == []
    assert admin.post("/v1/admin/taxonomies/skill/terms", {"key": term["key"], "labels": term["labels"]}).problem(409, "TERM_EXISTS")


def test_a_merge_re_points_profiles_and_can_be_undone(admin, new_person):
    gone, stays = add(admin, "Helming"), add(admin, "Steering")
    one, both = new_person(), new_person()
    for person, skills in ((one, [gone]), (both, [gone, stays])):
        body = {"skills": [{"skill_id": s["id"], "level": 3, "years": 2} for s in skills]}
        person.put("/v1/me/profile", body, headers={"If-Match": "*"}).ok()
    path = f"/v1/admin/taxonomies/skill/terms/{gone['id']}"
    merged = admin.post(path + "/merge", {"into_id": stays["id"]}).ok()
    assert merged["state"] == "MERGED" and merged["merged_into"] == stays["id"] and merged["unmerge_until"]
    admin.post(path + "/merge", {"into_id": stays["id"]}).ok()
    for person in (one, both):
        assert [s["skill_id"] for s in person.get("/v1/me/profile").ok()["skills"]] == [stays["id"]]
    assert stays["id"] in [t["id"] for t in suggest(admin, "helm")]
    body = {"skills": [{"skill_id": gone["id"], "level": 1}]}
    assert new_person().put("/v1/me/profile", body, headers={"If-Match": "*"}).ok()["skills"][0]["skill_id"] == stays["id"]

    assert admin.post(path + "/unmerge").ok()["state"] == "ACTIVE"
    assert [s["skill_id"] for s in one.get("/v1/me/profile").ok()["skills"]] == [gone["id"]]
    assert {s["skill_id"] for s in both.get("/v1/me/profile").ok()["skills"]} == {gone["id"], stays["id"]}
    assert stays["id"] not in [t["id"] for t in suggest(admin, "helm")]
    admin.post(path + "/unmerge").problem(409, "NOT_MERGED")


def test_merges_that_make_no_sense_are_refused(admin, stack):
    term, other_kind = add(admin, "Knots"), add(admin, "Ropes", kind="topic")
    path = f"/v1/admin/taxonomies/skill/terms/{term['id']}/merge"
    admin.post(path, {"into_id": other_kind["id"]}).problem(404, "NOT_FOUND")
    admin.post(path, {"into_id": term["id"]}).problem(422, "MERGED_WITH_ITSELF")
    old, into = add(admin, "Old"), add(admin, "Into")
    old_path = f"/v1/admin/taxonomies/skill/terms/{old['id']}"
    admin.post(old_path + "/merge", {"into_id": into["id"]}).ok()
    stack.postgres.sql(f"update identity.term set merged_at = now() - interval '31 days' where id = '{old['id']}'", "ithaca")
    admin.post(old_path + "/unmerge").problem(410, "MERGE_TOO_OLD")


def test_an_import_says_what_it_did_and_changes_nothing_the_second_time(admin):
    stamp = f"{time.time_ns():x}"
    terms = [{"key": f"child-{stamp}", "labels": [{"locale": "en", "text": "Child"}], "parent_key": f"root-{stamp}"},
             {"key": f"root-{stamp}", "labels": [{"locale": "en", "text": "Root"}], "aliases": ["Base"]}]
    path = "/v1/admin/taxonomies/skill/import"
    assert admin.post(path, {"terms": terms}).ok() == {"added": 2, "changed": 0, "kept": 0}
    assert admin.post(path, {"terms": terms}).ok() == {"added": 0, "changed": 0, "kept": 2}
    terms[1]["aliases"] = ["Ground"]
    assert admin.post(path, {"terms": terms}).ok() == {"added": 0, "changed": 1, "kept": 1}
    root = next(t for t in suggest(admin, "ground") if t["key"] == f"root-{stamp}")
    children = admin.get(f"/v1/taxonomies/skill?parent_id={root['id']}").ok()["items"]
    assert [t["key"] for t in children] == [f"child-{stamp}"]
