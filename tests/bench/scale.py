"""The platform with 100 000 memberships, 50 000 mentorships and 1 000 000 tasks: `make bench-scale`. Every list and report of programs
answers its first page and the next, and how fast at 16 connections; no plan reads a large table through (see scale_plans.py).
Knobs: SECONDS, ONLY (part of a name), KEEP (1: what was loaded before stays as it is), PARTS (calls,plans)."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

import requests
from ithaca import BIN, PASSWORD, ROOT, UNLIMITED, Ithaca, Options, Stack
from scale_calls import THINGS, calls, left_out
from scale_plans import check_plans

FOLDER = ROOT / "build" / "bench" / "scale"
SECONDS, CONNECTIONS = int(os.environ.get("SECONDS", "2")), 16
ONLY, PARTS = os.environ.get("ONLY", ""), os.environ.get("PARTS", "calls,plans").split(",")
PEOPLE = ("admin", "coordinator", "mentor", "mentee")
# What a page and a report may take, in ms for 99 of 100, on two cores that do nothing else.
GOALS = {False: 50, True: 150}
MS = {"us": 1e-3, "ms": 1, "s": 1e3}


class Scale(Ithaca):
    """A stack whose schema programs was filled by scale.sql, and four people who are signed in."""

    def __init__(self):
        super().__init__(FOLDER)
        self.tokens, self.signed_in_at = {}, 0

    def start(self):
        self.stack = Stack(Options(data=self.folder / "stack", bin=BIN, listen="127.0.0.1:0", environment={
            "*": {"ITHACA_LOG_LEVEL": "warn"}, "gateway": UNLIMITED, "identity": {"ITHACA_FIRST_ADMIN": self.email("admin")}}))
        self.stack.up()

    def email(self, name):
        return f"{name}@scale.example"

    def make(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        self.start()
        ids = {}
        for name in PEOPLE:
            self.register(self.email(name))
            ids[name] = self.ask("/v1/me", name)["id"]
        began = time.monotonic()
        given = "".join(f"\\set {name} '{ids[name]}'\n" for name in PEOPLE)
        counts = self.stack.postgres.sql(given + (pathlib.Path(__file__).parent / "scale.sql").read_text())
        print(f"loaded in {time.monotonic() - began:.0f} s: memberships|mentorships|tasks|size {counts.split()[-2:]}", flush=True)

    def token(self, name):
        """Tokens last ten minutes."""
        if time.monotonic() - self.signed_in_at > 300:
            self.tokens, self.signed_in_at = {}, time.monotonic()
        if name not in self.tokens:
            answer = requests.post(self.url + "/v1/auth/login", json={"email": self.email(name), "password": PASSWORD}, timeout=30)
            answer.raise_for_status()
            self.tokens[name] = answer.json()["access_token"]
        return self.tokens[name]

    def ask(self, path, name, **query):
        answer = requests.get(self.url + path, params=query, headers={"Authorization": f"Bearer {self.token(name)}"}, timeout=30)
        if answer.status_code != 200:
            raise ValueError(f"{answer.status_code} {answer.text[:200]}")
        return answer.json() if "json" in answer.headers["Content-Type"] else answer.text

    def things(self):
        rows = "; ".join(f"select '{name}', {sql}" for name, sql in THINGS.items())
        return dict(line.split("|") for line in self.stack.postgres.sql(f"set search_path = programs; {rows}").split())


def load(stack, call, path):
    """(requests/s, p50 ms, p99 ms) of the first page."""
    out = subprocess.run(["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "--timeout", "10s", "--latency",
                          "-H", f"Authorization: Bearer {stack.token(call.person)}", stack.url + path],
                         stdout=subprocess.PIPE, text=True, check=True).stdout
    if "Non-2xx" in out or "Socket errors" in out:
        raise ValueError(re.search(r"Non-2xx.*|Socket errors.*", out).group())
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1))
    if not rate:
        raise ValueError(f"no answer within {SECONDS} s")
    p50, p99 = (float(value) * MS[unit] for value, unit in re.findall(r"(?:50|99)%\s+([\d.]+)(us|ms|s)", out))
    return rate, p50, p99


def second_page(stack, call, path):
    """How many things the pages have, and whether there is a second: asked by twos when the first holds them all."""
    first = stack.ask(path, call.person)
    count = len(first.get("items", first)) if isinstance(first, dict) else first.count("\n")
    if not isinstance(first, dict) or "next_cursor" not in first:
        return count, "-"
    cursor, query = first["next_cursor"], {}
    if not cursor:
        query = {"limit": 2}
        cursor = stack.ask(path, call.person, **query)["next_cursor"]
    if not cursor:
        return count, "none"
    return count, str(len(stack.ask(path, call.person, cursor=cursor, **query)["items"]))


def run_calls(stack):
    """A line for each call; those that fell short."""
    things, short = stack.things(), []
    print("\n| call | as | items | next page | requests/s | p50 ms | p99 ms | goal |\n|---|---|---|---|---|---|---|---|", flush=True)
    for call in calls():
        if ONLY not in call.name:
            continue
        path = call.path.format(**things)
        try:
            count, following = second_page(stack, call, path)
            load(stack, call, path) if SECONDS > 2 else None
            rate, p50, p99 = load(stack, call, path)
        except ValueError as error:
            short.append(call.name)
            print(f"| {call.name} | {call.person} | {error} | | | | | short |", flush=True)
            continue
        met = p99 <= GOALS[call.report]
        short += [] if met else [call.name]
        print(f"| {call.name} | {call.person} | {count} | {following} | {rate:,.0f} | {p50:.1f} | {p99:.1f} | "
              f"{GOALS[call.report]}{'' if met else ' short'} |", flush=True)
    return short


def main():
    missing = left_out(ROOT / "build" / "gen" / "contract.json")
    if missing:
        raise SystemExit(f"scale_calls.py does not ask {', '.join(missing)}")
    stack = Scale()
    try:
        if os.environ.get("KEEP") == "1" and FOLDER.exists():
            stack.start()
        else:
            stack.make()
        short = run_calls(stack) if "calls" in PARTS else []
        wrong = check_plans(stack.stack.postgres, stack.things()) if "plans" in PARTS else []
    finally:
        stack.stop()
    print(f"\nCalls that fell short: {', '.join(short) or 'none'}\nStatements that read too much: {', '.join(wrong) or 'none'}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
