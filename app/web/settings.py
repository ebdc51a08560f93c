"""What a person sets for themselves: language, where they get e-mail, how soon they hear of what; and their tokens, if they have any."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField
from wtforms.validators import DataRequired, Length

from app.core.mail_kinds import OPTIONS, Group, When
from app.core.roles import Audience, Role, admits
from app.operations import contacts as operations
from app.store import contacts, desk_tokens
from app.web.access import for_audience
from app.web.address_field import AddressField, shown_address
from app.web.auth import blueprint
from app.web.context import person, settings
from app.web.forms import RedactingForm, choice
from app.web.i18n import LANGUAGES
from app.web.render import now


class SettingsForm(FlaskForm):
    """Language and address; the choices by kind are read beside it."""

    language = SelectField(
        lazy_gettext("Language"),
        choices=[choice("", lazy_gettext("as the browser asks")), choice("en", "English"), choice("zh", "中文")],
    )
    contact = AddressField(lazy_gettext("E-mail address"))


class TokenForm(RedactingForm):
    """What a desk token is for."""

    label = StringField(lazy_gettext("What works with it"), validators=[DataRequired(), Length(max=80)])


@blueprint.get("/settings")
@for_audience(Audience.SIGNED_IN)
def own_settings() -> str:
    """The person's own settings."""
    return settings_page()


@blueprint.post("/settings")
@for_audience(Audience.SIGNED_IN)
def change_settings() -> Response | tuple[str, int]:
    """Save them."""
    form = SettingsForm()
    if not form.validate():
        return settings_page(form), 422
    operations.choose(person(), form.language.data if form.language.data in LANGUAGES else None, _wishes(), now())
    if settings().sends_mail and (form.contact.data or request.form.get("forget")):
        operations.set_user_address(person(), form.contact.data, now(), person())
    flash(_("Your settings are saved."), "ok")
    return redirect(url_for("auth.own_settings"), 303)


def settings_page(form: SettingsForm | None = None, token_form: TokenForm | None = None, secret: str | None = None) -> str:
    """The page; `secret` is a token made just now."""
    contact = contacts.of_user(person().id)
    return render_template(
        "auth/settings.html",
        form=form or _as_it_stands(),
        token_form=token_form or TokenForm(formdata=None),
        secret=secret,
        tokens=desk_tokens.of_user(person().id),
        contact=contact,
        address=shown_address(contact.address) if contact else None,
        groups=_groups(),
        group_words=_group_words(),
        options={group: [(when, _when_words()[when]) for when in OPTIONS[group]] for group in _groups()},
        chosen=contacts.choices([person().id])[person().id],
    )


def _as_it_stands() -> SettingsForm:
    form = SettingsForm(formdata=None)
    form.language.data = person().language or ""
    return form


def _groups() -> tuple[Group, ...]:
    """What this person hears of: staff of tickets too, everybody of their own reports."""
    role = Role(person().role)
    if admits(Audience.DESK, role):
        return tuple(Group)
    return (Group.OWN, Group.THINGS, Group.DAILY) if admits(Audience.CONTENT, role) else (Group.OWN,)


def _wishes() -> dict[Group, When]:
    """What the form asks for."""
    asked = {group: request.form.get(f"when_{group}", "") for group in _groups()}
    return {group: When(when) for group, when in asked.items() if when in OPTIONS[group]}


def _group_words() -> dict[str, str]:
    return {
        Group.OWN: _("Answers on what I reported"),
        Group.ANSWERS: _("The user answers on a ticket I own or follow"),
        Group.TURNS: _("A ticket is given or handed over to me"),
        Group.MENTIONS: _("Somebody names me in a note"),
        Group.CLOCKS: _("A clock runs out"),
        Group.DAILY: _("A summary each morning, when there is something"),
        Group.THINGS: _("Articles, incidents, budgets, reviews and approvals"),
    }


def _when_words() -> dict[str, str]:
    return {When.NOW: _("at once"), When.DIGEST: _("once a day"), When.NEVER: _("never")}
