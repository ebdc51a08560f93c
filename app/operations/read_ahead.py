"""Read a file's next lines in a second process while the first stores what was read: both take about as long."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context

from app.core.body import Piece
from app.store.spool import Delivery, delivery_from_bytes, delivery_to_bytes

AHEAD = 2  # parts that are read and not yet stored; so the memory stays bounded
Read = Callable[[list[Piece]], Delivery]

_read: list[Read] = []  # of the second process


def read_ahead(parts: Iterable[list[Piece]], read: Read) -> Iterator[Delivery]:
    """What `read` makes of each part, in their order. Nothing leaves the second process that is not redacted."""
    with ProcessPoolExecutor(1, get_context("fork"), _read.append, (read,)) as pool:
        pending: deque[Future[bytes]] = deque()
        for part in parts:
            pending.append(pool.submit(_read_packed, part))
            if len(pending) > AHEAD:
                yield delivery_from_bytes(pending.popleft().result())
        while pending:
            yield delivery_from_bytes(pending.popleft().result())


def _read_packed(part: list[Piece]) -> bytes:
    return delivery_to_bytes(_read[0](part))
