"""
make bench-matching: the solver against LEMON's CostScaling and NetworkSimplex and against scipy, in one run, alternating: each
round runs every program once on an instance; the table has each one's best round. Every objective must be equal, gap and viol 0.

What is timed: solving, from a graph in the program's own form to the result. BUILD=1 adds the time to bring it into that form, for both.
INSTANCES="b c" chooses some; ROUNDS=n (2); SCIPY=0 leaves scipy out (it takes minutes).
"""
import os
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
BENCH = pathlib.Path(os.environ.get("BIN", "build/bin")).parent / "bench"
DATA = BENCH / "instances"
ROUNDS = int(os.environ.get("ROUNDS", 2))
LEMON_SLOW = 20  # seconds: beyond, one round

# name: how it is made, and how many times faster than the better LEMON solver it has to be.
INSTANCES = {
    "b": ("generate 2000 500 8 12 2 0", 60),
    "c": ("generate 10000 2500 8 12 3 64", 60),
    "c_dense": ("generate 10000 2500 8 12 3 0", 60),
    "d": ("generate 50000 12000 8 12 4 64", 60),
    "ties50": ("vary d 50 0 100", 60),
    "slack200": ("vary d 0 0 200", 60),
    "skew": ("vary d 0 1 100", 60),
    "short60": ("vary d 0 0 60", 20),
    "skew_ties_short": ("vary d 50 1 60", 20),
    "e": ("generate 200000 50000 8 12 5 64", 60),
}
SCIPY = {"b": "dense", "c": "sparse", "c_dense": "dense"}


def install():
    for package, probe in (("liblemon-dev", "/usr/include/lemon/cost_scaling.h"),
                           ("python3-scipy", "/usr/lib/python3/dist-packages/scipy/__init__.py")):
        if not pathlib.Path(probe).exists():
            subprocess.run(["apt-get", "install", "-qq", "-y", "--no-install-recommends", package], check=True,
                           stdout=subprocess.DEVNULL)


def compile_tools():
    """The peers and generators; the solver's own programs come from the Makefile."""
    DATA.mkdir(parents=True, exist_ok=True)
    tools = {
        "generate": "gcc -std=gnu17 -O3 -D_GNU_SOURCE generate.c instance.c profiles.c scores.c -lm",
        "vary": "gcc -std=gnu17 -O3 -D_GNU_SOURCE vary.c instance.c",
        "peer_lemon": "g++ -O3 -w peer_lemon.cc -x c instance.c",
    }
    for name, command in tools.items():
        subprocess.run([*command.split(), "-o", str((BENCH / name).resolve())], cwd=HERE, check=True)


def instance(name):
    path = DATA / name
    if not path.exists():
        tool, *rest = INSTANCES[name][0].split()
        if tool == "vary":
            rest = [str(instance(rest[0])), str(path), *rest[1:]]
        else:
            rest = [*rest, str(path)]
        subprocess.run([str(BENCH / tool), *rest], check=True, stdout=subprocess.DEVNULL)
    return path


def run(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}: {done.stderr}")
    return {key: float(value) for key, value in re.findall(r"(\w+)=([\d.]+)", done.stderr + done.stdout)}


def programs(name, path):
    yield "ours", (BENCH / "solve", path)
    yield "cs", (BENCH / "peer_lemon", "cs", path)
    yield "ns", (BENCH / "peer_lemon", "ns", path)
    if name in SCIPY and os.environ.get("SCIPY") != "0":
        yield "scipy", ("/usr/bin/python3", HERE / "peer_scipy.py", SCIPY[name], path)


def measure(name):
    path = instance(name)
    best = {}
    for _ in range(ROUNDS):
        for who, command in programs(name, path):
            if who != "ours" and who in best and best[who]["solve"] > LEMON_SLOW:
                continue
            figures = run(*command)
            if who not in best or figures["solve"] < best[who]["solve"]:
                best[who] = figures
    return best


def row(name, best):
    ours, wanted = best["ours"], INSTANCES[name][1]
    extra = (lambda who: best[who].get("build", 0)) if os.environ.get("BUILD") else (lambda who: 0)
    ratio = min(best[who]["solve"] + extra(who) for who in ("cs", "ns")) / (ours["solve"] + extra("ours"))
    equal = all(figures["obj"] == ours["obj"] for figures in best.values())
    right = equal and ours["gap"] == 0 and ours["viol"] == 0
    scipy = f"{best['scipy']['solve'] * 1e3:10.1f}" if "scipy" in best else "         -"
    print(f"{name:16} {ours['solve'] * 1e3:9.2f} {best['cs']['solve'] * 1e3:10.1f} {best['ns']['solve'] * 1e3:10.1f} {scipy} "
          f"{ratio:7.1f} x {wanted:5} x  {'equal' if right else 'WRONG':6} {ours['build'] * 1e3:8.1f} {ours['rss']:6.0f} "
          f"{best['cs']['rss']:6.0f}  {'reached' if right and ratio >= wanted else 'MISSED'}", flush=True)


def complete(people, dense):
    """Over all pairs, scoring included; how many times faster than scipy's dense solver alone, where that was measured."""
    mentees, mentors, *_ = people.split()
    figures = run(BENCH / "complete", *people.split())
    ratio = f" · {dense / figures['solve']:.0f} x scipy's dense solver alone (goal 80 x)" if dense else ""
    print(f"all pairs, {mentees} x {mentors}: {figures['solve']:.3f} s scoring included, {figures['rounds']:.0f} rounds, "
          f"gap {figures['gap']:.0f}, {figures['rss']:.0f} MB{ratio}", flush=True)


def declines(name, best):
    figures = run(BENCH / "rematch", instance(name))
    again = min(best["cs"]["solve"], best["ns"]["solve"]) * 1e3
    print(f"a decline at {name}: p50 {figures['p50']:.3f} ms, p99 {figures['p99']:.3f} ms (goal < 1 ms), "
          f"{figures['moves']:.1f} move, proven {figures['proven']:.0f} · {again / figures['p99']:.0f} x LEMON's solving again "
          f"(goal 10 000 x)", flush=True)


def main():
    install()
    compile_tools()
    chosen = os.environ.get("INSTANCES", "").split() or list(INSTANCES)
    print(f"{'instance':16} {'ours ms':>9} {'LEMON cs':>10} {'LEMON ns':>10} {'scipy':>10} {'ratio':>9} {'goal':>7}  {'sums':6} "
          f"{'build ms':>8} {'MB':>6} {'cs MB':>6}")
    measured = {}
    for name in chosen:
        measured[name] = measure(name)
        row(name, measured[name])
    if "c_dense" in measured:
        complete("10000 2500 8 12 3", measured["c_dense"].get("scipy", {}).get("solve"))
    if "d" in measured:
        complete("50000 12000 8 12 4", None)
    if "e" in measured:
        declines("e", measured["e"])
        complete("200000 50000 8 12 5", None)


main()
