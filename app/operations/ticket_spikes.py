"""Look for spikes in the tickets: several people who report the same class of failure of the same model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from app.core.failure_class import FailureClass
from app.core.incident import Place, Sighting
from app.core.rollups import Dimension
from app.core.rulebook import Rulebook
from app.core.spikes import DAY, DAYS_BACK, FEWEST_KEYS, Spike, find_cluster
from app.operations.spike_watch import HOUR, epoch_hour
from app.store import incidents
from app.store.models import Ticket

FEW_HOURS = 3  # people write within an hour or two of a failure
UNDECIDED = frozenset({None, "unknown"})


def ticket_sightings(rulebook: Rulebook, hour: datetime) -> Iterator[tuple[Sighting, Sequence[Ticket]]]:
    """What stands out among the tickets filed in the hours up to the end of `hour`, with those tickets."""
    since = hour - timedelta(hours=DAY * (DAYS_BACK + 1))
    first = incidents.first_ticket_at()
    if first is None:
        return
    filed = [ticket for ticket in incidents.filed_between(since, hour + HOUR) if ticket.cause not in UNDECIDED]
    by_place: dict[tuple[Place, str], list[Ticket]] = {}
    for ticket in filed:
        by_place.setdefault(_place(ticket, rulebook), []).append(ticket)
    for (place, _family), alike in by_place.items():
        spike = _judged(alike, epoch_hour(hour), epoch_hour(max(first, since)), len(by_place))
        if spike is not None:
            behind = [ticket for ticket in alike if spike.hour - spike.hours < epoch_hour(ticket.created_at) <= spike.hour]
            people = len({_requester(ticket) for ticket in behind})
            if people >= FEWEST_KEYS:
                yield Sighting(place, _with_people(spike, people), shared=_shared(behind)), behind


def _judged(alike: Sequence[Ticket], hour: int, first: int, watched: int) -> Spike | None:
    """A few hours, else a day."""
    counts = Counter(epoch_hour(ticket.created_at) for ticket in alike)
    if not counts.get(hour):
        return None
    return find_cluster(counts, hour, first, FEW_HOURS, watched) or find_cluster(counts, hour, first, DAY, watched)


def _place(ticket: Ticket, rulebook: Rulebook) -> tuple[Place, str]:
    """The class of its cause and its model, and the family of its cause where the class is of many things.

    The model is named as the rules do; a ticket that tells none is about everywhere.
    """
    cause = rulebook.causes.causes.get(ticket.cause or "")
    failure = rulebook.metrics.class_of_family(cause.family) if cause else "other"
    model = rulebook.model_names.canonical(str(ticket.model)) or str(ticket.model) if ticket.model else ""
    family = cause.family if cause and failure == FailureClass.OTHER else ""
    return Place(failure, Dimension.MODEL if model else Dimension.ALL, model), family


def _shared(behind: Sequence[Ticket]) -> frozenset[tuple[Dimension, str]]:
    """The group that at least half of the tickets' log lines have."""
    groups = Counter(str(ticket.key_group) for ticket in behind if ticket.key_group)
    return frozenset((Dimension.GROUP, group) for group, count in groups.items() if 2 * count >= len(behind))


def _requester(ticket: Ticket) -> object:
    """Who filed it: the account, else the key, else nobody known; then each ticket is another person's."""
    return ticket.requester_id or ticket.key_fingerprint or ticket.key_last4 or f"ticket {ticket.id}"


def _with_people(spike: Spike, people: int) -> Spike:
    return Spike(spike.hour, spike.count, spike.usual, spike.spreads_above, spike.chance, "tickets", people, spike.hours, spike.since)
