"""The demonstration desk: filled once, with tickets that find their log lines; the first owner elsewhere."""

from __future__ import annotations

from collections import Counter

import pytest
from flask import Flask

from app.core.log_filter import LogFilter
from app.core.roles import Role
from app.core.ticket import State
from app.operations.setup import DEMO_ACCOUNTS, desk_is_empty, fill_demo
from app.store import tickets, users
from app.store.database import db
from app.store.models import Note, Reply, Ticket, TicketMatch
from tests.conftest import NOW


@pytest.fixture
def engine() -> str:
    """A week takes a while; one engine shows what it is made of."""
    return "sqlite"


@pytest.fixture
def demo(app: Flask) -> Flask:
    assert desk_is_empty()
    fill_demo(app.extensions["settings"], app.extensions["rulebook"], app.extensions["log_store"], NOW)
    return app


def test_a_demonstration_week_is_whole(demo: Flask) -> None:
    # one test: filling the desk takes seconds, looking at it nothing
    assert not desk_is_empty()
    assert {user.name: user.role for user in users.everyone()} == {name: role for name, _shown, role, _language in DEMO_ACCOUNTS}
    assert {user.role for user in users.everyone()} == set(Role)
    assert all(user.password_hash is None for user in users.everyone())
    assert {user.language for user in users.everyone()} == {"en", "zh"}

    filed = db.session.query(Ticket).all()
    assert 24 <= len(filed) <= 80
    assert {ticket.language for ticket in filed} == {"en", "zh"}
    assert {ticket.state for ticket in filed} >= {State.NEW, State.OPEN, State.PENDING, State.SOLVED}
    assert all(ticket.created_at <= NOW and ticket.updated_at <= NOW for ticket in filed)
    assert any(ticket.requester_id is None for ticket in filed)
    assert len(Counter(ticket.cause for ticket in filed)) >= 6

    assert demo.extensions["log_store"].count() > 1_000
    assert db.session.query(TicketMatch).filter(TicketMatch.probability > 0.9).count() >= 10
    assert db.session.query(Note).count() > 0
    assert db.session.query(Reply).filter_by(by_staff=True).count() > 0
    assert tickets.waiting_for_logs(NOW)

    records = demo.extensions["log_store"].find(LogFilter(), 20_000).records
    assert {record.status_code for record in records} >= {401, 429}
    assert any(record.request_type == "video" for record in records)
    per_hour = Counter(record.started_at // 3_600_000 for record in records)
    assert max(per_hour.values()) > 5 * sorted(per_hour.values())[len(per_hour) // 2], "a storm stands out"
