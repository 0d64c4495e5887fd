"""The site's settings."""

import time

import pytest

PASSWORD = "the bed is made of an olive tree"


@pytest.fixture
def settings(admin):
    """Reads and changes the settings; as they were afterwards."""
    before = admin.get("/v1/admin/site").ok()

    def change(**wanted):
        etag = admin.get("/v1/admin/site").headers["ETag"]
        return admin.patch("/v1/admin/site", wanted, headers={"If-Match": etag})

    yield change
    change(**{name: before[name] for name in ("name", "default_locale", "locales", "registration_mode", "allowed_email_domains",
                                              "terminology", "accent_color")}).ok()


def register(site, email):
    return site.post("/v1/auth/register", {"email": email, "password": PASSWORD, "display_name": "Somebody"})


def test_the_site_has_a_name_words_and_rules(settings):
    changed = settings(name="Ogygia", terminology=[{"key": "program", "text": "Voyage"}], locales=["en", "de"], default_locale="de").ok()
    assert changed["name"] == "Ogygia" and changed["terminology"] == [{"key": "program", "text": "Voyage"}]
    settings(name=None).problem(422, "REQUIRED")
    settings(default_locale="fr").problem(422, "DEFAULT_LOCALE_NOT_OFFERED")
    settings(accent_color="red").problem(422, "NOT_A_COLOR")
    settings(default_zone="Mars/Phobos").problem(400, "INVALID_ZONE", "/default_zone")


def test_only_administrators_see_and_change_it(site, admin, new_person):
    person = new_person()
    person.get("/v1/admin/site").problem(403, "FORBIDDEN")
    person.patch("/v1/admin/site", {"name": "Mine"}, headers={"If-Match": "*"}).problem(403, "FORBIDDEN")
    admin.patch("/v1/admin/site", {"name": "Other"}).problem(428, "IF_MATCH_NEEDED")


def test_a_site_by_invitation_takes_nobody_else(site, admin, settings):
    settings(registration_mode="INVITE").ok()
    register(site, f"one.{time.time_ns():x}@people.example").problem(403, "INVITATION_NEEDED")
    link = admin.post("/v1/admin/invitations", {"max_uses": 1}).ok(201)
    site.post("/v1/auth/register", {"email": f"two.{time.time_ns():x}@people.example", "password": PASSWORD, "display_name": "Two",
                                    "invitation_token": link["token"]}).ok(202)


def test_a_site_of_some_domains_takes_addresses_of_those(site, settings):
    settings(registration_mode="DOMAIN", allowed_email_domains=["Ithaca.example"]).ok()
    register(site, f"one.{time.time_ns():x}@people.example").problem(422, "EMAIL_DOMAIN_NOT_ALLOWED")
    register(site, f"one.{time.time_ns():x}@sub.ithaca.example").problem(422, "EMAIL_DOMAIN_NOT_ALLOWED")
    register(site, f"one.{time.time_ns():x}@ITHACA.example").ok(202)


def test_everybody_may_know_the_public_part(site, admin):
    name = admin.get("/v1/admin/site").ok()["name"]
    assert name in site.get("/v1/bootstrap").ok().__repr__()
