"""Speed against the peers, interleaved in one run: `make bench`. Knobs: ROUNDS, SECONDS, CONNECTIONS, STACKS, ENDPOINTS,
LOGS (1: with a line for each call, which the peers do not write), PEERS_NATS (ours: their nats-server is run like ours,
not with its defaults)."""
import os
import pathlib
import statistics
import sys

from ithaca import LOG_LEVEL, Ithaca
from measure import measure, resident_mb, wrk
from peers import STACKS, Ground, Peer

ROOT = pathlib.Path(__file__).resolve().parents[2]
ROUNDS = int(os.environ.get("ROUNDS", "3"))
SECONDS = int(os.environ.get("SECONDS", "4"))
CONNECTIONS = [int(c) for c in os.environ.get("CONNECTIONS", "1,64").split(",")]
ENDPOINTS = os.environ.get("ENDPOINTS", "get,list,post").split(",")
NAMES = os.environ.get("STACKS", ",".join(["ithaca", *STACKS])).split(",")
# What we hold ourselves to at 64 connections: times the better bus peer, times Fastify.
GOALS = {"get": (5.0, 2.0), "list": (3.0, 1.4), "post": (4.0, 2.0)}
BUS_PEERS, GOAL_ALONE = ("moleculer", "nest"), 1.8


def run_round(number, stacks, rows, memory):
    for stack in stacks:
        stack.start()
        try:
            for endpoint in ENDPOINTS:
                warm = wrk(stack, endpoint, 32, 2, start=stack.posted)
                if endpoint == "post":
                    stack.posted += warm["requests"] + 128
                for connections in CONNECTIONS:
                    row = measure(stack, endpoint, connections, SECONDS)
                    rows.append(row)
                    cpu = " ".join(f"{role}={us:.0f}" for role, us in row["cpu_us"].items())
                    print(f"{number} {stack.name:10} {endpoint:5} c={connections:<3} {row['rps']:8.0f}/s p50={row['p50']:.2f} "
                          f"p99={row['p99']:.2f} ms; CPU µs: {cpu}; errors {row['errors']}", flush=True)
            memory[stack.name] = {role: [round(resident_mb(pid), 1) for pid in pids] for role, pids in stack.roles().items()}
        finally:
            stack.stop()


def medians(rows):
    """{(endpoint, connections, stack): (requests/s, p50, p99, CPU µs by role)}"""
    groups = {}
    for row in rows:
        groups.setdefault((row["endpoint"], row["connections"], row["stack"]), []).append(row)
    middle = {}
    for key, group in groups.items():
        cpu = {role: statistics.median(r["cpu_us"][role] for r in group) for role in group[0]["cpu_us"]}
        middle[key] = (*(statistics.median(r[name] for r in group) for name in ("rps", "p50", "p99")), cpu)
    return middle


def print_table(middle):
    print("\n| endpoint | connections | stack | requests/s | p50 ms | p99 ms | CPU µs gateway | service | postgres | nats | others |")
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    for (endpoint, connections, name), (rps, p50, p99, cpu) in sorted(
            middle.items(), key=lambda item: (ENDPOINTS.index(item[0][0]), item[0][1], -item[1][0])):
        figures = " | ".join(f"{cpu.get(role, 0):.0f}" for role in ("gateway", "service", "postgres", "nats", "others"))
        print(f"| {endpoint} | {connections} | {name} | {rps:,.0f} | {p50:.2f} | {p99:.2f} | {figures} |")


def print_ratios(middle):
    """One line per goal; the number that fell short."""
    short = 0
    print("\n| endpoint | connections | against | ratio | goal | |")
    print("|---|---|---|---|---|---|")
    for endpoint in ENDPOINTS:
        for connections in CONNECTIONS:
            ours = middle.get((endpoint, connections, "ithaca"))
            bus = [middle[key] for name in BUS_PEERS if (key := (endpoint, connections, name)) in middle]
            alone = middle.get((endpoint, connections, "fastify"))
            goals = GOALS[endpoint] if connections == 64 else (GOAL_ALONE if connections == 1 else None, None)
            pairs = [("the better bus peer", max(b[0] for b in bus) if bus else None, goals[0]),
                     ("fastify", alone[0] if alone else None, goals[1])]
            for against, theirs, goal in pairs:
                if ours and theirs:
                    ratio = ours[0] / theirs
                    short += bool(goal and ratio < goal)
                    print(f"| {endpoint} | {connections} | {against} | {ratio:.2f} | {goal or ''} | {'short' if goal and ratio < goal else ''} |")
            worst = min((p[2] for p in [*bus, *([alone] if alone else [])]), default=None)
            if ours and worst:
                short += ours[2] > worst
                print(f"| {endpoint} | {connections} | best p99 of the peers | {ours[2]:.2f} ms to {worst:.2f} ms | below | "
                      f"{'short' if ours[2] > worst else ''} |")
    return short


def main():
    folder = ROOT / "build" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    ground = Ground(folder / "peers")
    ithaca = Ithaca(folder / "ithaca")
    rows, memory = [], {}
    peers = [Peer(name, ground) for name in NAMES if name in STACKS]
    if peers:
        ground.start()
    try:
        if "ithaca" in NAMES:
            ithaca.make()
        for number in range(ROUNDS):
            run_round(number, ([ithaca] if "ithaca" in NAMES else []) + peers, rows, memory)
    finally:
        if peers:
            ground.stop()
    middle = medians(rows)
    print_table(middle)
    short = print_ratios(middle)
    print(f"\nIthaca's processes logged from level {LOG_LEVEL} up; the peers log no requests.")
    print("\nResident MB after the load:", memory)
    print(f"\nGoals that fell short: {short}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
