"""
Speed against the peers: `make bench`. All stacks are up, and are measured one after the other for a few seconds each, round by
round; a ratio is the median of its rounds', for a machine's speed may change within a minute. Knobs: ROUNDS, SECONDS, CONNECTIONS, STACKS, ENDPOINTS,
LOGS (1: with a line for each call, which the peers do not write), PEERS_NATS (ours: their nats-server is run like ours,
not with its defaults).
"""
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


def measure_one(number, stack, endpoint, connections):
    row = measure(stack, endpoint, connections, SECONDS) | {"round": number}
    cpu = " ".join(f"{role}={us:.0f}" for role, us in row["cpu_us"].items())
    print(f"{number} {stack.name:10} {endpoint:5} c={connections:<3} {row['rps']:8.0f}/s p50={row['p50']:.2f} "
          f"p99={row['p99']:.2f} ms; CPU µs: {cpu}; errors {row['errors']}", flush=True)
    return row


def warm(stack, endpoint):
    stack.sign_in()
    done = wrk(stack, endpoint, 32, 2, start=stack.posted)
    if endpoint == "post":
        stack.posted += done["requests"] + 128


def run(stacks):
    rows = []
    for endpoint in ENDPOINTS:
        for stack in stacks:
            warm(stack, endpoint)
        for connections in CONNECTIONS:
            rows += [measure_one(number, stack, endpoint, connections) for number in range(ROUNDS) for stack in stacks]
    return rows


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


def ratios_of(rows, endpoint, connections):
    """[(against, the median of the rounds' ratios)]"""
    rps = {(row["round"], row["stack"]): row["rps"] for row in rows if (row["endpoint"], row["connections"]) == (endpoint, connections)}

    def ratio(peers):
        theirs = [max((rps[number, peer] for peer in peers if (number, peer) in rps), default=None) for number in range(ROUNDS)]
        each = [rps[number, "ithaca"] / best for number, best in enumerate(theirs) if best and (number, "ithaca") in rps]
        return statistics.median(each) if each else None

    return [("the better bus peer", ratio(BUS_PEERS)), ("fastify", ratio(["fastify"]))]


def print_ratios(rows, middle):
    """One line per goal; the number that fell short."""
    short = 0
    print("\n| endpoint | connections | against | ratio | goal | |")
    print("|---|---|---|---|---|---|")
    for endpoint in ENDPOINTS:
        for connections in CONNECTIONS:
            goals = GOALS[endpoint] if connections == 64 else (GOAL_ALONE if connections == 1 else None, None)
            for (against, ratio), goal in zip(ratios_of(rows, endpoint, connections), goals):
                if ratio:
                    short += bool(goal and ratio < goal)
                    print(f"| {endpoint} | {connections} | {against} | {ratio:.2f} | {goal or ''} | {'short' if goal and ratio < goal else ''} |")
            ours = middle.get((endpoint, connections, "ithaca"))
            worst = min((middle[key][2] for name in STACKS if (key := (endpoint, connections, name)) in middle), default=None)
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
    peers = [Peer(name, ground) for name in NAMES if name in STACKS]
    stacks = ([ithaca] if "ithaca" in NAMES else []) + peers
    started = []
    if peers:
        ground.start()
    try:
        if "ithaca" in NAMES:
            ithaca.make()
        for stack in stacks:
            started.append(stack)
            stack.start()
        rows = run(stacks)
        memory = {stack.name: {role: [round(resident_mb(pid), 1) for pid in pids] for role, pids in stack.roles().items()} for stack in stacks}
    finally:
        for stack in started:
            stack.stop()
        if peers:
            ground.stop()
    middle = medians(rows)
    print_table(middle)
    short = print_ratios(rows, middle)
    print(f"\nIthaca's processes logged from level {LOG_LEVEL} up; the peers log no requests.")
    print("\nResident MB after the load:", memory)
    print(f"\nGoals that fell short: {short}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
