"""Watch for what stands out: propose incidents, add to those that go on, warn of single keys."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from app.core.incident import CONTINUES, WIDTH, IncidentState, KeyShare, Sighting, is_part_of, storms, told_once
from app.core.rulebook import Rulebook
from app.core.spikes import Spike
from app.core.warning import Finding
from app.operations.desk_warnings import warn
from app.operations.incidents import attach_tickets, place_of
from app.operations.spike_watch import day_sightings, hour_sightings, hours_before
from app.operations.task_watch import task_sightings
from app.operations.ticket_spikes import ticket_sightings
from app.store import incidents, keys
from app.store.database import db
from app.store.logs import LogStore
from app.store.models import Ticket
from app.store.models_incidents import Incident, IncidentTicket

HOURS_JUDGED = 2  # the last whole hour, and the one before in case its lines were late; older imports never alarm


def watch(rulebook: Rulebook, log_store: LogStore, now: datetime) -> int:
    """Judge the last whole hours; propose incidents and attach tickets. Returns how many are new. Running again changes nothing."""
    fresh = sum(_told(list(hour_sightings(log_store, hours_before(now, back))), rulebook, now) for back in range(HOURS_JUDGED, 0, -1))
    for sighting, tickets in ticket_sightings(rulebook, hours_before(now, 1)):
        fresh += _propose(sighting, rulebook, now, tickets)
    for incident in incidents.known_problems():
        attach_tickets(incident, rulebook, now)
    db.session.commit()
    return fresh


def watch_slow_rises(rulebook: Rulebook, log_store: LogStore, now: datetime) -> int:
    """Judge the last 24 hours, and the queues of tasks. Returns how many incidents are new. Running again changes nothing."""
    fresh = _told(list(day_sightings(log_store, hours_before(now, 1))), rulebook, now)
    fresh += _told(list(task_sightings(log_store, hours_before(now, 0))), rulebook, now)
    db.session.commit()
    return fresh


def _told(sightings: Sequence[Sighting], rulebook: Rulebook, now: datetime) -> int:
    """Propose incidents; warn of single keys that no incident explains. Returns how many incidents are new."""
    stories = sorted(told_once(sightings), key=lambda one: -WIDTH[one.place.dimension])  # what is within a wider one is part of it
    fresh = sum(_propose(sighting, rulebook, now) for sighting in stories)
    for storm in storms(sightings):
        if storm.loudest is not None and _known(storm, rulebook) is None:
            _warn(storm.spike, storm.place.failure, storm.loudest, rulebook, now)
    return fresh


def _propose(sighting: Sighting, rulebook: Rulebook, now: datetime, tickets: Sequence[Ticket] = ()) -> bool:
    """A new incident, or more of one that goes on. Whether it is new."""
    known = _known(sighting, rulebook)
    incident = known or _new(sighting, rulebook, now)
    _add_hour(incident, sighting.spike)
    decided = incidents.decided_tickets(incident.id) if tickets else ()
    links = (IncidentTicket(incident_id=incident.id, ticket_id=each.id, attached_at=now) for each in tickets if each.id not in decided)
    db.session.add_all(links)
    db.session.flush()
    return known is None


def _known(sighting: Sighting, rulebook: Rulebook) -> Incident | None:
    """The incident this is more of, if one goes on: in the span that was judged, or shortly before it."""
    since = _moment(sighting.spike.hour - sighting.spike.hours + 1) - CONTINUES
    names = rulebook.model_names
    return next((each for each in incidents.going_on(since) if is_part_of(sighting, place_of(each), names)), None)


def _new(sighting: Sighting, rulebook: Rulebook, now: datetime) -> Incident:
    place, spike = sighting.place, sighting.spike
    incident = Incident(
        state=IncidentState.PROPOSED, failure=place.failure, dimension=place.dimension, value=rulebook.redactor.clean(place.value),
        started_at=_moment(spike.hour if spike.since is None else spike.since), last_seen_at=_moment(spike.hour + 1), found_at=now,
        hours=[], examples=list(sighting.examples),
    )  # fmt: skip
    db.session.add(incident)
    db.session.flush()
    return incident


def _add_hour(incident: Incident, spike: Spike) -> None:
    """An hour is kept as it was first judged; of a longer span the one with most failures stands."""
    told: dict[str, Any] = {"hour": spike.hour, "count": spike.count, "usual": spike.usual, "keys": spike.keys}
    if spike.hours > 1 or spike.baseline == "tickets":
        told |= {"hours": spike.hours, "from": spike.baseline}
        same = [entry for entry in incident.hours if entry.get("from") == spike.baseline]
        if any(entry["count"] >= spike.count for entry in same):
            return
        others = [entry for entry in incident.hours if entry.get("from") != spike.baseline]
    else:
        others = list(incident.hours)
        if any(entry["hour"] == spike.hour and "from" not in entry for entry in others):
            return
    incident.hours = sorted([*others, told], key=lambda entry: entry["hour"])
    incident.last_seen_at = max(incident.last_seen_at, _moment(spike.hour + 1))


def _warn(spike: Spike, failure: str, key: KeyShare, rulebook: Rulebook, now: datetime) -> None:
    """One key's own trouble: which, how much, from where."""
    span = "count_in_an_hour" if spike.hours == 1 else "count_in_a_day"
    facts = {
        "count": key.failures, span: key.failures, "hours": spike.hours, "usual": round(spike.usual), "failure": failure,
        "client": key.client or "–", "group": key.group or "", "key": key.key,
    }  # fmt: skip
    known = keys.by_fingerprint(key.key)
    name = key.alias or (str(known.alias) if known and known.alias else "")
    finding = Finding("retry-storm", name or "–", f"{failure} {key.key}", facts, key.examples)
    warn(finding, _moment(spike.hour if spike.since is None else spike.since), _moment(spike.hour + 1), rulebook, now)


def _moment(hour: int) -> datetime:
    return datetime.fromtimestamp(hour * 3600, UTC)
