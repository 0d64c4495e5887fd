"""What every test stands on: one whole stack for the run, a client, the mails, and people made through the API."""

import itertools
import json
import os
import re
import signal
import sys
import time
from pathlib import Path

import pytest
import requests

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "deploy" / "local"))

from mailcatcher import read_mail  # noqa: E402
from settings import Options  # noqa: E402
from stack import Stack  # noqa: E402

ADMIN = "admin@ithaca.example"
PASSWORD = "the bed is made of an olive tree"
SANITIZER = re.compile(r"(?:Address|Leak|UndefinedBehavior|Memory|Thread)Sanitizer|runtime error:")
# Tests come faster than people do.
LIMITS = {
    "identity": {"ITHACA_FIRST_ADMIN": ADMIN, "ITHACA_ATTEMPTS_PER_ADDRESS": "1000000"},
    "gateway": {f"ITHACA_LIMIT_{kind}": "1000000/1" for kind in ("READ", "WRITE", "AUTH", "HEAVY")},
}


class Answer:
    """A response with what tests ask of it."""

    def __init__(self, response):
        self.response = response
        self.status = response.status_code
        self.headers = response.headers
        self.text = response.text

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


class Mail:
    def __init__(self, content):
        self.content = content
        self.id, self.to, self.subject = content["id"], content["to"], content["subject"]
        self.kind, self.text, self.html = content["kind"], content["text"], content["html"]
        self.headers = {name.lower(): value for name, value in content["headers"]}

    @property
    def links(self):
        return re.findall(r"https?://[^\s<>\"]+", self.text)

    @property
    def token(self):
        """The one-time token of the mail's link."""
        return next(re.search(r"#token=([\w-]+)", link)[1] for link in self.links if "#token=" in link)


class Mails:
    """The mails that were sent, each handed out once."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.read = {}
        self.taken = set()

    def all(self, address=None):
        for path in sorted(self.folder.glob("*.eml")):
            if path.stem not in self.read:
                self.read[path.stem] = Mail(read_mail(path))
        return [mail for mail in self.read.values() if address is None or address in mail.to]

    def matching(self, address, kind=None, subject=None):
        return [mail for mail in self.all(address)
                if (kind is None or mail.kind == kind) and (subject is None or subject in mail.subject)]

    def wait_for(self, address, kind=None, subject=None, seconds=15):
        """The first mail to that address that was not handed out yet."""
        end = time.monotonic() + seconds
        while True:
            for mail in self.matching(address, kind, subject):
                if mail.id not in self.taken:
                    self.taken.add(mail.id)
                    return mail
            got = [(mail.kind, mail.subject) for mail in self.all(address)]
            assert time.monotonic() < end, f"no mail {kind or subject or ''} to {address} in {seconds} s; there are {got}"
            time.sleep(0.03)


class Elsewhere:
    """A stack that runs already, of which only the address is known."""

    def __init__(self, url):
        self.url = url
        self.mail_folder = Path(os.environ.get("ITHACA_TEST_MAILS", ROOT / "run" / "mail"))

    def __getattr__(self, name):
        pytest.skip(f"needs a stack of its own ({name})")


def unclean_ends(stack):
    """Processes that crashed or did not stop well, and what the sanitizers wrote."""
    found = [f"{name} {what}" for name, what in stack.failures]
    for process in stack.processes.values():
        found += [f"{process.name} died with {code}" for code in process.exits if code not in (0, -signal.SIGKILL)]
    for log in sorted(stack.options.logs.glob("*.log")):
        lines = log.read_text(errors="replace").splitlines()
        marked = next((number for number, line in enumerate(lines) if SANITIZER.search(line)), None)
        if marked is not None:
            found.append(f"{log}:\n" + "\n".join(lines[marked:marked + 40]))
    return found


@pytest.fixture(scope="session")
def stack(tmp_path_factory):
    """All processes. stack.kill(name), stack.stop_process(name), stack.start_process(name), stack.postgres.sql(…)."""
    if "ITHACA_TEST_URL" in os.environ:
        yield Elsewhere(os.environ["ITHACA_TEST_URL"])
        return
    data = tmp_path_factory.mktemp("ithaca")
    for folder in (data, *data.parents[:2]):
        folder.chmod(0o755)
    bin_folder = os.environ.get("ITHACA_BIN", ROOT / "build" / "bin")
    whole = Stack(Options(data=data, bin=bin_folder, listen="127.0.0.1:0", environment=LIMITS))
    whole.up()
    yield whole
    whole.stop()
    assert unclean_ends(whole) == []


@pytest.fixture(scope="session")
def site(stack):
    """The API as nobody in particular."""
    return Client(stack.url)


@pytest.fixture(scope="session")
def mails(stack):
    return Mails(stack.mail_folder)


@pytest.fixture(scope="session")
def contract():
    """What the API promises: build/gen/contract.json."""
    return json.loads((ROOT / "build" / "gen" / "contract.json").read_text())


@pytest.fixture(scope="session")
def new_person(site, mails):
    """new_person(): registers, verifies and signs in somebody through the API."""
    numbers = itertools.count(1)

    def make(display_name=None, email=None, locale="en", zone="Europe/Athens", password=PASSWORD):
        number = next(numbers)
        email = email or f"person{number}.{time.time_ns():x}@people.example"
        site.post("/v1/auth/register", {"email": email, "password": password, "display_name": display_name or f"Person {number}",
                                        "locale": locale, "zone": zone}).ok(202)
        token = mails.wait_for(email, "verify_email").token
        site.post("/v1/auth/email/verify", {"token": token}).ok(204)
        return Person(site.url, email, password).sign_in()

    return make


@pytest.fixture(scope="session")
def admin(new_person):
    """The first administrator of the site."""
    return new_person("Penelope", email=ADMIN)


@pytest.fixture(scope="session")
def coordinator(admin, new_person):
    """Coordinates the program `program_id`, which is a draft of its own."""
    person = new_person("Eurycleia")
    program = admin.post("/v1/programs", {"title": f"Fixture {time.time_ns():x}"}).ok(201)
    admin.post("/v1/admin/grants", {"user_id": person.id, "role": "COORDINATOR", "program_id": program["id"]}).ok(201)
    person.program_id = program["id"]
    return person
