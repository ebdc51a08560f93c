"""An incident: many failures with one cause in one place. The desk proposes it, a person confirms it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.core.failure_class import FailureClass
from app.core.model_names import ModelNames
from app.core.rollups import Dimension
from app.core.spikes import FEWEST_KEYS, Spike

EXPLAINS = 0.7  # of a wider spike's excess: then the narrower one is the story
BEFORE, AFTER = timedelta(minutes=30), timedelta(hours=2)  # a ticket's failure belongs to the incident from then until then
CONTINUES = timedelta(hours=2)  # an hour without a spike does not end it


class IncidentState(StrEnum):
    """Where an incident stands."""

    PROPOSED = "proposed"  # by the desk; nobody outside sees it
    OPEN = "open"  # a person confirmed it; the public sees that there is a known problem
    RESOLVED = "resolved"
    DISMISSED = "dismissed"  # a person said it is none; the same episode is not proposed again


LEGAL_MOVES: dict[IncidentState, frozenset[IncidentState]] = {
    IncidentState.PROPOSED: frozenset({IncidentState.OPEN, IncidentState.DISMISSED}),
    IncidentState.OPEN: frozenset({IncidentState.RESOLVED, IncidentState.DISMISSED}),
    IncidentState.RESOLVED: frozenset({IncidentState.OPEN}),
    IncidentState.DISMISSED: frozenset({IncidentState.OPEN}),
}


class IllegalIncidentMove(ValueError):
    """An incident cannot go from the one state to the other."""


def move(current: IncidentState, target: IncidentState) -> IncidentState:
    """The target state, when the move is legal. Raises IllegalIncidentMove."""
    if target not in LEGAL_MOVES[current]:
        raise IllegalIncidentMove(f"{current} → {target}")
    return target


@dataclass(frozen=True, slots=True)
class Place:
    """What failed where: the class of failures, and the one fact that all of them share."""

    failure: FailureClass
    dimension: Dimension  # model, provider or group, from narrow to wide
    value: str


@dataclass(frozen=True, slots=True)
class Sighting:
    """A spike in one place, and the record ids of some of its failures."""

    place: Place
    spike: Spike
    examples: tuple[str, ...] = ()


WIDTH = {Dimension.MODEL: 0, Dimension.GROUP: 1, Dimension.PROVIDER: 2, Dimension.ALL: 3}


def told_once(sightings: Iterable[Sighting]) -> list[Sighting]:
    """One story an hour and class: a spike that narrower ones explain is left out, and so is one of too few keys."""
    kept: list[Sighting] = []
    for sighting in sorted(sightings, key=lambda one: (WIDTH[one.place.dimension], -one.spike.count)):
        if sighting.spike.keys is not None and sighting.spike.keys < FEWEST_KEYS:
            continue
        if _explained(sighting, kept) < EXPLAINS * _excess(sighting.spike):
            kept.append(sighting)
    return kept


def belongs(
    place: Place, started_at: datetime, ended_at: datetime | None, facts: TicketFacts, causes_of_class: Collection[str], names: ModelNames
) -> bool:
    """Whether a ticket is about this incident: the cause fits, the time fits, and the model where the incident has one."""
    in_time = started_at - BEFORE <= facts.failed_at and (ended_at is None or facts.failed_at <= ended_at + AFTER)
    if not in_time or facts.cause not in causes_of_class:
        return False
    if place.dimension is Dimension.MODEL:
        return facts.model is not None and names.canonical(facts.model) == names.canonical(place.value)
    return place.value in facts.matched  # provider or group are known from a confirmed or likely log line only


@dataclass(frozen=True, slots=True)
class TicketFacts:
    """What decides whether a ticket belongs to an incident. matched: provider and group of its log line, if one was found."""

    failed_at: datetime
    cause: str | None
    model: str | None
    matched: frozenset[str] = frozenset()


def _explained(sighting: Sighting, kept: Sequence[Sighting]) -> float:
    """How many of the failures above the usual narrower spikes of the same hour and class account for."""
    alike = (one for one in kept if one.place.failure is sighting.place.failure and one.spike.hour == sighting.spike.hour)
    return sum(_excess(one.spike) for one in alike if one.place.dimension is not sighting.place.dimension)


def _excess(spike: Spike) -> float:
    return spike.count - spike.usual
