"""Serve: web and worker in one process tree; Ctrl-C stops all."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
import threading
import time
from importlib import import_module
from multiprocessing import parent_process
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext
from granian import Granian
from granian.constants import Interfaces

from app.settings import PROJECT_ROOT, Settings
from app.store.starter import end_with

WORKER = [sys.executable, "-m", "flask", "--app", "wsgi", "worker"]

PATIENCE = 10.0  # seconds


@click.command("start")
@with_appcontext
def start_command() -> None:
    """Serve on GATEDESK_HOST:GATEDESK_PORT until Ctrl-C."""
    settings: Settings = current_app.extensions["settings"]
    wait_for_port(settings.host, settings.port)
    worker = _Worker()
    worker.start()
    click.echo(f"Gatedesk: {settings.public_url}  (Ctrl-C stops it)")
    try:
        _server(settings).serve(target_loader=_load)
    finally:
        worker.stop()


def wait_for_port(host: str, port: int, patience: float = PATIENCE) -> None:
    """Refuse to start beside somebody on the port: the system would give each some of the requests, and nobody would notice.

    Processes of a desk that was killed a moment ago are waited for.
    """
    until = time.monotonic() + patience
    while not _is_free(host, port):
        if time.monotonic() >= until:
            raise click.ClickException(f"port {port} of {host} is taken; GATEDESK_PORT names another")
        time.sleep(0.2)


def _is_free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections that ended just now are no hindrance
        try:
            probe.bind((host, port))
        except OSError as problem:
            if problem.errno == errno.EADDRINUSE:
                return False
            raise click.ClickException(f"cannot listen on port {port} of {host}: {problem.strerror}") from None
    return True


def _server(settings: Settings) -> Any:
    """The HTTP server (granian picks the class at run time); its own access log stays off because addresses can be secret links."""
    return Granian(
        "wsgi:app",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.web_workers,
        respawn_failed_workers=True,  # one that the system kills takes the desk along only when its successor ends at once
        blocking_threads=8,  # most of them wait: pages take turns (web/turns.py)
        backlog=1024,
        log_access=False,
        working_dir=PROJECT_ROOT,
    )


def _load(target: str) -> Any:
    """The application, in a web process of its own."""
    if starter := parent_process():
        end_with(starter.pid or 0)
    module, _colon, name = target.partition(":")
    return getattr(import_module(module), name)


class _Worker(threading.Thread):
    """Keeps one worker process alive until told to stop."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._stopping = threading.Event()
        # Started before the server forks: a fork at the same moment would inherit the pipe by which Popen learns that the
        # program runs, and Popen would wait for the server's end.
        self._process = _start_worker()

    def run(self) -> None:
        """Start the worker again whenever it ends by itself."""
        while not self._stopping.is_set():
            self._process.wait()
            if not self._stopping.wait(timeout=1):
                self._process = _start_worker()

    def stop(self) -> None:
        """End the worker: ask until it has gone (a job under way finishes first), and after ten seconds make it go."""
        self._stopping.set()
        for _each in range(20):
            self._process.terminate()
            self.join(timeout=0.5)
            if not self.is_alive():
                return
        self._process.kill()


def _start_worker() -> subprocess.Popen[bytes]:
    return subprocess.Popen([*WORKER, "--starter", str(os.getpid())], cwd=PROJECT_ROOT)  # noqa: S603 - our own command
