"""Keep what timed work came to, so that a page and a command can tell."""

from __future__ import annotations

from datetime import datetime

from app.operations.audit import record
from app.store.database import db
from app.store.job_runs import last_run
from app.store.models import User
from app.store.models_jobs import JobRun


def note_run(name: str, started_at: datetime, ended_at: datetime, result: int | None, error: str | None) -> None:
    """Write over the job's last run. After a failure the session is cleaned first: what the job left undone stays undone."""
    db.session.rollback()
    run = last_run(name) or JobRun(name=name, failures=0)
    run.started_at, run.ended_at, run.result, run.error = started_at, ended_at, result, error
    run.failures = run.failures + 1 if error else 0
    db.session.add(run)
    db.session.commit()


def note_asked(name: str, actor: User, now: datetime) -> None:
    """Keep that a person had a job run by hand."""
    record("run", "job", name, now, actor)
    db.session.commit()
