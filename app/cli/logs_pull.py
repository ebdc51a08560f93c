"""`flask logs pull`: read a gateway's log through its own interface."""

from __future__ import annotations

from datetime import UTC, datetime

import click
from flask import current_app

from app.core.gateway_page import INTERFACES, GatewayError
from app.operations.pull import Pulled, configured_gateway, desk_of, pull
from app.store.logs import LogStoreBusy


@click.command("pull")
@click.argument("source", required=False, type=click.Choice(sorted(INTERFACES)))
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]), help="Read from this UTC time on instead."
)
def pull_command(source: str | None, since: datetime | None) -> None:
    """Read the log of the gateway at GATEDESK_PULL_URL, a SOURCE, from where the last reading ended."""
    here = current_app.extensions
    gateway = configured_gateway(here["settings"], source)
    if gateway is None:
        raise click.ClickException("GATEDESK_PULL_URL and GATEDESK_PULL_TOKEN must be set")
    try:
        pulled = pull(gateway, desk_of(here), datetime.now(UTC), since.replace(tzinfo=UTC) if since else None, _progress)
    except GatewayError as problem:
        raise click.ClickException(str(here["rulebook"].redactor.clean(str(problem)))) from None
    except LogStoreBusy:
        raise click.ClickException("the log store is busy; pull again, what is stored already is kept") from None
    more = "" if pulled.finished else "; there is more, pull again"
    click.echo(f"{gateway.format}: {pulled.accepted} accepted, {pulled.duplicate} duplicate, {pulled.rejected} rejected{more}")


def _progress(pulled: Pulled) -> None:
    """Say how far the reading is."""
    click.echo(f"  until {datetime.fromtimestamp(pulled.until, UTC):%Y-%m-%d %H:%M:%S} UTC, {pulled.pages} pages", err=True)
