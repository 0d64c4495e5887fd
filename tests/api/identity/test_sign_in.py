"""Signing in and staying so: passwords, tokens, sessions."""

import statistics
import threading
import time

PASSWORD = "the bed is made of an olive tree"


def sign_in(site, email, password=PASSWORD, **more):
    return site.post("/v1/auth/login", {"email": email, "password": password, **more})


def refresh(site, token):
    return site.post("/v1/auth/refresh", {"refresh_token": token})


def wait_for_status(person, status, seconds=5):
    end = time.monotonic() + seconds
    while (answer := person.get("/v1/me")).status != status:
        assert time.monotonic() < end, f"still {answer.status}: {answer.text}"
        time.sleep(0.05)
    return answer


def test_a_sign_in_answers_short_access_and_long_refresh_tokens(site, new_person):
    person = new_person()
    answer = sign_in(site, person.email).ok()
    assert answer["access_token"].startswith("v4.public.") and answer["mfa_required"] is None
    assert answer["access_expires_at"] < answer["refresh_expires_at"]
    assert answer["device_token"] and answer["session_id"]


def test_unknown_accounts_and_wrong_passwords_get_one_answer_after_the_same_time(site, new_person):
    people = [new_person() for _ in range(2)]
    wrong, unknown = [], []
    for number in range(4):
        for times, email in ((wrong, people[number % 2].email), (unknown, f"nobody{number}.{time.time_ns():x}@people.example")):
            begin = time.monotonic()
            body = sign_in(site, email, "a password that nobody chose").problem(401, "INVALID_CREDENTIALS")
            times.append(time.monotonic() - begin)
            assert body["detail"] == "The address or the password is wrong."
    assert 0.5 < statistics.median(wrong) / statistics.median(unknown) < 2


def test_bodies_that_are_no_json_are_refused(site):
    site.request("POST", "/v1/auth/login", data="{", headers={"Content-Type": "application/json"}).problem(400, "MALFORMED_JSON")
    assert site.request("POST", "/v1/auth/login", data="a=b", headers={"Content-Type": "application/x-www-form-urlencoded"}).status == 415


def test_guesses_slow_down_for_strangers_and_not_for_a_known_device(site, new_person):
    person = new_person()
    device = sign_in(site, person.email).ok()["device_token"]
    for _ in range(6):
        sign_in(site, person.email, "a password that nobody chose").problem(401, "INVALID_CREDENTIALS")
    answer = sign_in(site, person.email)
    answer.problem(429, "TOO_MANY_ATTEMPTS")
    assert int(answer.headers["Retry-After"]) >= 1
    sign_in(site, person.email, device_token=device).ok()


def test_guesses_at_an_account_that_is_none_slow_down_too(site):
    email = f"nobody.{time.time_ns():x}@people.example"
    for _ in range(6):
        sign_in(site, email).problem(401, "INVALID_CREDENTIALS")
    sign_in(site, email).problem(429, "TOO_MANY_ATTEMPTS")


def test_ten_failures_lock_the_account_and_a_mail_unlocks_it(site, mails, new_person):
    person = new_person()
    device = sign_in(site, person.email).ok()["device_token"]
    failures = 0
    while failures < 10:
        answer = sign_in(site, person.email, "a password that nobody chose")
        if answer.status == 429:
            time.sleep(int(answer.headers["Retry-After"]))
        else:
            answer.problem(401, "INVALID_CREDENTIALS")
            failures += 1
    sign_in(site, person.email).problem(429, "TOO_MANY_ATTEMPTS")
    person.get("/v1/me").ok()
    sign_in(site, person.email, device_token=device).ok()
    token = mails.wait_for(person.email, "account_locked").token
    site.post("/v1/auth/unlock", {"token": token}).ok(204)
    sign_in(site, person.email).ok()


def test_a_new_device_is_told_to_the_owner(site, mails, new_person):
    person = new_person()
    device = sign_in(site, person.email).ok()["device_token"]
    mails.wait_for(person.email, "new_device")
    sign_in(site, person.email, device_token=device).ok()
    time.sleep(1)
    assert len(mails.matching(person.email, "new_device")) == 1


def test_a_refresh_token_is_exchanged_once_and_its_reuse_ends_the_session(site, mails, new_person):
    person = new_person()
    first = person.refresh_token
    second = refresh(site, first).ok()
    third = refresh(site, second["refresh_token"]).ok()
    time.sleep(10.5)
    refresh(site, first).problem(401, "SESSION_REVOKED")
    refresh(site, third["refresh_token"]).problem(401, "SESSION_REVOKED")
    person.token = third["access_token"]
    wait_for_status(person, 401).problem(401, "TOKEN_REVOKED")
    mails.wait_for(person.email, "refresh_reused")


def test_two_refreshes_at_once_get_the_same_pair(site, new_person):
    person = new_person()
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(refresh(site, person.refresh_token).ok())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({(a["access_token"], a["refresh_token"], a["refresh_expires_at"]) for a in answers}) == 1
    refresh(site, answers[0]["refresh_token"]).ok()


