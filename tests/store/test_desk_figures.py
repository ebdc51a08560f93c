"""The desk's figures of a span are what a plain look at every ticket says, whatever happened, on every engine."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest
from flask import Flask

from app.core.redacted_text import seal
from app.core.ticket import ACTIVE, SET_ASIDE, State
from app.store.database import db
from app.store.desk_figures import desk_figures
from app.store.models import Change, Reply, SelfService, Ticket, TicketMatch
from tests.conftest import NOW

START, END = NOW - timedelta(days=7), NOW


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


def in_span(moment: datetime | None) -> bool:
    return moment is not None and START <= moment < END


@pytest.mark.parametrize("seed", range(6))
def test_figures_equal_a_plain_recount(app: Flask, seed: int) -> None:
    chance = random.Random(seed)
    tickets = [a_life(chance) for _ in range(60)]
    answers = [SelfService(at=some_time(chance), solved=chance.random() < 0.5, language="en") for _ in range(30)]
    db.session.add_all(answers)
    db.session.commit()
    found = desk_figures(START, END)

    filed = [ticket for ticket in tickets if in_span(ticket.created_at) and ticket.state not in SET_ASIDE]
    solved = [ticket for ticket in tickets if in_span(ticket.solved_at) and ticket.state not in SET_ASIDE]
    ids = {ticket.id for ticket in filed}
    changes = [change for change in db.session.query(Change) if change.ticket_id in ids and change.what == "state"]
    replies = [reply.ticket_id for reply in db.session.query(Reply) if reply.ticket_id in ids and reply.by_staff]
    assert {times.id for times in found.filed} == ids
    assert {times.id for times in found.solved} == {ticket.id for ticket in solved}
    assert dict(found.by_cause) == {cause: [t.cause for t in filed].count(cause) for cause in {ticket.cause for ticket in filed}}
    assert found.reopened == {
        change.ticket_id for change in changes if change.before in {State.SOLVED, State.CLOSED} and change.after in ACTIVE
    }
    assert dict(found.staff_replies) == {ticket: replies.count(ticket) for ticket in set(replies)}
    assert found.confirmed == sum(1 for match in db.session.query(TicketMatch) if match.ticket_id in ids and match.decision == "confirmed")
    told = [answer.solved for answer in answers if in_span(answer.at)]
    assert dict(found.self_service) == {solved: told.count(solved) for solved in set(told)}
