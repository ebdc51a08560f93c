"""Where records are: in one database, or in a file a period. What reads or writes records asks here for connections."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine

from app.core.record import RedactedRecord

FOREVER = 2**62  # epoch ms


class Reading(ABC):
    """Connections for one question, opened when asked for and closed together. The newest records come first."""

    @abstractmethod
    def catalog(self) -> Connection:
        """Batches, rejects, sources."""

    @abstractmethod
    def between(self, low: int, high: int) -> Sequence[Connection]:
        """Wherever records that began in this span (epoch ms, both ends included) may be."""

    def everywhere(self) -> Sequence[Connection]:
        """All of them."""
        return self.between(0, FOREVER)

    def in_turn(self, before: int = FOREVER) -> Iterable[Connection]:
        """Wherever records that began before then may be, each opened when its turn comes: who has found enough opens no more."""
        return self.between(0, before)


class Places(ABC):
    """An engine's way to keep records apart by time."""

    catalog: Engine

    @abstractmethod
    def prepare(self) -> None:
        """Create the tables of an empty store; safe at every start and from several processes."""

    @abstractmethod
    def reading(self) -> AbstractContextManager[Reading]:
        """Connections to read from."""

    @abstractmethod
    def writing(self, moment: int, patience: float | None = None) -> AbstractContextManager[Connection]:
        """A write transaction where records of that moment belong; the place is made when there is none. Raises LogStoreBusy."""

    @abstractmethod
    def periods(self) -> list[int]:
        """A moment of every place that there is, the oldest first."""

    @abstractmethod
    def drop(self, moment: int) -> None:
        """Forget the records of that place; its roll-ups are kept. Raises LogStoreBusy."""

    @abstractmethod
    def give_back_space(self, moment: int) -> None:
        """After rows of that place were deleted: return what they took, in steps no writer waits long for."""

    def has_room(self) -> bool:
        """Whether more records may come without filling the disk; a server looks after its own."""
        return True

    @abstractmethod
    def close(self) -> None:
        """Close every connection."""


def month_of(moment: int) -> tuple[int, int]:
    """The month (UTC) around a moment, in epoch ms: its beginning, and the next one's."""
    start = datetime.fromtimestamp(moment / 1000, UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    following = start.replace(year=start.year + start.month // 12, month=start.month % 12 + 1)
    return int(start.timestamp() * 1000), int(following.timestamp() * 1000)


def month_name(moment: int) -> str:
    """The month around a moment, as in 2026-11."""
    return datetime.fromtimestamp(moment / 1000, UTC).strftime("%Y-%m")


def by_month(records: Sequence[RedactedRecord]) -> list[tuple[int, list[RedactedRecord]]]:
    """Records by month: its beginning, and its records in their order."""
    parts: dict[int, list[RedactedRecord]] = {}
    low = high = 0
    for record in records:
        if not low <= record.started_at < high:
            low, high = month_of(record.started_at)
        parts.setdefault(low, []).append(record)
    return sorted(parts.items())
