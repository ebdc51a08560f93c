"""An incident: many failures with one cause in one place. The desk proposes it, a person confirms it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.core.failure_class import FailureClass
from app.core.model_names import ModelNames
from app.core.rollups import Dimension
from app.core.spikes import FEWEST_KEYS, Spike

TASKS_WAIT = "task_stuck"  # no failure at all: tasks that were submitted and do not end
ONE_GROUP = 0.7  # of failures on the callers' side: then the group is the story
MANY = 3  # stories at once in one wider place are one story
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
    """What failed where: the class of failures (or TASKS_WAIT), and the one fact that all of them share."""

    failure: str
    dimension: Dimension  # model, group, provider or all, from narrow to wide
    value: str


@dataclass(frozen=True, slots=True)
class KeyShare:
    """How much of a spike one key has, and what is known of the key: names, never the key."""

    key: str  # fingerprint, alias or ending
    alias: str | None
    client: str | None
    group: str | None
    failures: int
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sighting:
    """A spike in one place, and the record ids of some of its failures."""

    place: Place
    spike: Spike
    examples: tuple[str, ...] = ()
    loudest: KeyShare | None = None  # the key with most failures, when its failures were read
    stands_without: bool = True  # it would be a spike without that key too
    shared: frozenset[tuple[Dimension, str]] = frozenset()  # what at least half of the failures have in common

    @property
    def is_one_keys(self) -> bool:
        """Whether it is one key's own story: a person to talk to, not an incident."""
        return not self.stands_without or (self.spike.keys is not None and self.spike.keys < FEWEST_KEYS)


WIDTH = {Dimension.MODEL: 0, Dimension.GROUP: 1, Dimension.PROVIDER: 2, Dimension.ALL: 3}


def told_once(sightings: Iterable[Sighting]) -> list[Sighting]:
    """One story an hour and class: a spike that narrower ones explain is left out, and so is that of a single key.

    When many narrower ones explain it, it is the story, and they are left out: not one model after the other is at fault then.
    """
    kept: list[Sighting] = []
    for sighting in sorted(sightings, key=lambda one: (WIDTH[one.place.dimension], -one.spike.count)):
        if sighting.is_one_keys or any(sighting.place == other.place for other in kept):
            continue
        narrower = [one for one in kept if _is_narrower(one, sighting)]
        if sum(map(_excess, narrower)) < EXPLAINS * _excess(sighting):
            kept.append(sighting)
        elif len(narrower) >= MANY:
            kept = [*(one for one in kept if one not in narrower), sighting]
    return kept


def storms(sightings: Iterable[Sighting]) -> list[Sighting]:
    """Spikes that are one key's own: for each key and class the one that shows most of it."""
    largest: dict[tuple[str, str], Sighting] = {}
    for sighting in sightings:
        if sighting.is_one_keys and sighting.loudest is not None:
            name = (sighting.place.failure, sighting.loudest.key)
            if name not in largest or sighting.loudest.failures > _loudness(largest[name]):
                largest[name] = sighting
    return list(largest.values())


def is_part_of(sighting: Sighting, place: Place, names: ModelNames) -> bool:
    """Whether a spike is more of what is known of `place`: the same place, one within it, or one that is mostly it."""
    if class_of(sighting.place.failure) != class_of(place.failure):
        return False
    if place.dimension is Dimension.ALL or (place.dimension, place.value) in sighting.shared:
        return True
    if sighting.place.dimension is place.dimension is Dimension.MODEL:
        return names.canonical(sighting.place.value) == names.canonical(place.value)
    return (sighting.place.dimension, sighting.place.value) == (place.dimension, place.value)


def may_be(place: Place, model: str | None, failure: str | None, names: ModelNames) -> bool:
    """Whether a report may be about this: nothing that was told speaks against it, and something speaks for it.

    failure: the class of its likely cause, None while that is open; then only the model can tell.
    """
    if failure is not None and failure != class_of(place.failure):
        return False
    if place.dimension is Dimension.MODEL:
        return model is not None and names.canonical(model) == names.canonical(place.value)
    return failure is not None


def class_of(failure: str) -> str:
    """The class of failures people ask about: a queue that stands still is asked about as failed tasks are."""
    return FailureClass.TASK_FAILED if failure == TASKS_WAIT else failure


def belongs(
    place: Place, started_at: datetime, ended_at: datetime | None, facts: TicketFacts, causes_of_class: Collection[str], names: ModelNames
) -> bool:
    """Whether a ticket is about this incident: the cause fits, the time fits, and the model where the incident has one."""
    in_time = started_at - BEFORE <= facts.failed_at and (ended_at is None or facts.failed_at <= ended_at + AFTER)
    if not in_time or facts.cause not in causes_of_class:
        return False
    if place.dimension is Dimension.MODEL:
        return facts.model is not None and names.canonical(facts.model) == names.canonical(place.value)
    if place.dimension is Dimension.ALL:
        return True
    return place.value in facts.matched  # provider or group are known from a confirmed or likely log line only


@dataclass(frozen=True, slots=True)
class TicketFacts:
    """What decides whether a ticket belongs to an incident. matched: provider and group of its log line, if one was found."""

    failed_at: datetime
    cause: str | None
    model: str | None
    matched: frozenset[str] = frozenset()


def _is_narrower(one: Sighting, wider: Sighting) -> bool:
    """Whether a spike is of the same hour and class in a narrower place."""
    alike = one.place.failure == wider.place.failure and one.spike.hour == wider.spike.hour
    return alike and one.place.dimension is not wider.place.dimension


def _loudness(sighting: Sighting) -> int:
    return sighting.loudest.failures if sighting.loudest else 0


def _excess(sighting: Sighting) -> float:
    """How many failures are above the usual."""
    return sighting.spike.count - sighting.spike.usual
