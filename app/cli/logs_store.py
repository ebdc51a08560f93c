"""`flask logs rollback|purge|rollups`: what has come in taken out again, and roll-ups proved."""

from __future__ import annotations

from datetime import UTC, datetime

import click
from flask import current_app
from flask.cli import AppGroup

from app.operations.batches import roll_back
from app.operations.retention import purge_log
from app.store.logs import LogStoreBusy

ERRORS_SHOWN = 20

rollups_group = AppGroup("rollups", help="The hourly figures that dashboards read.")


@click.command("rollback")
@click.argument("batch_id", type=int)
def rollback_command(batch_id: int) -> None:
    """Take out again what batch BATCH_ID brought; records it only repeated stay."""
    try:
        removed = roll_back(batch_id, None, current_app.extensions["log_store"], datetime.now(UTC))
    except LogStoreBusy:
        raise click.ClickException("the log store is busy; run the command again") from None
    click.echo(f"batch {batch_id}: {removed} records taken out")


@click.command("purge")
@click.option("--ok-days", type=click.IntRange(0), help="Keep successes so many days; GATEDESK_KEEP_OK_DAYS without it.")
@click.option("--problem-days", type=click.IntRange(0), help="Keep problems so many days; GATEDESK_KEEP_PROBLEM_DAYS without it.")
def purge_command(ok_days: int | None, problem_days: int | None) -> None:
    """Forget old records now (the worker does it daily); 0 days: keep. Roll-ups stay."""
    settings = current_app.extensions["settings"]
    ok, problem = (
        default if given is None else given
        for given, default in ((ok_days, settings.keep_ok_days), (problem_days, settings.keep_problem_days))
    )
    try:
        removed = purge_log(current_app.extensions["log_store"], ok, problem, datetime.now(UTC))
    except LogStoreBusy:
        raise click.ClickException("the log store is busy; run the command again, what is gone is gone") from None
    click.echo(f"{removed} records forgotten")


@rollups_group.command("check")
def check() -> None:
    """Count every record and compare with the roll-ups; ends with 1 when they differ."""
    errors = current_app.extensions["log_store"].check_rollups()
    for error in errors[:ERRORS_SHOWN]:
        cell = error.cell
        said = f"{error.stored.requests} requests stored, {error.counted.requests} counted"
        click.echo(f"{cell.dimension} {cell.value!r} hour {cell.hour}: {said}", err=True)
    if errors:
        raise click.ClickException(f"{len(errors)} cells differ; `flask logs rollups rebuild` makes them anew")
    click.echo("the roll-ups say what the records say")


@rollups_group.command("rebuild")
def rebuild() -> None:
    """Count every record anew and write that over the roll-ups; figures of forgotten records stay."""
    cells = current_app.extensions["log_store"].rebuild_rollups()
    click.echo(f"{cells} cells written")


STORE_COMMANDS = (rollback_command, purge_command, rollups_group)
