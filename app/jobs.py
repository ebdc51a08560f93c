"""Timed work on the durable queue: each job calls one operation. `flask worker` runs them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from huey.api import Huey, RedisHuey, SqliteHuey, crontab

from app.operations.examine import rematch
from app.settings import BadSetting, Settings
from app.store.tickets import waiting_for_logs

log = logging.getLogger("gatedesk.jobs")


def register(app: Flask) -> None:
    """Make the queue, its timed jobs and the command that works them off."""
    queue = open_queue(app.extensions["settings"])
    app.extensions["queue"] = queue
    _every_minute(queue, app, rematch_waiting)
    app.cli.add_command(worker_command)


def open_queue(settings: Settings) -> Huey:
    """The queue GATEDESK_QUEUE_URL names: a SQLite file, or a Redis."""
    scheme, _, rest = settings.queue_url.partition("://")
    if scheme == "sqlite":
        path = Path(rest.removeprefix("/"))
        path.parent.mkdir(parents=True, exist_ok=True)
        return SqliteHuey("gatedesk", filename=str(path), fsync=True)
    if scheme in {"redis", "rediss"}:
        return RedisHuey("gatedesk", url=settings.queue_url)
    raise BadSetting("GATEDESK_QUEUE_URL must begin with sqlite:/// or redis://")


def rematch_waiting(app: Flask, now: datetime) -> int:
    """Look again for the log lines of tickets that still wait for theirs. Returns how many were looked at."""
    waiting = waiting_for_logs(now)
    for number in waiting:
        rematch(number, app.extensions["rulebook"], app.extensions["log_store"], now)
    return len(waiting)


def _every_minute(queue: Huey, app: Flask, job: Callable[[Flask, datetime], int]) -> None:
    """Run `job` each minute, never twice at once; a failure is logged by type and tried again next time."""

    def run() -> None:
        with app.app_context():
            try:
                log.info("%s: %d", job.__name__, job(app, datetime.now(UTC)))
            except Exception as error:  # noqa: BLE001 - the log gets the type, never the message: it may quote what was handled
                log.error("%s failed: %s", job.__name__, type(error).__name__)  # noqa: TRY400 - no traceback for the same reason

    queue.periodic_task(crontab(minute="*"), name=job.__name__)(queue.lock_task(job.__name__)(run))


@click.command("worker")
@with_appcontext
def worker_command() -> None:
    """Work off the queue until told to stop."""
    current_app.extensions["queue"].create_consumer(workers=1, periodic=True, initial_delay=0.2, max_delay=5).run()
