"""Work on a file's next lines in a second process while the first stores what is ready: both take about as long."""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler
from queue import Queue
from threading import Thread
from typing import TypeVar

AHEAD = 5  # packed parts that wait, besides the one that is stored and the one on its way; so the memory stays bounded
ENDED = b""
RARELY = 50_000  # objects made between two searches for garbage
GIVE_BACK_AFTER = 16  # parts

Part = TypeVar("Part")
Made = TypeVar("Made")


def read_ahead(parts: Iterable[Part], make: Callable[[Part], Made]) -> Iterator[Made]:
    """What `make` makes of each part, in their order; the second process takes the parts too, and what that raises is raised here.

    Only what is made leaves the second process: when that is redacted, nothing else does.
    """
    fork = get_context("fork")
    receiver, sender = fork.Pipe(duplex=False)
    process = fork.Process(target=_work, args=(receiver, sender, parts, make), daemon=True)
    with undisturbed():
        process.start()
        sender.close()
        try:
            yield from _tidily(_received(receiver))
        finally:
            process.terminate()
            process.join()
            receiver.close()


@contextmanager
def undisturbed() -> Iterator[None]:
    """Leave what is in memory now to itself: processes then share it, and nobody looks through it for garbage again and again."""
    gc.freeze()  # without collecting first, which takes as long as thousands of lines
    before = gc.get_threshold()
    gc.set_threshold(RARELY)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def _tidily(parts: Iterable[Made]) -> Iterator[Made]:
    """Give the parts and, now and then, memory back to the system."""
    for number, part in enumerate(parts, 1):
        yield part
        if number % GIVE_BACK_AFTER == 0:
            _give_back()


def _give_back() -> None:
    """What was freed in small pieces stays with the process unless the C library is told; one that cannot be told keeps it."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def _work(receiver: Connection, sender: Connection, parts: Iterable[Part], make: Callable[[Part], Made]) -> None:
    """Run in the second process, which ends when nobody listens any more."""
    receiver.close()
    with suppress(BrokenPipeError):
        try:
            for made in _tidily(map(make, parts)):
                sender.send((made, None))
            sender.send((None, None))
        except BrokenPipeError:
            raise
        except Exception as problem:  # noqa: BLE001 - raised again where it is awaited
            sender.send((None, problem))


def _received(receiver: Connection) -> Iterator[Made]:
    """Each thing made. A thread takes it in, since storing the one before leaves it time to; packed, it is small."""
    waiting: Queue[bytes] = Queue(AHEAD)
    Thread(target=_take_in, args=(receiver, waiting), daemon=True).start()
    while packed := waiting.get():
        made, problem = ForkingPickler.loads(packed)
        if problem is not None:
            raise problem
        if made is None:
            return
        yield made
    raise EOFError("the process that reads it has ended")


def _take_in(receiver: Connection, waiting: Queue[bytes]) -> None:
    with suppress(EOFError, OSError):
        while True:
            waiting.put(receiver.recv_bytes())
    waiting.put(ENDED)
