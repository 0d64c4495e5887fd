"""Figures of a running stack: requests per second and latency from wrk, CPU and memory from /proc."""
import json
import os
import pathlib
import re
import subprocess
import time

HERE = pathlib.Path(__file__).parent
TICK = os.sysconf("SC_CLK_TCK")
# Before the rounds, ours and the peers' alike: in a fresh Postgres every 16 MB of the log are a new file of zeros, written while all
# wait (70 ms). One that has run for an hour uses its old files again.
RUN_IN = """
do $$ begin for i in 1..450 loop perform pg_logical_emit_message(false, 'run in', repeat('x', 1000000)); end loop; end $$;
checkpoint;
"""


def stat(pid):
    """(parent, CPU seconds, resident bytes) of a process, or None when it is gone."""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return int(fields[1]), (int(fields[11]) + int(fields[12])) / TICK, int(fields[21]) * os.sysconf("SC_PAGE_SIZE")


def tree(pid):
    """The process and all its descendants."""
    parents = {int(p): s[0] for p in os.listdir("/proc") if p.isdigit() and (s := stat(p))}
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found


def cpu_seconds(pids):
    return sum(s[1] for pid in pids if (s := stat(pid)))


def resident_mb(pid):
    s = stat(pid)
    return s[2] / 1e6 if s else 0.0


def wrk(stack, endpoint, connections, seconds, start=0):
    """One run of load against stack.port; stack.material holds the tokens and ids."""
    env = dict(os.environ, MATERIAL=str(stack.material), ENDPOINT=endpoint, START=str(start), JOIN_PATH=stack.join_path,
               JOIN_BODY=stack.join_body, CURSOR_NAME=stack.cursor_name)
    out = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "-s", str(HERE / "load.lua"),
         f"http://127.0.0.1:{stack.port}"], env=env, stdout=subprocess.PIPE, text=True, check=True).stdout
    return json.loads(re.search(r"^RESULT (.*)$", out, re.M).group(1))


def measure(stack, endpoint, connections, seconds):
    """Requests/s, latencies in ms, CPU µs per request and kind of process, errors."""
    roles = {role: [p for pid in pids for p in tree(pid)] for role, pids in stack.roles().items()}
    before = {role: cpu_seconds(pids) for role, pids in roles.items()}
    began = time.monotonic()
    result = wrk(stack, endpoint, connections, seconds, start=stack.posted)
    took = time.monotonic() - began
    used = {role: cpu_seconds(pids) - before[role] for role, pids in roles.items()}
    if endpoint == "post":
        stack.posted += result["requests"] + 4 * connections
    done = max(1, result["requests"])
    return dict(stack=stack.name, endpoint=endpoint, connections=connections, rps=result["requests"] / (result["duration_us"] / 1e6),
                p50=result["p50"] / 1e3, p99=result["p99"] / 1e3, errors=result["errors"],
                cpu_us={role: 1e6 * s / done for role, s in used.items()}, busy=sum(used.values()) / took)
