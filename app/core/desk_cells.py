"""What the desk did in a slot of time, so that slots add up to any span: counts by cause, waits one by one, who answered what.

Counts of a cause stand side by side in one whole number; waits stay exact and sorted, so that medians are exact too.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from app.core.told_facts import NAMES
from app.core.waits import Waits

COLUMNS = ("client", "client_version", "model", "status_code", "error_text", "request_id", "task_id", "request_time", "stream")
FACTS = (*COLUMNS, "request_type", "base_url", "key", *NAMES)  # of a ticket; key: its fingerprint or its ending
LACKABLE = (*FACTS, "key_last4")
EVENTS = ("tickets", "ever_solved", "reopened", "one_touch", "hand_offs", "confirmed", "handed")
COUNTS = (*EVENTS, *(f"has_{name}" for name in LACKABLE), *(f"handed_{name}" for name in FACTS))
SOLVED = ("tickets", "with_article", "rated", "rated_good")
_LANE = 32  # bits of a count: two thousand million tickets
_SHIFTS = {name: _LANE * place for place, name in enumerate(COUNTS)}
_SOLVED_SHIFTS = {name: _LANE * place for place, name in enumerate(SOLVED)}
_FULL = (1 << _LANE) - 1
_HANDED = _SHIFTS["handed_client"] - _SHIFTS["has_client"]  # how far the facts of those handed over lie behind the facts of all
_ALL_FACTS = sum(_FULL << _SHIFTS[f"has_{name}"] for name in FACTS)


@dataclass(frozen=True, slots=True)
class Filed:
    """A ticket as it counts where it was filed. Waits in microseconds; facts: bit n for the nth of LACKABLE."""

    cause: str | None
    first_wait: int | None
    business_wait: int | None
    solved: bool
    reopened: bool
    staff_replies: int
    hand_offs: int
    confirmed: bool
    facts: int


@dataclass(frozen=True, slots=True)
class Solved:
    """A ticket as it counts where it was solved."""

    wait: int
    with_article: bool
    good: bool | None  # what its requester said of the help


@dataclass(frozen=True, slots=True)
class Answer:
    """A public answer by staff; it counts where it was given."""

    ticket: int
    author: int | None
    cause: str | None
    cites: bool


@dataclass(slots=True)
class Answered:
    """Answers to one cause: how many, how many cite an article, and every (ticket, author) of them, one after the other."""

    replies: int = 0
    citing: int = 0
    by: array[int] = field(default_factory=lambda: array("q"))


@dataclass(slots=True)
class DeskCell:
    """A slot of time. Causes by id, none as the empty text. Waits in microseconds, in sorted runs."""

    filed: dict[str, int] = field(default_factory=dict)
    solved: int = 0
    answered: dict[str, Answered] = field(default_factory=dict)
    first_waits: list[array[int]] = field(default_factory=list)
    business_waits: list[array[int]] = field(default_factory=list)
    solve_waits: list[array[int]] = field(default_factory=list)

    def add(self, other: DeskCell) -> None:
        """Take another slot in."""
        self.solved += other.solved
        for cause, counts in other.filed.items():
            self.filed[cause] = self.filed.get(cause, 0) + counts
        for cause, told in other.answered.items():
            mine = self.answered.setdefault(cause, Answered())
            mine.replies, mine.citing = mine.replies + told.replies, mine.citing + told.citing
            mine.by.extend(told.by)
        self.first_waits += other.first_waits
        self.business_waits += other.business_waits
        self.solve_waits += other.solve_waits


def cell_of(filed: Iterable[Filed], solved: Iterable[Solved], answers: Iterable[Answer]) -> DeskCell:
    """Count a slot."""
    cell, filed, solved = DeskCell(), list(filed), list(solved)
    for ticket in filed:
        cause = ticket.cause or ""
        cell.filed[cause] = cell.filed.get(cause, 0) + _packed(ticket)
    cell.solved = sum(map(_packed_solved, solved))
    for answer in answers:
        told = cell.answered.setdefault(answer.cause or "", Answered())
        told.replies, told.citing = told.replies + 1, told.citing + answer.cites
        told.by.extend((answer.ticket, answer.author or 0))
    cell.first_waits = _run(ticket.first_wait for ticket in filed)
    cell.business_waits = _run(ticket.business_wait for ticket in filed)
    cell.solve_waits = _run(ticket.wait for ticket in solved)
    return cell


def count_of(packed: int, name: str) -> int:
    """One of COUNTS."""
    return packed >> _SHIFTS[name] & _FULL


def solved_count(packed: int, name: str) -> int:
    """One of SOLVED."""
    return packed >> _SOLVED_SHIFTS[name] & _FULL


def causes_answered(answered: Mapping[str, Answered], fewest: int) -> tuple[int, int]:
    """Causes with answers in at least `fewest` tickets, and those of them that one person alone answered."""
    people = [_people(told.by, fewest) for cause, told in answered.items() if cause]
    return sum(1 for each in people if each is not None), people.count(1)


def _people(by: Sequence[int], fewest: int) -> int | None:
    """How many answered (two stand for many); None for fewer tickets. What decides it is mostly seen at once."""
    tickets: set[int] = set()
    authors: set[int] = set()
    for place in range(0, len(by), 2):
        tickets.add(by[place])
        if by[place + 1]:
            authors.add(by[place + 1])
        if len(tickets) >= fewest and len(authors) > 1:
            break
    return len(authors) if len(tickets) >= fewest else None


class _Stored(msgspec.Struct, array_like=True):
    """A slot as it is kept."""

    filed: dict[str, bytes]
    solved: bytes
    answered: dict[str, tuple[int, int, bytes]]
    first_waits: bytes
    business_waits: bytes
    solve_waits: bytes


_encoder, _decoder = msgspec.msgpack.Encoder(), msgspec.msgpack.Decoder(_Stored)


def to_bytes(cell: DeskCell) -> bytes:
    """As it is kept; the order of bytes is fixed, so that a database may move to another machine."""
    return _encoder.encode(
        _Stored(
            {cause: _number_bytes(counts) for cause, counts in cell.filed.items()},
            _number_bytes(cell.solved),
            {cause: (told.replies, told.citing, _little(told.by)) for cause, told in cell.answered.items()},
            *(_little(array("q", sorted(Waits(runs)))) for runs in (cell.first_waits, cell.business_waits, cell.solve_waits)),
        )
    )


def from_bytes(kept: bytes) -> DeskCell:
    """As it was counted."""
    stored = _decoder.decode(kept)
    return DeskCell(
        {cause: int.from_bytes(counts, "little") for cause, counts in stored.filed.items()},
        int.from_bytes(stored.solved, "little"),
        {cause: Answered(replies, citing, _numbers(by)) for cause, (replies, citing, by) in stored.answered.items()},
        *([_numbers(run)] if run else [] for run in (stored.first_waits, stored.business_waits, stored.solve_waits)),
    )


def add_up(cells: Collection[DeskCell]) -> DeskCell:
    """Several slots together."""
    whole = DeskCell()
    for cell in cells:
        whole.add(cell)
    return whole


def _packed(ticket: Filed) -> int:
    facts = sum(1 << _SHIFTS[f"has_{name}"] for place, name in enumerate(LACKABLE) if ticket.facts >> place & 1)
    ever = ticket.solved or ticket.reopened
    events = {
        "tickets": 1,
        "ever_solved": ever,
        "reopened": ticket.reopened,
        "one_touch": ever and not ticket.reopened and ticket.staff_replies == 1,
        "hand_offs": ticket.hand_offs,
        "confirmed": ticket.confirmed,
        "handed": ticket.hand_offs > 0,
    }
    return (
        sum(number << _SHIFTS[name] for name, number in events.items())
        + facts
        + ((facts & _ALL_FACTS) << _HANDED if ticket.hand_offs else 0)
    )


def _packed_solved(ticket: Solved) -> int:
    events = (1, ticket.with_article, ticket.good is not None, bool(ticket.good))
    return sum(number << _SOLVED_SHIFTS[name] for name, number in zip(SOLVED, events, strict=True))


def _run(waits: Iterable[int | None]) -> list[array[int]]:
    known = array("q", sorted(wait for wait in waits if wait is not None))
    return [known] if known else []


def _number_bytes(number: int) -> bytes:
    return number.to_bytes(-(-number.bit_length() // 8), "little")


def _little(numbers: array[int]) -> bytes:
    return numbers.tobytes() if _IS_LITTLE else _swapped(numbers).tobytes()


def _numbers(kept: bytes) -> array[int]:
    numbers = array("q", kept)
    return numbers if _IS_LITTLE else _swapped(numbers)


def _swapped(numbers: array[int]) -> array[int]:
    other = array("q", numbers)
    other.byteswap()
    return other


_IS_LITTLE = array("H", [1]).tobytes() == b"\x01\x00"
