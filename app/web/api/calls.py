"""What every call brings and gets: a desk token in force, an answer as JSON, a refusal as problem+json (RFC 9457)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import msgspec
from flask import Blueprint, Response, g

from app.core.redacted_text import RedactedText
from app.core.roles import Audience, Role, admits
from app.operations.desk_tokens import CALLS_A_MINUTE, Caller, caller_of
from app.store import tickets
from app.web.render import now
from app.web.request_body import bearer_token, drain

if TYPE_CHECKING:
    from app.store.models import Ticket

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
RETRY_SECONDS = "60"


@dataclass(eq=False)
class Problem(Exception):
    """The call is refused. more: what of the body is at fault, by name or place, never by value."""

    status: int
    title: str
    detail: str
    more: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


@blueprint.before_request
def _let_in() -> None:
    """Let only a token in force pass, whose account works at the desk; a session cookie is no authority here. Raises Problem."""
    token = bearer_token()
    known = None if token is None else caller_of(token, now())
    if known is None:
        drain()
        challenge = {"WWW-Authenticate": 'Bearer realm="gatedesk tickets"'}
        raise Problem(401, "A desk token is needed", "Send Authorization: Bearer gdt_…, made on the settings page", headers=challenge)
    if known.too_often:
        drain()
        raise Problem(
            429, "Too many calls", f"A token has {CALLS_A_MINUTE} calls a minute; wait a minute", headers={"Retry-After": RETRY_SECONDS}
        )
    if not admits(Audience.DESK, Role(known.user.role)):
        drain()
        raise Problem(403, "This account does not work on tickets", "The token may what its account may; ask the owner for another role")
    g.caller = known


def caller() -> Caller:
    """Who calls."""
    return cast("Caller", g.caller)


def ticket_or_404(number: int) -> Ticket:
    """The ticket. Raises Problem."""
    found = tickets.by_id(number)
    if found is None:
        drain()
        raise Problem(404, "There is no such ticket", "The number may be mistyped")
    return found


def answer(value: Any, status: int = 200) -> Response:
    """Answer with JSON, kept by nobody."""
    return _sent(value, status, "application/json")


@blueprint.errorhandler(Problem)
def _refused(problem: Problem) -> Response:
    told = {"type": "about:blank", "title": problem.title, "status": problem.status, "detail": problem.detail, **problem.more}
    response = _sent(told, problem.status, "application/problem+json")
    response.headers.update(dict(problem.headers))
    return response


def _sent(value: Any, status: int, kind: str) -> Response:
    response = Response(msgspec.json.encode(value, enc_hook=_plain), status, mimetype=kind)
    response.headers["Cache-Control"] = "no-store"
    return response


def _plain(value: Any) -> str:
    """Redacted text as the text it is. Raises TypeError for whatever else has no form in JSON."""
    if isinstance(value, RedactedText):
        return str(value)
    raise TypeError(type(value).__name__)
