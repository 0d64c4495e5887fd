"""Faults under load, with figures: `make drills`, or drills.py kill|wipe|shuffle."""
import contextlib
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import time

import requests

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT / "deploy" / "local"), str(ROOT / "tests" / "bench"), str(HERE)]

from ithaca import BIN, PASSWORD, UNLIMITED, Ithaca  # noqa: E402
from load import PROGRAMS, Crowd  # noqa: E402
from nats_wire import Connection  # noqa: E402
from settings import Options  # noqa: E402
from stack import Stack  # noqa: E402

PEOPLE, KILLS, WIPES, COPIES = 12, 50, 3, 10
READERS = ("matching", "scheduling", "safety")  # services that keep the members of programs
# What the runtime keeps for itself, and when things happened: no part of the state.
BOOKKEEPING = {"outbox", "outbox_head", "inbox", "inbox_head", "idempotency", "audit", "timer", "schema_migration", "lease",
               "upload_part"}


def wait_until(condition, seconds):
    """Whether it came true in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.2)
    return True


def keep_joining(site, crowd, more):
    """Waits until everything is up and so many more have joined."""
    wanted = len(crowd.joined) + more
    if not wait_until(lambda: len(crowd.joined) >= wanted and site.all_ready(), 90):
        raise SystemExit(f"people cannot join any more: {len(crowd.joined)} of {wanted}; ready: {site.all_ready()}")


def dead_letters(site):
    return site.number("select " + " + ".join(f"(select count(*) from {s}.deferred_event where state = 'DEAD')"
                                              for s in site.stack.service_names))


class Site:
    """A platform of the drill's own, with people who are signed in."""

    def __init__(self, name, people=PEOPLE):
        self.folder = ROOT / "build" / "drills" / name
        shutil.rmtree(self.folder, ignore_errors=True)
        self.stack = Stack(Options(data=self.folder, bin=BIN, listen="127.0.0.1:0", environment={"gateway": UNLIMITED}))
        self.stack.up()
        helper = Ithaca(self.folder)
        helper.stack = self.stack
        emails = [helper.register(f"person{n}@drill.example") for n in range(people)]
        self.tokens = [self.sign_in(email) for email in emails]
        self.programs = []

    def sign_in(self, email):
        answer = requests.post(self.stack.url + "/v1/auth/login", json={"email": email, "password": PASSWORD}, timeout=30)
        answer.raise_for_status()
        return answer.json()["access_token"]

    def add_programs(self, count):
        first = len(self.programs) + 1
        self.programs += self.sql(PROGRAMS.format(first=first, last=first + count - 1)).split()

    def sql(self, text):
        return self.stack.postgres.sql(text)

    def number(self, text):
        return int(self.sql(text) or 0)

    def settle(self, seconds=180):
        """Waits until nothing is left to do: every event numbered, published, consumed and settled, every copy that JetStream
        holds acknowledged, nothing due. False when it takes too long."""
        return wait_until(lambda: not self.number(self._left_in_database()) and not self._left_in_jetstream(), seconds)

    def _left_in_database(self):
        services = self.stack.service_names
        heads = " union all ".join(f"select '{s}' as producer, name, source_seq from {s}.outbox_head" for s in services)
        lows = " union all ".join(f"select producer, name, low + (select count(*) from {s}.inbox i where (i.producer, i.name) = "
                                  f"(h.producer, h.name)) as done from {s}.inbox_head h" for s in services)
        left = " + ".join(f"(select count(*) from {s}.outbox where source_seq is null)"
                          f" + (select count(*) from {s}.outbox_head where published_seq < source_seq)"
                          f" + (select count(*) from {s}.deferred_event where state = 'RETRYING')"
                          f" + (select count(*) from {s}.timer where due_at <= now())" for s in services)
        return (f"select {left} + coalesce((select sum(greatest(h.source_seq - l.done, 0)) from ({heads}) h "
                f"join ({lows}) l using (producer, name)), 0)")

    def _left_in_jetstream(self):
        """Copies that are not delivered yet, or delivered and not acknowledged; all consumers together."""
        left = 0
        for service in self.stack.service_names:
            with contextlib.closing(Connection(self.stack.nats.url(service))) as nats:
                for producer, event in self.stack.contract.consumed_by(service):
                    state = nats.ask(f"$JS.API.CONSUMER.INFO.evt_{producer}.{service}_{event}")
                    left += 1 if "error" in state else state["num_pending"] + state["num_ack_pending"]
        return left

    def all_ready(self):
        return all(self.stack.is_ready(name) for name in self.stack.service_names + ["gateway"])

    def close(self):
        self.stack.stop()


def count_effects(site, crowd):
    """(acknowledged but missing, done twice, events or effects missing, events or effects twice)"""
    ids = ", ".join(f"('{membership}'::uuid)" for membership, _ in crowd.joined) or "(null::uuid)"
    done = f"with done (id) as (values {ids}) "
    missing = site.number(done + "select count(*) from done left join programs.membership m using (id) where m.state is distinct from 'ACTIVE'")
    twice = site.number("select count(*) from (select 1 from programs.membership where open group by program_id, user_id having count(*) > 1) x")
    events = "select aggregate_id::uuid as id, count(*) as n from programs.outbox where name = 'MembershipActivated' group by 1"
    lost = site.number(done + f"select count(*) from done left join ({events}) e using (id) where coalesce(e.n, 0) < 1")
    again = site.number(f"select count(*) from ({events}) e where n > 1")
    for reader in READERS:
        lost += site.number(done + f"select count(*) from done left join {reader}.member r on r.membership_id = done.id "
                                   "where r.state is distinct from 'ACTIVE'")
    return missing, twice, lost, again


