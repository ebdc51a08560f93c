"""The rules with which the report forms mask secrets before anything is sent."""

from __future__ import annotations

import hashlib
from functools import cache

import msgspec
from flask import Response, request, url_for

from app.core.browser_rules import browser_rules
from app.core.roles import Audience
from app.store.rulebook import RULES_DIR, read_rules
from app.web.access import for_audience
from app.web.portal.pages import blueprint


@blueprint.get("/redaction-rules.json")
@for_audience(Audience.PUBLIC)
def redaction_rules() -> Response:
    """The rules for static/redact.js; the address carries their hash, so that they can be cached for ever."""
    response = Response(_document(), mimetype="application/json")
    response.set_etag(_digest())
    response.make_conditional(request)
    return response


@blueprint.app_template_global()
def redaction_rules_url() -> str:
    """The address of today's rules."""
    return url_for("portal.redaction_rules", v=_digest())


@cache
def _document() -> bytes:
    """Made once per process: rules change with a restart."""
    return msgspec.json.encode(browser_rules(read_rules(RULES_DIR, "redaction")))


@cache
def _digest() -> str:
    return hashlib.sha256(_document()).hexdigest()[:10]
