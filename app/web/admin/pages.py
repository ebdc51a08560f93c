"""Connect the gateway: ingest tokens, what arrives, what was rejected."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from app.core.roles import Audience
from app.operations import tokens as operations
from app.store import tokens
from app.web.access import for_audience
from app.web.context import log_store, person, redactor
from app.web.forms import RedactingForm
from app.web.render import now

blueprint = Blueprint("admin", __name__, url_prefix="/admin")


class TokenForm(RedactingForm):
    """What a token is for."""

    label = StringField(lazy_gettext("What sends with it"), validators=[DataRequired(), Length(max=80)])


@blueprint.get("/")
@for_audience(Audience.ADMIN)
def overview() -> str:
    """Tokens, batches and how to connect a gateway."""
    return _overview(TokenForm(formdata=None), None)


@blueprint.post("/tokens")
@for_audience(Audience.ADMIN)
def make_token() -> str | tuple[str, int]:
    """A new token, shown this once. The page is not cached, and reloading it makes no second token."""
    form = TokenForm()
    if not form.validate():
        return _overview(form, None), 422
    _token, secret = operations.make_token(form.label.data, redactor(), now(), person())
    return _overview(TokenForm(formdata=None), secret)


@blueprint.post("/tokens/<int:number>/revocation")
@for_audience(Audience.ADMIN)
def revoke_token(number: int) -> Response:
    """A revoked token opens nothing from the next request on."""
    if not operations.revoke_token(number, now(), person()):
        abort(404)
    flash(_("The token no longer works."), "ok")
    return redirect(url_for("admin.overview"), 303)


@blueprint.get("/batches/<int:number>")
@for_audience(Audience.ADMIN)
def batch(number: int) -> str:
    """One batch's rejected lines: number and reason, never content."""
    found = next((batch for batch in log_store().batches(500) if batch.id == number), None) or abort(404)
    return render_template("admin/batch.html", batch=found, rejects=log_store().rejects(number))


def _overview(form: TokenForm, secret: str | None) -> str:
    """The page; `secret` is a token made just now."""
    return render_template(
        "admin/overview.html",
        form=form,
        secret=secret,
        tokens=tokens.everything(),
        batches=log_store().batches(20),
        records=log_store().count(),
    )
