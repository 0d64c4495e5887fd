"""A match run through the API, from POST to certified and to review: `make bench-match-run`.

10 000 mentees and 2 500 mentors with skills, languages, topics, hours and answers, matched by six criteria on the complete graph.
Knobs: MENTEES, MENTORS, ROUNDS.
"""
import os
import pathlib
import shutil
import time
import uuid

import requests
from ithaca import BIN, PASSWORD, ROOT, UNLIMITED, Ithaca, Options, Stack

FOLDER = ROOT / "build" / "bench" / "match_run"
MENTEES, MENTORS, ROUNDS = (int(os.environ.get(name, usual)) for name, usual in (("MENTEES", "10000"), ("MENTORS", "2500"), ("ROUNDS", "3")))
ADMIN = "admin@match.example"
ENDED = ("REVIEW", "FAILED", "TIMED_OUT", "CANCELLED")


class MatchRun(Ithaca):
    """A stack whose schema matching was filled by match_run.sql."""

    def __init__(self):
        super().__init__(FOLDER)

    def start(self):
        self.stack = Stack(Options(data=self.folder / "stack", bin=BIN, listen="127.0.0.1:0", environment={
            "*": {"ITHACA_LOG_LEVEL": "warn"}, "gateway": UNLIMITED, "identity": {"ITHACA_FIRST_ADMIN": ADMIN}}))
        self.stack.up()

    def make(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        self.start()
        self.register(ADMIN)
        answer = requests.post(self.url + "/v1/auth/login", json={"email": ADMIN, "password": PASSWORD}, timeout=30)
        self.headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        given = f"\\set mentees {MENTEES}\n\\set mentors {MENTORS}\n"
        self.program = self.stack.postgres.sql(given + (pathlib.Path(__file__).parent / "match_run.sql").read_text()).strip().split()[-1]

    def get(self, path):
        answer = requests.get(self.url + path, headers=self.headers, timeout=30)
        answer.raise_for_status()
        return answer.json()

    def round(self):
        """Seconds to certified and to review, and the run."""
        began = time.monotonic()
        answer = requests.post(f"{self.url}/v1/programs/{self.program}/match-runs", json={}, timeout=30,
                               headers=self.headers | {"Idempotency-Key": str(uuid.uuid4())})
        answer.raise_for_status()
        certified = None
        while True:
            run = self.get(f"/v1/match-runs/{answer.json()['id']}")
            if run["certified_at"] and certified is None:
                certified = time.monotonic() - began
            if run["state"] in ENDED:
                return certified, time.monotonic() - began, run
            time.sleep(0.02)


def main():
    bench = MatchRun()
    bench.make()
    try:
        for number in range(ROUNDS):
            certified, reviewed, run = bench.round()
            if run["state"] != "REVIEW":
                raise SystemExit(f"the run is {run['state']}: {run['failure']}")
            print(f"{MENTEES} x {MENTORS} round {number + 1}: certified {certified:.2f} s, in review {reviewed:.2f} s, scoring and solving "
                  f"{run['solve_ms']} ms, matched {run['matched']}, total {run['total']}", flush=True)
    finally:
        bench.stop()


if __name__ == "__main__":
    main()
