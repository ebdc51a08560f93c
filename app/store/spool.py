"""Deliveries that were accepted and wait for the log store, each a file, written through to the disk before it counts.

Only what has passed an adapter and the redactor is written: records and rejects, never a body as it came.
"""

from __future__ import annotations

import fcntl
import logging
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from app.core.record import RedactedRecord, Reject
from app.core.redacted_text import RedactedText, seal
from app.store.disk_room import has_room
from app.store.logs import LogStoreBusy

SUFFIX = ".batch"
DRAINER = "drainer.lock"
LOOKED_AT_EVERY = 1.0  # seconds
QUEUE_SECONDS = 0.5  # what comes so soon after another delivery is spooled
MOST_AT_ONCE = 100  # records of a delivery that its sender may wait for
UNFINISHED_SECONDS = 3600
_log = logging.getLogger("gatedesk.spool")


class SpoolFull(LogStoreBusy):
    """The bound on the disk is reached: nothing more is accepted until the store has caught up."""


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """What one request brought, read and redacted."""

    source: str
    instance: str
    received_at: datetime
    joins_traces: bool
    records: tuple[RedactedRecord, ...]
    rejects: tuple[Reject, ...]


class Waiting(NamedTuple):
    """A delivery and the file that keeps it."""

    path: Path
    delivery: Delivery

    def forget(self) -> None:
        """The delivery is stored."""
        self.path.unlink(missing_ok=True)


class Spool:
    """A folder of deliveries, drained in the order of their arrival by one process at a time."""

    def __init__(self, folder: Path, limit: int) -> None:
        self._folder, self._limit = folder, limit
        self._numbers = count()
        self._looked_at, self._seen, self._added = float("-inf"), 0, 0
        self._came_at = float("-inf")

    def put(self, delivery: Delivery) -> None:
        """Keep a delivery. Returns when it has reached the disk. Raises SpoolFull."""
        packed = delivery_to_bytes(delivery)
        if self._about() + len(packed) > self._limit and self._about(at_most=0) + len(packed) > self._limit:
            raise SpoolFull
        self._added += len(packed)
        name = f"{time.time_ns():020}-{os.getpid()}-{next(self._numbers)}"
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if room := has_room(self._folder):
                _write_through(self._folder / name, packed)
        except OSError as problem:
            _log.error("a delivery cannot be spooled: %s", problem.strerror)
            raise SpoolFull from None
        if not room:
            _log.error("a delivery cannot be spooled: the disk is nearly full")
            raise SpoolFull

    @contextmanager
    def turn(self, *, wait: bool = False) -> Iterator[bool]:
        """Whether it is the caller's turn to write to the log store: never two at a time, so that none waits inside the store."""
        with self._locked("turn.lock", fcntl.LOCK_EX, wait=wait) as mine:
            yield mine

    def is_queue(self, records: int) -> bool:
        """Whether a delivery of so many records is better not stored at once, even if the store is free.

        So it is with a long one, and with one that comes right after another: answering takes a third of storing, and many
        together are stored faster. Not when nobody drains.
        """
        since, self._came_at = time.monotonic() - self._came_at, time.monotonic()
        return (records > MOST_AT_ONCE or since < QUEUE_SECONDS) and self.is_drained()

    @contextmanager
    def drainer(self) -> Iterator[None]:
        """Be known as the one that drains; waits while another is. Removes what nobody was told is safe: a process ended while writing."""
        with self._locked(DRAINER, fcntl.LOCK_EX, wait=True):
            for path in self._folder.glob("*.part"):
                if time.time() - path.stat().st_mtime > UNFINISHED_SECONDS:
                    path.unlink(missing_ok=True)
            yield

    def is_drained(self) -> bool:
        """Whether a process is there that drains."""
        with self._locked(DRAINER, fcntl.LOCK_SH) as nobody_does:
            return not nobody_does

    def _about(self, at_most: float = LOOKED_AT_EVERY) -> int:
        """How many bytes wait, by a look `at_most` so many seconds old: a look goes through all files."""
        if time.monotonic() - self._looked_at >= at_most:
            self._looked_at, self._seen, self._added = time.monotonic(), self.size(), 0
        return self._seen + self._added

    def size(self) -> int:
        """How many bytes wait."""
        return sum(size for _path, size in self._files())

    def waiting(self) -> list[Path]:
        """The deliveries' files, the oldest first."""
        return sorted(path for path, _size in self._files())

    def take(self) -> Iterator[Waiting]:
        """Each waiting delivery, the oldest first; it is taken again the next time unless it is forgotten.

        Nothing when another process is at it.
        """
        with self._locked("drain.lock", fcntl.LOCK_EX) as mine:
            for path in self.waiting() if mine else ():
                delivery = _read(path)
                if delivery is not None:
                    yield Waiting(path, delivery)

    def _files(self) -> list[tuple[Path, int]]:
        found: list[tuple[Path, int]] = []
        with suppress(FileNotFoundError), os.scandir(self._folder) as entries:  # there may be no folder yet
            for entry in entries:
                with suppress(FileNotFoundError):  # it was stored while we looked
                    if entry.name.endswith(SUFFIX):
                        found.append((Path(entry.path), entry.stat().st_size))
        return found

    @contextmanager
    def _locked(self, name: str, kind: int, *, wait: bool = False) -> Iterator[bool]:
        """Whether the lock could be had; it ends with the process. On a disk so full that it has no room for the lock it cannot."""
        with ExitStack() as stack:
            try:
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                lock = stack.enter_context((self._folder / name).open("a"))
                fcntl.flock(lock, kind if wait else kind | fcntl.LOCK_NB)
            except OSError:
                yield False
            else:
                yield True


def _write_through(path: Path, packed: bytes) -> None:
    """Under another name until it is whole, then through to the disk, the folder's entry too."""
    unfinished = path.with_suffix(".part")
    try:
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(packed)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(path.with_suffix(SUFFIX))
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _read(path: Path) -> Delivery | None:
    """A delivery, or None when its file is damaged; that one is set aside, not lost."""
    try:
        return delivery_from_bytes(path.read_bytes())
    except msgspec.DecodeError:
        path.rename(path.with_suffix(".damaged"))
        _log.error("a spooled delivery is damaged: %s", path.name)
        return None


def _sealed(kind: type, value: Any) -> Any:
    """Texts were redacted when they were spooled."""
    return seal(value) if kind is RedactedText else value


def _plain(value: Any) -> Any:
    """A redacted text is written as text."""
    return str(value)


delivery_to_bytes = msgspec.msgpack.Encoder(enc_hook=_plain).encode
delivery_from_bytes = msgspec.msgpack.Decoder(Delivery, dec_hook=_sealed).decode
