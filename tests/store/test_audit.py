"""The audit's two tables read as one, ratings counted, and what guests did, on every engine."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from app.core.audit import NOBODY, AuditFilter, cursor_after, read_cursor
from app.core.redacted_text import seal
from app.core.satisfaction import Ratings
from app.core.ticket import State
from app.operations import audit
from app.operations.satisfaction import rate
from app.operations.spam import count_act, forget_guests
from app.store import guests
from app.store.audit import find
from app.store.database import db
from app.store.desk_figures import desk_figures
from app.store.models import Change, Ticket
from tests.conftest import NOW, PEPPER


def a_ticket(state: State = State.SOLVED) -> Ticket:
    row = Ticket(created_at=NOW, updated_at=NOW, language="en", state=state, subject=seal("x"), tolerance_minutes=10, solved_at=NOW)
    db.session.add(row)
    db.session.flush()
    return row


def test_pages_follow_one_another_without_gap_or_double_also_within_one_moment(app: Flask) -> None:
    ticket = a_ticket()
    for place in range(20):
        audit.record("read", "key", place, NOW, None)
        db.session.add(Change(ticket_id=ticket.id, actor_id=None, what="next", before=None, after=str(place), created_at=NOW))
    audit.record("read", "key", 20, NOW - timedelta(days=2), None)
    db.session.commit()
    everything, paged, cursor = find(AuditFilter(), 500), [], None
    while page := find(AuditFilter(), 7, cursor):
        paged += page
        cursor = read_cursor(str(cursor_after(page[-1])))
    assert paged == everything
    assert len({(line.source, line.number) for line in paged}) == len(paged) == 41
    assert len(find(AuditFilter(since=NOW - timedelta(days=1)), 500)) == 40
    assert len(find(AuditFilter(actor=NOBODY, action="next", kind="ticket", object_id=str(ticket.id)), 500)) == 20
    assert [line.object_id for line in find(AuditFilter(kind="key", object_id="20"), 500)] == ["20"]
    assert find(AuditFilter(actor=9999), 500) == []


@pytest.mark.parametrize("text", ["", "1-2-3", "1-1", "x-0-1", f"{'9' * 18}-0-1", f"1-0-{'9' * 19}", "١-0-1"])
def test_nonsense_is_no_cursor(text: str) -> None:
    assert read_cursor(text) is None


def test_ratings_are_counted_of_the_tickets_solved_in_the_span(app: Flask) -> None:
    for good in (True, True, False):
        rate(a_ticket(), good, None, None, NOW)
    a_ticket()
    before = a_ticket()
    before.solved_at = NOW - timedelta(days=9)
    rate(before, True, seal("thanks"), None, NOW)
    assert desk_figures(NOW - timedelta(days=1), NOW + timedelta(days=1)).ratings == Ratings(4, 3, 2)


def test_what_was_set_aside_is_paged_and_counted(app: Flask) -> None:
    numbers = [a_ticket(State.SUSPECTED).id for _ in range(guests.PAGE + 2)]
    a_ticket(State.DISCARDED)
    first = guests.set_aside(State.SUSPECTED, None)
    assert len(first) == guests.PAGE + 1
    second = guests.set_aside(State.SUSPECTED, first[guests.PAGE - 1][0].id)
    assert [ticket.id for ticket, _why in (*first[: guests.PAGE], *second)] == numbers[::-1]
    assert guests.counts() == {"suspected": guests.PAGE + 2, "discarded": 1}


def test_an_address_is_counted_for_an_hour_and_kept_by_no_name(app: Flask) -> None:
    counted = [count_act("file", address, PEPPER, NOW) for address in ("192.0.2.1", "192.0.2.1", "192.0.2.2")]
    assert counted == [1, 2, 1]
    assert count_act("reply", "192.0.2.1", PEPPER, NOW) == 1
    assert count_act("file", "192.0.2.1", PEPPER, NOW + timedelta(minutes=61)) == 1
    assert forget_guests(NOW + timedelta(hours=3)) == 1
