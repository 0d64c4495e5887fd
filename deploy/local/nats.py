"""A NATS server whose users may say and hear exactly what the contract lets them, and nothing else."""

import os
import socket
import time

import bcrypt

from processes import Process
from settings import Trouble, write_private

MAX_PAYLOAD = 8 * 1024 * 1024
# With a core to itself for every four: on more, Go's scheduler spends most of its time waking threads for one another. Its few
# megabytes may grow to five times as many before they are collected: else that is thirty times a second under load.
GO = {"GOMAXPROCS": str(max(1, os.cpu_count() // 4)), "GOGC": "400"}


def jetstream(service, contract):
    """Its own stream, and its own consumers on the streams of others."""
    own = f"evt_{service}"
    subjects = ["$JS.API.INFO"] + [f"$JS.API.STREAM.{verb}.{own}" for verb in ("CREATE", "UPDATE", "INFO")]
    for producer, event in contract.consumed_by(service):
        consumer = f"evt_{producer}.{service}_{event}"
        subjects += [f"$JS.API.CONSUMER.{verb}.{consumer}" for verb in ("CREATE", "DURABLE.CREATE", "INFO", "MSG.NEXT")]
        subjects += [f"$JS.API.CONSUMER.CREATE.{consumer}.>", f"$JS.ACK.{consumer}.>"]
    return subjects


def permissions(service, contract):
    """It answers those who may ask it, and sends itself a message now and then to see whether the server still hears."""
    inboxes = [f"inbox.{asker}.>" for asker in sorted({"gateway", service} | contract.callers_of(service))]
    publish = inboxes + [f"evt.{service}.>"] + [f"rpc.{target}" for target in contract.targets_of(service)] + jetstream(service, contract)
    return publish, [f"rpc.{service}", f"inbox.{service}.>"]


def gateway_permissions():
    return ["rpc.*", "inbox.gateway.>"], ["inbox.gateway.>", "evt.identity.>", "evt.notify.>", "evt.matching.>"]


def user_block(name, password, publish, subscribe):
    def quoted(subjects):
        return "[" + ", ".join(f'"{subject}"' for subject in subjects) + "]"

    hashed = bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode()
    return (f'    {{ user: "{name}", password: "{hashed}", permissions: {{\n'
            f"      publish: {{ allow: {quoted(publish)} }}\n"
            f"      subscribe: {{ allow: {quoted(subscribe)} }}\n    }} }}\n")


class Nats:
    """`contract` None: one user who may do everything, for tests of the library."""

    def __init__(self, options, secrets, port, contract):
        self.options, self.secrets, self.port, self.contract = options, secrets, port, contract
        self.home = options.data / "nats"

    def url(self, user):
        return f"nats://{user}:{self.password(user)}@127.0.0.1:{self.port}"

    def password(self, user):
        return self.secrets.get(f"nats.{user}", 16)

    def users(self):
        if not self.contract:
            return user_block("test", self.password("test"), [">"], [">"])
        blocks = [user_block("gateway", self.password("gateway"), *gateway_permissions())]
        blocks += [user_block(service, self.password(service), *permissions(service, self.contract))
                   for service in self.contract.services]
        return "".join(blocks)

    def make(self):
        self.home.mkdir(exist_ok=True)
        write_private(self.home / "nats.conf", f"""host: 127.0.0.1
port: {self.port}
server_name: ithaca
max_payload: {MAX_PAYLOAD}
max_pending: {8 * MAX_PAYLOAD}
jetstream {{ store_dir: "{self.home / 'store'}", max_file_store: {self.options.nats_store}, max_memory_store: 64MB }}
authorization {{
  users = [
{self.users()}  ]
}}
""")

    def process(self):
        return Process("nats", ["/usr/sbin/nats-server", "-c", str(self.home / "nats.conf")], GO | {"PATH": "/usr/bin:/bin"},
                       self.options.logs, self.options.data / "pid")

    def wait_ready(self, process, seconds=10):
        end = time.monotonic() + seconds
        while True:
            try:
                with socket.create_connection(("127.0.0.1", self.port), 1) as greeted:
                    if greeted.recv(4) == b"INFO":
                        return
            except OSError:
                pass
            if not process.runs() or time.monotonic() > end:
                raise Trouble(f"nats-server does not start:\n{process.last_words()}")
            time.sleep(0.02)
