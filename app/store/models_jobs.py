"""What timed work came to: one row a job, overwritten by each run."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.store.database import Model


class JobRun(Model):
    """The last run of a job. error: the type of what went wrong, never its message."""

    __tablename__ = "job_run"

    name: Mapped[str] = mapped_column(String(48), primary_key=True)
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    result: Mapped[int | None]  # how much there was to do; None when it failed
    error: Mapped[str | None] = mapped_column(String(80))
    failures: Mapped[int] = mapped_column(default=0)  # in a row
