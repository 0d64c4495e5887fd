"""The pages that links in mails lead to: they are there, safe to open, and send what the API takes."""

import re
from pathlib import Path

LANDING = Path(__file__).resolve().parents[3] / "gateway" / "landing"
SCRIPT, WORDS = ((LANDING / name).read_text() for name in ("landing.js", "words.js"))


def test_every_link_of_a_mail_leads_to_a_page(site, stack):
    paths = stack.postgres.sql("select distinct path from notify.kind", "ithaca").split()
    assert len(paths) > 10
    for path in paths + ["/unsubscribe"]:
        answer = site.get(re.sub(r"\{\w+\}", "x", path.partition("#")[0]))
        assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8"), path
        assert "/landing/landing.js" in answer.text


def test_the_pages_run_no_script_but_their_own_and_tell_nobody_where_one_came_from(site):
    answer = site.get("/verify-email")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "script-src 'self';" in policy and "frame-ancestors 'none'" in policy
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert not re.search(r"<script(?![^>]*src=)|style=|\son\w+=", answer.text)
    for file in re.findall(r'(?:src|href)="(/[^"]+)"', answer.text) + ["/landing/words.js"]:
        assert site.get(file).status == 200, file


def test_what_the_pages_send_is_what_the_api_takes(contract):
    routes = {(rpc["verb"], re.sub(r"\{\w+\}", "*", rpc["path"])): {field["name"] for field in rpc["fields"]}
              for rpc in contract["rpcs"] if rpc["path"]}
    sent = re.findall(r'(get|post)\(["`](/v1/[^"`]+)["`](?:, \{ ?([^}]*))?', SCRIPT)
    assert len(sent) == 10
    for verb, path, members in sent:
        known = routes[verb.upper(), re.sub(r"\$\{.*", "*", path)]
        assert set(re.findall(r"^(\w+)|, (\w+)", members)) <= {(name, "") for name in known} | {("", name) for name in known}, path


def test_the_pages_say_everything_in_every_language_of_the_mails():
    def names(language):
        part = WORDS[WORDS.index(f"\t{language}: {{"):]
        return sorted(re.findall(r"(\w+): [\"{]", part[:part.index("\n\t},")]))

    assert len(names("en")) > 60
    for language in ("de", "es", "fr"):
        assert names(language)[1:] and [n for n in names(language) if n != language] == [n for n in names("en") if n != "en"], language
