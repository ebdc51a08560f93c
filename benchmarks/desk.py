"""How fast the desk's pages are with 50,000 tickets and 150,000 replies on SQLite, beside a bare Flask page in the same run.

python -m benchmarks.desk [--tickets 50000] [--seconds 3] [--keep FOLDER] [--only PAGE]

The real server runs with two worker processes; a client in a process of its own asks over one kept connection, then over
eight. The bare page is a route of the same application that answers two bytes after the same guards: the ratio to it is
what our own work costs, and stands still when the machine is busy. Each page is asked with many values (other tickets,
other words), so that nothing is measured twice from a cache. At the end eight clients search while one reads tickets.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from flask import Flask, g, session
from flask_wtf.csrf import generate_csrf

from app.store.database import db
from app.store.models import Ticket, TicketMatch, User
from benchmarks import http_load
from benchmarks.desk_app import FOLDER, make_app
from benchmarks.desk_data import WORDS, open_desk

WORKERS, CONNECTIONS, PORT = 2, 8, 8791
BARE = "bare page"


@dataclass(frozen=True)
class Visitor:
    """Who asks: their session, and the token their forms carry."""

    cookie: str
    token: str

    def get(self, address: str, *more: str) -> str:
        """A request for a page."""
        head = (f"GET {quote(address, safe='/?=&%')} HTTP/1.1", f"Host: 127.0.0.1:{PORT}", f"Cookie: gatedesk={self.cookie}", *more)
        return "\r\n".join(head) + "\r\n\r\n"

    def post(self, address: str, **fields: Any) -> str:
        """A request that sends a form."""
        body = urlencode({"csrf_token": self.token, **fields})
        form = ("Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}")
        return self.get(address, *form).replace("GET", "POST", 1) + body


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tickets", type=int, default=50_000)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--keep", type=Path, help="keep the data here, and use what is there")
    parser.add_argument("--only", help="only pages with this in their name")
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = options.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        app = make_app(str(folder))
        logging.getLogger("alembic").setLevel(logging.WARNING)
        with app.app_context():
            open_desk(app, folder, options.tickets)
            pages = pages_of(app)
        server = stack.enter_context(serving(folder))
        chosen = {name: asked for name, asked in pages.items() if not options.only or options.only in name or name == BARE}
        measure(chosen, options.seconds, server.pid)
        if not options.only:
            while_searching(pages, options.seconds)


def pages_of(app: Flask) -> dict[str, list[str]]:
    """Page → the requests that ask for it in many ways."""
    agent, user, pick = visitor(app, "agent-0"), visitor(app, "user-0"), random.Random(5)
    newest = db.session.query(Ticket.id).order_by(Ticket.id.desc()).first()
    assert newest is not None
    quoted = [row.request_id for row in db.session.query(Ticket.request_id).filter(Ticket.id % 977 == 5).limit(40)]
    matched = [row[0] for row in db.session.query(TicketMatch.ticket_id).distinct().limit(40)]
    numbers = [newest[0] - pick.randrange(5_000) for _ in range(40)]
    two_words = [" ".join(pick.sample(WORDS, 2)) for _ in range(40)]
    return {
        BARE: [agent.get("/bare")],
        "list, waiting for us": [agent.get("/desk/?view=todo")],
        "list, as a filter": [agent.get(f"/desk/?view=all&group=team-{n}&sort=oldest") for n in range(40)],
        "list alone (htmx)": [agent.get("/desk/?view=todo", "HX-Request: true")],
        "first screen": [agent.get("/desk/")],
        "ticket": [agent.get(f"/desk/tickets/{number}") for number in numbers],
        "ticket with matches": [agent.get(f"/desk/tickets/{number}") for number in matched],
        "search, two words": [agent.get(f"/desk/search?q={words}") for words in two_words],
        "search, rare word": [agent.get(f"/desk/search?q=w{pick.randrange(200_000)}") for _ in range(40)],
        "exact id": [agent.post("/desk/search", q=each) for each in quoted],
        "article": [agent.get("/kb/en/troubleshooting-checklist")],
        "reply": [agent.post(f"/desk/tickets/{n}/replies", body="Please try again and tell us.", seen=10**9) for n in numbers],
        "submit": [user.post("/tickets", **report(pick)) for _ in range(200)],
    }


def report(pick: random.Random) -> dict[str, Any]:
    """A report as the form sends it, with a planted secret to hide."""
    text = f"Error code: 429 - Rate limit reached for gpt-4o on requests per min. Authorization: Bearer sk-{pick.getrandbits(160):040x}"
    moment = f"2026-11-{pick.randrange(1, 15):02d} {pick.randrange(24):02d}:{pick.randrange(60):02d}"
    told = {"client": "Cherry Studio", "model": "gpt-4o", "status_code": 429, "key_mask": f"sk-…{pick.randrange(10_000):04d}"}
    return {"error_text": text, "request_time": moment, "time_zone": "UTC", "description": "It worked yesterday.", **told}


def visitor(app: Flask, name: str) -> Visitor:
    """Somebody who is signed in."""
    account = db.session.query(User).filter_by(name=name).one()
    with app.test_request_context():
        g.pop("csrf_token", None)  # of whoever came before
        session["_user_id"], session["_fresh"] = account.get_id(), True
        token = generate_csrf()
        signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]  # of Flask's cookie sessions
        return Visitor(signer.dumps(dict(session)), token)


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The real server with its workers, as `flask start` runs it."""
    command = ["--interface", "wsgi", "--workers", str(WORKERS), "--blocking-threads", "8", "--backlog", "1024", "--no-log"]
    server = subprocess.Popen(
        [str(Path(sys.executable).with_name("granian")), *command, "--port", str(PORT), "benchmarks.desk_app:app"],
        cwd=http_load.ROOT,
        env={**os.environ, FOLDER: str(folder)},
    )
    try:
        wait_until_it_answers()
        yield server
    finally:
        server.terminate()
        server.wait()


