"""Watch for spikes, decide about incidents, tell everybody at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from app.core.failure_class import FailureClass, failure_class
from app.core.incident import BEFORE, CONTINUES, IncidentState, Place, Sighting, TicketFacts, belongs, move, told_once
from app.core.log_filter import LogFilter
from app.core.record import RedactedRecord
from app.core.redacted_text import RedactedText
from app.core.rollups import HOUR_MS, Dimension
from app.core.rulebook import Rulebook
from app.core.spikes import FEWEST, WEEK, WEEKS_BACK, Spike, find_spike
from app.core.ticket import ACTIVE
from app.operations.audit import record
from app.store import incidents
from app.store.database import db
from app.store.logs import LogStore
from app.store.models import Reply, Ticket, User
from app.store.models_incidents import Incident, IncidentTicket, IncidentUpdate

HOUR = timedelta(hours=1)
HOURS_JUDGED = 2  # the last whole hour, and the one before in case its lines were late; older imports never alarm
WATCHED = (Dimension.MODEL, Dimension.GROUP, Dimension.PROVIDER)
LINES_READ = 500  # of a spike, to count keys and to show examples
EXAMPLES = 5


def watch(rulebook: Rulebook, log_store: LogStore, now: datetime) -> int:
    """Judge the last whole hours; propose incidents and attach tickets. Returns how many are new. Running again changes nothing."""
    this_hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    fresh = 0
    for back in range(HOURS_JUDGED, 0, -1):
        for sighting in told_once(_sightings(log_store, this_hour - back * HOUR)):
            fresh += _propose(sighting, rulebook, now)
    for incident in incidents.known_problems():
        attach_tickets(incident, rulebook, now)
    db.session.commit()
    return fresh


def confirm(incident: Incident, actor: User, rulebook: Rulebook, now: datetime) -> None:
    """A person says that it is one: the public sees it, tickets attach. Raises IllegalIncidentMove."""
    _decide(incident, IncidentState.OPEN, actor, now)
    incident.resolved_at = incident.resolved_by_id = None
    attach_tickets(incident, rulebook, now)
    db.session.commit()


def dismiss(incident: Incident, actor: User, now: datetime) -> None:
    """A person says that it is none. Raises IllegalIncidentMove."""
    _decide(incident, IncidentState.DISMISSED, actor, now)
    db.session.commit()


def tell(incident: Incident, body: RedactedText, author: User, now: datetime) -> int:
    """One word for all: kept with the incident, and a reply in every ticket about it that is still active. Returns how many."""
    db.session.add(IncidentUpdate(incident_id=incident.id, author_id=author.id, body=body, created_at=now))
    active = [link.ticket for link in incidents.attached(incident.id) if link.ticket.state in ACTIVE]
    for ticket in active:
        db.session.add(Reply(ticket_id=ticket.id, by_staff=True, author_id=author.id, body=body, created_at=now))
        ticket.first_replied_at = ticket.first_replied_at or now
        ticket.updated_at = now
    db.session.commit()
    return len(active)


def resolve(incident: Incident, cause: str | None, note: RedactedText, article_id: int | None, actor: User, now: datetime) -> None:
    """It is over: what it was, what was done, which article tells of it. Raises IllegalIncidentMove."""
    incident.state = move(IncidentState(incident.state), IncidentState.RESOLVED)
    incident.cause, incident.note, incident.article_id = cause, note, article_id
    incident.resolved_at, incident.resolved_by_id = now, actor.id
    record("resolve", "incident", incident.id, now, actor)
    db.session.commit()


def attach(incident: Incident, ticket: Ticket, actor: User | None, now: datetime) -> None:
    """Say that the ticket is about the incident, also when it was detached before."""
    link = incidents.link(incident.id, ticket.id)
    if link is None:
        db.session.add(
            IncidentTicket(incident_id=incident.id, ticket_id=ticket.id, attached_at=now, attached_by_id=actor.id if actor else None)
        )
    elif actor is not None:
        link.detached_at = link.detached_by_id = None
    db.session.commit()


def detach(incident: Incident, ticket: Ticket, actor: User, now: datetime) -> None:
    """Say that it is not; the desk will not attach it again by itself."""
    link = incidents.link(incident.id, ticket.id)
    if link is not None and link.detached_at is None:
        link.detached_at, link.detached_by_id = now, actor.id
    db.session.commit()


def attach_tickets(incident: Incident, rulebook: Rulebook, now: datetime) -> int:
    """Attach every ticket that fits and that nobody detached. Returns how many; the caller commits."""
    causes = causes_of_class(FailureClass(incident.failure), rulebook)
    known = incidents.decided_tickets(incident.id)
    place = Place(FailureClass(incident.failure), Dimension(incident.dimension), str(incident.value))
    fitting = [
        ticket
        for ticket in incidents.tickets_since(incident.started_at - BEFORE, causes)
        if belongs(place, incident.started_at, incident.resolved_at, _facts(ticket), causes, rulebook.model_names)
        and ticket.id not in known
    ]
    db.session.add_all(IncidentTicket(incident_id=incident.id, ticket_id=ticket.id, attached_at=now) for ticket in fitting)
    return len(fitting)


def causes_of_class(failure: FailureClass, rulebook: Rulebook) -> Sequence[str]:
    """The causes whose failures are counted in this class."""
    class_of = rulebook.metrics.class_of_family
    return [cause.id for cause in rulebook.causes.causes.values() if class_of(cause.family) == failure]


def _sightings(log_store: LogStore, hour: datetime) -> Iterable[Sighting]:
    """What stands out in one hour, with its keys counted."""
    candidates = [
        (Place(name, dimension, point.value), point.figures.by_class()[name])
        for dimension in WATCHED
        for point in log_store.series(dimension, None, hour, hour + HOUR, HOUR)
        for name in FailureClass
        if point.value
    ]
    for place, count in candidates:
        if count < FEWEST:
            continue
        spike = _judge(place, log_store, hour, series_watched=len(candidates))
        if spike is not None:
            lines = _lines(place, hour, log_store)
            yield Sighting(place, _with_keys(spike, lines), tuple(line.record_id for line in lines[:EXAMPLES]))


def _judge(place: Place, log_store: LogStore, hour: datetime, series_watched: int) -> Spike | None:
    """Compare an hour with its past, which begins with the first request of this place."""
    start = hour - timedelta(hours=WEEK * WEEKS_BACK + 1)
    points = log_store.series(place.dimension, [place.value], start, hour + HOUR, HOUR)
    counts = {_epoch_hour(point.start): point.figures.by_class()[place.failure] for point in points}
    return find_spike(counts, _epoch_hour(hour), min(counts, default=_epoch_hour(hour)), series_watched)


def _lines(place: Place, hour: datetime, log_store: LogStore) -> list[RedactedRecord]:
    """Some of the failures behind a spike."""
    chosen = _filter_of(place, int(hour.timestamp() * 1000))
    return [line for line in log_store.find(chosen, LINES_READ).records if failure_class(line) is place.failure]


def _filter_of(place: Place, since: int) -> LogFilter:
    """The failures of one place in the hour from `since` (epoch ms)."""
    value, until = place.value, since + HOUR_MS
    if place.dimension is Dimension.MODEL:
        return LogFilter(since=since, until=until, model=value)
    if place.dimension is Dimension.GROUP:
        return LogFilter(since=since, until=until, group=value)
    return LogFilter(since=since, until=until, provider=value)


def _with_keys(spike: Spike, lines: Sequence[RedactedRecord]) -> Spike:
    """The spike with its distinct keys; lines without any key fact count as one each: a wrong key has no name."""
    keys = {line.key_fingerprint or line.key_alias or line.key_last4 or line.record_id for line in lines}
    return Spike(spike.hour, spike.count, spike.usual, spike.spreads_above, spike.chance, spike.baseline, len(keys))


def _propose(sighting: Sighting, rulebook: Rulebook, now: datetime) -> bool:
    """A new incident, or more of one that is known. Whether it is new."""
    place, spike = sighting.place, sighting.spike
    began = datetime.fromtimestamp(spike.hour * 3600, UTC)
    value = rulebook.redactor.clean(place.value)
    known = incidents.latest_of(place.failure, place.dimension, value)
    told = {"hour": spike.hour, "count": spike.count, "usual": spike.usual, "keys": spike.keys}
    if known is not None and began <= known.last_seen_at + CONTINUES:
        if all(entry["hour"] != spike.hour for entry in known.hours):
            known.hours = [*known.hours, told]
            known.last_seen_at = max(known.last_seen_at, began + HOUR)
        return False
    db.session.add(
        Incident(
            state=IncidentState.PROPOSED, failure=place.failure, dimension=place.dimension, value=value,
            started_at=began, last_seen_at=began + HOUR, found_at=now, hours=[told], examples=list(sighting.examples),
        )
    )  # fmt: skip
    db.session.flush()
    return True


def _decide(incident: Incident, target: IncidentState, actor: User, now: datetime) -> None:
    incident.state = move(IncidentState(incident.state), target)
    incident.decided_by_id, incident.decided_at = actor.id, now
    record("decide", "incident", incident.id, now, actor)


def _facts(ticket: Ticket) -> TicketFacts:
    """What decides whether the ticket belongs."""
    group = {str(ticket.key_group)} if ticket.key_group else set()
    model = str(ticket.model) if ticket.model else None
    return TicketFacts(ticket.request_time or ticket.created_at, ticket.cause, model, frozenset(group))


def _epoch_hour(moment: datetime) -> int:
    return int(moment.timestamp()) // 3600
