"""Ticket queries: the queue's order and filters, threads, links, and what the columns refuse."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from app.core.evidence import Evidence
from app.core.report import Report
from app.core.roles import Role
from app.core.ticket import ACTIVE, State
from app.core.ticket_query import SORTS, QueueFilter
from app.operations import tickets as operations
from app.operations.accounts import hash_token
from app.store import ticket_queue, tickets
from app.store.database import db
from app.store.models import Ticket, TicketMatch
from app.store.ticket_filter import shape_of
from tests.articles import book
from tests.conftest import NOW
from tests.world import World, inhabit


@pytest.fixture
def world(app: Flask) -> World:
    return inhabit(app)


def file(world: World, words: str, minutes: int = 0) -> Ticket:
    report = Report(Evidence(error_text=book().redactor.clean(words)))
    return operations.open_ticket(report, None, book(), world.app.extensions["log_store"], NOW + timedelta(minutes=minutes)).ticket


def numbers(**filters: object) -> list[int]:
    return [ticket.id for ticket in ticket_queue.page(QueueFilter(**filters))]  # type: ignore[arg-type]


def test_the_queue_is_ordered_by_last_move_then_number(world: World) -> None:
    first, second, third = file(world, "a", 1), file(world, "b", 2), file(world, "c", 2)
    assert numbers() == [third.id, second.id, first.id, world.guest_ticket, world.own_ticket]


def test_a_page_tells_by_one_more_row_that_another_follows(world: World) -> None:
    assert len(numbers(limit=1)) == 2
    assert len(numbers(limit=2)) == 2


def test_the_cursor_continues_exactly_after_a_row(world: World) -> None:
    filed = [file(world, f"failure {number}", number // 3) for number in range(9)]
    whole = numbers(limit=100)
    for place, number in enumerate(whole):
        found = tickets.by_id(number)
        assert found is not None
        assert numbers(limit=100, before=(found.updated_at, found.id)) == whole[place + 1 :]
    assert len(filed) == 9


@pytest.mark.parametrize("words", ["90%", "under_score", "back\\slash", "quo'te", "日志"])
def test_words_are_looked_for_as_they_are(world: World, words: str) -> None:
    hit = file(world, f"it says {words} here")
    file(world, "it says 50 percent, underscore, backslash, quote")
    assert numbers(words=words) == [hit.id]


def test_filters_narrow_together(world: World) -> None:
    mine = file(world, "quota one")
    other = file(world, "quota two")
    operations.assign(mine, world.users[Role.AGENT], world.users[Role.AGENT], NOW)
    assert numbers(words="quota", assignee_id=world.users[Role.AGENT].id) == [mine.id]
    assert numbers(words="quota", unassigned=True) == [other.id]
    assert numbers(words="quota", states=(State.SOLVED,)) == []
    assert numbers(causes=("rate-limit-rpm",), states=tuple(ACTIVE)) == [world.guest_ticket, world.own_ticket]


def test_counts_tell_states_and_causes_of_active_tickets(world: World) -> None:
    done = file(world, "504 gateway timeout")
    operations.set_state(done, State.CLOSED, None, NOW)
    lists = [QueueFilter(states=(State.NEW,)), QueueFilter(states=(State.CLOSED,)), QueueFilter(states=(State.OPEN,))]
    assert ticket_queue.counts(lists) == [2, 1, 0]
    assert ticket_queue.counts_by_cause(["rate-limit-rpm", "stream-cut"]) == {"rate-limit-rpm": 2}


def test_a_link_opens_its_ticket_until_it_is_revoked(world: World) -> None:
    opened = tickets.by_link(hash_token(world.guest_token))
    assert opened is not None
    assert opened.id == world.guest_ticket
    assert tickets.by_link(world.guest_token) is None, "the token itself is not what is stored"
    operations.revoke_links(opened, None, NOW)
    assert tickets.by_link(hash_token(world.guest_token)) is None
    assert tickets.live_links(opened.id) == []


def test_a_ticket_is_its_requesters_only(world: World) -> None:
    assert tickets.of_requester(world.own_ticket, world.users[Role.USER].id) is not None
    assert tickets.of_requester(world.own_ticket, world.users[Role.AGENT].id) is None
    assert tickets.of_requester(world.guest_ticket, world.users[Role.USER].id) is None


def test_confirmed_matches_come_first_and_rejected_ones_last(world: World) -> None:
    rows = [("r" * 32, 0, "rejected"), ("c" * 32, 5, "confirmed"), ("u" * 32, 1, None)]
    for record_id, rank, decision in rows:
        facts = {"rank": rank, "decision": decision, "probability": 0.5, "signals": [], "created_at": NOW}
        db.session.add(TicketMatch(ticket_id=world.own_ticket, record_id=record_id, request_id="x", **facts))
    db.session.flush()
    decisions = [match.decision for match in tickets.matches(world.own_ticket)]
    assert (decisions[0], decisions[-1]) == ("confirmed", "rejected")


def test_the_tickets_of_a_record_are_found_unless_it_was_rejected(world: World) -> None:
    match = tickets.matches(world.guest_ticket)[0]
    assert {ticket.id for ticket in tickets.tickets_of_record([match.record_id])} == {world.own_ticket, world.guest_ticket}
    match.decision = "rejected"
    db.session.flush()
    assert [ticket.id for ticket in tickets.tickets_of_record([match.record_id])] == [world.own_ticket]
    assert tickets.tickets_of_record([]) == []


def test_similar_tickets_share_the_cause_solved_ones_first(world: World) -> None:
    third = operations.open_ticket(Report(Evidence(status_code=504)), None, book(), world.app.extensions["log_store"], NOW).ticket
    third.cause = "rate-limit-rpm"
    third.solved_at = NOW
    db.session.flush()
    own = tickets.by_id(world.own_ticket)
    assert own is not None
    assert [ticket.id for ticket in tickets.similar(own)] == [third.id, world.guest_ticket]
    third.cause = None
    db.session.flush()
    assert tickets.similar(third) == []


def test_a_free_text_column_takes_redacted_text_only_and_gives_it_back(world: World) -> None:
    own = tickets.by_id(world.own_ticket)
    assert own is not None
    own.description = book().redactor.clean("中文 and “quotes” \\ % \x00".replace("\x00", ""))
    db.session.commit()
    db.session.expire_all()
    assert type(own.description).__name__ == "RedactedText"
    own.description = "raw"  # type: ignore[assignment]
    with pytest.raises(Exception, match="RedactedText"):
        db.session.flush()
    db.session.rollback()


RARE: tuple[dict[str, object], ...] = (
    {"unassigned": True},
    {"created_from": NOW + timedelta(minutes=3)},
    {"created_until": NOW + timedelta(minutes=3), "unassigned": True},
    {"due_until": NOW + timedelta(days=2)},
    {"equal": {"queue": "support", "language": "en"}},
    {"equal": {"client": "nobody's"}},
    {"answered": False, "causes": ("rate-limit-rpm",)},
    {"next_due": ("agreed", "2026-11-20")},
    {"solved_from": NOW, "score": (0, 7)},
)


@pytest.mark.parametrize("rare", RARE, ids=" ".join)
def test_few_tickets_are_sorted_into_the_page_that_a_walk_would_find(
    world: World, monkeypatch: pytest.MonkeyPatch, rare: dict[str, object]
) -> None:
    agent = world.users[Role.AGENT]
    filed = [file(world, f"failure {number}", number) for number in range(6)]
    operations.assign(filed[1], agent, agent, NOW)
    operations.set_state(filed[4], State.SOLVED, agent, NOW + timedelta(hours=1))
    asked = [{**rare, "sort": sort, "limit": limit} for sort in SORTS for limit in (2, 50)]
    sorted_ones = [numbers(**each) for each in asked]
    monkeypatch.setattr(ticket_queue, "_rarest", lambda shape, _values: ("",) * len(shape.states))
    assert sorted_ones == [numbers(**each) for each in asked]


def test_what_few_tickets_have_is_looked_up_and_what_many_have_is_walked(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(4):
        file(world, f"failure {number}", number)
    shape, values = shape_of(QueueFilter(states=(State.NEW, State.SOLVED), unassigned=True, equal={"client": "nobody's"}))
    assert ticket_queue._rarest(shape, values) == ("client", "client")
    shape, values = shape_of(QueueFilter(states=(State.NEW, State.SOLVED), unassigned=True))
    monkeypatch.setattr(ticket_queue, "FEW", 3)
    ticket_queue._rarity.cache_clear()  # it holds the bound
    assert ticket_queue._rarest(shape, values) == ("", "unassigned")
    ticket_queue._rarity.cache_clear()
