"""Timed work: what runs when, and that a failing job says its type and nothing else."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

import pytest
from flask import Flask

from app import jobs
from app.core.redacted_text import seal
from app.store.database import db
from app.store.job_runs import last_run
from app.store.models import Note
from tests.canaries import canaries
from tests.conftest import NOW
from tests.world import World, inhabit

LEAK = canaries()[0]


@pytest.fixture
def world(app: Flask) -> World:
    return inhabit(app)


def scheduled(app: Flask, job: jobs.Job) -> object:
    queue = jobs.open_queue(app.extensions["settings"])
    jobs.schedule(queue, app, job)
    [task] = queue._registry.periodic_tasks
    return task


def test_the_stored_texts_are_read_once_a_week() -> None:
    [job] = [job for job in jobs.JOBS if job.run is jobs.scan_stored_texts]
    week = [datetime(2026, 11, day, hour, 20, tzinfo=UTC) for day in range(16, 23) for hour in range(24)]
    assert [moment for moment in week if job.when(moment)] == [datetime(2026, 11, 22, 3, 20, tzinfo=UTC)]


def test_late_logs_are_looked_for_every_minute() -> None:
    [job] = [job for job in jobs.JOBS if job.run is jobs.rematch_waiting]
    assert all(job.when(datetime(2026, 11, 20, 8, minute, tzinfo=UTC)) for minute in range(60))


def test_the_weekly_scan_names_places_in_the_log_and_no_value(world: World, caplog: pytest.LogCaptureFixture) -> None:
    db.session.add(Note(ticket_id=world.guest_ticket, author_id=1, body=seal(f"it was {LEAK.planted}"), created_at=NOW))
    db.session.commit()
    with caplog.at_level(logging.INFO, "gatedesk.jobs"):
        assert jobs.scan_stored_texts(world.app, NOW) == 1
    assert "note.body 1, rule openai-project" in caplog.text
    assert LEAK.probe not in caplog.text


def test_a_failing_job_is_logged_by_type_alone(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    def break_down(_app: Flask, _now: datetime) -> int:
        raise ValueError(LEAK.planted)

    task = scheduled(app, jobs.Job(break_down, lambda _moment: True))
    with caplog.at_level(logging.INFO, "gatedesk.jobs"):
        task.execute()
    assert "break_down failed: ValueError" in caplog.text
    assert LEAK.probe not in caplog.text


def test_the_worker_command_is_there(app: Flask) -> None:
    assert "worker" in app.cli.commands


def test_what_a_job_came_to_is_kept_and_told(app: Flask) -> None:
    outcomes = iter([3, ValueError(LEAK.planted), 5])

    def work(_app: Flask, _now: datetime) -> int:
        outcome = next(outcomes)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    job = jobs.Job(work, lambda _moment: True)
    kept = []
    for _ in range(3):
        jobs.run_once(app, job)
        db.session.rollback()
        run = last_run("work")
        assert run is not None
        kept.append((run.result, run.error, run.failures))
    assert kept == [(3, None, 0), (None, "ValueError", 1), (5, None, 0)]


def test_jobs_can_be_listed_and_run_by_hand(app: Flask) -> None:
    runner = app.test_cli_runner()
    assert "never ran" in runner.invoke(args=["jobs", "list"]).output
    done = runner.invoke(args=["jobs", "run", "forget_pictures"])
    assert (done.exit_code, done.output.strip()) == (0, "forget_pictures: 0")
    listed = runner.invoke(args=["jobs", "list"]).output
    assert all(job.name in listed for job in jobs.JOBS)
    assert runner.invoke(args=["jobs", "run", "nothing"]).exit_code == 1