def kill_drill():
    """kill -9 of processes at random, 50 times, while people join."""
    site = Site("kill")
    try:
        site.add_programs(4000)
        crowd = Crowd(site.stack.url, site.tokens, site.programs).start()
        processes = [process for name, process in site.stack.processes.items() if name != "mailbox"]
        while sum(process.exits.count(-signal.SIGKILL) for process in processes) < KILLS:
            time.sleep(random.uniform(0.5, 1.5))
            random.choice([process for process in processes if process.runs()]).send(signal.SIGKILL)
        killed = {process.name: process.exits.count(-signal.SIGKILL) for process in processes}
        keep_joining(site, crowd, 50)
        crowd.stop()
        settled = site.settle()
        missing, twice, lost, again = count_effects(site, crowd)
        dead = dead_letters(site)
        print(f"kill: {sum(killed.values())} processes killed {killed}; {len(crowd.joined)} joined, {crowd.repeats} requests repeated, "
              f"refused {len(crowd.refused)}; acknowledged but missing {missing}, done twice {twice}, effects missing {lost}, "
              f"events twice {again}, dead letters {dead}, settled {settled}")
        for refusal in crowd.refused[:5]:
            print("  refused:", refusal)
        return not (missing or twice or lost or again or dead or crowd.refused) and settled
    finally:
        site.close()


def wipe_drill():
    """The whole JetStream store deleted while people join."""
    site = Site("wipe")
    try:
        site.add_programs(1500)
        crowd = Crowd(site.stack.url, site.tokens, site.programs).start()
        for _ in range(WIPES):
            keep_joining(site, crowd, 100)
            site.stack.stop_process("nats")
            shutil.rmtree(site.stack.nats.home / "store")
            site.stack.start_process("nats")
        keep_joining(site, crowd, 100)
        crowd.stop()
        settled = site.settle()
        missing, twice, lost, again = count_effects(site, crowd)
        dead = dead_letters(site)
        print(f"wipe: store deleted {WIPES} times; {len(crowd.joined)} joined; acknowledged but missing {missing}, done twice {twice}, "
              f"effects missing after replay {lost}, events twice {again}, dead letters {dead}, settled {settled}")
        return not (missing or twice or lost or again or dead) and settled
    finally:
        site.close()


def state(site):
    """{schema.table: a hash of its rows}, bookkeeping left out."""
    tables = site.sql("select schemaname || '.' || tablename from pg_tables where schemaname in ("
                      + ", ".join(f"'{s}'" for s in site.stack.service_names) + ")").split()
    return {table: site.sql(f"select md5(coalesce(string_agg(t::text, '|' order by t::text), '')) from {table} t").strip()
            for table in sorted(tables) if table.partition(".")[2] not in BOOKKEEPING}


def envelopes(site):
    """(service, subject, message) of every event in every outbox."""
    folder = site.folder / "python"
    folder.mkdir(exist_ok=True)
    subprocess.run(["protoc", "-Iproto", "-I/usr/include", f"--python_out={folder}", "rpc.proto", "options.proto",
                    "protobuf-c/protobuf-c.proto"], cwd=ROOT, check=True)
    sys.path.insert(0, str(folder))
    import rpc_pb2

    packed = []
    for service in site.stack.service_names:
        rows = site.sql(f"select id, name, source_seq, to_char(occurred_at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), "
                        f"coalesce(actor_id::text, ''), aggregate_id, correlation_id, coalesce(causation_id::text, ''), "
                        f"encode(payload, 'hex') from {service}.outbox where source_seq is not null")
        for row in rows.splitlines():
            id, name, seq, at, actor, aggregate, correlation, causation, payload = row.split("|")
            envelope = rpc_pb2.EventEnvelope(id=id, producer=service, name=name, source_seq=int(seq), occurred_at=at, actor_id=actor,
                                             aggregate_id=aggregate, correlation_id=correlation, causation_id=causation,
                                             payload=bytes.fromhex(payload))
            packed.append((service, f"evt.{service}.{name}", rpc_pb2.Events(items=[envelope.SerializeToString()]).SerializeToString()))
    return packed


def shuffle_drill():
    """Every event published ten times more, in random order."""
    site = Site("shuffle")
    try:
        site.add_programs(40)
        crowd = Crowd(site.stack.url, site.tokens, site.programs).start()
        for joiner in crowd.joiners:
            joiner.join()
        settled = site.settle()
        before = state(site)
        again = envelopes(site) * COPIES
        random.shuffle(again)
        for service in site.stack.service_names:
            with contextlib.closing(Connection(site.stack.nats.url(service))) as nats:
                nats.publish([(subject, payload) for sender, subject, payload in again if sender == service])
        settled = site.settle() and settled
        after = state(site)
        differing = [table for table in before if before[table] != after[table]]
        print(f"shuffle: {len(again)} events published again; tables compared {len(before)}, differing {differing}, settled {settled}")
        return not differing and settled
    finally:
        site.close()


def main():
    drills = {"kill": kill_drill, "wipe": wipe_drill, "shuffle": shuffle_drill}
    chosen = sys.argv[1:] or list(drills)
    results = [drills[name]() for name in chosen]
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
