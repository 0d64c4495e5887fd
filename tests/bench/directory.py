"""The directory of a program with 50 000 mentors: its first page in every order at 64 connections. Knobs: SECONDS, CONNECTIONS."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import uuid

import requests
from ithaca import BIN, PASSWORD, ROOT, UNLIMITED, Ithaca, Options, Stack

FOLDER = ROOT / "build" / "bench" / "directory"
SECONDS, CONNECTIONS = int(os.environ.get("SECONDS", "5")), int(os.environ.get("CONNECTIONS", "64"))
PROGRAM, EMAIL = str(uuid.uuid4()), "mentee@directory.example"
SKILL = "md5('7')::uuid"
MS = {"us": 1e-3, "ms": 1, "s": 1e3}


class Directory(Ithaca):
    """A stack whose schema matching was filled by directory.sql, and the mentee who reads."""

    def __init__(self):
        super().__init__(FOLDER)
        self.token = ""

    def make(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        self.stack = Stack(Options(data=self.folder / "stack", bin=BIN, listen="127.0.0.1:0", environment={
            "*": {"ITHACA_LOG_LEVEL": "warn"}, "gateway": UNLIMITED}))
        self.stack.up()
        self.register(EMAIL)
        answer = requests.post(self.url + "/v1/auth/login", json={"email": EMAIL, "password": PASSWORD}, timeout=30).json()
        self.token = answer["access_token"]
        given = f"\\set program '{PROGRAM}'\n\\set mentee '{self.ask('/v1/me')['id']}'\n"
        listed = self.stack.postgres.sql(given + (pathlib.Path(__file__).parent / "directory.sql").read_text()).split()[-1]
        print(f"{listed} mentors are listed", flush=True)

    def ask(self, path):
        answer = requests.get(self.url + path, headers={"Authorization": f"Bearer {self.token}"}, timeout=30)
        answer.raise_for_status()
        return answer.json()

    def load(self, path):
        """(requests/s, p50 ms, p99 ms)."""
        out = subprocess.run(["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "--timeout", "10s", "--latency",
                              "-H", f"Authorization: Bearer {self.token}", self.url + path],
                             stdout=subprocess.PIPE, text=True, check=True).stdout
        if "Non-2xx" in out or "Socket errors" in out:
            raise SystemExit(re.search(r"Non-2xx.*|Socket errors.*", out).group())
        rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1))
        p50, p99 = (float(value) * MS[unit] for value, unit in re.findall(r"(?:50|99)%\s+([\d.]+)(us|ms|s)", out))
        return rate, p50, p99


def main():
    stack = Directory()
    try:
        stack.make()
        skill = stack.stack.postgres.sql(f"select {SKILL}").strip()
        print("| first page | items | requests/s | p50 ms | p99 ms |\n|---|---|---|---|---|", flush=True)
        for query in ("limit=20", "limit=20&sort=NAME", "limit=20&sort=EXPERIENCE", "limit=50", f"limit=20&skill={skill}"):
            path = f"/v1/programs/{PROGRAM}/mentors?{query}"
            items = len(stack.ask(path)["items"])
            rate, p50, p99 = stack.load(path)
            print(f"| {query} | {items} | {rate:,.0f} | {p50:.1f} | {p99:.1f} |", flush=True)
    finally:
        stack.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
