"""Mails as people and mail programs get them."""

import email
import email.policy
import re
import time
from email.header import decode_header, make_header
from email.utils import parseaddr

import pytest


def parsed(mails, mail):
    return email.message_from_bytes((mails.folder / f"{mail.id}.eml").read_bytes(), policy=email.policy.default)


def register(site, mails, **person):
    """Registers and returns the verification mail."""
    address = person.setdefault("email", f"reader.{time.time_ns():x}@people.example")
    site.post("/v1/auth/register", {"password": "a shroud for Laertes, unwoven", "display_name": "Reader", "locale": "en",
                                    "zone": "Europe/Athens"} | person).ok(202)
    return mails.wait_for(address, "verify_email")


def greeted(new_person, site, mails, name):
    """A mail that greets somebody by name: the address is proved."""
    person = new_person(name)
    site.post("/v1/auth/password/forgot", {"email": person.email}).ok(202)
    return mails.wait_for(person.email, "password_reset")


def test_a_registration_brings_one_mail(new_person, mails):
    person = new_person("Anna")
    assert [mail.kind for mail in mails.all(person.email)] == ["verify_email"]


def test_text_and_page_say_the_same_and_hold_the_link(site, mails):
    mail = register(site, mails)
    message = parsed(mails, mail)
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert mail.links[0] in mail.html and mail.links[0].startswith(site.url + "/verify-email#token=")
    assert "Confirm your address" in mail.text and "Confirm your address" in mail.html
    assert not re.search(r"<img|src=|http[^\"]*track", mail.html)


def test_the_headers_say_that_a_machine_wrote_it(site, mails):
    message = parsed(mails, register(site, mails))
    assert message["Auto-Submitted"] == "auto-generated"
    assert re.fullmatch(r"<[0-9a-f-]{36}@ithaca\.example>", message["Message-ID"])
    assert message["Date"].datetime.tzinfo is not None
    assert message["List-Unsubscribe"] is None, "a mandatory kind cannot be unsubscribed from"
    assert not message.defects


@pytest.mark.parametrize("name", [
    "Łukasz Żółć", "עדי בן־דוד", "محمد عبد الله", "李小龍", "Ναυσικᾶ", "ఇథాకా", "Ann O'Neil", 'Dwayne "The Rock" Johnson', "a, b; c",
    "Zoë " * 15, "𝒯𝒽𝑒 👩🏽‍🏫 Mentor",
], ids=lambda name: ascii(name)[:12])
def test_names_of_every_script_arrive_whole(new_person, site, mails, name):
    mail = greeted(new_person, site, mails, name)
    raw = (mails.folder / f"{mail.id}.eml").read_bytes()
    # The newer parser of Python keeps the blanks between two encoded words of a phrase (RFC 2047 6.2 drops them).
    phrase, address = parseaddr(email.message_from_bytes(raw)["To"])
    assert str(make_header(decode_header(phrase))) == name.strip()
    assert address == mail.to[0]
    assert name.strip() in mail.text
    assert raw.isascii() and max(map(len, raw.split(b"\r\n"))) <= 200


def encoded_lines(raw):
    return [line for line in raw.split(b"\r\n\r\n")[0].split(b"\r\n") if b"=?" in line]


def test_words_of_both_directions_share_a_subject(stack, admin, new_person, mails):
    """A title in Arabic and Latin letters, long enough to be folded (RFC 2047: encoded words, in lines of 76 at most)."""
    title = "برنامج الإرشاد Ithaca للقيادة — تكنولوجيا & Design עם ליווי 2026"
    person = new_person("עדי Cohen בן־דוד")
    person.delete("/v1/me/notification-preferences/quiet-hours").ok(204)
    program = admin.post("/v1/programs", {"title": title}).ok(201)
    stack.postgres.sql(f"set search_path = notify; select plan('program_to_approve', gen_random_uuid(), '{person.id}', '{program['id']}')")
    mail = mails.wait_for(person.email, "program_to_approve")
    raw = (mails.folder / f"{mail.id}.eml").read_bytes()
    assert title in str(make_header(decode_header(email.message_from_bytes(raw)["Subject"])))
    assert len(encoded_lines(raw)) > 3 and max(map(len, encoded_lines(raw))) <= 76
    assert title in mail.text


def test_a_name_is_text_on_the_page(new_person, site, mails):
    mail = greeted(new_person, site, mails, "<script>alert(1)</script> & Co")
    assert "<script>" not in mail.html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; Co" in mail.html
    assert "<script>alert(1)</script> & Co" in mail.text


@pytest.mark.parametrize("locale, words", [
    ("de-AT", "Bestätigen Sie Ihre Adresse"), ("es", "Confirma tu dirección"), ("fr-CA", "Confirmez votre adresse"),
    ("pt-BR", "Confirm your address"), ("en-GB", "Confirm your address"),
])
def test_the_nearest_language_is_used(site, mails, locale, words):
    mail = register(site, mails, locale=locale)
    assert words in mail.subject
    assert parsed(mails, mail)["Content-Language"] == (locale[:2] if locale[:2] != "pt" else "en")


@pytest.mark.parametrize("zone, locale, form", [
    ("Asia/Kolkata", "en", r"until \d{1,2} [A-Z][a-z]+ 20\d\d, \d\d:\d\d \(Asia/Kolkata\)"),
    ("America/New_York", "de", r"bis \d{1,2}\. [A-Z][a-zä]+ 20\d\d, \d\d:\d\d Uhr \(America/New_York\)"),
    ("Pacific/Auckland", "es", r"hasta el \d{1,2} de [a-z]+ de 20\d\d, \d\d:\d\d \(Pacific/Auckland\)"),
])
def test_times_are_the_readers(site, mails, zone, locale, form):
    mail = register(site, mails, zone=zone, locale=locale)
    assert re.search(form, mail.text), mail.text


def test_a_mail_that_may_be_unwanted_says_how_to_end_it(admin, new_person, mails):
    person = new_person()
    admin.post("/v1/admin/grants", {"user_id": person.id, "role": "SUPPORT"}).ok(201)
    mail = mails.wait_for(person.email, "role_granted")
    message = parsed(mails, mail)
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert re.fullmatch(r"<http://[^>]+/v1/unsubscribe/[\w-]{43}>", message["List-Unsubscribe"].strip())
    assert "/unsubscribe#token=" in mail.text
