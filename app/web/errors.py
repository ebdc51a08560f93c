"""Error pages are intake: our request id, what happened, what to do, and a way to report it."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from flask import Flask, Response, current_app, jsonify, make_response, render_template, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from app.store import half_done
from app.web.render import request_number

log = logging.getLogger("gatedesk.error")
RETRY_SECONDS = "30"
LONGEST_TYPED = 50_000


def init(app: Flask) -> None:
    """Answer every failure with a page (or problem+json under /api/)."""
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _crash)


def _stale_form(_error: CSRFError) -> Response:
    """The form's token is gone: an expired session or a foreign site."""
    return _answer(400, _("This form has expired"), _("Go back, reload the page and send the form again. Nothing was stored."))


def _http_error(error: HTTPException) -> Response:
    """An answer below 500 that some code chose, or 500 itself."""
    code = error.code or 500
    title, advice = _words(code)
    response = _answer(code, title, advice)
    for name, value in error.get_headers():
        if name.lower() in {"allow", "retry-after", "www-authenticate"}:
            response.headers[name] = value
    return response


def _crash(error: Exception) -> Response:
    """A bug. The log gets type and place, never the message: it may quote input."""
    place = error.__traceback__
    while place and place.tb_next:
        place = place.tb_next
    where = f"{place.tb_frame.f_code.co_filename}:{place.tb_lineno}" if place else "?"
    log.error("%s at %s in %s", type(error).__name__, where, request_number())
    half_done.forget()  # the answer's own questions would fail as well
    return _cannot_store() if isinstance(error, half_done.CANNOT_STORE) else _http_error(_internal())


def _cannot_store() -> Response:
    """The disk is full, or the database away: nobody's fault here, and what was typed is given back."""
    response = _answer(503, *_words(503), typed=_typed())
    response.headers["Retry-After"] = RETRY_SECONDS
    return response


def _typed() -> list[str]:
    """What a person wrote into a form, redacted like all that is shown; no password, and nothing that we sent along ourselves."""
    clean = current_app.extensions["rulebook"].redactor.clean
    fields = request.form.items(multi=True)
    return [str(clean(text[:LONGEST_TYPED])) for name, text in fields if len(text.split()) > 1 and "password" not in name]


def _internal() -> HTTPException:
    """A bare 500."""
    error = HTTPException()
    error.code = 500
    return error


def _answer(code: int, title: str, advice: str, typed: Sequence[str] = ()) -> Response:
    """The error as a page, or as problem+json for the API."""
    if request.path.startswith(("/api/", "/v1/")):
        response = jsonify(type="about:blank", title=title, status=code, detail=advice, instance=request_number())
        response.mimetype = "application/problem+json"
        response.status_code = code
        return response
    return make_response(render_template("error.html", code=code, title=title, advice=advice, typed=typed), code)


def _words(code: int) -> tuple[str, str]:
    """What the status means to the person in front of the page."""
    words = {
        403: (
            _("This page is not for your account"),
            _("Ask the owner of this desk for the role you need, or sign in with another account."),
        ),
        404: (_("There is nothing here"), _("The address may be mistyped, the page may have moved, or it may not be yours to see.")),
        405: (_("That cannot be done here"), _("Go back and use the buttons of the page.")),
        413: (_("That is too large"), _("Send the part that shows the error. Files up to the stated size are accepted.")),
        429: (_("Too many attempts"), _("Wait a few minutes, then try again.")),
        503: (
            _("Nothing can be stored right now"),
            _("The desk's disk is full, or its database does not answer. Nothing of what you sent was kept; try again in a few minutes."),
        ),
        500: (_("Something broke on our side"), _("It is not your fault. Try again; if it stays, report it with the id below.")),
    }
    return words.get(code, (_("That did not work"), _("Go back and try again; if it stays, report it with the id below.")))
