"""The links of the page header, by role."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, request, url_for
from flask_babel import gettext as _

from app.core.roles import Audience, admits
from app.web.access import current_role


@dataclass(frozen=True, slots=True)
class NavItem:
    """One link; `current` marks the section the page belongs to."""

    label: str
    url: str
    current: bool


def init(app: Flask) -> None:
    """Give base.html its links."""
    app.jinja_env.globals.update(navigation=navigation, account_url=account_url)


def navigation() -> list[NavItem]:
    """What this person can use, in the order of their day."""
    sections = (
        (Audience.PUBLIC, "portal.home", "portal.home", _("Get help")),
        (Audience.PUBLIC, "kb.index", "kb.", _("Help articles")),
        (Audience.SIGNED_IN, "portal.my_tickets", "portal.my_tickets", _("My tickets")),
        (Audience.DESK, "desk.queue", "desk.", _("Queue")),
        (Audience.DESK, "desk.incident_list", "desk.incident", _("Incidents")),
        (Audience.DESK, "logs.recent", "logs.", _("Logs")),
        (Audience.DESK, "reports.gateway", "reports.", _("Reports")),
        (Audience.CONTENT, "content.board", "content.", _("Content")),
        (Audience.ADMIN, "admin.overview", "admin.", _("Admin")),
    )
    here = request.endpoint or ""
    section = max((prefix for _audience, _endpoint, prefix, _label in sections if here.startswith(prefix)), key=len, default=None)
    role = current_role()
    return [
        NavItem(label, url_for(endpoint), prefix == section) for audience, endpoint, prefix, label in sections if admits(audience, role)
    ]


def account_url(action: str) -> str:
    """Where to sign in or out."""
    if action == "sign_in":
        return url_for("auth.sign_in", next=request.path if request.method == "GET" and not request.path.startswith("/t/") else None)
    return url_for("auth.sign_out")
