"""Ithaca as a stack to measure: the whole platform with 20 000 programs, and people who are signed in."""
import os
import pathlib
import shutil
import sys
import time

import requests

from measure import RUN_IN

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "deploy" / "local"))

from mailcatcher import read_mail  # noqa: E402
from nats import GO  # noqa: E402, F401
from settings import Options  # noqa: E402
from stack import Stack  # noqa: E402

BIN = pathlib.Path(os.environ.get("ITHACA_BIN", ROOT / "build" / "bin"))
PEOPLE, PASSWORD = 50, "the bed is made of an olive tree"
# The peers log no requests; with LOGS=1 ours write their line for each call in the gateway and in the service.
LOG_LEVEL = "info" if os.environ.get("LOGS") == "1" else "warn"
UNLIMITED = {f"ITHACA_LIMIT_{name}": "1000000/1" for name in ("READ", "WRITE", "AUTH", "HEAVY")}

# The peers' 20 000 programs, in the columns of ours.
PROGRAMS = """
set search_path = programs;
insert into programs.program (id, slug, title, summary, about, state, mentor_capacity, mentors, mentees,
	mentee_admission, registration_opens_at, registration_closes_at, created_at, updated_at)
select overlay(overlay(md5('program' || i) placing '4' from 13) placing '8' from 17)::uuid, 'program-' || i,
	'Mentoring program ' || i || ': growing together',
	'A structured six month initiative that pairs early career professionals with experienced mentors.',
	'Join to set goals, meet every second week, track progress and give feedback. '
		|| 'Members agree to keep conversations confidential and to use approved online rooms. Program number ' || i || '.',
	case when i % 10 = 0 then 'DRAFT' else 'PUBLISHED' end, 20 + i % 180, i % 40, i % 150, 'APPROVAL',
	now() - interval '1 day', now() + interval '300 days',
	timestamptz '2025-01-01 00:00:00Z' + i * interval '61 seconds', timestamptz '2025-06-01 00:00:00Z' + i * interval '61 seconds'
from generate_series(1, 20000) i;
"""


class Ithaca:
    """Set up once; started and stopped like a peer, its data kept in between."""
    name, cursor_name, join_path, join_body = "ithaca", "cursor", "memberships", '{"role":"MENTEE"}'

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.material = self.folder / "material"
        self.posted = 0
        self.stack = None
        self.people = []

    def make(self):
        """A fresh platform with programs, people and the cursors of every page."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.start()
        self.material.mkdir()
        self.stack.postgres.sql(PROGRAMS + "vacuum analyze programs.program;" + RUN_IN)
        ids = self.stack.postgres.sql("select id from programs.program where state = 'PUBLISHED'").split()
        (self.material / "ids.txt").write_text("\n".join(ids) + "\n")
        self.people = [self.register(f"person{n}@bench.example") for n in range(PEOPLE)]
        self.sign_in()
        self.collect_cursors()
        self.stop()

    def register(self, email):
        requests.post(self.url + "/v1/auth/register", json={"email": email, "password": PASSWORD, "display_name": email.split("@")[0],
                                                            "locale": "en", "zone": "Europe/Athens"}, timeout=30).raise_for_status()
        token = self.verification(email)
        requests.post(self.url + "/v1/auth/email/verify", json={"token": token}, timeout=30).raise_for_status()
        return email

    def verification(self, email):
        end = time.monotonic() + 30
        while time.monotonic() < end:
            for path in pathlib.Path(self.stack.mail_folder).glob("*.eml"):
                mail = read_mail(path)
                if email in mail["to"] and "#token=" in mail["text"]:
                    return mail["text"].split("#token=")[1].split()[0]
            time.sleep(0.05)
        raise SystemExit(f"no mail to {email}")

    def sign_in(self):
        """Tokens last ten minutes: taken anew for each round."""
        tokens = []
        for email in self.people:
            answer = requests.post(self.url + "/v1/auth/login", json={"email": email, "password": PASSWORD}, timeout=30)
            answer.raise_for_status()
            tokens.append(answer.json()["access_token"])
        (self.material / "tokens.txt").write_text("\n".join(tokens) + "\n")

    def collect_cursors(self):
        token = (self.material / "tokens.txt").read_text().split()[0]
        cursors, path = [], "/v1/programs?limit=50"
        while True:
            page = requests.get(self.url + path, headers={"Authorization": f"Bearer {token}"}, timeout=30).json()
            if not page["next_cursor"]:
                break
            cursors.append(page["next_cursor"])
            path = f"/v1/programs?limit=50&cursor={page['next_cursor']}"
        (self.material / "cursors.txt").write_text("\n".join(cursors) + "\n")

    @property
    def url(self):
        return self.stack.url

    @property
    def port(self):
        return int(self.stack.listen.rpartition(":")[2])

    def start(self):
        """The seconds until every process was ready, its dependencies' start included."""
        self.stack = Stack(Options(data=self.folder / "stack", bin=BIN, listen="127.0.0.1:0",
                                   environment={"*": {"ITHACA_LOG_LEVEL": LOG_LEVEL}, "gateway": UNLIMITED}))
        self.stack.up()
        if self.people:
            self.stack.postgres.sql("truncate programs.membership cascade; checkpoint")
            self.posted = 0
            self.sign_in()

    def stop(self):
        self.stack.stop()

    def roles(self):
        kinds = {"postgres": "postgres", "nats": "nats", "gateway": "gateway", "programs": "service"}
        pids = {"gateway": [], "service": [], "postgres": [], "nats": [], "others": []}
        for name, process in self.stack.processes.items():
            if process.pid:
                pids[kinds.get(name, "others")].append(process.pid)
        return pids
