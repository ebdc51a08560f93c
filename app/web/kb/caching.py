"""What a stranger may keep and ask about again: an ETag over what the page says."""

from __future__ import annotations

import hashlib
from http import HTTPStatus

from flask import Response, request, session

from app.web.context import person_or_none
from app.web.render import request_number


def revalidated(response: Response) -> Response:
    """Let caches keep a public page and ask whether it is still true; 304 when it is.

    Only for strangers without a session: a signed-in person's navigation, or somebody's message, belongs in no shared cache.
    """
    if session.modified:  # it showed a message, or remembers a choice: nobody else's page
        response.headers["Cache-Control"] = "no-store"
    if person_or_none() or session or session.modified or response.status_code != HTTPStatus.OK:
        return response
    said = response.get_data().replace(request_number().encode(), b"")  # the page's own id is no part of what it says
    response.headers["Cache-Control"] = "public, max-age=0, must-revalidate"
    response.vary.add("Cookie")
    response.set_etag(hashlib.sha256(said).hexdigest()[:32], weak=True)
    response.make_conditional(request)
    return response
