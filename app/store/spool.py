"""Deliveries that were accepted and wait for the log store, each a file, written through to the disk before it counts.

Only what has passed an adapter and the redactor is written: records and rejects, never a body as it came.
"""

from __future__ import annotations

import fcntl
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import msgspec

from app.core.record import RedactedRecord, Reject
from app.core.redacted_text import RedactedText, seal
from app.store.logs import LogStoreBusy

SUFFIX = ".batch"
LOOKED_AT_EVERY = 1.0  # seconds
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


class Spool:
    """A folder of deliveries, drained in the order of their arrival by one process at a time."""

    def __init__(self, folder: Path, limit: int) -> None:
        self._folder, self._limit = folder, limit
        self._numbers = count()
        self._looked_at, self._seen, self._added = float("-inf"), 0, 0

    def put(self, delivery: Delivery) -> None:
        """Keep a delivery. Returns when it has reached the disk. Raises SpoolFull."""
        packed = delivery_to_bytes(delivery)
        if self._about() + len(packed) > self._limit and self._about(at_most=0) + len(packed) > self._limit:
            raise SpoolFull
        self._added += len(packed)
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = f"{time.time_ns():020}-{os.getpid()}-{next(self._numbers)}"
        self._write(self._folder / name, packed)

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

    def take(self) -> Iterator[Delivery]:
        """Each waiting delivery, the oldest first; it is forgotten when the next one is asked for.

        Nothing when another process is at it. Who stops asking, or ends, leaves the last one to be taken again.
        """
        with self._alone() as mine:
            for path in self.waiting() if mine else ():
                delivery = _read(path)
                if delivery is not None:
                    yield delivery
                    path.unlink(missing_ok=True)

    def _write(self, path: Path, packed: bytes) -> None:
        """Under another name until it is whole, then through to the disk, the folder's entry too."""
        unfinished = path.with_suffix(".part")
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(packed)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(path.with_suffix(SUFFIX))
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _files(self) -> list[tuple[Path, int]]:
        try:
            with os.scandir(self._folder) as entries:
                return [(Path(entry.path), entry.stat().st_size) for entry in entries if entry.name.endswith(SUFFIX)]
        except FileNotFoundError:  # there is no folder yet, or a delivery was stored while we looked
            return [(path, 0) for path in self._folder.glob(f"*{SUFFIX}")]

    @contextmanager
    def _alone(self) -> Iterator[bool]:
        """Whether this process is the one that drains; the lock ends with the process."""
        if not self._folder.exists():
            yield False
            return
        with (self._folder / "drain.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True


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
