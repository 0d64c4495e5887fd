"""Answers: their headers, tags, methods and the pages of the edge itself."""

import gzip


def test_answers_are_private_and_of_their_type(site):
    headers = site.get("/v1/bootstrap").headers
    assert headers["X-Content-Type-Options"] == "nosniff" and "private" in headers["Cache-Control"]
    assert headers["Content-Type"] == "application/json; charset=utf-8"


def test_head_is_get_without_the_body(site):
    got, head = site.get("/v1/errors"), site.request("HEAD", "/v1/errors")
    assert head.status == 200 and head.text == ""
    assert head.headers["ETag"] == got.headers["ETag"]


def test_options_names_the_methods(site):
    answer = site.request("OPTIONS", "/v1/auth/login")
    assert answer.status == 204 and answer.headers["Allow"] == "POST, OPTIONS"
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_what_the_client_has_is_not_sent_again(site):
    tag = site.get("/v1/errors").headers["ETag"]
    again = site.get("/v1/errors", headers={"If-None-Match": f'"other", {tag}'})
    assert again.status == 304 and again.text == "" and again.headers["ETag"] == tag


def test_a_resource_carries_its_version(admin):
    program = admin.post("/v1/programs", {"title": "Tagged"})
    body = program.ok(201)
    assert program.headers["Location"] == f"/v1/programs/{body['id']}"
    tag = admin.get(f"/v1/programs/{body['id']}").headers["ETag"]
    assert tag.startswith(f'"{body["version"]}-')


def test_a_change_needs_the_version_it_is_based_on(admin):
    program = admin.post("/v1/programs", {"title": "Changed"}).ok(201)
    path = f"/v1/programs/{program['id']}"
    admin.patch(path, {"title": "Later"}).problem(428, "IF_MATCH_NEEDED")
    admin.patch(path, {"title": "Later"}, headers={"If-Match": "seven"}).problem(400, "INVALID_IF_MATCH")
    tag = admin.get(path).headers["ETag"]
    admin.patch(path, {"title": "Later"}, headers={"If-Match": tag}).ok()
    admin.patch(path, {"title": "Too late"}, headers={"If-Match": tag}).problem(412, "STALE")


def test_large_answers_are_squeezed_for_those_who_take_it(site):
    plain = site.get("/v1/errors", headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    squeezed = site.session.get(site.url + "/v1/errors", headers={"Accept-Encoding": "gzip"}, stream=True)
    assert squeezed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(squeezed.raw.read(decode_content=False)).decode() == plain.text


def test_the_rate_that_is_left_is_told(site):
    headers = site.get("/v1/version").headers
    assert headers["RateLimit-Policy"].startswith('"read";q=') and headers["RateLimit"].startswith('"read";r=')


def test_the_edge_is_alive_and_ready(site):
    assert site.get("/livez").status == 200
    ready = site.get("/readyz")
    assert ready.status == 200 and "nats ok" in ready.text and "identity ok" in ready.text
    assert site.get("/startupz").status == 200
    assert site.get("/v1/version").ok()["api"] == "v1"


def test_the_description_covers_every_route(site, contract):
    paths = site.get("/v1/openapi.json").ok()["paths"]
    missing = [rpc["name"] for rpc in contract["rpcs"] if rpc.get("path") and rpc["path"] not in paths]
    assert missing == []


def test_the_reference_can_be_read(site):
    page = site.get("/docs")
    assert page.status == 200 and "/v1/openapi.json" in page.text
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert "javascript" in site.get("/docs/redoc.standalone.js").headers["Content-Type"]
    site.get("/docs/passwd").problem(404, "NOT_FOUND")


def test_well_known_places(site):
    text = site.get("/.well-known/security.txt").text
    assert "Contact: " in text and "Expires: " in text
    assert site.get("/.well-known/change-password", allow_redirects=False).status == 302


def test_bootstrap_tells_what_everybody_may_know(site):
    body = site.get("/v1/bootstrap").ok()
    assert body["partial"] == [] and body["site"]["name"] and body["site"]["locales"]


def test_home_is_made_of_several_answers(admin, site):
    body = admin.get("/v1/me/home").ok()
    assert body["partial"] == [] and body["memberships"]["items"] == [] and "inbox" in body
    site.get("/v1/me/home").problem(401, "TOKEN_NEEDED")
