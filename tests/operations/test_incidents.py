"""The desk notices spikes by itself, a person decides, and one word reaches everybody affected."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask import Flask

from app.core.failure_class import FailureClass
from app.core.incident import IncidentState
from app.core.record import Origin, Outcome, RedactedRecord
from app.core.redacted_text import seal
from app.core.roles import Role
from app.operations.incident_watch import watch
from app.operations.incidents import attach, attach_tickets, causes_of_class, confirm, detach, dismiss, resolve, tell
from app.store import incidents
from app.store.database import db
from app.store.models import Reply, Ticket
from app.store.models_incidents import Incident
from tests.conftest import NOW
from tests.log_records import a_record
from tests.world import World, inhabit

HOUR = NOW.replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)  # the last whole one


@pytest.fixture
def world(app: Flask) -> World:
    return inhabit(app)


def keep(world: World, records: list[RedactedRecord]) -> None:
    world.app.extensions["log_store"].append("ndjson", records, [], NOW)


def limits(at: datetime, count: int, keys: int = 9, model: str = "o3") -> list[RedactedRecord]:
    """Failures of one model within an hour, by several keys."""
    return [
        a_record(
            f"{model}-{at:%d%H}-{n}",
            started_at=int(at.timestamp() * 1000) + n,
            model_requested=model,
            status_code=429,
            outcome=Outcome.ERROR,
            origin=Origin.PROVIDER,
            key_alias=f"key-{n % keys}",
        )
        for n in range(count)
    ]


def quiet_weeks() -> list[RedactedRecord]:
    """A good request every three hours."""
    hours = (HOUR - timedelta(hours=3 * n) for n in range(1, 300))
    return [a_record(f"past-{at:%m%d%H}", started_at=int(at.timestamp() * 1000), model_requested="o3") for at in hours]


def look(world: World, now: datetime = NOW) -> int:
    return watch(world.app.extensions["rulebook"], world.app.extensions["log_store"], now)


def the_incident() -> Incident:
    [found] = incidents.newest()
    return found


def a_ticket(world: World, model: str = "o3", cause: str = "rate-limit-rpm", at: datetime = HOUR) -> Ticket:
    ticket = Ticket(
        created_at=at, updated_at=at, language="en", state="new", subject=seal("429"), tolerance_minutes=10, cause=cause,
        model=seal(model), request_time=at,
    )  # fmt: skip
    db.session.add(ticket)
    db.session.commit()
    return ticket


def test_a_spike_of_several_keys_is_proposed_once(world: World) -> None:
    keep(world, [*quiet_weeks(), *limits(HOUR, 40)])
    assert look(world) == 1
    assert look(world) == 0
    found = the_incident()
    assert (found.state, found.failure, found.dimension, found.value) == ("proposed", "rate_limit", "model", "o3")
    assert found.hours[0]["count"] == 40
    assert found.hours[0]["keys"] == 9
    assert len(found.examples) == 5


def test_one_key_alone_is_none(world: World) -> None:
    keep(world, [*quiet_weeks(), *limits(HOUR, 40, keys=1)])
    assert look(world) == 0


def test_what_arrives_late_alarms_nobody(world: World) -> None:
    keep(world, [*quiet_weeks(), *limits(HOUR - timedelta(hours=30), 60)])
    assert look(world) == 0


def test_the_next_hour_belongs_to_the_same_incident(world: World) -> None:
    keep(world, [*quiet_weeks(), *limits(HOUR, 40), *limits(HOUR + timedelta(hours=1), 50)])
    look(world)
    assert look(world, NOW + timedelta(hours=1)) == 0
    assert [entry["count"] for entry in the_incident().hours] == [40, 50]


def test_what_was_dismissed_is_not_proposed_again_while_it_lasts(world: World) -> None:
    keep(world, [*quiet_weeks(), *limits(HOUR, 40), *limits(HOUR + timedelta(hours=1), 50)])
    look(world)
    dismiss(the_incident(), world.users[Role.AGENT], NOW)
    assert look(world, NOW + timedelta(hours=1)) == 0
    assert the_incident().state == IncidentState.DISMISSED


def test_tickets_about_it_attach_when_it_is_confirmed_and_later(world: World) -> None:
    keep(world, [*quiet_weeks(), *limits(HOUR, 40)])
    look(world)
    early, other = a_ticket(world), a_ticket(world, model="gpt-4o")
    confirm(the_incident(), world.users[Role.AGENT], world.app.extensions["rulebook"], NOW)
    late = a_ticket(world, at=HOUR + timedelta(minutes=50))
    look(world)
    about = {link.ticket_id for link in incidents.attached(the_incident().id)}
    assert {early.id, late.id} <= about
    assert other.id not in about


def test_a_detached_ticket_stays_away_until_a_person_attaches_it(world: World) -> None:
    keep(world, [*quiet_weeks(), *limits(HOUR, 40)])
    look(world)
    ticket, agent = a_ticket(world), world.users[Role.AGENT]
    incident = the_incident()
    confirm(incident, agent, world.app.extensions["rulebook"], NOW)
    detach(incident, ticket, agent, NOW)
    assert attach_tickets(incident, world.app.extensions["rulebook"], NOW) == 0
    attach(incident, ticket, None, NOW)
    assert incidents.attached(incident.id) == []
    attach(incident, ticket, agent, NOW)
    assert [link.ticket_id for link in incidents.attached(incident.id)] == [ticket.id]


def test_one_word_is_a_reply_in_every_active_ticket(world: World) -> None:
    keep(world, [*quiet_weeks(), *limits(HOUR, 40)])
    look(world)
    open_one, done = a_ticket(world), a_ticket(world)
    done.state = "solved"
    db.session.commit()
    incident, agent = the_incident(), world.users[Role.AGENT]
    confirm(incident, agent, world.app.extensions["rulebook"], NOW)
    assert tell(incident, seal("We raised the limit."), agent, NOW) == 1
    told = db.session.query(Reply).filter(Reply.body == seal("We raised the limit.")).all()
    assert [(reply.ticket_id, reply.by_staff) for reply in told] == [(open_one.id, True)]
    assert open_one.first_replied_at == NOW


def test_a_resolved_incident_keeps_what_it_was_and_takes_no_more_tickets(world: World) -> None:
    keep(world, [*quiet_weeks(), *limits(HOUR, 40)])
    look(world)
    incident, agent = the_incident(), world.users[Role.AGENT]
    confirm(incident, agent, world.app.extensions["rulebook"], NOW)
    resolve(incident, "rate-limit-rpm", seal("The limit was lowered by mistake."), None, agent, NOW)
    a_ticket(world, at=NOW + timedelta(hours=5))
    assert attach_tickets(incident, world.app.extensions["rulebook"], NOW) == 0
    assert (incident.state, incident.cause) == ("resolved", "rate-limit-rpm")


def test_every_cause_is_of_one_class_but_for_those_that_never_reached_a_model(world: World) -> None:
    rulebook = world.app.extensions["rulebook"]
    spread = [cause for failure in FailureClass for cause in causes_of_class(failure, rulebook)]
    apart = {cause.id for cause in rulebook.causes.causes.values() if rulebook.metrics.is_apart(cause.family)}
    assert "base-url-wrong" in apart
    assert sorted(spread) == sorted(set(rulebook.causes.causes) - apart)
