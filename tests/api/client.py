"""Who calls the API in tests: somebody with a token or without, and people who sign in."""

import time
from urllib.parse import urlsplit

import requests

PASSWORD = "the bed is made of an olive tree"


# What a refusal of that status has to say in its header.
TOLD = {401: "WWW-Authenticate", 405: "Allow", 429: "Retry-After", 503: "Retry-After"}


class Answer:
    """A response with what tests ask of it."""

    refusals = set()  # (code, status) of every problem in this run; the codes of single fields with None
    statuses = set()  # (verb, path, status) of every answer in this run

    def __init__(self, response):
        self.response = response
        self.status = response.status_code
        self.headers = response.headers
        self.text = response.text
        self.statuses.add((response.request.method, urlsplit(response.request.url).path, self.status))
        if self.headers.get("Content-Type") == "application/problem+json" and self.text:
            body = self.json()
            self.refusals.add((body["code"], self.status))
            self.refusals.update((error["code"], None) for error in body.get("errors", ()))

    def json(self):
        return self.response.json()

    def ok(self, status=200):
        """The body of a request that was done; None for 204."""
        assert self.status == status, f"{self.status} instead of {status}: {self.text}"
        return self.json() if self.text else None

    def problem(self, status, code, pointer=None):
        """The body of a refusal (RFC 9457), with one of its errors at the pointer when that is given."""
        assert self.status == status, f"{self.status} instead of {status}: {self.text}"
        assert self.headers["Content-Type"] == "application/problem+json"
        body = self.json()
        assert TOLD.get(status, "Content-Type") in self.headers, self.headers
        assert body["status"] == status and body["title"] and body["request_id"] and body["detail"]
        if pointer is None:
            assert body["code"] == code, self.text
        else:
            assert (pointer, code) in [(error["pointer"], error["code"]) for error in body["errors"]], self.text
        return body


class Client:
    """Somebody who calls the API; nobody in particular while there is no token."""

    def __init__(self, url, token=None):
        self.url = url
        self.token = token
        self.session = requests.Session()
        self.session.trust_env = False

    def request(self, method, path, json=None, headers=None, **more):
        headers = dict(headers or {})
        if self.token:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        return Answer(self.session.request(method, self.url + path, json=json, headers=headers, timeout=30, **more))

    def get(self, path, **more):
        return self.request("GET", path, **more)

    def post(self, path, json=None, **more):
        return self.request("POST", path, json=json, **more)

    def put(self, path, json=None, **more):
        return self.request("PUT", path, json=json, **more)

    def patch(self, path, json=None, **more):
        return self.request("PATCH", path, json=json, **more)

    def delete(self, path, **more):
        return self.request("DELETE", path, **more)


class Person(Client):
    """Somebody with an account, signed in; signs in again before the token or its freshness ends."""

    FRESH_SECONDS = 200

    def __init__(self, url, email, password=PASSWORD):
        super().__init__(url)
        self.email, self.password = email, password
        self.id = self.device_token = None
        self.signed_in = 0.0

    def sign_in(self):
        self.token = None
        answer = Client(self.url).post("/v1/auth/login", {"email": self.email, "password": self.password,
                                                          "device_token": self.device_token}).ok()
        self.token, self.refresh_token = answer["access_token"], answer["refresh_token"]
        self.device_token = answer["device_token"] or self.device_token
        self.session_id = answer["session_id"]
        self.signed_in = time.monotonic()
        if self.id is None:
            self.id = super().request("GET", "/v1/me").ok()["id"]
        return self

    def request(self, method, path, **more):
        if self.token and time.monotonic() - self.signed_in > self.FRESH_SECONDS:
            self.sign_in()
        return super().request(method, path, **more)
