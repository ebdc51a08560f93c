"""The last run of each job."""

from __future__ import annotations

from sqlalchemy import select

from app.store.database import db
from app.store.models_jobs import JobRun


def last_runs() -> dict[str, JobRun]:
    """Job → its last run; jobs that never ran are left out."""
    return {run.name: run for run in db.session.scalars(select(JobRun))}


def last_run(name: str) -> JobRun | None:
    """The last run of one job."""
    return db.session.get(JobRun, name)
