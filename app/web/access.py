"""Every route says who it is for; a route that does not say cannot be registered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, Response, abort, current_app, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.core.roles import Audience, Role, admits
from app.web.context import person_or_none
from app.web.i18n import own_address

BY_TOKEN = frozenset({Audience.INGEST, Audience.API})
View = TypeVar("View", bound=Callable[..., Any])


def for_audience(audience: Audience) -> Callable[[View], View]:
    """Declare whom a view serves. Goes under the route decorator, nearest to the function."""

    def declare(view: View) -> View:
        view.audience = audience  # type: ignore[attr-defined]  # a function carries its declaration
        return view

    return declare


def declared_audience(endpoint: str | None) -> Audience | None:
    """The audience a registered endpoint declared; static files are public."""
    if endpoint == "static":
        return Audience.PUBLIC
    view = current_app.view_functions.get(endpoint or "")
    return getattr(view, "audience", None)


def guard(app: Flask) -> None:
    """Check every request against the audience its route declared. Undeclared means nobody."""

    @app.before_request
    def _check() -> BaseResponse | None:
        if request.endpoint is None:
            return None  # 404 or 405 follows
        audience = declared_audience(request.endpoint)
        if audience is None:
            abort(Response("this route declares no audience", 500))
        if audience in BY_TOKEN or admits(audience, current_role()):
            return None  # what is reached by a bearer token checks it itself; a session is no authority there
        return _refuse()


def current_role() -> Role | None:
    """The signed-in person's role, or None for a stranger."""
    person = person_or_none()
    return Role(person.role) if person else None


def _refuse() -> BaseResponse:
    """A stranger may sign in; a person without the role is told so."""
    if person_or_none():
        abort(403)
    return redirect(url_for("auth.sign_in", next=own_address() if request.method == "GET" else None), 303)
