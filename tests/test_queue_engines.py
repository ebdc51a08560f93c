"""The queue on each of its engines: what one process asks for another does, and never twice at once."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Event

import pytest
from flask import Flask
from huey.api import Huey

from app import jobs
from app.settings import Settings
from app.store.job_runs import last_run
from app.store.queue import claim, open_queue

FORK = get_context("fork")  # what is imported already need not be imported again
SOON = 20  # seconds; a worker that has not come by then never comes


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A throw-away server on a free port."""
    server = shutil.which("redis-server")
    if server is None:
        pytest.skip("Redis is not installed")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("redis")
    options = ["--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no", "--dir", str(folder)]
    with subprocess.Popen([server, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        _wait_for(port)
        yield f"redis://127.0.0.1:{port}/0"
        running.terminate()


@pytest.fixture(params=["sqlite", "redis"])
def queued(request: pytest.FixtureRequest, app: Flask, tmp_path: Path) -> Flask:
    """The application with an empty queue on this engine."""
    url = f"sqlite:///{tmp_path / 'queue.db'}" if request.param == "sqlite" else request.getfixturevalue("redis_url")
    app.extensions["settings"] = replace(app.extensions["settings"], queue_url=url)
    open_queue(app.extensions["settings"]).flush()
    return app


def test_a_job_asked_for_waits_once_for_the_worker(queued: Flask) -> None:
    assert jobs.ask(queued, "forget_pictures")
    assert not jobs.ask(queued, "forget_pictures")
    assert jobs.waiting(queued) == ["forget_pictures"]


def test_the_worker_of_another_process_does_what_was_asked(queued: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    done = Event()

    def wanted(_app: Flask, _now: datetime) -> int:
        done.set()
        return 7

    monkeypatch.setattr(jobs, "JOBS", (jobs.Job(wanted, lambda _moment: False),))
    assert jobs.ask(queued, "wanted")
    queue = open_queue(queued.extensions["settings"])
    jobs.schedule(queue, queued, jobs.JOBS[0])
    consumer = queue.create_consumer(workers=1, periodic=False, initial_delay=0.05, max_delay=0.2)
    consumer.start()
    assert done.wait(SOON)
    consumer.stop(graceful=True)
    run = last_run("wanted")
    assert run is not None
    assert (run.result, jobs.waiting(queued)) == (7, [])


def test_a_job_that_runs_is_not_run_beside_itself(queued: Flask) -> None:
    ran: list[datetime] = []

    def slow(_app: Flask, now: datetime) -> int:
        ran.append(now)
        return len(ran)

    queue = open_queue(queued.extensions["settings"])
    jobs.schedule(queue, queued, jobs.Job(slow, lambda _moment: True))
    [task] = queue._registry.periodic_tasks
    with claim(queue, "slow") as mine:
        queue.execute(task)
    assert (mine, ran) == (True, [])
    queue.execute(task)
    assert len(ran) == 1


def test_a_job_whose_process_was_killed_is_done_again(queued: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.store.queue.LEASE_SECONDS", 0.3)
    said, says = FORK.Pipe(duplex=False)
    process = FORK.Process(target=_claim_for_ever, args=(queued.extensions["settings"], says), daemon=True)
    process.start()
    assert said.recv() is True
    queue = open_queue(queued.extensions["settings"])
    with claim(queue, "slow") as mine:
        assert not mine
    process.kill()
    process.join()
    until = time.monotonic() + SOON
    while not (again := _can_be_claimed(queue)) and time.monotonic() < until:
        time.sleep(0.05)
    assert again


def _claim_for_ever(settings: Settings, says: Connection) -> None:
    with claim(open_queue(settings), "slow") as mine:
        says.send(mine)
        time.sleep(60)


def _can_be_claimed(queue: Huey) -> bool:
    with claim(queue, "slow") as mine:
        return mine


def _wait_for(port: int) -> None:
    until = time.monotonic() + SOON
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail("the server did not start")
