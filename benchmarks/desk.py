"""How fast the desk's pages are with 50,000 tickets and 150,000 replies on SQLite, beside a bare Flask page in the same run.

python -m benchmarks.desk [--tickets 50000] [--rounds 40] [--keep FOLDER]

Requests go through the test client: no network, one at a time. The bare page is a route of the same application that answers two
bytes after the same guards, so the ratio to it is what our own work costs. Each page is asked once before it is measured. The processor's
time stands beside the clock's: on a machine that others use as well it is the steadier figure, and the ratio is taken from it.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from flask import Flask
from sqlalchemy import event, insert, text
from sqlalchemy.engine import Engine

from app import create_app
from app.core.evidence import Evidence
from app.core.key_ref import KeyRef
from app.core.redacted_text import seal
from app.core.report import Report
from app.core.roles import Audience, Role
from app.core.ticket_words import index_tokens
from app.operations import accounts, tickets
from app.settings import load
from app.store.database import db
from app.store.models import Note, Reply, Ticket, User
from app.store.models_desk import NoteText, TicketText
from app.web.access import for_audience

NOW = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
WORDS = tuple(
    word
    for line in (
        "the request failed again after the update with a timeout and the console shows no quota left for this key please look into it ",
        "stream stopped half way gateway upstream provider balance limit minute retry client version proxy certificate 请求超时 余额不足 ",
        "模型不存在 密钥无效 渠道不可用 流式中断 重复扣费 请稍后重试 上游返回错误 并发过高 图片生成失败 回调没有收到",
    )
    for word in line.split()
)
CLIENTS, MODELS = ("Cherry Studio", "Cursor", "OpenAI SDK", "Dify", "Chatbox"), ("gpt-4o", "claude-sonnet-4", "deepseek-chat", "qwen-max")
STATES = (*["closed"] * 60, *["solved"] * 15, *["pending"] * 10, *["open"] * 8, *["new"] * 4, *["on_hold"] * 3)
CHUNK = 5_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tickets", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--keep", type=Path, help="keep the data here, and use what is there")
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = options.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        app, fresh = open_desk(folder)
        with app.app_context():
            if fresh:
                fill(app, options.tickets)
            measure(app, options.rounds)


def open_desk(folder: Path) -> tuple[Flask, bool]:
    """The application over this folder, and whether it is empty."""
    fresh = not (folder / "desk.db").exists()
    logging.disable(logging.INFO)
    app = create_app(load({"GATEDESK_DATA_DIR": str(folder), "GATEDESK_SECRET_KEY": "benchmark-" + "0" * 32}))
    app.config.update(CLOCK=lambda: NOW, WTF_CSRF_ENABLED=False)
    app.add_url_rule("/bare", view_func=for_audience(Audience.PUBLIC)(lambda: "ok"), endpoint="bare")
    app.extensions["log_store"].prepare()
    with app.app_context():
        db.create_all()
    return app, fresh


def fill(app: Flask, count: int) -> None:
    """Tickets with three replies each and every fifth with a note, in bulk; then one that the desk filed and matched itself."""
    started = time.perf_counter()
    pick, redactor = random.Random(7), app.extensions["rulebook"].redactor
    people = [accounts.create_account(f"agent-{n}", f"Agent {n}", Role.AGENT, redactor, NOW).id for n in range(8)]
    causes = [*app.extensions["rulebook"].causes.causes]
    for start in range(1, count + 1, CHUNK):
        rows = [ticket_row(number, pick, people, causes) for number in range(start, min(start + CHUNK, count + 1))]
        put_in(rows, pick, people)
    db.session.execute(text("ANALYZE"))
    db.session.commit()
    print(f"filled with {count:,} tickets in {time.perf_counter() - started:.0f} s")


def ticket_row(number: int, pick: random.Random, people: list[int], causes: list[str]) -> dict[str, Any]:
    filed = NOW - timedelta(minutes=(50_000 - number) * 3 + pick.randrange(3))
    state = pick.choice(STATES) if number < 48_000 else pick.choice(STATES[75:])
    waits = state in {"new", "open"}
    return {
        "id": number, "created_at": filed, "updated_at": filed + timedelta(minutes=pick.randrange(600)),
        "language": pick.choice(("en", "zh")),
        "state": state, "assignee_id": None if state == "new" else pick.choice(people), "subject": sentence(pick, 8),
        "error_text": sentence(pick, 24), "client": seal(pick.choice(CLIENTS)), "model": seal(pick.choice(MODELS)),
        "status_code": pick.choice((401, 402, 404, 429, 500, 504)), "request_id": seal(f"req-{number:08d}-{pick.getrandbits(32):08x}"),
        "request_time": filed, "tolerance_minutes": 5, "key_prefix": "sk-", "key_last4": f"{pick.randrange(16**4):04x}",
        "unknown_fields": [],
        "cause": pick.choice(causes), "origin": "gateway", "confidence": round(pick.random(), 2), "queue": "support",
        "evidence_score": pick.randrange(8), "match_state": pick.choice(("none", "weak", "likely", "confirmed")),
        "key_group": seal(f"team-{pick.randrange(40)}"), "waiting_since": filed if waits else None, "due_clock": "first" if waits else None,
        "due_at": filed + timedelta(hours=1) if waits else None, "first_replied_at": filed if state != "new" else None,
        "solved_at": filed if state in {"solved", "closed"} else None,
    }  # fmt: skip


def put_in(rows: list[dict[str, Any]], pick: random.Random, people: list[int]) -> None:
    """One chunk with its replies, notes and search index, in one transaction."""
    replies, notes, texts, note_texts, words, note_words = [], [], [], [], [], []
    for row in rows:
        number = row["id"]
        texts.append({"id": number * 4, "ticket_id": number, "kind": "ticket", "object_id": number, "at": row["created_at"]})
        words.append({"id": number * 4, "grams": grams(f"{row['subject']} {row['error_text']} {row['request_id']}")})
        for part in range(3):
            reply, at, body = number * 3 + part, row["created_at"] + timedelta(minutes=10 * part), sentence(pick, 30)
            author = pick.choice(people) if part == 1 else None
            replies.append({"id": reply, "ticket_id": number, "by_staff": part == 1, "author_id": author, "body": body, "created_at": at})
            texts.append({"id": number * 4 + part + 1, "ticket_id": number, "kind": "reply", "object_id": reply, "at": at})
            words.append({"id": number * 4 + part + 1, "grams": grams(body)})
        if number % 5 == 0:
            body = sentence(pick, 20)
            notes.append({"id": number, "ticket_id": number, "author_id": people[0], "body": body, "created_at": row["created_at"]})
            note_texts.append({"id": number, "ticket_id": number, "object_id": number, "at": row["created_at"]})
            note_words.append({"id": number, "grams": grams(body)})
    for table, data in ((Ticket, rows), (Reply, replies), (Note, notes), (TicketText, texts), (NoteText, note_texts)):
        db.session.execute(insert(table), data)
    db.session.execute(text("INSERT INTO ticket_words (rowid, grams) VALUES (:id, :grams)"), words)
    db.session.execute(text("INSERT INTO note_words (rowid, grams) VALUES (:id, :grams)"), note_words)
    db.session.commit()


def sentence(pick: random.Random, length: int) -> Any:
    return seal(" ".join(pick.choices(WORDS, k=length)) + f" w{pick.randrange(200_000)}")


def grams(told: str) -> str:
    return " ".join(index_tokens(told))


def measure(app: Flask, rounds: int) -> None:
    """Ask each page and print what it took, and how many statements."""
    agent = db.session.query(User).filter_by(name="agent-0").one()
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = agent.get_id(), True
    last = db.session.query(Ticket).order_by(Ticket.id.desc()).first()
    assert last is not None
    quoted = db.session.get(Ticket, last.id - 777)
    assert quoted is not None
    pages = {
        "bare page": ("GET", "/bare", {}),
        "first screen": ("GET", "/desk/", {}),
        "list, waiting for us": ("GET", "/desk/?view=todo", {}),
        "list, all by cause": ("GET", "/desk/?view=all&cause=rate-limit-rpm", {}),
        "list, longest waiting": ("GET", "/desk/?view=active&sort=waiting", {}),
        "list, group and text": ("GET", "/desk/?view=all&group=team-7&q=余额不足", {}),
        "list alone (htmx)": ("GET", "/desk/?view=todo", {"headers": {"HX-Request": "true"}}),
        "ticket": ("GET", f"/desk/tickets/{last.id}", {}),
        "search, two words": ("GET", "/desk/search?q=timeout quota", {}),
        "search, 余额": ("GET", "/desk/search?q=余额", {}),
        "search, rare word": ("GET", "/desk/search?q=w4711", {}),
        "exact id": ("POST", "/desk/search", {"data": {"q": str(quoted.request_id)}}),
        "reply": ("POST", f"/desk/tickets/{last.id}/replies", {"data": {"body": "Please try again and tell us."}}),
    }
    print(f"{'page':24}{'p50 ms':>9}{'p95 ms':>9}{'CPU ms':>9}{'× bare':>8}{'SQL':>6}{'KB':>7}")
    bare = 1.0
    for name, (method, address, sent) in pages.items():
        with statements() as asked:
            answer = client.open(address, method=method, **sent)
        assert answer.status_code in {200, 303}, (name, answer.status_code)
        both = [timed(client, method, address, sent) for _ in range(rounds)]
        times, worked = sorted(clock for clock, _cpu in both), statistics.median(cpu for _clock, cpu in both)
        middle, late = statistics.median(times), times[int(len(times) * 0.95) - 1]
        bare = worked if name == "bare page" else bare
        print(f"{name:24}{middle:9.1f}{late:9.1f}{worked:9.1f}{worked / bare:8.1f}{len(asked):6}{len(answer.data) / 1024:7.1f}")
    submit(app, rounds)


def submit(app: Flask, rounds: int) -> None:
    """File a ticket: redaction, matching against an empty log, diagnosis, index, clocks, commit."""
    book, store, times = app.extensions["rulebook"], app.extensions["log_store"], []
    for number in range(rounds):
        told = book.redactor.clean(f"Error code: 429 - Rate limit reached for gpt-4o on requests per min. Try again in {number}s.")
        evidence = Evidence(client="Cursor", model="gpt-4o", status_code=429, error_text=told, key=KeyRef("sk-", "9f3c"), request_time=NOW)
        started = time.perf_counter()
        tickets.open_ticket(Report(evidence), None, book, store, NOW)
        times.append((time.perf_counter() - started) * 1000)
    times.sort()
    print(f"{'submit (operation)':24}{statistics.median(times):9.1f}{times[int(len(times) * 0.95) - 1]:9.1f}")


def timed(client: Any, method: str, address: str, sent: dict[str, Any]) -> tuple[float, float]:
    """What one request takes by the clock and of the processor, in milliseconds."""
    started, worked = time.perf_counter(), time.process_time()
    client.open(address, method=method, **sent)
    return (time.perf_counter() - started) * 1000, (time.process_time() - worked) * 1000


@contextlib.contextmanager
def statements() -> Iterator[list[str]]:
    """The statements asked inside the block."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield seen
    event.remove(Engine, "before_cursor_execute", note)


if __name__ == "__main__":
    os.environ.setdefault("GATEDESK_DEMO", "auto")
    main()
