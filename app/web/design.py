"""The design page: every component with its states, in both themes; demonstration installations only."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, abort, render_template
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from wtforms import BooleanField, Form, HiddenField, SelectField, StringField, TextAreaField

from app.core.roles import Audience
from app.web.access import for_audience
from app.web.context import settings
from app.web.render import now

blueprint = Blueprint("design", __name__)


class SampleForm(Form):
    """Fields to show: one plain, one filled from a paste, one wrong."""

    error_text = TextAreaField(lazy_gettext("Error text"))
    model = StringField(lazy_gettext("Model"))
    status_code = StringField(lazy_gettext("Status"))
    request_type = SelectField(lazy_gettext("Kind of request"))
    stream = BooleanField(lazy_gettext("The answer was streamed"))
    key_mask = StringField(lazy_gettext("API key, masked"))
    key_hash = HiddenField()


@blueprint.get("/design")
@for_audience(Audience.PUBLIC)
def index() -> str:
    """All components. There is no such page outside a demonstration."""
    if not settings().is_demo:
        abort(404)
    return render_template("design/index.html", form=_sample_form(), moments=_sample_moments())


def _sample_form() -> SampleForm:
    """Make a form as it looks after a paste with one mistake in it."""
    form = SampleForm(data={"model": "gpt-4o-mini", "status_code": "4o1"})
    form.request_type.choices = [("chat", _("Chat")), ("image", _("Image")), ("video", _("Video"))]
    form.status_code.errors = (_("Enter a three-digit status such as 429, or leave it empty."),)
    return form


def _sample_moments() -> dict[str, object]:
    """Give moments before now, for the time components."""
    ages = {"seconds": timedelta(seconds=14), "minutes": timedelta(minutes=6), "hours": timedelta(hours=3), "days": timedelta(days=2)}
    return {name: now() - age for name, age in ages.items()}
