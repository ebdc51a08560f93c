"""Work on a file's next lines in a second process while the first stores what is ready: both take about as long."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler
from queue import Queue
from threading import Thread
from typing import TypeVar

AHEAD = 1  # packed parts that wait, besides the one that is stored and the one on its way; so the memory stays bounded
ENDED = b""

Part = TypeVar("Part")
Made = TypeVar("Made")


def read_ahead(parts: Iterable[Part], make: Callable[[Part], Made]) -> Iterator[Made]:
    """What `make` makes of each part, in their order; the second process takes the parts too, and what that raises is raised here.

    Only what is made leaves the second process: when that is redacted, nothing else does.
    """
    fork = get_context("fork")
    receiver, sender = fork.Pipe(duplex=False)
    process = fork.Process(target=_work, args=(receiver, sender, parts, make), daemon=True)
    process.start()
    sender.close()
    try:
        yield from _received(receiver)
    finally:
        process.terminate()
        process.join()
        receiver.close()


def _work(receiver: Connection, sender: Connection, parts: Iterable[Part], make: Callable[[Part], Made]) -> None:
    """Run in the second process, which ends when nobody listens any more."""
    receiver.close()
    with suppress(BrokenPipeError):
        try:
            for part in parts:
                sender.send((make(part), None))
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
