"""From which page of the desk somebody opened a private record: the reason that is kept beside an audited read."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import current_app, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

PLACES = {  # endpoint → what the place is called in the audit; with a number where the page has one
    "desk.ticket": "ticket",
    "desk.incident": "incident",
    "desk.key": "key",
    "desk.incident_warning": "warning",
    "desk.found": "search",
    "desk.found_in_log": "search",
    "desk.queue": "queue",
    "logs.recent": "log",
    "logs.one": "log",
}


def came_from() -> str | None:
    """The page that led here ("ticket 17", "search"); None for a typed address, a bookmark or another site."""
    sender = urlsplit(request.referrer or "")
    if sender.netloc != request.host:
        return None
    try:
        endpoint, arguments = current_app.url_map.bind(request.host).match(sender.path.removeprefix(request.script_root), method="GET")
    except (HTTPException, RequestRedirect):
        return None
    place, number = PLACES.get(endpoint), arguments.get("number")
    return f"{place} {number}" if place and number else place