def hold(stack, statement):
    """Runs a statement of identity in a transaction that stays open for two seconds."""
    sql = f"set search_path = identity; begin; {statement}; select pg_sleep(2); commit"
    thread = threading.Thread(target=lambda: stack.postgres.sql(sql, "ithaca"))
    thread.start()
    time.sleep(0.5)
    return thread


def test_a_sign_in_does_not_outrun_a_suspension_or_a_new_password(site, stack, new_person):
    for change, status, code in (("state = 'SUSPENDED'", 403, "ACCOUNT_CLOSED"), ("password_hash = 'x'", 401, "INVALID_CREDENTIALS")):
        person = new_person()
        thread = hold(stack, f"update account set {change} where id = '{person.id}'")
        sign_in(site, person.email).problem(status, code)
        thread.join()


def test_a_refresh_does_not_outrun_a_suspension(site, stack, new_person):
    person = new_person()
    thread = hold(stack, f"update account set state = 'SUSPENDED' where id = '{person.id}'")
    refresh(site, person.refresh_token).problem(401, "SESSION_REVOKED")
    thread.join()


def test_a_token_names_the_roles_of_the_moment_it_is_made(site, stack, admin, new_person):
    person = new_person()
    grant = admin.post("/v1/admin/grants", {"user_id": person.id, "role": "SUPPORT"}).ok(201)
    person.sign_in()
    thread = hold(stack, f"update role_grant set state = 'REVOKED' where id = '{grant['id']}'")
    person.token = refresh(site, person.refresh_token).ok()["access_token"]
    thread.join()
    end = time.monotonic() + 5
    while (answer := person.get("/v1/admin/users")).status != 403:
        assert time.monotonic() < end and answer.status == 401, answer.text
        person.sign_in()


def test_a_session_ends_when_nobody_refreshes_it_for_a_month(site, stack, new_person):
    person = new_person()
    stack.postgres.sql(f"update identity.session set expires_at = now() where id = '{person.session_id}'")
    refresh(site, person.refresh_token).problem(401, "SESSION_EXPIRED")
    assert person.get("/v1/me/sessions").ok()["items"] == []


def test_what_is_no_refresh_token_is_refused(site):
    refresh(site, "a" * 43).problem(401, "INVALID_TOKEN")
    refresh(site, "").problem(400, "REQUIRED", "/refresh_token")


def test_signing_out_kills_the_token_within_five_seconds(site, new_person):
    person = new_person()
    person.post("/v1/auth/logout").ok(204)
    wait_for_status(person, 401).problem(401, "TOKEN_REVOKED")
    refresh(site, person.refresh_token).problem(401, "SESSION_REVOKED")


def test_one_sees_and_ends_ones_sessions(site, new_person):
    person, stranger = new_person(), new_person()
    other = sign_in(site, person.email).ok()
    sessions = person.get("/v1/me/sessions").ok()["items"]
    assert {s["id"] for s in sessions} == {person.session_id, other["session_id"]}
    assert [s["id"] for s in sessions if s["current"]] == [person.session_id]
    assert all(s["address_prefix"] == "127.0.0.0" for s in sessions)
    stranger.delete(f"/v1/me/sessions/{other['session_id']}").problem(404, "NOT_FOUND")
    person.delete(f"/v1/me/sessions/{other['session_id']}").ok(204)
    refresh(site, other["refresh_token"]).problem(401, "SESSION_REVOKED")
    assert [s["id"] for s in person.get("/v1/me/sessions").ok()["items"]] == [person.session_id]


def test_signing_out_everywhere_ends_every_session(site, new_person):
    person = new_person()
    other = sign_in(site, person.email).ok()
    person.post("/v1/auth/logout-all").ok(204)
    for token in (person.refresh_token, other["refresh_token"]):
        refresh(site, token).problem(401, "SESSION_REVOKED")
    wait_for_status(person, 401)


def test_the_keys_are_public(site):
    keys = site.get("/.well-known/mentoring-keys.json").ok()["items"]
    assert any(key["use"] == "TOKEN" and len(key["public_key"]) == 43 for key in keys)
    assert all(key["not_before"] < key["not_after"] and "secret" not in key for key in keys)


def test_tokens_in_flight_stay_good_when_a_key_is_made(stack, new_person):
    person = new_person()
    stack.postgres.sql("update identity.signing_key set not_before = now() - interval '31 days'", "ithaca")
    stack.postgres.sql("update identity.timer set due_at = now() where rpc = 'RotateKeys'", "ithaca")
    end = time.monotonic() + 10
    while len(keys := person.get("/.well-known/mentoring-keys.json").ok()["items"]) < 2:
        assert time.monotonic() < end, keys
        time.sleep(0.2)
    person.get("/v1/me").ok()
    person.sign_in().get("/v1/me").ok()


def test_many_sign_ins_at_once_are_served_or_told_to_wait(site, new_person):
    person = new_person()
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(sign_in(site, person.email))) for _ in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status for answer in answers} <= {200, 429, 503}
    assert any(answer.status == 200 for answer in answers)
