"""What a list of tickets is asked for: as it stands in an address, and as the store takes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta

from app.core.causes import CauseBook
from app.core.ticket import ACTIVE, SET_ASIDE, State

PAGE = 50
LONGEST_WORD = 120
READY = 4  # of the facts that matter: enough to diagnose by
FACTS = ("client", "model", "status_code", "error_text", "key", "request_time", "request_id")  # of a ticket, those that matter
VIEWS: Mapping[str, tuple[State, ...]] = {
    "todo": (State.NEW, State.OPEN),
    "new": (State.NEW,),
    "waiting": (State.PENDING, State.ON_HOLD),
    "hold": (State.ON_HOLD,),
    "working": (State.OPEN, State.ON_HOLD),
    "active": tuple(sorted(ACTIVE)),
    "done": (State.SOLVED, State.CLOSED),
    "all": tuple(state for state in State if state not in SET_ASIDE),
}
SORTS = ("changed", "waiting", "due", "oldest")
AGES: Mapping[str, tuple[timedelta | None, timedelta | None]] = {  # older than, younger than
    "hour": (None, timedelta(hours=1)),
    "day": (None, timedelta(days=1)),
    "week": (None, timedelta(days=7)),
    "over-day": (timedelta(days=1), None),
    "over-3-days": (timedelta(days=3), None),
    "over-week": (timedelta(days=7), None),
}
CHOICES: Mapping[str, frozenset[str]] = {
    "view": frozenset(VIEWS),
    "origin": frozenset({"user", "key_owner", "gateway", "provider", "client", "network", "unknown"}),
    "score": frozenset({"ready", "thin", "full"}),
    "match": frozenset({"none", "weak", "likely", "confirmed"}),
    "age": frozenset(AGES),
    "language": frozenset({"en", "zh"}),
    "next": frozenset({"missing", "due", "agreed"}),
    "clock": frozenset({"soon", "over"}),
    "talk": frozenset({"answered", "unanswered"}),
    "rating": frozenset({"bad", "good", "none"}),
    "sort": frozenset(SORTS),
}
SCORES: Mapping[str, tuple[int, int]] = {"ready": (READY, len(FACTS)), "thin": (0, READY - 1), "full": (len(FACTS), len(FACTS))}
MINUTE = "%Y-%m-%dT%H:%M"
TIMES = ("filed_from", "filed_until", "solved_from", "solved_until")  # UTC, `2026-11-23T00:00`; until: before that minute
TYPED = ("group", "environment", "client", "model", "tag", "q")  # free text: through the redactor before anything else


def untold(ticket: object) -> tuple[str, ...]:
    """The facts that matter and a ticket lacks. A key is told by its ending or by its fingerprint: either finds its log lines."""
    columns = {"key": ("key_last4", "key_fingerprint")}
    return tuple(name for name in FACTS if all(getattr(ticket, column) is None for column in columns.get(name, (name,))))


@dataclass(frozen=True, slots=True)
class TicketQuery:
    """A list's address, part by part; empty means any. who: me, nobody or an account's number."""

    view: str = "todo"
    who: str = ""
    cause: str = ""
    family: str = ""
    layer: str = ""
    origin: str = ""
    queue: str = ""
    group: str = ""
    environment: str = ""
    score: str = ""
    match: str = ""
    age: str = ""
    language: str = ""
    client: str = ""
    model: str = ""
    tag: str = ""
    next: str = ""
    clock: str = ""
    talk: str = ""
    rating: str = ""
    filed_from: str = ""
    filed_until: str = ""
    solved_from: str = ""
    solved_until: str = ""
    q: str = ""
    sort: str = "changed"

    def address(self) -> dict[str, str]:
        """The parts that differ from an empty query, for an address."""
        return {each.name: value for each in fields(self) if (value := getattr(self, each.name)) != each.default}

    @property
    def narrowed(self) -> int:
        """How many parts beside view and order narrow the list."""
        return len(self.address().keys() - {"view", "sort"})


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """What the store looks for. equal: column → value; before: (sort column's moment, id) of the last row of the page before."""

    states: tuple[State, ...] = tuple(State)
    causes: tuple[str, ...] | None = None
    assignee_id: int | None = None
    unassigned: bool = False
    equal: Mapping[str, str] = field(default_factory=dict)
    score: tuple[int, int] | None = None
    created_from: datetime | None = None
    created_until: datetime | None = None
    filed_from: datetime | None = None
    filed_until: datetime | None = None
    solved_from: datetime | None = None
    solved_until: datetime | None = None
    due_until: datetime | None = None
    next_due: tuple[str, str] | None = None  # what is asked, and today
    answered: bool | None = None  # whether staff had answered before the requester's last word
    rated: str = ""  # bad, good, none: what the requester said in the end
    tag: str = ""
    words: str = ""
    sort: str = "changed"
    before: tuple[datetime, int] | None = None
    limit: int = PAGE


def read_query(given: Mapping[str, str], causes: CauseBook, clean: Callable[[str], str]) -> TicketQuery:
    """Read an address; nonsense in it is ignored, words pass the redactor."""
    layers = {cause.layer for cause in causes}
    allowed = {**CHOICES, "cause": causes.causes.keys(), "family": causes.families.keys(), "layer": layers}
    known = {each.name for each in fields(TicketQuery)}
    read: dict[str, str] = {}
    for name in known & given.keys():
        value = given[name].strip()[:LONGEST_WORD]
        if name in TYPED:
            read[name] = clean(value) if value else ""
        elif name in TIMES:
            read[name] = f"{moment:{MINUTE}}" if (moment := _moment(value)) else ""
        elif name == "who":
            read[name] = value if value in {"me", "nobody"} or (value.isdecimal() and value.isascii() and len(value) < 10) else ""
        elif name in allowed and value in allowed[name]:
            read[name] = value
        elif name == "queue" and value.isalpha() and value.isascii():
            read[name] = value[:16]
    return TicketQuery(**read)


def resolve(query: TicketQuery, causes: CauseBook, me: int, now: datetime) -> QueueFilter:
    """The address as what the store looks for, for the person `me` at `now`."""
    older, younger = AGES.get(query.age, (None, None))
    return QueueFilter(
        states=VIEWS[query.view],
        causes=_causes(query, causes),
        assignee_id=me if query.who == "me" else int(query.who) if query.who.isdecimal() else None,
        unassigned=query.who == "nobody",
        equal={column: value for column, value in _equal(query).items() if value},
        score=SCORES.get(query.score),
        created_from=now - younger if younger else None,
        created_until=now - older if older else None,
        filed_from=_moment(query.filed_from),
        filed_until=_moment(query.filed_until),
        solved_from=_moment(query.solved_from),
        solved_until=_moment(query.solved_until),
        due_until={"over": now, "soon": now + timedelta(hours=1)}.get(query.clock),
        next_due=(query.next, now.date().isoformat()) if query.next else None,
        answered={"answered": True, "unanswered": False}.get(query.talk),
        rated=query.rating,
        tag=query.tag,
        words=query.q,
        sort=query.sort,
    )


def _moment(typed: str) -> datetime | None:
    """A minute or a day in UTC; None when it is neither."""
    try:
        moment = datetime.fromisoformat(typed)
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC, second=0, microsecond=0) if moment.tzinfo is None else None


