"""The durable queue of timed work: a SQLite file, or a Redis that several machines share."""

from __future__ import annotations

from pathlib import Path

from huey.api import Huey, RedisHuey, SqliteHuey

from app.settings import BadSetting, Settings


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
