"""What a local stack is told from outside, and the secrets it makes for itself once and keeps."""

import contextlib
import ctypes
import errno
import hashlib
import json
import os
import secrets
import socket
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class Trouble(Exception):
    """Something that the person at the terminal can understand and mend."""


@dataclass
class Options:
    """Where a stack lives. Ports of 0 are chosen; many stacks may run side by side."""

    data: Path = ROOT / "run"
    bin: Path = ROOT / "build" / "bin"
    contract: Path = ROOT / "build" / "gen" / "contract.json"
    listen: str = "127.0.0.1:8080"
    postgres_port: int = 0
    nats_port: int = 0
    smtp_port: int = 0
    mail_page_port: int = 0
    nats_store: str = "2GB"  # what JetStream may fill of the disk
    services: tuple = ()  # all of the contract unless told
    demo: bool = False
    environment: dict = field(default_factory=dict)  # added to what every process gets

    def __post_init__(self):
        self.data = Path(self.data).absolute()
        self.bin = Path(self.bin).absolute()
        self.contract = Path(self.contract).absolute()

    @property
    def logs(self):
        return self.data / "log"


def is_free(port, host="127.0.0.1"):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise Trouble(f"{host}:{port} cannot be listened on: {error.strerror}.") from None
    return True


def free_ports(count):
    """Distinct free ports: all are held until the last is found."""
    with contextlib.ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


def next_free_port(port):
    return next(p for p in range(port, 65536) if is_free(p))


def listen_address(listen):
    """Host and port of "127.0.0.1:8080"."""
    host, _, port = listen.rpartition(":")
    if not host or not port.isdigit():
        raise Trouble(f"{listen!r} is no address to listen on; write host:port, e.g. 127.0.0.1:8080.")
    return host.strip("[]"), int(port)


def write_private(path, text):
    """Replaces a file that only its owner may read."""
    fresh = path.with_name(path.name + ".new")
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    fresh.replace(path)


class Secrets:
    """Random names and keys, made when first asked for and kept in secrets.json (0600)."""

    def __init__(self, data):
        self.path = data / "secrets.json"
        self.kept = json.loads(self.path.read_text()) if self.path.exists() else {}

    def get(self, name, size=32):
        if name not in self.kept:
            self.kept[name] = secrets.token_hex(size)
            write_private(self.path, json.dumps(self.kept, indent=1))
        return self.kept[name]

    def safety_public_key(self):
        """Of the pair (X25519) that anonymous authors are sealed to; its other half, "safety_officers", no process is given."""
        public = ctypes.create_string_buffer(32)
        ctypes.CDLL("libsodium.so.23").crypto_scalarmult_base(public, bytes.fromhex(self.get("safety_officers")))
        return public.raw.hex()

    def rpc_root(self, service):
        return self.get(f"rpc_root.{service}")

    def rpc_key(self, target, sender):
        """The key of the pair, as lib/rpc.h says: BLAKE2b-256 of the sender's name under the target's root."""
        root = bytes.fromhex(self.rpc_root(target))
        return hashlib.blake2b(sender.encode(), key=root, digest_size=32).hexdigest()
