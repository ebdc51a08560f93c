"""Examine a report, and again when logs arrive late; what people decided stands."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from app import jobs
from app.core.evidence import Evidence
from app.core.key_ref import KeyRef, fingerprint_of_key
from app.core.record import Outcome, RedactedRecord
from app.core.report import Report
from app.core.roles import Role
from app.core.ticket import State
from app.operations import tickets as operations
from app.operations.examine import examine, examine_without_log, rematch
from app.store import logs_candidates, tickets
from app.store.database import db
from app.store.logs import LogStore
from app.store.models import Ticket, TicketDiagnosis, TicketMatch
from tests.articles import book
from tests.conftest import NOW
from tests.log_records import a_record
from tests.sql import row_counts, statements
from tests.world import KEY, World, inhabit

CLOCK = NOW - timedelta(hours=3)
START = int(CLOCK.timestamp() * 1000)


@pytest.fixture
def world(app: Flask) -> World:
    return inhabit(app)


@pytest.fixture
def store(app: Flask) -> LogStore:
    return app.extensions["log_store"]  # type: ignore[no-any-return]


def evidence(**changes: object) -> Evidence:
    """A 504 three hours ago, by a key of its own."""
    facts: dict[str, object] = {
        "client": "Cursor",
        "model": "claude-sonnet-4",
        "status_code": 504,
        "error_text": book().redactor.clean("504 Gateway Time-out"),
        "key": KeyRef("sk-", "77aa", "cd" * 16),
        "request_time": CLOCK,
        "tolerance_minutes": 5,
    }
    return Evidence(**(facts | changes))  # type: ignore[arg-type]


def line(request_id: str = "late", **changes: object) -> RedactedRecord:
    """The log line of that failure."""
    facts: dict[str, object] = {
        "started_at": START + 20_000,
        "status_code": 504,
        "outcome": Outcome.ERROR,
        "model_requested": "claude-sonnet-4",
        "client": "Cursor/1.2",
        "key_fingerprint": "cd" * 16,
        "error_message": "504 Gateway Time-out",
    }
    return a_record(request_id, **(facts | changes))


def filed(store: LogStore, **changes: object) -> Ticket:
    return operations.open_ticket(Report(evidence(**changes)), None, book(), store, NOW).ticket


def deliver(store: LogStore, *records: RedactedRecord) -> None:
    store.append("ndjson", records, [], NOW)


def matched(ticket: Ticket) -> list[tuple[str, str | None]]:
    db.session.expire_all()
    return [(match.request_id, match.decision) for match in tickets.matches(ticket.id)]


def test_a_report_is_examined_without_storing_anything(world: World, store: LogStore) -> None:
    deliver(store, line())
    before = row_counts()
    result = examine(evidence(), book(), store, NOW)
    assert result.context.ranking is not None
    assert result.context.ranking.matches[0].record.request_id == "late"
    assert result.context.key is not None
    assert result.diagnosis.top.cause.startswith("timeout")
    assert row_counts() == before


def test_more_lines_alike_than_can_be_compared_lower_the_confidence_and_ask_for_the_key(
    world: World, store: LogStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs_candidates, "TAKEN_NEAR", 20)
    others = {"key_fingerprint": None, "key_last4": None}
    deliver(store, *(line(f"r{n}", started_at=line().started_at + n * 1000, **others) for n in range(200)))
    result = examine(evidence(key=KeyRef()), world.app.extensions["rulebook"], store, NOW)
    assert result.context.ranking is not None
    assert result.context.ranking.capped
    assert result.context.ranking.matches[0].probability < 0.1
    assert "search.capped" in {signal.id for signal in result.context.ranking.matches[0].signals}
    assert result.diagnosis.ask[0] == "key"


def test_without_the_log_the_text_alone_decides(world: World) -> None:
    with statements() as sent:
        result = examine_without_log(evidence(), book())
    assert sent == []
    assert result.context.ranking is None
    assert result.diagnosis.top.cause.startswith("timeout")


def test_a_line_that_arrives_late_is_found_by_the_job(app: Flask, world: World, store: LogStore) -> None:
    ticket = filed(store)
    assert matched(ticket) == []
    deliver(store, line())
    assert jobs.rematch_waiting(app, NOW + timedelta(minutes=1)) >= 1
    assert matched(ticket) == [("late", None)]


def test_a_line_sent_by_the_gateway_itself_is_found_by_the_key_the_browser_hashed(app: Flask, world: World, store: LogStore) -> None:
    mark = fingerprint_of_key(app.extensions["settings"].pepper, KEY)
    ticket = filed(store, key=KeyRef("sk-", "9f3c", mark))
    deliver(store, line(key_fingerprint=mark), line("other", key_fingerprint="ef" * 16))
    jobs.rematch_waiting(app, NOW)
    best = tickets.matches(ticket.id)[0]
    assert (best.request_id, best.probability > 0.9) == ("late", True)


def test_looking_again_without_news_keeps_nothing_twice(app: Flask, world: World, store: LogStore) -> None:
    ticket = filed(store)
    deliver(store, line())
    jobs.rematch_waiting(app, NOW)
    proposals = [match.id for match in tickets.matches(ticket.id)]
    before = row_counts()
    for minute in range(1, 6):
        jobs.rematch_waiting(app, NOW + timedelta(minutes=minute))
    assert row_counts() == before
    assert [match.id for match in tickets.matches(ticket.id)] == proposals


def test_a_proposal_keeps_its_number_when_others_join_it(app: Flask, world: World, store: LogStore) -> None:
    ticket = filed(store)
    deliver(store, line())
    jobs.rematch_waiting(app, NOW)
    [first] = tickets.matches(ticket.id)
    number = first.id
    deliver(store, line("another", started_at=START + 40_000))
    jobs.rematch_waiting(app, NOW)
    db.session.expire_all()
    assert {match.request_id: match.id for match in tickets.matches(ticket.id)}["late"] == number
    assert len(tickets.matches(ticket.id)) == 2


def test_late_lines_are_looked_for_two_days_and_on_active_tickets_only(app: Flask, world: World, store: LogStore) -> None:
    ticket = filed(store)
    assert ticket.id in tickets.waiting_for_logs(NOW + timedelta(hours=47))
    assert ticket.id not in tickets.waiting_for_logs(NOW + timedelta(hours=49))
    operations.set_state(ticket, State.SOLVED, None, NOW)
    assert ticket.id not in tickets.waiting_for_logs(NOW)


def test_a_confirmed_line_ends_the_search(app: Flask, world: World, store: LogStore) -> None:
    ticket = filed(store)
    deliver(store, line())
    jobs.rematch_waiting(app, NOW)
    operations.decide_match(ticket, tickets.matches(ticket.id)[0], "confirmed", world.users[Role.AGENT], book(), store, NOW)
    deliver(store, line("better", started_at=START))
    rematch(ticket.id, book(), store, NOW)
    assert matched(ticket) == [("late", "confirmed")]


def test_a_rejected_line_is_never_proposed_again(app: Flask, world: World, store: LogStore) -> None:
    ticket = filed(store)
    deliver(store, line())
    jobs.rematch_waiting(app, NOW)
    operations.decide_match(ticket, tickets.matches(ticket.id)[0], "rejected", world.users[Role.AGENT], book(), store, NOW)
    deliver(store, line("second", started_at=START + 1_000))
    for minute in range(3):
        jobs.rematch_waiting(app, NOW + timedelta(minutes=minute))
    assert matched(ticket) == [("second", None), ("late", "rejected")]


def test_a_cause_that_a_person_set_survives_the_job(app: Flask, world: World, store: LogStore) -> None:
    ticket = filed(store)
    operations.confirm_cause(ticket, "network-tls-proxy-dns", world.users[Role.AGENT], book(), NOW)
    deliver(store, line())
    jobs.rematch_waiting(app, NOW)
    db.session.expire_all()
    assert (ticket.cause, ticket.confidence) == ("network-tls-proxy-dns", 1.0)


def test_every_look_with_news_keeps_the_diagnosis_it_came_to(app: Flask, world: World, store: LogStore) -> None:
    ticket = filed(store)
    deliver(store, line())
    jobs.rematch_waiting(app, NOW)
    rows = db.session.query(TicketDiagnosis).filter_by(ticket_id=ticket.id).order_by(TicketDiagnosis.id).all()
    assert len(rows) == 2
    assert {row.rulebook_digest for row in rows} == {book().digest}
    assert (rows[1].match_probability or 0) > (rows[0].match_probability or 0)


def test_examining_costs_the_same_however_large_the_log_is(world: World, store: LogStore) -> None:
    deliver(store, line())
    with statements() as few:
        examine(evidence(), book(), store, NOW)
    deliver(store, *(line(f"l-{n}", started_at=START + n * 100) for n in range(60)))
    with statements() as many:
        examine(evidence(), book(), store, NOW)
    assert len(many) == len(few)


def test_a_ticket_keeps_a_bounded_number_of_proposals(world: World, store: LogStore) -> None:
    deliver(store, *(line(f"l-{n}", started_at=START + n * 100) for n in range(60)))
    ticket = filed(store)
    assert db.session.query(TicketMatch).filter_by(ticket_id=ticket.id).count() <= 8
