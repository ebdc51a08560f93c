"""Serve: web and worker in one process tree; Ctrl-C stops all."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from contextlib import suppress
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext
from granian import Granian
from granian.constants import Interfaces

from app.settings import PROJECT_ROOT, Settings

WORKER = [sys.executable, "-m", "flask", "--app", "wsgi", "worker"]


@click.command("start")
@with_appcontext
def start_command() -> None:
    """Serve on GATEDESK_HOST:GATEDESK_PORT until Ctrl-C."""
    settings: Settings = current_app.extensions["settings"]
    worker = _Worker()
    worker.start()
    click.echo(f"Gatedesk: {settings.public_url}  (Ctrl-C stops it)")
    try:
        _server(settings).serve()
    finally:
        worker.stop()


def _server(settings: Settings) -> Any:
    """The HTTP server (granian picks the class at run time); its own access log stays off because addresses can be secret links."""
    return Granian(
        "wsgi:app",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.web_workers,
        blocking_threads=4,
        backlog=1024,
        log_access=False,
        working_dir=PROJECT_ROOT,
    )


class _Worker(threading.Thread):
    """Keeps one worker process alive until told to stop."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None

    def run(self) -> None:
        """Start the worker, and again whenever it ends by itself."""
        while not self._stopping.is_set():
            self._process = subprocess.Popen(WORKER, cwd=PROJECT_ROOT)  # noqa: S603 - our own command
            self._process.wait()
            time.sleep(1)

    def stop(self) -> None:
        """End the worker; a job under way finishes first."""
        self._stopping.set()
        if self._process is not None:
            self._process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=10)
