"""The desk's figures of a span are what a plain look at every ticket says, whatever happened, on every engine."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import ColumnElement, delete, update

from app.core.business_calendar import DAYS
from app.core.desk_cells import DeskCell, from_bytes, to_bytes
from app.core.redacted_text import seal
from app.core.service import ServiceBook
from app.core.ticket import ACTIVE, SET_ASIDE, State
from app.operations.desk_counting import count_desk, recount_desk
from app.store.database import db
from app.store.desk_figures import desk_figures
from app.store.models import Change, Reply, SelfService, Ticket, TicketMatch
from app.store.models_figures import DeskMark, DeskSlot
from app.store.service_rules import service_book
from tests.conftest import NOW

END = NOW.replace(minute=0) + timedelta(hours=1)
START = END - timedelta(days=7)
TICK = timedelta(microseconds=1)


def some_time(chance: random.Random) -> datetime:
    return NOW - timedelta(minutes=chance.randrange(14 * 24 * 60))


def a_life(chance: random.Random) -> Ticket:
    """A ticket with some replies, changes and decisions."""
    created = some_time(chance)
    ticket = Ticket(
        created_at=created,
        updated_at=created,
        language="en",
        state=chance.choice(list(State)),
        subject=seal("x"),
        tolerance_minutes=10,
        cause=chance.choice([None, "key-invalid", "timeout-upstream"]),
        first_replied_at=chance.choice([None, created + timedelta(minutes=chance.randrange(500))]),
        solved_at=chance.choice([None, created + timedelta(minutes=chance.randrange(9000))]),
    )
    db.session.add(ticket)
    db.session.flush()
    for _ in range(chance.randrange(4)):
        db.session.add(Reply(ticket_id=ticket.id, by_staff=chance.random() < 0.5, body=seal("x"), created_at=created))
    for _ in range(chance.randrange(4)):
        before, after = chance.choice(list(State)), chance.choice(list(State))
        db.session.add(Change(ticket_id=ticket.id, what=chance.choice(["state", "cause"]), before=before, after=after, created_at=created))
    if chance.random() < 0.4:
        decision = chance.choice([None, "confirmed", "rejected"])
        db.session.add(
            TicketMatch(
                ticket_id=ticket.id,
                record_id="0" * 32,
                request_id="r",
                rank=1,
                probability=0.5,
                signals=[],
                decision=decision,
                created_at=created,
            )
        )
    return ticket


def in_span(moment: datetime | None, span: tuple[datetime, datetime]) -> bool:
    return moment is not None and span[0] <= moment < span[1]


@pytest.mark.parametrize("seed", range(4))
def test_figures_equal_a_plain_recount_whatever_changed_since_the_hours_were_counted(app: Flask, seed: int) -> None:
    chance = random.Random(seed)
    db.session.add_all(a_life(chance) for _ in range(40))
    db.session.add_all(SelfService(at=some_time(chance), solved=chance.random() < 0.5, language="en") for _ in range(30))
    db.session.commit()
    check()
    assert count_desk() > 0
    check()
    for _ in range(9):
        a_change(chance)
    db.session.commit()
    check()
    assert count_desk() > 0
    assert not db.session.query(DeskMark).count()
    check()


def a_change(chance: random.Random) -> None:
    """Anything that may happen to anything, by the ORM or by a statement."""
    ticket = chance.choice(db.session.query(Ticket).order_by(Ticket.id).all())
    if chance.random() < 0.5:
        name, value = chance.choice(list(some_values(chance).items()))
        setattr(ticket, name, value)
    else:
        chance.choice(WHAT_HAPPENS)(ticket)


def some_values(chance: random.Random) -> dict[str, object]:
    return {
        "state": chance.choice(list(State)),
        "cause": chance.choice([None, "key-invalid", "timeout-upstream"]),
        "solved_at": chance.choice([None, some_time(chance)]),
        "first_replied_at": chance.choice([None, some_time(chance)]),
        "created_at": some_time(chance),
        "told_facts": chance.choice([None, {"charged": False}]),
        "client": chance.choice([None, seal("Cursor")]),
    }


def reply_to(ticket: Ticket) -> None:
    db.session.add(Reply(ticket_id=ticket.id, by_staff=True, body=seal("x"), created_at=START + timedelta(days=1)))


def reopen(ticket: Ticket) -> None:
    db.session.add(Change(ticket_id=ticket.id, what="state", before="solved", after="open", created_at=END))


def of(table: type[Change | Reply | TicketMatch], ticket: Ticket) -> ColumnElement[bool]:
    return table.ticket_id == ticket.id


WHAT_HAPPENS: tuple[Callable[[Ticket], object], ...] = (
    reply_to,
    reopen,
    lambda ticket: db.session.execute(delete(Ticket).where(Ticket.id == ticket.id)),
    lambda ticket: db.session.execute(update(Reply).where(of(Reply, ticket)).values(by_staff=True)),
    lambda ticket: db.session.execute(update(Reply).where(of(Reply, ticket)).values(by_staff=False)),
    lambda ticket: db.session.execute(update(TicketMatch).where(of(TicketMatch, ticket)).values(decision="confirmed")),
    lambda ticket: db.session.execute(delete(TicketMatch).where(of(TicketMatch, ticket))),
    lambda ticket: db.session.execute(delete(Change).where(of(Change, ticket))),
    lambda ticket: db.session.execute(delete(Reply).where(of(Reply, ticket))),
)


def check() -> None:
    """A week, a part of a day, and everything."""
    for span in ((START, END), (END - timedelta(hours=7), END), (END - timedelta(days=40), END + timedelta(days=40))):
        check_span(*span)


def check_span(*span: datetime) -> None:
    found = desk_figures(*span, {"key-invalid": ("client", "charged", "no such fact")})
    tickets = [ticket for ticket in db.session.query(Ticket) if ticket.state not in SET_ASIDE]
    filed = [ticket for ticket in tickets if in_span(ticket.created_at, span)]
    solved = [ticket for ticket in tickets if in_span(ticket.solved_at, span)]
    ids = {ticket.id for ticket in filed}
    changes = [change for change in db.session.query(Change) if change.ticket_id in ids and change.what == "state"]
    replies = Counter(reply.ticket_id for reply in db.session.query(Reply) if reply.by_staff)
    reopened = {change.ticket_id for change in changes if change.before in {State.SOLVED, State.CLOSED} and change.after in ACTIVE}
    ever = {ticket.id for ticket in filed if ticket.solved_at} | reopened
    asked = [ticket for ticket in filed if ticket.cause == "key-invalid"]
    assert found.filed == len(filed)
    assert found.solved == len(solved)
    assert sorted(found.first_waits) == sorted((t.first_replied_at - t.created_at) // TICK for t in filed if t.first_replied_at)
    assert sorted(found.solve_waits) == sorted((t.solved_at - t.created_at) // TICK for t in solved if t.solved_at)
    assert dict(found.by_cause) == Counter(ticket.cause for ticket in filed)
    assert (found.reopened, found.ever_solved) == (len(reopened), len(ever))
    assert found.one_touch == sum(1 for number in ever - reopened if replies[number] == 1)
    assert found.confirmed == sum(1 for match in db.session.query(TicketMatch) if match.ticket_id in ids and match.decision == "confirmed")
    assert found.evidence.required == 2 * len(asked)
    assert found.evidence.present == sum((t.client is not None) + ("charged" in (t.told_facts or {})) for t in asked)
    assert found.lacking["client"] == sum(1 for ticket in filed if ticket.client is None)
    assert found.replies == sum(1 for reply in db.session.query(Reply) if reply.by_staff and in_span(reply.created_at, span))
    told = [answer.solved for answer in db.session.query(SelfService) if in_span(answer.at, span)]
    assert dict(found.self_service) == Counter(told)


def test_other_business_hours_make_every_hour_be_counted_again(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(7)
    db.session.add_all(a_life(chance) for _ in range(20))
    db.session.commit()
    count_desk()
    usual = sorted(desk_figures(START, END).business_waits)
    always = {"hours": {day: ["00:00-24:00"] for day in DAYS}, "holidays": [], "workdays": []}
    data = service_book().data
    other = ServiceBook(data | {"calendar": [calendar | always for calendar in data["calendar"]]})
    monkeypatch.setattr("app.store.desk_slots.service_book", lambda: other)
    monkeypatch.setattr("app.store.desk_rows.service_book", lambda: other)
    changed = desk_figures(START, END)
    assert sorted(changed.business_waits) == sorted(changed.first_waits)
    assert sorted(changed.business_waits) != usual
    assert count_desk() > 0
    assert sorted(desk_figures(START, END).business_waits) == sorted(changed.first_waits)


def test_counting_everything_anew_gives_the_same_slots(app: Flask) -> None:
    chance = random.Random(8)
    db.session.add_all(a_life(chance) for _ in range(20))
    db.session.commit()
    count_desk()
    slots = {(slot.level, slot.slot): from_bytes(slot.content) for slot in db.session.query(DeskSlot)}
    db.session.execute(update(DeskSlot).values(content=to_bytes(DeskCell())))
    db.session.commit()
    recount_desk()
    assert {(slot.level, slot.slot): from_bytes(slot.content) for slot in db.session.query(DeskSlot)} == slots


def test_what_changes_no_figure_marks_no_hour(app: Flask) -> None:
    db.session.add(ticket := a_life(random.Random(9)))
    db.session.commit()
    ticket.state = State.OPEN
    db.session.commit()
    count_desk()
    ticket.state, ticket.updated_at = State.PENDING, NOW
    db.session.add(Reply(ticket_id=ticket.id, by_staff=False, body=seal("x"), created_at=NOW))
    db.session.commit()
    assert not db.session.query(DeskMark).count()
