"""Incidents come from tickets and from queues that stand still too, and are told once whatever they come from."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask import Flask

from app.core.record import Origin, Outcome, RedactedRecord
from app.core.redacted_text import seal
from app.core.roles import Role
from app.operations.incident_watch import watch, watch_slow_rises
from app.operations.incidents import confirm, detach, tell
from app.operations.relations import follow
from app.store import desk_warnings, incidents
from app.store.database import db
from app.store.models import Ticket
from app.store.models_desk import Notice, TicketText
from app.store.models_incidents import Incident
from tests.conftest import NOW
from tests.log_records import a_record
from tests.world import World, inhabit

HOUR = timedelta(hours=1)
LAST = NOW.replace(minute=0, second=0, microsecond=0) - HOUR  # the last whole one


@pytest.fixture
def world(app: Flask) -> World:
    return inhabit(app)


def filed(
    world: World, count: int, at: datetime = LAST, model: str = "o3", cause: str = "timeout-upstream", by: int | None = None
) -> list[Ticket]:
    """Tickets of one cause and model, each by a guest of its own, or all `by` one account."""
    tickets = [
        Ticket(
            created_at=at + timedelta(minutes=n), updated_at=at, language="en", state="new", subject=seal("slow"), tolerance_minutes=10,
            cause=cause, model=seal(model), requester_id=by,
        )
        for n in range(count)
    ]  # fmt: skip
    db.session.add_all(tickets)
    db.session.commit()
    return tickets


def old_ticket(world: World) -> None:
    """The desk has been at work for weeks."""
    filed(world, 1, NOW - timedelta(days=20), "gpt-4o", "key-invalid")


def look(world: World, now: datetime = NOW, *, slowly: bool = False) -> int:
    return (watch_slow_rises if slowly else watch)(world.app.extensions["rulebook"], world.app.extensions["log_store"], now)


def only() -> Incident:
    [found] = incidents.newest()
    return found


def failures(at: datetime, count: int, keys: int = 9, model: str = "o3", **changes: object) -> list[RedactedRecord]:
    usual = {"status_code": 504, "outcome": Outcome.ERROR, "origin": Origin.PROVIDER, "model_requested": model}
    start = int(at.timestamp() * 1000)
    return [
        a_record(f"{model}{at}{n}{changes}", started_at=start + n, **(usual | {"key_alias": f"key-{n % keys}"} | changes))
        for n in range(count)
    ]


def quiet(days: int = 12) -> list[RedactedRecord]:
    return [a_record(f"p{n}", started_at=int((LAST - n * HOUR).timestamp() * 1000), model_requested="o3") for n in range(1, days * 24)]


def keep(world: World, *records: list[RedactedRecord]) -> None:
    world.app.extensions["log_store"].append("ndjson", [record for part in records for record in part], [], NOW)


def test_several_people_who_report_the_same_are_an_incident_with_their_tickets(world: World) -> None:
    old_ticket(world)
    tickets = filed(world, 4)
    assert (look(world), look(world)) == (1, 0)
    found = only()
    assert (found.failure, found.dimension, found.value) == ("timeout", "model", "o3")
    assert (found.hours[0]["from"], found.hours[0]["keys"]) == ("tickets", 4)
    assert {link.ticket_id for link in incidents.attached(found.id)} == {ticket.id for ticket in tickets}


def test_one_persons_many_tickets_are_none(world: World) -> None:
    old_ticket(world)
    filed(world, 6, by=world.users[Role.USER].id)
    assert look(world) == 0


def test_two_tickets_and_a_young_desk_are_none(world: World) -> None:
    filed(world, 5)
    assert look(world) == 0  # nobody knows yet what is usual
    old_ticket(world)
    filed(world, 2, model="gpt-5", cause="key-invalid")
    look(world)
    assert only().value == "o3"


def test_tickets_and_log_tell_one_story(world: World) -> None:
    old_ticket(world)
    keep(world, quiet(), failures(LAST, 40))
    tickets = filed(world, 4, model="openai/o3")
    assert look(world) == 1
    found = only()
    assert {entry.get("from") for entry in found.hours} == {None, "tickets"}
    assert {link.ticket_id for link in incidents.attached(found.id)} == {ticket.id for ticket in tickets}


def test_a_spike_of_the_log_joins_what_tickets_told_first(world: World) -> None:
    old_ticket(world)
    filed(world, 4)
    look(world)
    keep(world, quiet(), failures(LAST + HOUR, 40))
    assert look(world, NOW + HOUR) == 0
    assert {entry.get("from") for entry in only().hours} == {None, "tickets"}


def test_a_ticket_that_was_detached_is_not_attached_by_the_next_look(world: World) -> None:
    old_ticket(world)
    tickets = filed(world, 4)
    look(world)
    detach(only(), tickets[0], world.users[Role.AGENT], NOW)
    look(world)
    assert tickets[0].id not in {link.ticket_id for link in incidents.attached(only().id)}


def test_a_wave_too_slow_for_any_hour_is_found_by_the_day(world: World) -> None:
    drip = [record for n in range(24) for record in failures(LAST - n * HOUR, 3, 5, f"old-{n % 5}", status_code=404, key_alias=f"key-{n}")]
    keep(world, quiet(), drip)
    assert look(world) == 0
    assert (look(world, slowly=True), look(world, slowly=True)) == (1, 0)
    found = only()
    assert (found.failure, found.dimension, found.value) == ("model_not_found", "all", "")
    assert (found.hours[0]["count"], found.hours[0]["hours"]) == (72, 24)


def test_a_queue_that_stands_still_is_found_though_nothing_fails(world: World) -> None:
    def task(name: str, at: datetime, *, ends: bool) -> list[RedactedRecord]:
        start = int(at.timestamp() * 1000)
        facts = {"task_id": name, "request_type": "video", "model_requested": "kling-v2", "key_alias": f"key-{len(name) % 2}{name[-1]}"}
        steps = [a_record(f"s{name}", started_at=start, endpoint="/v1/videos", **facts)]
        if ends:
            steps.append(a_record(f"c{name}", started_at=start + 120_000, endpoint="/v1/videos/{id}/content", **facts))
        return steps

    usual = [step for n in range(4, 200) for step in task(f"usual-{n}", LAST - n * HOUR, ends=True)]
    stuck = [step for n in range(25) for step in task(f"stuck-{n}", LAST - HOUR + n * timedelta(minutes=1), ends=False)]
    keep(world, usual, stuck)
    assert look(world, slowly=True) == 1
    found = only()
    assert (found.failure, found.dimension, found.value) == ("task_stuck", "model", "kling-v2")
    assert found.examples


def test_one_keys_storm_beside_others_few_failures_is_a_warning_and_no_incident(world: World) -> None:
    keep(world, quiet(), failures(LAST, 90, 1, status_code=429), failures(LAST, 3, 3, status_code=429, client="x"))
    assert look(world) == 0
    [warning] = desk_warnings.standing(["retry-storm"])
    assert (warning.value, warning.facts["failure"]) == ("key-0", "rate_limit")
    assert 85 <= warning.facts["count"] <= 93


def test_an_update_is_found_by_search_and_told_to_who_owns_or_follows_the_ticket(world: World) -> None:
    old_ticket(world)
    [ticket, *_rest] = filed(world, 4)
    look(world)
    agent, manager, owner = (world.users[role] for role in (Role.AGENT, Role.MANAGER, Role.OWNER))
    confirm(only(), agent, world.app.extensions["rulebook"], NOW)
    ticket.assignee_id = manager.id
    follow(ticket, owner, NOW, on=True)
    assert tell(only(), seal("The provider is at work."), agent, NOW) == 4
    told = {(notice.user_id, notice.kind) for notice in db.session.query(Notice).filter_by(ticket_id=ticket.id)}
    assert told == {(manager.id, "incident"), (owner.id, "incident")}
    assert db.session.query(TicketText).filter_by(ticket_id=ticket.id, kind="reply").count() == 1
