"""Where the things are that a notice may be about."""

from __future__ import annotations

from typing import Any

from flask import current_app, url_for

PAGES: dict[str, tuple[str, str | None]] = {  # what it is about → the endpoint, and the name of its argument
    "article": ("content.edit", "article_id"),
    "incident": ("desk.incident", "number"),
    "budget": ("reports.budget_list", None),
    "review": ("reports.this_week", None),
    "approval": ("reports.approval_list", None),
}


def page_of(ticket_id: int | None, about: str | None, about_id: int | None, *, external: bool = False) -> str:
    """The address, inside the desk, of a ticket or of another thing; of the desk itself when the thing has no page."""
    if ticket_id is not None:
        return url_for("desk.ticket", number=ticket_id, _external=external)
    endpoint, argument = PAGES.get(about or "", ("desk.queue", None))
    if endpoint not in current_app.view_functions:
        return url_for("desk.queue", _external=external)
    arguments: dict[str, Any] = {argument: about_id} if argument else {}
    return url_for(endpoint, _external=external, **arguments)
