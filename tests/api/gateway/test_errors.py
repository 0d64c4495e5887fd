"""Refusals: each says what is wrong, where, and what would be right."""

import re

import pytest

UNKNOWN = "0190aaaa-0000-7000-8000-000000000000"


def test_an_unknown_path_names_the_nearest(site):
    body = site.get("/v1/bootstrip").problem(404, "NOT_FOUND")
    assert body["nearest"] == "/v1/bootstrap"
    assert body["type"] == "/v1/errors#NOT_FOUND" and body["instance"] == "/v1/bootstrip"


def test_a_path_like_no_other_is_just_not_found(site):
    assert "nearest" not in site.get("/zzzzzzzzzzzzzzzz").problem(404, "NOT_FOUND")


def test_a_trailing_slash_is_another_path(site):
    site.get("/v1/version/").problem(404, "NOT_FOUND")


def test_a_wrong_method_is_told_the_right_ones(site):
    answer = site.delete("/v1/bootstrap")
    answer.problem(405, "METHOD_NOT_ALLOWED")
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND"])
def test_methods_that_the_api_does_not_use_are_unknown(site, method):
    assert site.request(method, "/v1/version").status in (400, 501)


def test_a_method_cannot_be_overridden(site):
    answer = site.post("/v1/bootstrap", headers={"X-HTTP-Method-Override": "GET"})
    answer.problem(405, "METHOD_NOT_ALLOWED")


def test_shared_errors_are_listed(site):
    items = {item["code"]: item for item in site.get("/v1/errors").ok()["items"] if "services" not in item}
    assert items["IF_MATCH_NEEDED"]["status"] == 428


def test_a_service_s_errors_are_listed_with_its_name(site):
    items = {(item["code"], item["status"]): item for item in site.get("/v1/errors").ok()["items"] if "services" in item}
    assert items["SELF_GRANT", 403]["services"] == ["identity"]
    assert items["EMAIL_TAKEN", 409]["meaning"] == "There is an account with this address already."
    assert items["ENDS_BEFORE_START", 422]["meaning"] == "It must end after it starts."


def test_a_body_on_a_get_is_refused(site):
    site.get("/v1/bootstrap", json={"a": 1}).problem(400, "BODY_NOT_ALLOWED")


def test_an_unknown_parameter_names_the_nearest(admin):
    body = admin.get("/v1/programs?limt=5").problem(400, "UNKNOWN_PARAMETER")
    error = body["errors"][0]
    assert error["pointer"] == "limt" and "limit" in error["detail"]


@pytest.mark.parametrize("query, code", [("limit=0", "OUT_OF_RANGE"), ("limit=201", "OUT_OF_RANGE"), ("limit=x", "INVALID_NUMBER"),
                                         ("limit=1&limit=2", "DUPLICATE_PARAMETER"), ("cursor=%FF", "INVALID_UTF8"),
                                         ("cursor=abc", "INVALID_CURSOR")])
def test_bad_parameters_are_refused(admin, query, code):
    admin.get(f"/v1/me/sessions?{query}").problem(400, code)


def test_a_cursor_is_good_for_its_list_only(admin, new_person):
    person = new_person()
    for _ in range(2):
        person.sign_in()
    cursor = person.get("/v1/me/sessions?limit=1").ok()["next_cursor"]
    assert len(person.get(f"/v1/me/sessions?limit=1&cursor={cursor}").ok()["items"]) == 1
    for path in ("/v1/me/inbox", "/v1/programs"):
        person.get(f"{path}?cursor={cursor}").problem(400, "INVALID_CURSOR")
    altered = cursor[:-1] + ("A" if cursor[-1] != "A" else "B")
    person.get(f"/v1/me/sessions?limit=1&cursor={altered}").problem(400, "INVALID_CURSOR")


def test_a_malformed_id_is_no_unknown_id(admin):
    admin.get("/v1/memberships/7").problem(400, "INVALID_ID")
    admin.get(f"/v1/memberships/{UNKNOWN}").problem(404, "NOT_FOUND")


def post_text(site, text, content_type="application/json"):
    return site.request("POST", "/v1/auth/login", data=text, headers={"Content-Type": content_type})


@pytest.mark.parametrize("text", ['{"email":', '{"email":"a","email":"b"}', "{} x", "", "nul", '{"a":NaN}', "[" * 40 + "]" * 40])
def test_what_is_no_json_is_malformed(site, text):
    assert post_text(site, text.encode()).status == 400


def test_an_array_is_no_request(site):
    assert post_text(site, b"[]").status == 400


def test_all_mistakes_are_named_at_once(site):
    body = site.post("/v1/auth/login", {"emial": "x", "password": 5}).problem(400, "INVALID_REQUEST")
    assert {(error["pointer"], error["code"]) for error in body["errors"]} >= {
        ("/emial", "UNKNOWN_FIELD"), ("/password", "WRONG_TYPE"), ("/email", "REQUIRED")}


@pytest.mark.parametrize("headers", [{"Content-Type": "text/plain"}, {"Content-Type": "application/xml"},
                                     {"Content-Type": "application/json", "Content-Encoding": "gzip"}])
def test_other_kinds_of_bodies_are_unsupported(site, headers):
    site.request("POST", "/v1/auth/login", data=b"{}", headers=headers).problem(415, "UNSUPPORTED_MEDIA_TYPE")


def test_a_secret_never_stands_in_a_refusal(site):
    secret = "correct horse battery staple"
    assert secret not in site.post("/v1/auth/login", {"email": 5, "password": secret}).text


@pytest.mark.parametrize("key", ["k" * 129, "with space", "ü"])
def test_an_idempotency_key_is_printable_and_short(admin, key):
    answer = admin.post("/v1/programs", {"title": "Keys"}, headers={"Idempotency-Key": key.encode("utf-8")})
    answer.problem(400, "INVALID_IDEMPOTENCY_KEY")


def test_a_stream_needs_its_accept_header(admin):
    admin.get("/v1/stream").problem(406, "NOT_ACCEPTABLE")


def test_a_request_id_is_kept_or_made(site):
    assert site.get("/v1/version", headers={"X-Request-Id": "my-request-0001"}).headers["X-Request-Id"] == "my-request-0001"
    made = site.get("/v1/version", headers={"X-Request-Id": "bad id\"<"}).headers["X-Request-Id"]
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", made)
    assert site.get("/v1/nothing").json()["request_id"]
