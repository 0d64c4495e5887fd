"""Second factors: authenticators and recovery codes."""

import base64
import hashlib
import hmac
import struct
import time

PASSWORD = "the bed is made of an olive tree"
SHORT = "ten oxhide axe"


def code_of(secret, step=0):
    """RFC 6238, by itself."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(time.time()) // 30 + step), hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at:at + 4])[0] & 0x7FFFFFFF) % 1000000:06d}"


def set_up(person):
    secret = person.post("/v1/me/mfa/totp").ok(201)["secret"]
    codes = person.post("/v1/me/mfa/totp/confirm", {"code": code_of(secret)}).ok()["codes"]
    return secret, codes


def challenge_of(site, person):
    answer = site.post("/v1/auth/login", {"email": person.email, "password": person.password}).ok()
    assert answer["access_token"] is None and answer["refresh_token"] is None
    return answer["mfa_required"]["challenge"]


def complete(site, challenge, **factor):
    return site.post("/v1/auth/mfa", {"challenge": challenge, **factor})


def test_an_authenticator_counts_when_its_first_code_is_confirmed(site, new_person):
    person = new_person()
    enrolment = person.post("/v1/me/mfa/totp").ok(201)
    assert enrolment["uri"].startswith("otpauth://totp/") and enrolment["secret"] in enrolment["uri"]
    person.post("/v1/me/mfa/totp/confirm", {"code": "000000"}).problem(422, "INVALID_CODE")
    site.post("/v1/auth/login", {"email": person.email, "password": PASSWORD}).ok()["access_token"]
    person.post("/v1/me/mfa/totp/confirm", {"code": code_of(enrolment["secret"])}).ok()
    assert person.get("/v1/me").ok()["second_factor"] is True
    assert person.get("/v1/me").ok()["recovery_codes"] == 10


def test_signing_in_takes_both_factors_and_each_step_once(site, new_person):
    person = new_person()
    secret, _ = set_up(person)
    used = code_of(secret)
    complete(site, challenge_of(site, person), code=used).problem(401, "INVALID_CODE")
    following = code_of(secret, 1)
    assert complete(site, challenge_of(site, person), code=following).ok()["access_token"]
    complete(site, challenge_of(site, person), code=following).problem(401, "INVALID_CODE")


def test_five_wrong_codes_end_the_challenge(site, new_person):
    person = new_person()
    secret, _ = set_up(person)
    challenge = challenge_of(site, person)
    wrong = f"{(int(code_of(secret)) + 1) % 1000000:06d}"
    for _ in range(4):
        complete(site, challenge, code=wrong).problem(401, "INVALID_CODE")
    complete(site, challenge, code=wrong).problem(410, "CHALLENGE_OVER")
    complete(site, challenge, code=code_of(secret, 1)).problem(410, "CHALLENGE_OVER")


def test_a_recovery_code_works_once_however_it_is_typed(site, mails, new_person):
    person = new_person()
    _, codes = set_up(person)
    assert len(set(codes)) == 10 and all(len(code.replace("-", "")) == 24 for code in codes)
    typed = codes[0].replace("-", "").lower()
    assert complete(site, challenge_of(site, person), recovery_code=typed).ok()["access_token"]
    complete(site, challenge_of(site, person), recovery_code=codes[0]).problem(401, "INVALID_CODE")
    assert person.get("/v1/me").ok()["recovery_codes"] == 9
    mails.wait_for(person.email, "mfa_changed")


def test_new_recovery_codes_void_the_former(site, new_person):
    person = new_person()
    person.post("/v1/me/mfa/recovery-codes").problem(409, "NOT_ENROLLED")
    _, former = set_up(person)
    renewed = person.post("/v1/me/mfa/recovery-codes").ok()["codes"]
    complete(site, challenge_of(site, person), recovery_code=former[0]).problem(401, "INVALID_CODE")
    complete(site, challenge_of(site, person), recovery_code=renewed[0]).ok()


def test_a_second_factor_allows_a_shorter_password_that_keeps_it(site, new_person):
    person = new_person()
    change = {"current_password": PASSWORD, "new_password": SHORT}
    person.post("/v1/me/password", change).problem(422, "PASSWORD_TOO_SHORT")
    set_up(person)
    person.post("/v1/me/password", change).ok(204)
    person.delete("/v1/me/mfa/totp").problem(409, "PASSWORD_TOO_SHORT")
    person.post("/v1/me/password", {"current_password": SHORT, "new_password": PASSWORD}).ok(204)
    person.delete("/v1/me/mfa/totp").ok(204)
    assert site.post("/v1/auth/login", {"email": person.email, "password": PASSWORD}).ok()["access_token"]


def test_a_second_authenticator_is_refused(new_person):
    person = new_person()
    set_up(person)
    person.post("/v1/me/mfa/totp").problem(409, "TOTP_EXISTS")


def test_the_secret_is_sealed_in_the_database(stack, new_person):
    person = new_person()
    secret, codes = set_up(person)
    rows = stack.postgres.sql("select string_agg(t::text, '') || (select string_agg(r::text, '') from identity.recovery_code r) "
                              "from identity.totp t", "ithaca")
    assert secret not in str(rows) and codes[0] not in str(rows)
    assert person.email not in str(stack.postgres.sql("select string_agg(a::text, '') from identity.account a", "ithaca"))
