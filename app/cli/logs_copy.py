"""`flask logs copy`: move the log to another engine."""

from __future__ import annotations

import sys

import click
from flask import current_app

from app.operations.log_copy import Copied, copy_log
from app.store.logs import LogStoreBusy
from app.store.logs_open import open_log_store


@click.command("copy")
@click.option("--to", "target_url", required=True, help="Address of the log to fill, as GATEDESK_LOGS_URL would name it.")
@click.option("--from", "source_url", help="Address of the log to read; the desk's own without it.")
def copy_command(target_url: str, source_url: str | None) -> None:
    """Copy every record to another log and prove that both hold the same.

    Cut off, it goes on where it was when it is run again. Roll-ups are made anew at the target from the records;
    set GATEDESK_LOGS_URL to the target afterwards, and run it once more for what came meanwhile.
    """
    source_url = source_url or current_app.extensions["settings"].logs_url
    if source_url == target_url:
        raise click.UsageError("a log cannot be copied onto itself")
    source, target = open_log_store(source_url), open_log_store(target_url)
    try:
        with click.progressbar(length=source.count(), label="records", file=sys.stderr) as bar:
            copied = copy_log(source, target, bar.update)
    except LogStoreBusy:
        raise click.ClickException("a log is busy; run the command again, what is copied already is kept") from None
    finally:
        source.close()
        target.close()
    _report(copied)


def _report(copied: Copied) -> None:
    """Say what was copied, and whether both are the same."""
    click.echo(f"{copied.stored} records copied, {copied.known} were there; {copied.batches} batches with rejected lines copied")
    click.echo(f"source {copied.source.count} records, sum {copied.source.number:032x}")
    click.echo(f"target {copied.target.count} records, sum {copied.target.number:032x}")
    if not copied.same:
        raise click.ClickException("the logs differ: one of them was written to, or the target held other records before")
