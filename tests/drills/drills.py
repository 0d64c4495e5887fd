"""Faults under load, with figures: `make drills`, or drills.py kill|wipe|shuffle."""
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
from nats_wire import Publisher  # noqa: E402
from settings import Options  # noqa: E402
from stack import Stack  # noqa: E402

PEOPLE, KILLS = 12, 50
READERS = ("matching", "scheduling", "safety")  # services that keep the members of programs
# What the runtime keeps for itself, and when things happened: no part of the state.
BOOKKEEPING = {"outbox", "outbox_default", "outbox_head", "inbox", "inbox_head", "idempotency", "audit", "timer", "schema_migration", "lease",
               "upload_part"}


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
        """Waits until every event is relayed and every consumer has done all of them; False when it takes too long."""
        services = [name for name in self.stack.service_names]
        heads = " union all ".join(f"select '{s}' as producer, name, source_seq from {s}.outbox_head" for s in services)
        lows = " union all ".join(f"select producer, name, low + (select count(*) from {s}.inbox i where (i.producer, i.name) = "
                                  f"(h.producer, h.name)) as done from {s}.inbox_head h" for s in services)
        unnumbered = " + ".join(f"(select count(*) from {s}.outbox where source_seq is null)" for s in services)
        waiting = (f"select {unnumbered} + coalesce((select sum(greatest(h.source_seq - l.done, 0)) from ({heads}) h "
                   f"join ({lows}) l using (producer, name)), 0)")
        end = time.monotonic() + seconds
        while self.number(waiting):
            if time.monotonic() > end:
                return False
            time.sleep(0.5)
        return True

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
        names = list(site.stack.processes)
        killed = {}
        for _ in range(KILLS):
            time.sleep(random.uniform(0.5, 1.5))
            name = random.choice([n for n in names if n != "mailbox"])
            site.stack.kill(name, signal.SIGKILL)
            killed[name] = killed.get(name, 0) + 1
        time.sleep(3)
        crowd.stop()
        settled = site.settle()
        missing, twice, lost, again = count_effects(site, crowd)
        print(f"kill: {sum(killed.values())} processes killed {killed}; {len(crowd.joined)} joined, {crowd.repeats} requests repeated, "
              f"refused {len(crowd.refused)}; acknowledged but missing {missing}, done twice {twice}, effects missing {lost}, "
              f"events twice {again}, settled {settled}")
        for refusal in crowd.refused[:5]:
            print("  refused:", refusal)
        return not (missing or twice or lost or again or crowd.refused) and settled
    finally:
        site.close()


def wipe_drill():
    """The whole JetStream store deleted while people join."""
    site = Site("wipe")
    try:
        site.add_programs(1500)
        crowd = Crowd(site.stack.url, site.tokens, site.programs).start()
        for _ in range(3):
            time.sleep(4)
            site.stack.stop_process("nats")
            shutil.rmtree(site.stack.nats.home / "store", ignore_errors=True)
            site.stack.start_process("nats")
        time.sleep(4)
        crowd.stop()
        settled = site.settle()
        missing, twice, lost, again = count_effects(site, crowd)
        print(f"wipe: store deleted 3 times; {len(crowd.joined)} joined; acknowledged but missing {missing}, done twice {twice}, "
              f"effects missing after replay {lost}, events twice {again}, settled {settled}")
        return not (missing or twice or lost or again) and settled
    finally:
        site.close()


def state(site):
    """{schema.table: a hash of its rows}, bookkeeping left out."""
    tables = site.sql("select schemaname || '.' || tablename from pg_tables where schemaname in ("
                      + ", ".join(f"'{s}'" for s in site.stack.service_names) + ")").split()
    return {table: site.sql(f"select md5(coalesce(string_agg(t::text, '|' order by t::text), '')) from {table} t").strip()
            for table in sorted(tables) if table.partition(".")[2] not in BOOKKEEPING and "outbox_2" not in table}


def envelopes(site):
    """(subject, packed envelope) of every event in every outbox."""
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
            packed.append((service, f"evt.{service}.{name}", envelope.SerializeToString()))
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
        time.sleep(5)
        before = state(site)
        again = envelopes(site) * 10
        random.shuffle(again)
        publishers = {service: Publisher(site.stack.nats.url(service)) for service in site.stack.service_names}
        for service, subject, payload in again:
            publishers[service].publish(subject, payload)
        for publisher in publishers.values():
            publisher.flush()
        time.sleep(10)
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
