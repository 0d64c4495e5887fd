"""Just enough of the NATS protocol to publish to JetStream, to be told what it has taken, and to ask it."""
import json
import socket
import urllib.parse

WINDOW = 256  # published before the answers are read


class Connection:
    """Speaks as one of the services, whose answers come to inbox.<service>.drill."""

    def __init__(self, url):
        parts = urllib.parse.urlsplit(url)
        self.inbox = f"inbox.{parts.username}.drill"
        self.socket = socket.create_connection((parts.hostname, parts.port), 10)
        self.lines = self.socket.makefile("rb")
        self.lines.readline()
        hello = {"verbose": False, "pedantic": False, "user": parts.username, "pass": parts.password, "lang": "python",
                 "version": "0", "protocol": 1, "headers": True, "no_responders": True}
        self._say(b"CONNECT " + json.dumps(hello).encode() + f"\r\nSUB {self.inbox} 1\r\n".encode())

    def _say(self, data):
        self.socket.sendall(data)

    def _publish(self, subject, payload):
        self._say(f"PUB {subject} {self.inbox} {len(payload)}\r\n".encode() + payload + b"\r\n")

    def _answer(self):
        """The next message to the inbox, as JSON."""
        while True:
            verb, *rest = self.lines.readline().split() or [b"the connection ended"]
            if verb == b"PING":
                self._say(b"PONG\r\n")
            elif verb == b"MSG":
                body = self.lines.read(int(rest[-1]) + 2)
                return json.loads(body)
            elif verb not in (b"INFO", b"PONG", b"+OK"):
                raise SystemExit(f"the NATS server refused: {verb!r} {rest!r}")

    def publish(self, messages):
        """Publishes (subject, payload) pairs; back when JetStream has every one of them."""
        for first in range(0, len(messages), WINDOW):
            window = messages[first:first + WINDOW]
            for subject, payload in window:
                self._publish(subject, payload)
            for answer in [self._answer() for _ in window]:
                if "error" in answer or answer.get("duplicate"):
                    raise SystemExit(f"JetStream did not take an event: {answer}")

    def ask(self, subject):
        self._publish(subject, b"")
        return self._answer()

    def close(self):
        self.lines.close()
        self.socket.close()
