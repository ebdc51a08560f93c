"""Read a gateway's log through its own interface, from where the last reading ended, and store what is new."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from app.core.gateway_page import INTERFACES, GatewayError, Interface, page_address, page_rows
from app.core.log_format import Format
from app.core.redaction import Redactor
from app.operations.ingest import accept_batch
from app.settings import Settings
from app.store.gateway_log import Gateway, GatewayConnection, read_cursor, write_cursor
from app.store.logs import LogStore

INSTANCE = "pull"  # what is read so has a health of its own, beside what the gateway sends
OVERLAP_SECONDS = 600  # read again: requests are logged when they end, clocks differ, and what is known counts as duplicate
FIRST_TIME_SECONDS = 24 * 3600  # how far back the first reading goes
FIRST_SPAN, LONGEST_SPAN = 3600, 24 * 3600  # seconds read at once: more of quiet times
FEW_PAGES = 12  # of a quiet time
SHORTEST_SPAN = 1
MOST_PAGES_OF_A_SPAN = 200  # more, and the span is halved: pages come newest first, so only a whole span is progress
MOST_PAGES = 1000  # of one reading; the next one goes on from there
MOST_PAGES_OF_A_JOB = 60  # so that other work of the same worker need not wait long


@dataclass(frozen=True, slots=True)
class Desk:
    """What storing needs."""

    redactor: Redactor
    pepper: bytes = field(repr=False)
    log_store: LogStore
    formats: Mapping[str, Format]
    folder: Path  # where the cursor is kept


@dataclass(frozen=True, slots=True)
class Pulled:
    """What a reading brought. `until` is how far the log is read now; `finished`: up to the present."""

    accepted: int = 0
    duplicate: int = 0
    rejected: int = 0
    pages: int = 0
    until: int = 0
    finished: bool = False


class _TooManyPages(Exception):
    """A span has more pages than are read at once."""


def configured_gateway(settings: Settings, source: str | None = None) -> Gateway | None:
    """Give the gateway the settings name; None when they name none."""
    if not settings.pull_url or not settings.pull_token:
        return None
    return Gateway(source or settings.pull_format, settings.pull_url, settings.pull_token, settings.pull_user)


def desk_of(parts: Mapping[str, Any]) -> Desk:
    """Give what storing needs, of an application's parts."""
    settings: Settings = parts["settings"]
    return Desk(parts["rulebook"].redactor, settings.pepper, parts["log_store"], parts["formats"], settings.data_dir)


def pull(
    gateway: Gateway,
    desk: Desk,
    now: datetime,
    since: datetime | None = None,
    report: Callable[[Pulled], None] | None = None,
    most_pages: int = MOST_PAGES,
) -> Pulled:
    """Store what the gateway logged since the last reading (or `since`). Raises GatewayError, LogStoreBusy.

    The cursor moves only after a whole span is stored, so that what a failure left out is read again.
    """
    present = int(now.timestamp())
    cursor = int(since.timestamp()) if since else read_cursor(desk.folder, gateway)
    begun = cursor if cursor is not None else present - FIRST_TIME_SECONDS
    total, first, length = Pulled(until=begun), begun - OVERLAP_SECONDS, FIRST_SPAN
    connection = GatewayConnection(gateway)
    try:
        while first <= present and total.pages < most_pages:
            last, before = min(first + length, present + 1), total.pages
            total = _span(gateway, connection, desk, now, first, last, total)
            write_cursor(desk.folder, gateway, min(last, present))
            if report:
                report(total)
            first, length = last, min(length * 2, LONGEST_SPAN) if total.pages - before <= FEW_PAGES else FIRST_SPAN
    finally:
        connection.close()
    return replace(total, finished=first > present)


def _span(gateway: Gateway, connection: GatewayConnection, desk: Desk, now: datetime, start: int, end: int, total: Pulled) -> Pulled:
    """Store a span; one with too many pages in two halves."""
    try:
        rows, pages = _rows(INTERFACES[gateway.format], connection, start, end)
    except _TooManyPages:
        if end - start <= SHORTEST_SPAN:
            raise GatewayError("the gateway has more pages for one second than are read") from None
        middle = (start + end) // 2
        total = _span(gateway, connection, desk, now, start, middle, replace(total, pages=total.pages + MOST_PAGES_OF_A_SPAN))
        return _span(gateway, connection, desk, now, middle, end, total)
    pieces = enumerate(rows, 1)
    outcome = accept_batch(pieces, gateway.format, desk.redactor, desk.pepper, desk.log_store, now, desk.formats, instance=INSTANCE)
    return replace(
        total,
        accepted=total.accepted + outcome.accepted,
        duplicate=total.duplicate + outcome.duplicate,
        rejected=total.rejected + outcome.rejected,
        pages=total.pages + pages,
        until=end,
    )


def _rows(interface: Interface, connection: GatewayConnection, start: int, end: int) -> tuple[list[msgspec.Raw], int]:
    """Give the rows of a span, and how many pages they took. New rows push others to later pages, never out of sight."""
    rows: list[msgspec.Raw] = []
    pages = 0
    for kind in interface.types:
        page, last = interface.first_page, b""
        while (body := connection.page(page_address(interface, kind, start, end, page))) != last:  # some repeat their last page for ever
            if not (found := page_rows(body)):
                break
            rows += found
            page, pages, last = page + 1, pages + 1, body
            if pages > MOST_PAGES_OF_A_SPAN:
                raise _TooManyPages
    return rows, pages + len(interface.types)
