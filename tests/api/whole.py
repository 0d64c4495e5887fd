"""Whole stacks, the mails that they send, and people made through their API."""

import itertools
import os
import re
import signal
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "deploy" / "local"))

from client import PASSWORD, Person  # noqa: E402
from mailcatcher import read_mail  # noqa: E402
from settings import Options  # noqa: E402
from stack import Stack  # noqa: E402

ADMIN = "admin@ithaca.example"
SANITIZER = re.compile(r"(?:Address|Leak|UndefinedBehavior|Memory|Thread)Sanitizer|runtime error:")
# Tests come faster than people do.
LIMITS = {
    "identity": {"ITHACA_FIRST_ADMIN": ADMIN, "ITHACA_ATTEMPTS_PER_ADDRESS": "1000000"},
    "gateway": {f"ITHACA_LIMIT_{kind}": "1000000/1" for kind in ("READ", "WRITE", "AUTH", "HEAVY")},
}


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


def sanitized(stack):
    """Whether its binaries were built with a sanitizer, which multiplies what they hold."""
    return b"__asan_init" in Path(stack.options.bin, "gateway").read_bytes()


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


@contextmanager
def whole_stack(data, environment):
    """A stack of its own in that folder; in the end every process must have ended well."""
    for folder in (data, *itertools.takewhile(lambda folder: folder != Path(tempfile.gettempdir()), data.parents)):
        folder.chmod(0o755)
    bin_folder = os.environ.get("ITHACA_BIN", ROOT / "build" / "bin")
    whole = Stack(Options(data=data, bin=bin_folder, listen="127.0.0.1:0", environment=environment))
    whole.up()
    yield whole
    whole.stop()
    assert unclean_ends(whole) == []


def person_maker(site, mails):
    """make(): registers, verifies and signs in somebody through the API."""
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
