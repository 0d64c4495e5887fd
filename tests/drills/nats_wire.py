"""Just enough of the NATS protocol to publish and to wait until the server has taken it."""
import json
import socket
import urllib.parse


class Publisher:
    def __init__(self, url):
        parts = urllib.parse.urlsplit(url)
        self.socket = socket.create_connection((parts.hostname, parts.port), 10)
        self.lines = self.socket.makefile("rb")
        self.lines.readline()
        hello = {"verbose": False, "pedantic": False, "user": parts.username, "pass": parts.password, "lang": "python",
                 "version": "0", "protocol": 1, "headers": True}
        self.socket.sendall(b"CONNECT " + json.dumps(hello).encode() + b"\r\n")
        self.flush()

    def publish(self, subject, payload):
        self.socket.sendall(f"PUB {subject} {len(payload)}\r\n".encode() + payload + b"\r\n")

    def flush(self):
        self.socket.sendall(b"PING\r\n")
        while True:
            line = self.lines.readline()
            if line.startswith(b"PONG"):
                return
            if line.startswith(b"-ERR") or not line:
                raise SystemExit(f"the NATS server refused: {line!r}")