def continued(chosen: QueueFilter, before: tuple[datetime, int] | None) -> QueueFilter:
    """The same list from after a row on."""
    return replace(chosen, before=before)


def cursor_text(at: datetime, number: int) -> str:
    """Where a page ended, for an address: microseconds since 1970 and the ticket's number."""
    return f"{round(at.timestamp() * 1_000_000)}-{number}"


def read_cursor(cursor: str) -> tuple[datetime, int] | None:
    """The same read back; None when it is none."""
    micros, _dash, number = cursor.partition("-")
    if not (micros.isascii() and micros.isdecimal() and number.isascii() and number.isdecimal() and len(micros) < 18 and len(number) < 12):
        return None
    return datetime.fromtimestamp(int(micros) / 1_000_000, UTC), int(number)


def misread(given: Mapping[str, str], query: TicketQuery) -> tuple[str, ...]:
    """The parts of an address whose values mean nothing, for those who want to be told instead of having them ignored."""
    read = {name: str(getattr(query, name, "")) for name in given if given[name].strip()}
    return tuple(name for name, value in read.items() if not (value if name in {*TYPED, *TIMES} else value == given[name].strip()))


def _equal(query: TicketQuery) -> dict[str, str]:
    """The parts that are columns of the ticket."""
    return {
        "origin": query.origin,
        "queue": query.queue,
        "key_group": query.group,
        "key_environment": query.environment,
        "match_state": query.match,
        "language": query.language,
        "client": query.client,
        "model": query.model,
    }


def _causes(query: TicketQuery, causes: CauseBook) -> tuple[str, ...] | None:
    """The causes that cause, family and layer leave; None: any, and none yet."""
    if not (query.cause or query.family or query.layer):
        return None
    return tuple(
        cause.id
        for cause in causes
        if query.cause in {"", cause.id} and query.family in {"", cause.family} and query.layer in {"", cause.layer}
    )
