#!/usr/bin/python3
"""A mail server that delivers nothing: it keeps every mail in a folder, and shows them on a page of this machine.

A recipient at refused.example is refused with the code that begins the address: 550.anna@refused.example.
"""

import argparse
import asyncio
import email
import email.policy
import html
import json
import re
import signal
import sys
from datetime import datetime, timezone
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from aiosmtpd.smtp import SMTP

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="5"><title>{title}</title>
<style>body{{font:16px/1.5 system-ui;max-width:60rem;margin:2rem auto;padding:0 1rem}}table{{width:100%;border-collapse:collapse}}
td,th{{text-align:left;padding:.4rem .6rem;border-bottom:1px solid #ddd}}pre{{white-space:pre-wrap;background:#f6f6f6;padding:1rem}}
iframe{{width:100%;height:32rem;border:1px solid #ddd}}</style><h1>{title}</h1>{body}</html>"""


def read_mail(path):
    """What a mail says, read as a mail program reads it."""
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    parts = {kind: message.get_body(preferencelist=(kind,)) for kind in ("plain", "html")}
    text, page = (part.get_content().replace("\r\n", "\n") if part else "" for part in parts.values())
    return {
        "id": path.stem,
        "received_at": message["X-Received-At"],
        "to": [str(address) for address in message.get_all("X-Envelope-To", [])],
        "from": message["From"],
        "subject": message["Subject"],
        "kind": message["X-Ithaca-Kind"] or "",
        "text": text,
        "html": page,
        "headers": [[name, str(value)] for name, value in message.items()],
    }


def read_mails(folder):
    """All mails, oldest first."""
    return [read_mail(path) for path in sorted(Path(folder).glob("*.eml"))]


class Keeper:
    """Takes mails from SMTP into files that appear whole."""

    def __init__(self, folder):
        self.folder = folder
        self.count = max((int(path.stem) for path in folder.glob("*.eml")), default=0)

    async def handle_RCPT(self, server, session, envelope, address, options):
        refusal = re.fullmatch(r"([45]\d\d)\b.*@refused\.example", address)
        if refusal:
            code = refusal[1]
            return f"{code} {code[0]}.1.1 Refused as the address asks"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.count += 1
        name = f"{self.count:06}"
        head = f"X-Received-At: {datetime.now(timezone.utc).isoformat()}\r\n"
        head += "".join(f"X-Envelope-To: {address}\r\n" for address in envelope.rcpt_tos)
        fresh = self.folder / f"{name}.new"
        fresh.write_bytes(head.encode() + envelope.original_content)
        fresh.rename(self.folder / f"{name}.eml")
        return f"250 2.0.0 kept as {name}"


class Page(BaseHTTPRequestHandler):
    """The mails for people to read. Answers only to this machine's own names: mails hold links that open accounts."""

    folder = None

    def do_GET(self):
        if self.headers.get("Host", "").rpartition(":")[0] not in ("127.0.0.1", "localhost"):
            return self.answer(HTTPStatus.FORBIDDEN, "text/plain", "Ask for 127.0.0.1.")
        asked = re.fullmatch(r"/(?:(\d{6})(\.html|\.eml)?|(mails\.json))?", self.path)
        if not asked:
            return self.answer(HTTPStatus.NOT_FOUND, "text/plain", "There is no such page.")
        name, form, as_json = asked.groups()
        if as_json:
            return self.answer(HTTPStatus.OK, "application/json", json.dumps(read_mails(self.folder), indent=1))
        if not name:
            return self.show_list()
        path = self.folder / f"{name}.eml"
        if not path.exists():
            return self.answer(HTTPStatus.NOT_FOUND, "text/plain", "There is no such mail.")
        if form == ".eml":
            return self.answer(HTTPStatus.OK, "text/plain", path.read_bytes())
        mail = read_mail(path)
        if form == ".html":
            return self.answer(HTTPStatus.OK, "text/html", mail["html"])
        return self.show_mail(mail)

    def show_list(self):
        rows = "".join(
            f'<tr><td>{mail["received_at"][11:19]}<td>{html.escape(", ".join(mail["to"]))}'
            f'<td><a href="/{mail["id"]}">{html.escape(mail["subject"] or "(no subject)")}</a>'
            for mail in reversed(read_mails(self.folder)))
        body = f"<table><tr><th>UTC<th>To<th>Subject{rows}</table>" if rows else "<p>No mail yet."
        self.answer(HTTPStatus.OK, "text/html", PAGE.format(title="Mails", body=body))

    def show_mail(self, mail):
        body = (f'<p><a href="/">All mails</a> · <a href="/{mail["id"]}.eml">Source</a>'
                f'<p>To {html.escape(", ".join(mail["to"]))}, from {html.escape(mail["from"] or "")}'
                f'<iframe sandbox="allow-popups" src="/{mail["id"]}.html"></iframe><pre>{html.escape(mail["text"])}</pre>')
        page = PAGE.format(title=html.escape(mail["subject"] or "(no subject)"), body=body)
        self.answer(HTTPStatus.OK, "text/html", page.replace('<meta http-equiv="refresh" content="5">', ""))

    def answer(self, status, kind, body):
        body = body if isinstance(body, bytes) else body.encode()
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


async def serve(arguments):
    keeper = Keeper(arguments.folder)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(keeper, enable_SMTPUTF8=True, ident="Ithaca mailbox", loop=loop),
                                      "127.0.0.1", arguments.smtp)
    done = asyncio.Event()
    for ending in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(ending, done.set)
    await done.wait()
    server.close()


def main():
    words = argparse.ArgumentParser()
    words.add_argument("--folder", type=Path, required=True)
    words.add_argument("--smtp", type=int, required=True)
    words.add_argument("--page", type=int, required=True)
    arguments = words.parse_args()
    arguments.folder.mkdir(exist_ok=True)
    Page.folder = arguments.folder
    page = ThreadingHTTPServer(("127.0.0.1", arguments.page), Page)
    Thread(target=page.serve_forever, daemon=True).start()
    asyncio.run(serve(arguments))


if __name__ == "__main__":
    sys.exit(main())
