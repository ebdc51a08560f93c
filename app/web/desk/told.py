"""Facts of a report without a column of their own, in the reader's words; and when it failed, on the requester's clock."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flask_babel import gettext as _

from app.core.clients import OWN_GATEWAY, VENDOR_ITSELF
from app.core.told_facts import read_told_facts
from app.web.context import rulebook, settings
from app.web.kept_words import said_once

if TYPE_CHECKING:
    from app.store.models import Ticket


def told_rows(ticket: Ticket) -> list[tuple[str, str]]:
    """(label, value) of the kind of request, waits, gateway, proxy and charge, as far as they were told."""
    facts = read_told_facts(ticket.told_facts)
    rows = [(_("Kind of request"), _kinds().get(ticket.request_type or "", ""))]
    rows += [(label, _seconds(facts[name])) for name, label in _spans().items() if name in facts]
    if "gateway" in facts:
        rows.append((_("Who answers"), _gateway(facts["gateway"])))
    if "via_proxy" in facts:
        rows.append((_("VPN or proxy"), _("yes") if facts["via_proxy"] else _("no")))
    if "charged" in facts:
        rows.append((_("Charged or not"), _("yes") if facts["charged"] else _("no")))
    return [(label, value) for label, value in rows if value]


def local_time(ticket: Ticket) -> str:
    """When it failed by the clock the requester looked at: of the report's zone, else of their account, else of the desk.

    Empty without a time, and where that clock shows UTC, which stands beside it anyway.
    """
    zone = next((zone for name in _zones(ticket) if (zone := _zone(name))), None)
    if ticket.request_time is None or zone is None or zone.key == "UTC":
        return ""
    return f"{ticket.request_time.astimezone(zone):%Y-%m-%d %H:%M} {zone.key}"


def _zones(ticket: Ticket) -> tuple[str | None, ...]:
    return ticket.time_zone, ticket.requester.time_zone if ticket.requester else None, settings().time_zone


def _zone(name: str | None) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a name that is a folder, or too long to be a file's
        return None


@said_once
def _kinds() -> dict[str, str]:
    return {
        "chat": _("chat"),
        "image": _("picture"),
        "video": _("video"),
        "audio": _("speech or audio"),
        "embedding": _("embedding"),
        "batch": _("batch"),
        "other": _("something else"),
    }


@said_once
def _spans() -> dict[str, str]:
    return {"elapsed_seconds": _("Failed after"), "retry_after_seconds": _("Wait the message names")}


def _seconds(count: float) -> str:
    return _("%(number)s s", number=f"{count:g}")


def _gateway(name: str) -> str:
    own = {OWN_GATEWAY: _("the company's gateway"), VENDOR_ITSELF: _("a vendor directly")}
    return own.get(name) or rulebook().clients.gateway_names.get(name, name)
