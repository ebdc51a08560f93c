"""What the desk's benchmark measures over: 50,000 tickets with three replies each, a gateway's log, and the shipped articles."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import insert, text

from app.core.record import Outcome
from app.core.redacted_text import seal
from app.core.report import Report
from app.core.roles import Role
from app.core.ticket_words import index_tokens
from app.operations import accounts, tickets
from app.operations.kb_files import import_kb
from app.store.database import db
from app.store.models import Note, Reply, Ticket, User
from app.store.models_desk import NoteText, TicketText
from benchmarks.desk_app import NOW
from benchmarks.matching import START, a_ticket, traffic

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
LOG_ROWS = 100_000


def open_desk(app: Flask, folder: Path, count: int) -> None:
    """Bring the folder's desk up to date, and fill it when it is empty; inside an application context."""
    fresh = not (folder / "desk.db").exists()
    app.extensions["log_store"].prepare()
    upgrade()
    if fresh:
        started = time.perf_counter()
        fill(app, count)
        print(f"filled with {count:,} tickets and {LOG_ROWS:,} log rows in {time.perf_counter() - started:.0f} s")


def fill(app: Flask, count: int) -> None:
    """Tickets with three replies each and every fifth with a note, in bulk; then some that the desk filed and matched itself."""
    pick, redactor = random.Random(7), app.extensions["rulebook"].redactor
    people = [accounts.create_account(f"agent-{n}", f"Agent {n}", Role.AGENT, redactor, NOW).id for n in range(8)]
    causes = [*app.extensions["rulebook"].causes.causes]
    for start in range(1, count + 1, CHUNK):
        rows = [ticket_row(number, pick, people, causes) for number in range(start, min(start + CHUNK, count + 1))]
        put_in(rows, pick, people)
    accounts.create_account("user-0", "User 0", Role.USER, redactor, NOW)
    import_kb(app.extensions["settings"].kb_dir, app.extensions["rulebook"], NOW)
    with_log(app, pick)
    db.session.execute(text("ANALYZE"))
    db.session.commit()


def with_log(app: Flask, pick: random.Random) -> None:
    """A log, and tickets about some of its failures with an answer and a note each."""
    store, book = app.extensions["log_store"], app.extensions["rulebook"]
    records = list(traffic(pick, LOG_ROWS))
    for start in range(0, LOG_ROWS, 20_000):
        store.append("ndjson", records[start : start + 20_000], (), START)
    failed = [record for record in records if record.outcome is not Outcome.OK]
    agent = db.session.query(User).filter_by(name="agent-0").one()
    for record in pick.sample(failed, 20):
        told = a_ticket(pick, record).evidence
        filed = datetime.fromtimestamp(record.started_at / 1000, UTC) + timedelta(hours=1)
        ticket = tickets.open_ticket(Report(told), None, book, store, filed).ticket
        tickets.reply_as_staff(ticket, book.redactor.clean("Please try again in five minutes and tell us the request id."), agent, filed)
        tickets.add_note(ticket, book.redactor.clean("Looks like the burst of that hour."), agent, filed)


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
