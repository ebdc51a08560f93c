"""What people do to a ticket: each act is one transaction, dated and attributed."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import product

import pytest
from flask import Flask

from app.core.evidence import Evidence
from app.core.key_ref import KeyRef
from app.core.redacted_text import RedactedText
from app.core.report import Report
from app.core.roles import Role
from app.core.ticket import LEGAL_MOVES, IllegalMove, State
from app.operations import tickets as operations
from app.operations.accounts import hash_token
from app.store import tickets
from app.store.database import db
from app.store.logs import LogStore
from app.store.models import AuditEntry, Note, Reply, SelfService, Ticket, TicketLink, User
from tests.articles import book
from tests.conftest import NOW
from tests.sql import row_counts, stored_text
from tests.world import World, inhabit, rate_limit_evidence

LATER = NOW + timedelta(hours=2)


@pytest.fixture
def world(app: Flask) -> World:
    return inhabit(app)


@pytest.fixture
def store(app: Flask) -> LogStore:
    return app.extensions["log_store"]  # type: ignore[no-any-return]


@pytest.fixture
def agent(world: World) -> User:
    return world.users[Role.AGENT]


@pytest.fixture
def ticket(world: World) -> Ticket:
    found = tickets.by_id(world.guest_ticket)
    assert found is not None
    return found


def clean(text: str) -> RedactedText:
    return book().redactor.clean(text)


def history(ticket: Ticket) -> list[tuple[str, str | None, str | None]]:
    return [(change.what, change.before, change.after) for change in tickets.changes(ticket.id)]


def test_a_guest_gets_a_token_and_an_account_does_not(world: World, store: LogStore) -> None:
    report = Report(rate_limit_evidence(world.request_id, book()))
    guest = operations.open_ticket(report, None, book(), store, NOW)
    signed_in = operations.open_ticket(report, world.users[Role.USER], book(), store, NOW)
    assert guest.token is not None
    assert len(guest.token) >= 43  # 256 bits
    assert (signed_in.token, signed_in.ticket.requester_id) == (None, world.users[Role.USER].id)
    assert guest.token not in stored_text()
    link = db.session.query(TicketLink).filter_by(ticket_id=guest.ticket.id).one()
    assert link.token_hash == hash_token(guest.token)


def test_a_new_ticket_is_matched_and_diagnosed_at_once(ticket: Ticket, world: World) -> None:
    assert (ticket.state, ticket.cause) == (State.NEW, "rate-limit-rpm")
    assert tickets.matches(ticket.id)[0].request_id == world.request_id
    diagnosis = tickets.diagnosis(ticket.id)
    assert diagnosis is not None
    assert diagnosis.rulebook_digest == book().digest
    assert diagnosis.causes[0]["cause"] == "rate-limit-rpm"
    assert diagnosis.causes[0]["signals"]


def test_a_ticket_keeps_its_evidence_by_field(world: World, store: LogStore) -> None:
    evidence = Evidence(
        client="cherry studio",
        client_version="1.6.2",
        model="gpt-4o",
        status_code=429,
        error_text=clean("slow down"),
        key=KeyRef("sk-", "9f3c", "ab" * 16),
        request_id="req-1",
        task_id="task-1",
        request_time=NOW,
        tolerance_minutes=5,
        stream=True,
        request_type="chat",
        base_url="https://gw.example.com/v1",
        unknown=frozenset({"model"}),
    )
    ticket = operations.open_ticket(Report(evidence, clean("since noon"), "zh", "Asia/Shanghai"), None, book(), store, NOW).ticket
    assert (ticket.client, ticket.client_version, ticket.model, ticket.status_code) == ("Cherry Studio", "1.6.2", "gpt-4o", 429)
    assert (ticket.key_prefix, ticket.key_last4, ticket.key_fingerprint) == ("sk-", "9f3c", "ab" * 16)
    assert (ticket.request_id, ticket.task_id, ticket.request_time, ticket.tolerance_minutes) == ("req-1", "task-1", NOW, 5)
    assert (ticket.stream, ticket.base_url, ticket.unknown_fields) == (True, "https://gw.example.com/v1", ["model"])
    assert (ticket.language, ticket.time_zone, ticket.subject) == ("zh", "Asia/Shanghai", "slow down")


def test_a_report_of_words_alone_has_them_as_its_subject(world: World, store: LogStore) -> None:
    words = clean("The bill is wrong. " + "I was charged twice for a failed video. " * 10)
    ticket = operations.open_ticket(Report(description=words), None, book(), store, NOW).ticket
    assert ticket.subject.startswith("The bill is wrong.")
    assert len(ticket.subject) <= 120


def test_the_first_answer_is_timed_once_and_takes_the_ticket(ticket: Ticket, agent: User, world: World) -> None:
    operations.reply_as_staff(ticket, clean("Hello."), agent, NOW)
    operations.reply_as_staff(ticket, clean("And more."), world.users[Role.MANAGER], LATER)
    assert (ticket.first_replied_at, ticket.assignee_id, ticket.state) == (NOW, agent.id, State.PENDING)
    assert [reply.by_staff for reply in tickets.replies(ticket.id)] == [True, True]


def test_a_note_is_no_answer(ticket: Ticket, agent: User) -> None:
    operations.add_note(ticket, clean("Looks like the vendor."), agent, NOW)
    assert (ticket.first_replied_at, ticket.state) == (None, State.OPEN)
    assert (db.session.query(Note).count(), db.session.query(Reply).count()) == (1, 0)


AFTER_A_WORD = [
    (State.NEW, State.NEW),
    (State.OPEN, State.OPEN),
    (State.PENDING, State.OPEN),
    (State.ON_HOLD, State.ON_HOLD),
    (State.SOLVED, State.OPEN),
    (State.CLOSED, State.OPEN),
]


def test_a_word_of_the_requester_wakes_what_waited_for_them(ticket: Ticket) -> None:
    for state, after in AFTER_A_WORD:
        ticket.state = state
        operations.reply_as_requester(ticket, clean("Still broken."), None, LATER)
        assert (ticket.state, ticket.updated_at) == (after, LATER), state


def test_only_legal_moves_are_made_and_each_is_recorded(ticket: Ticket, agent: User) -> None:
    for state, target in product(State, State):
        ticket.state = state
        if target in LEGAL_MOVES[state]:
            operations.set_state(ticket, target, agent, LATER)
            assert history(ticket)[-1] == ("state", state, target)
            continue
        with pytest.raises(IllegalMove):
            operations.set_state(ticket, target, agent, LATER)
        assert ticket.state == state


def test_solving_is_dated_anew_each_time(ticket: Ticket, agent: User) -> None:
    operations.set_state(ticket, State.SOLVED, agent, NOW)
    operations.reopen(ticket, None, NOW)
    operations.set_state(ticket, State.SOLVED, agent, LATER)
    assert ticket.solved_at == LATER


def test_reopening_an_active_ticket_changes_nothing(ticket: Ticket) -> None:
    before = row_counts()
    operations.reopen(ticket, None, LATER)
    assert (ticket.state, row_counts()) == (State.NEW, before)


def test_assigning_names_both_people_in_the_history(ticket: Ticket, agent: User, world: World) -> None:
    operations.assign(ticket, agent, agent, NOW)
    operations.assign(ticket, world.users[Role.MANAGER], agent, NOW)
    operations.assign(ticket, None, agent, NOW)
    assert [line for line in history(ticket) if line[0] == "assignee"] == [
        ("assignee", None, "test-agent"),
        ("assignee", "test-agent", "test-manager"),
        ("assignee", "test-manager", None),
    ]


def test_a_confirmed_cause_stays_while_the_diagnosis_moves_on(ticket: Ticket, agent: User, store: LogStore) -> None:
    operations.confirm_cause(ticket, "upstream-saturated", agent, book(), NOW)
    operations.correct_evidence(ticket, Evidence(status_code=401, error_text=clean("invalid api key")), agent, book(), store, LATER)
    assert (ticket.cause, ticket.confidence) == ("upstream-saturated", 1.0)
    diagnosis = tickets.diagnosis(ticket.id)
    assert diagnosis is not None
    assert diagnosis.causes[0]["cause"] != "rate-limit-rpm"


def test_an_unknown_cause_is_refused(ticket: Ticket, agent: User) -> None:
    with pytest.raises(KeyError):
        operations.confirm_cause(ticket, "gremlins", agent, book(), NOW)
    db.session.rollback()
    assert ticket.cause_confirmed_at is None


def test_corrected_evidence_replaces_the_old_and_is_examined(ticket: Ticket, agent: User, store: LogStore) -> None:
    error = clean("This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.")
    operations.correct_evidence(ticket, Evidence(status_code=400, error_text=error), agent, book(), store, NOW)
    assert (ticket.status_code, ticket.error_text, ticket.cause) == (400, error, "context-length-exceeded")
    assert ("evidence", None, None) in history(ticket)


def test_a_new_link_closes_the_old_one(ticket: Ticket, agent: User, world: World) -> None:
    token = operations.renew_link(ticket, agent, NOW)
    assert tickets.by_link(hash_token(world.guest_token)) is None
    found = tickets.by_link(hash_token(token))
    assert found is not None
    assert found.id == ticket.id


def test_a_private_read_is_kept_for_the_audit(agent: User) -> None:
    operations.note_private_read("ticket", 7, agent, NOW)
    entry = db.session.query(AuditEntry).filter_by(action="read").one()
    assert (entry.object_kind, entry.object_id, entry.actor_id, entry.at) == ("ticket", "7", agent.id, NOW)


def test_self_service_is_counted_without_a_ticket(world: World) -> None:
    before = row_counts()
    operations.count_self_service("rate-limit-rpm", None, solved=False, language="zh", now=NOW)
    assert row_counts() == before | {"self_service": before["self_service"] + 1}
    assert db.session.query(SelfService).one().solved is False


def test_text_that_was_not_redacted_is_stored_nowhere(ticket: Ticket, agent: User) -> None:
    acts = [
        lambda: operations.add_note(ticket, "raw words", agent, NOW),  # type: ignore[arg-type]
        lambda: operations.reply_as_staff(ticket, "raw words", agent, NOW),  # type: ignore[arg-type]
        lambda: operations.reply_as_requester(ticket, "raw words", None, NOW),  # type: ignore[arg-type]
    ]
    for act in acts:
        with pytest.raises(Exception, match="RedactedText") as caught:
            act()
        db.session.rollback()
        assert "raw words" not in str(caught.value)
    assert "raw words" not in stored_text()


def test_times_without_a_zone_are_refused(ticket: Ticket, agent: User) -> None:
    with pytest.raises(Exception, match="aware"):
        operations.add_note(ticket, clean("x"), agent, datetime(2026, 11, 20, 8, 30))  # noqa: DTZ001 - the fault under test
    db.session.rollback()