def wait_until_it_answers() -> None:
    for _each in range(300):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", PORT), timeout=1):
            return
        time.sleep(0.1)
    raise RuntimeError("the server does not answer")


def measure(pages: dict[str, list[str]], seconds: float, server: int) -> None:
    """Each page over one connection and over eight, and the bare page anew beside each, so that a busy minute shows."""
    print(f"{'':22}{'1 connection':>26}{'server':>16}{f'{CONNECTIONS} connections':>30}")
    print(f"{'page':22}{'p50 ms':>9}{'p95':>8}{'/s':>9}{'CPU ms':>9}{'× bare':>8}{'p50 ms':>10}{'p95':>9}{'/s':>8}{'KB':>8}  not 200")
    for name, asked in pages.items():
        http_load.finish(http_load.start(PORT, asked, 2 * WORKERS, min(seconds, 1)))  # each worker has seen it before
        _bare, least = worked(server, pages[BARE], min(seconds, 0.5))
        one, cpu = worked(server, asked, seconds)
        many = http_load.finish(http_load.start(PORT, asked, CONNECTIONS, seconds))
        odd = {status: count for seen in (one, many) for status, count in seen["statuses"].items() if status not in {"200", "303"}}
        size = one["bytes"] / 1024 / len(one["times"])
        print(
            f"{name:22}{middle(one):9.1f}{late(one):8.1f}{rate(one):9.0f}{cpu:9.1f}{cpu / least:8.1f}"
            f"{middle(many):10.1f}{late(many):9.1f}{rate(many):8.0f}{size:8.1f}  {odd or ''}"
        )


def worked(server: int, asked: list[str], seconds: float) -> tuple[dict[str, Any], float]:
    """What one connection sees, and the processor's milliseconds the server spent on each request."""
    before = processor_seconds(server)
    seen = http_load.finish(http_load.start(PORT, asked, 1, seconds))
    return seen, (processor_seconds(server) - before) * 1000 / len(seen["times"])


def processor_seconds(process: int) -> float:
    """What a process and its children have used of the processor."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") + sum(processor_seconds(int(child)) for child in children)


def while_searching(pages: dict[str, list[str]], seconds: float) -> None:
    """The ticket's page while eight clients search."""
    searching = http_load.start(PORT, pages["search, two words"], CONNECTIONS, seconds + 1)
    reading = http_load.finish(http_load.start(PORT, pages["ticket with matches"], 1, seconds))
    searched = http_load.finish(searching)
    print(
        f"ticket while {CONNECTIONS} search: p50 {middle(reading):.1f} ms, p95 {late(reading):.1f} ms; they search {rate(searched):.0f}/s"
    )


def middle(seen: dict[str, Any]) -> float:
    times: list[float] = seen["times"]
    return times[len(times) // 2]


def late(seen: dict[str, Any]) -> float:
    times: list[float] = seen["times"]
    return times[min(int(len(times) * 0.95), len(times) - 1)]


def rate(seen: dict[str, Any]) -> float:
    return float(len(seen["times"]) / seen["seconds"])


if __name__ == "__main__":
    main()
