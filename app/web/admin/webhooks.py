"""Endpoints of other programs: add, test, give a new secret, end. An address is never shown again, only its host."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response
from wtforms import StringField, ValidationError
from wtforms.validators import DataRequired, Length

from app.core.roles import Audience
from app.operations import webhooks as operations
from app.store import outbox, webhook_calls
from app.web.access import for_audience
from app.web.admin.pages import blueprint
from app.web.context import person, redactor, sealer, settings
from app.web.forms import RedactingForm
from app.web.render import now

if TYPE_CHECKING:
    from app.store.models_mail import Webhook

LONGEST_URL = 2_000


class EndpointField(StringField):
    """An address that may hold a secret: read once, never written into a page."""

    url = ""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Keep it beside the field's data, where no template looks."""
        self.url = (valuelist[0] if valuelist else "").strip()
        self.data, self.raw_data = "", []

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002 - WTForms' signature
        """It must be an address that may be called. Raises ValidationError."""
        if len(self.url) > LONGEST_URL or not webhook_calls.fits(self.url, private=settings().webhook_private):
            raise ValidationError(_("Write an https address without user and password."))


class WebhookForm(RedactingForm):
    """A new endpoint."""

    label = StringField(lazy_gettext("What listens there"), validators=[DataRequired(), Length(max=80)])
    address = EndpointField(lazy_gettext("Its address"))


@blueprint.get("/webhooks")
@for_audience(Audience.ADMIN)
def webhooks() -> str:
    """Every endpoint that is told, and a form for another."""
    return _page(WebhookForm(formdata=None))


@blueprint.post("/webhooks")
@for_audience(Audience.ADMIN)
def add_webhook() -> str | tuple[str, int]:
    """A new endpoint; its secret is shown this once."""
    form, kinds = WebhookForm(), [kind for kind in operations.KINDS if kind in request.form.getlist("kinds")]
    if not form.validate() or not kinds:
        return _page(form, problem="" if kinds else _("Choose what it is told of.")), 422
    _endpoint, secret = operations.add_webhook(form.label.data, form.address.url, kinds, redactor(), sealer(), person(), now())
    return _page(WebhookForm(formdata=None), secret)


@blueprint.post("/webhooks/<int:number>")
@for_audience(Audience.ADMIN)
def change_webhook(number: int) -> str | Response:
    """Test it, give it a new secret, or end it."""
    endpoint, wish = outbox.webhook(number) or abort(404), request.form.get("wish", "")
    if wish == "rotate":
        return _page(WebhookForm(formdata=None), operations.rotate_secret(endpoint, sealer(), person(), now()))
    if wish == "test":
        operations.try_webhook(endpoint, person(), now())
        flash(_("A test call is made within a minute; if it fails it is listed under messages."), "ok")
    elif wish == "end":
        operations.end_webhook(endpoint, person(), now())
        flash(_("It is told nothing any more."), "ok")
    else:
        abort(400)
    return redirect(url_for("admin.webhooks"), 303)


def _page(form: WebhookForm, secret: str | None = None, problem: str = "") -> str:
    """The page; `secret` is one made just now."""
    endpoints: list[Webhook] = list(outbox.webhooks())
    return render_template(
        "admin/webhooks.html", form=form, secret=secret, problem=problem, endpoints=endpoints, kinds=kind_words(), now_chosen=_chosen()
    )


def _chosen() -> list[str]:
    return request.form.getlist("kinds") or ["ticket"]


def kind_words() -> dict[str, str]:
    """What an endpoint may be told of."""
    return {
        "ticket": _("tickets: opened, answered, moved"),
        "clock": _("clocks that run out"),
        "incident": _("incidents"),
        "article": _("articles"),
        "budget": _("budgets"),
        "review": _("weekly reviews"),
        "approval": _("approvals"),
    }
