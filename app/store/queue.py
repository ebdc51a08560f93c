"""The durable queue of timed work: a SQLite file, or a Redis that several machines share."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from typing import Any

from huey.api import Huey, RedisHuey, SqliteHuey

from app.settings import BadSetting, Settings

LEASE_SECONDS = 60.0  # a claim in Redis that nobody renews ends then


def open_queue(settings: Settings) -> Huey:
    """The queue GATEDESK_QUEUE_URL names: a SQLite file, or a Redis."""
    scheme, _, rest = settings.queue_url.partition("://")
    if scheme == "sqlite":
        path = Path(rest.removeprefix("/"))
        path.parent.mkdir(parents=True, exist_ok=True)
        return SqliteHuey("gatedesk", filename=str(path), fsync=True)  # type: ignore[no-untyped-call]  # huey ships no types
    if scheme in {"redis", "rediss"}:
        return RedisHuey("gatedesk", url=settings.queue_url)  # type: ignore[no-untyped-call]  # as above
    raise BadSetting("GATEDESK_QUEUE_URL must begin with sqlite:/// or redis://")


def alone(queue: Huey, name: str, work: Callable[[], object]) -> Callable[[], None]:
    """Work that is done unless somebody is at it already, in whatever process.

    The claim to it ends with the process that has it, however that ends. The queue's own locks outlive a process that is
    killed, and what was locked would never be done again.
    """

    def done_alone() -> None:
        with claim(queue, name) as mine:
            if mine:
                work()

    return done_alone


@contextmanager
def claim(queue: Huey, name: str) -> Iterator[bool]:
    """Whether the work of that name is the caller's for now."""
    storage: Any = queue.storage
    claimed = _in_redis(storage.conn, name) if isinstance(queue, RedisHuey) else _in_folder(Path(storage.filename), name)
    with claimed as mine:
        yield mine


@contextmanager
def _in_folder(queue_file: Path, name: str) -> Iterator[bool]:
    """A lock on a file beside the queue's."""
    folder = queue_file.with_suffix(".locks")
    folder.mkdir(exist_ok=True)
    with (folder / name).open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


@contextmanager
def _in_redis(server: Any, name: str) -> Iterator[bool]:
    """A key that runs out, and is renewed for as long as the work takes."""
    lease = server.lock(f"gatedesk.claim.{name}", timeout=LEASE_SECONDS, thread_local=False, raise_on_release_error=False)
    if not lease.acquire(blocking=False):
        yield False
        return
    done = Event()
    Thread(target=_renew, args=(lease, done), name="claim", daemon=True).start()
    try:
        yield True
    finally:
        done.set()
        lease.release()


def _renew(lease: Any, done: Event) -> None:
    """Again and again; a server that is away for a moment is asked the next time."""
    from redis.exceptions import RedisError  # noqa: PLC0415 - only desks with Redis load it

    while not done.wait(LEASE_SECONDS / 3):
        with suppress(RedisError):
            lease.reacquire()
