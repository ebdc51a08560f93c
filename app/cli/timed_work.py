"""`flask jobs list|run|recount`: timed work, and a run by hand."""

from __future__ import annotations

from typing import cast

import click
from flask import current_app
from flask.cli import AppGroup

from app.core.job_times import JobBoard
from app.operations.desk_counting import recount_desk
from app.store.job_runs import last_runs

jobs_group = AppGroup("jobs", help="Timed work: list it, run a job now.")


@jobs_group.command("list")
def list_jobs() -> None:
    """Every job with its last run (UTC)."""
    runs = last_runs()
    for entry in _board().entries:
        run = runs.get(entry.name)
        told = "never ran" if run is None else f"{run.ended_at:%Y-%m-%d %H:%M:%S}  {run.error or run.result}"
        click.echo(f"{entry.name:24} {told}")


@jobs_group.command("run")
@click.argument("name")
def run_job(name: str) -> None:
    """Run the job NAME now."""
    names = [entry.name for entry in _board().entries]
    if name not in names:
        raise click.ClickException(f"there is no job of that name; there are: {', '.join(names)}")
    result = _board().run(name)
    if result is None:
        raise click.ClickException("the job failed; the log says of which type the error was")
    click.echo(f"{name}: {result}")


@jobs_group.command("recount")
def recount() -> None:
    """Count the desk's figures anew from its rows; reports stay right meanwhile."""
    click.echo(f"{recount_desk()} hours counted")


def _board() -> JobBoard:
    return cast("JobBoard", current_app.extensions["jobs"])
