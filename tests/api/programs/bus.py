"""Calls on the bus as a service makes them, for what only services may ask."""

import hashlib
import socket
import time
import uuid
from urllib.parse import urlparse


def varint(number):
    out = b""
    while number > 127:
        out += bytes([number & 127 | 128])
        number >>= 7
    return out + bytes([number])


def field(number, value):
    """One protobuf field: text and bytes by length, numbers as varints."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def fields(data):
    """The fields of a message that are kept by length: (number, bytes)."""
    at = 0

    def number():
        nonlocal at
        shift = value = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(data):
        tag = number()
        if tag & 7 == 2:
            length = number()
            yield tag >> 3, data[at:at + length]
            at += length
        else:
            number()


class Bus:
    """A connection to NATS that asks and waits."""

    def __init__(self, url):
        where = urlparse(url)
        self.socket = socket.create_connection((where.hostname, where.port), timeout=10)
        self.lines = self.socket.makefile("rb")
        self.lines.readline()
        self.inbox = f"inbox.{where.username}.test{uuid.uuid4().hex}"
        login = f',"user":"{where.username}","pass":"{where.password}"' if where.username else ""
        self.socket.sendall(f'CONNECT {{"verbose":false,"pedantic":false{login}}}\r\nSUB {self.inbox} 1\r\n'.encode())

    def ask(self, subject, payload):
        self.socket.sendall(f"PUB {subject} {self.inbox} {len(payload)}\r\n".encode() + payload + b"\r\n")
        while True:
            line = self.lines.readline().decode()
            if line.startswith("PING"):
                self.socket.sendall(b"PONG\r\n")
            elif line.startswith("MSG"):
                return self.lines.read(int(line.split()[-1]) + 2)[:-2]
            assert not line.startswith("-ERR"), line


def ask(bus, key, sender, service, rpc, body):
    """The packed answer, or the code of the refusal; `key` is that of the pair."""
    request = field(1, rpc) + field(3, uuid.uuid4().hex) + field(5, int(time.time() * 1000) + 5000) + field(15, body)
    requests = field(1, sender) + field(2, request)
    mac = hashlib.blake2b(requests, key=bytes.fromhex(key), digest_size=32).digest()
    answer = dict(fields(dict(fields(bus.ask(f"rpc.{service}", mac + requests)))[2]))
    return dict(fields(answer[1])).get(2, b"").decode() if 1 in answer else answer.get(15, b"")
