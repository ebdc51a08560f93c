"""What every answer carries: a strict content security policy, no sniffing, no caching of private pages, and one log line."""

from __future__ import annotations

import logging
import time

from flask import Flask, Response, g, request

from app.web.context import person_or_none
from app.web.render import request_number
from app.web.uploads import room_for_files

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
YEAR = 31_536_000
log = logging.getLogger("gatedesk.access")


def init(app: Flask) -> None:
    """Add the headers and the access line to every answer. Goes before whatever reads a form."""

    @app.before_request
    def _start() -> None:
        g.started = time.perf_counter()
        if request.blueprint != "ingest":  # only gateways send large bodies, and they show a token first
            request.max_content_length = app.config["MAX_FORM_MEMORY_SIZE"] + room_for_files(request.endpoint)

    @app.after_request
    def _finish(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if app.extensions["settings"].secure_cookies:
            response.headers.setdefault("Strict-Transport-Security", f"max-age={YEAR}")
        response.headers["X-Request-Id"] = request_number()
        _cache_rules(response)
        _log_line(response)
        return response


def _cache_rules(response: Response) -> None:
    """Hashed static files for ever; pages of a signed-in person never in a shared cache."""
    if request.endpoint in HASHED_ENDPOINTS:
        response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable" if request.args.get("v") else "public, max-age=300"
    elif person_or_none() or "Set-Cookie" in response.headers or request.endpoint in PRIVATE_ENDPOINTS:
        response.headers["Cache-Control"] = "no-store"
    else:
        response.headers.setdefault("Cache-Control", "no-cache")


HASHED_ENDPOINTS = frozenset({"static", "portal.redaction_rules"})
PRIVATE_ENDPOINTS = frozenset({"portal.follow", "portal.linked_file", "auth.accept_invitation"})


def _log_line(response: Response) -> None:
    """Method, route pattern (never the address: it may hold a secret link), status, milliseconds, our request id."""
    rule = request.url_rule.rule if request.url_rule else "-"
    elapsed = (time.perf_counter() - g.started) * 1000 if "started" in g else 0.0
    log.info("%s %s %d %.1fms %s", request.method, rule, response.status_code, elapsed, request_number())
