"""A person of the desk makes and revokes the tokens by which programs act as their account."""

from __future__ import annotations

from flask import abort, flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.roles import Audience
from app.operations import desk_tokens as operations
from app.web.access import for_audience
from app.web.auth import blueprint
from app.web.context import person, redactor
from app.web.render import now
from app.web.settings import TokenForm, settings_page


@blueprint.post("/settings/tokens")
@for_audience(Audience.DESK)
def make_desk_token() -> str | tuple[str, int]:
    """A new token, shown this once; the page is not cached."""
    form = TokenForm()
    if not form.validate():
        return settings_page(token_form=form), 422
    try:
        secret = operations.make_desk_token(person(), form.label.data, redactor(), now())
    except operations.CannotMake:
        form.form_errors.append(_("An account has at most %(most)s tokens. Revoke one that nobody needs.", most=operations.MOST))
        return settings_page(token_form=form), 422
    return settings_page(secret=secret)


@blueprint.post("/settings/tokens/<int:number>/revocation")
@for_audience(Audience.DESK)
def revoke_desk_token(number: int) -> Response:
    """A revoked token opens nothing from the next call on."""
    if not operations.revoke_desk_token(person(), number, now()):
        abort(404)
    flash(_("The token no longer works."), "ok")
    return redirect(url_for("auth.own_settings", _anchor="tokens"), 303)
