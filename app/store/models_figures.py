"""The desk's figures by slot of time, and the marks of hours in which something changed since they were counted.

Triggers set the marks, so that whoever changes a row, by whatever way, has its hours counted again. A mark is a row of its own and
goes only when its hour was counted after it was read: two writers never wait for one another, and no mark is lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Index, LargeBinary, String, event
from sqlalchemy.orm import Mapped, mapped_column

from app.core.ticket import ACTIVE, SET_ASIDE
from app.store.database import Model, db
from app.store.models import Ticket

HOUR_LEVEL, DAY_LEVEL = 0, 1
Index("ix_ticket_created", Ticket.created_at)
Index("ix_ticket_solved", Ticket.solved_at)
Index("ix_ticket_cause_created", Ticket.cause, Ticket.created_at, Ticket.state)


class DeskSlot(Model):
    """An hour's or a day's figures. A day is its hours added up."""

    __tablename__ = "desk_slot"

    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # HOUR_LEVEL, DAY_LEVEL
    slot: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # hours or days since 1970, UTC
    rules: Mapped[str] = mapped_column(String(16))  # digest of the business hours it was counted with
    content: Mapped[bytes] = mapped_column(LargeBinary)  # core/desk_cells.py


class DeskMark(Model):
    """That something of this hour changed."""

    __tablename__ = "desk_mark"

    id: Mapped[int] = mapped_column(primary_key=True)
    hour: Mapped[int]


def _words(states: Any) -> str:
    return ", ".join(f"'{state}'" for state in sorted(states))


def _of_ticket(row: str, moment: str = "created_at") -> str:
    return f"INSERT INTO desk_mark (hour) SELECT HOUR({moment}) FROM ticket WHERE id = {row}.ticket_id AND {moment} IS NOT NULL"  # noqa: S608 - names of columns


def _at(moment: str) -> str:
    return f"INSERT INTO desk_mark (hour) SELECT HOUR({moment}) WHERE {moment} IS NOT NULL"


def _differ(*names: str) -> str:
    return " OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in names)


_TICKET = (
    *("created_at", "first_replied_at", "solved_at", "cause", "queue", "article_id", "client", "client_version", "model", "status_code"),
    *("error_text", "request_id", "task_id", "request_time", "stream", "request_type", "base_url", "key_fingerprint", "key_last4"),
)
_ASIDE = _words(SET_ASIDE)
_JSON_OLD_NEW = "CAST(OLD.told_facts AS TEXT) IS DISTINCT FROM CAST(NEW.told_facts AS TEXT)"
_REOPENED = f"ROW.what = 'state' AND ROW.before NOT IN ({_words(ACTIVE | SET_ASIDE)}) AND ROW.after IN ({_words(ACTIVE)})"
_ANSWERS = "INSERT INTO desk_mark (hour) SELECT DISTINCT HOUR(created_at) FROM reply WHERE ticket_id = NEW.id AND by_staff"
_REPLY = ("ticket_id", "by_staff", "author_id", "article_id", "created_at")

# (table, what happens, when it matters, the marks)
_RULES: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("ticket", "INSERT", "", (_at("NEW.created_at"), _at("NEW.solved_at"))),
    ("ticket", "DELETE", "", (_at("OLD.created_at"), _at("OLD.solved_at"))),
    (
        *("ticket", f"UPDATE OF state, told_facts, {', '.join(_TICKET)}"),
        f"{_differ(*_TICKET)} OR {_JSON_OLD_NEW} OR (OLD.state IN ({_ASIDE})) <> (NEW.state IN ({_ASIDE}))",
        tuple(_at(f"{row}.{moment}") for moment in ("created_at", "solved_at") for row in ("OLD", "NEW")),
    ),
    ("ticket", "UPDATE OF cause", _differ("cause"), (_ANSWERS,)),
    ("reply", "INSERT", "NEW.by_staff", (_at("NEW.created_at"), _of_ticket("NEW"))),
    ("reply", "DELETE", "OLD.by_staff", (_at("OLD.created_at"), _of_ticket("OLD"))),
    (
        *("reply", f"UPDATE OF {', '.join(_REPLY)}"),
        f"(OLD.by_staff OR NEW.by_staff) AND ({_differ(*_REPLY)})",
        (*map(_at, ("OLD.created_at", "NEW.created_at")), *map(_of_ticket, ("OLD", "NEW"))),
    ),
    ("change", "INSERT", _REOPENED.replace("ROW", "NEW"), (_of_ticket("NEW"),)),
    ("change", "DELETE", _REOPENED.replace("ROW", "OLD"), (_of_ticket("OLD"),)),
    ("change", "UPDATE OF ticket_id, what, before, after", "", (_of_ticket("OLD"), _of_ticket("NEW"))),
    ("ticket_match", "INSERT", "NEW.decision = 'confirmed'", (_of_ticket("NEW"),)),
    ("ticket_match", "DELETE", "OLD.decision = 'confirmed'", (_of_ticket("OLD"),)),
    ("ticket_match", "UPDATE OF ticket_id, decision", _differ("ticket_id", "decision"), (_of_ticket("OLD"), _of_ticket("NEW"))),
    ("hand_off", "INSERT", "", (_of_ticket("NEW"),)),
    ("hand_off", "DELETE", "", (_of_ticket("OLD"),)),
    ("hand_off", "UPDATE OF ticket_id", "", (_of_ticket("OLD"), _of_ticket("NEW"))),
    ("satisfaction", "INSERT", "", (_of_ticket("NEW", "solved_at"),)),
    ("satisfaction", "DELETE", "", (_of_ticket("OLD", "solved_at"),)),
    ("satisfaction", "UPDATE OF ticket_id, good", "", (_of_ticket("OLD", "solved_at"), _of_ticket("NEW", "solved_at"))),
)
_CALL = r"HOUR\(([\w.]+)\)"
_HOURS = {  # hours since 1970 of a moment; SQLite keeps it as text
    "sqlite": r"(CAST(strftime('%s', substr(\1, 1, 10)) AS INTEGER) / 3600 + CAST(substr(\1, 12, 2) AS INTEGER))",
    "postgresql": r"CAST(floor(extract(epoch FROM \1) / 3600) AS INTEGER)",
}


def trigger_statements(dialect: str) -> Iterator[str]:
    """What makes every trigger; safe to say twice."""
    for number, (table, happens, matters, marks) in enumerate(_RULES):
        name, body = f"desk_mark_{number:02}_{table}", "; ".join(marks)
        text = _sqlite(name, table, happens, matters, body) if dialect == "sqlite" else _postgresql(name, table, happens, matters, body)
        yield from (re.sub(_CALL, _HOURS[dialect], each) for each in text)


def hours_statement(dialect: str) -> str:
    """What marks every hour that has rows."""
    hours = ("SELECT HOUR(created_at) FROM ticket", "SELECT HOUR(solved_at) FROM ticket WHERE solved_at IS NOT NULL")
    answers = "SELECT HOUR(created_at) FROM reply WHERE by_staff"
    return re.sub(_CALL, _HOURS[dialect], f"INSERT INTO desk_mark (hour) {' UNION '.join((*hours, answers))}")


def _sqlite(name: str, table: str, happens: str, matters: str, body: str) -> tuple[str, ...]:
    when = f"WHEN {matters} " if matters else ""
    return (f'CREATE TRIGGER IF NOT EXISTS {name} AFTER {happens} ON "{table}" FOR EACH ROW {when}BEGIN {body}; END',)


def _postgresql(name: str, table: str, happens: str, matters: str, body: str) -> tuple[str, ...]:
    when = f"WHEN ({matters}) " if matters else ""
    return (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body}; RETURN NULL; END $$",
        f'CREATE OR REPLACE TRIGGER {name} AFTER {happens} ON "{table}" FOR EACH ROW {when}EXECUTE FUNCTION {name}()',
    )


@event.listens_for(db.metadata, "after_create")
def _make_triggers(_metadata: Any, connection: Connection, tables: Sequence[Any] = (), **_others: Any) -> None:
    """Beside the tables they watch, when those are made."""
    if DeskMark.__table__ in tables:
        for statement in trigger_statements(connection.dialect.name):
            connection.exec_driver_sql(statement)
