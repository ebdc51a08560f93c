"""Accounts: make, invite, change the role, disable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField
from wtforms.validators import DataRequired, Length

from app.core.roles import Audience, Role
from app.operations import accounts as operations
from app.operations import contacts
from app.store import users
from app.web.access import for_audience
from app.web.address_field import AddressField
from app.web.admin.pages import blueprint
from app.web.context import person, redactor, settings
from app.web.forms import RedactingForm, choice
from app.web.render import now

if TYPE_CHECKING:
    from app.store.models import User


class AccountForm(RedactingForm):
    """A new account."""

    name = StringField(lazy_gettext("User name"), validators=[DataRequired(), Length(max=40)])
    display_name = StringField(lazy_gettext("Name shown"), validators=[Length(max=80)])
    role = SelectField(
        lazy_gettext("Role"),
        choices=[
            choice(Role.USER.value, lazy_gettext("user")),
            choice(Role.AGENT.value, lazy_gettext("support agent")),
            choice(Role.EDITOR.value, lazy_gettext("content editor")),
            choice(Role.MANAGER.value, lazy_gettext("manager")),
            choice(Role.OWNER.value, lazy_gettext("owner")),
        ],
    )
    contact = AddressField(lazy_gettext("E-mail address"))


@blueprint.get("/accounts")
@for_audience(Audience.ADMIN)
def accounts() -> str:
    """Everybody with an account."""
    return _page(AccountForm(formdata=None), None)


@blueprint.post("/accounts")
@for_audience(Audience.ADMIN)
def create_account() -> str | tuple[str, int]:
    """A new account; its one-time link is shown this once."""
    form = AccountForm()
    if form.validate():
        try:
            user = operations.create_account(
                form.name.data.lower(), form.display_name.data or "", Role(form.role.data), redactor(), now(), person()
            )
        except operations.AccountError as error:
            form.name.errors = (_refusal(error.code),)
        else:
            if settings().sends_mail and form.contact.data:
                contacts.set_user_address(user, form.contact.data, now(), person())
            return _page(AccountForm(formdata=None), _link(user))
    return _page(form, None), 422


@blueprint.post("/accounts/<int:number>/invitation")
@for_audience(Audience.ADMIN)
def invite(number: int) -> str:
    """A new one-time link for an account."""
    return _page(AccountForm(formdata=None), _link(_user(number)))


@blueprint.post("/accounts/<int:number>")
@for_audience(Audience.ADMIN)
def change_account(number: int) -> Response:
    """Another role, or disabled, or enabled again."""
    user, wish = _user(number), request.form.get("wish", "")
    try:
        if wish in {"disable", "enable"}:
            operations.set_disabled(user, wish == "disable", now(), person())
        elif request.form.get("role") in set(Role):
            operations.change_role(user, Role(request.form["role"]), now(), person())
        else:
            abort(400)
    except operations.AccountError as error:
        flash(_refusal(error.code), "fail")
    else:
        flash(_("The account was changed."), "ok")
    return redirect(url_for("admin.accounts"), 303)


def _user(number: int) -> User:
    """The account, or 404."""
    return users.by_id(number) or abort(404)


def _link(user: User) -> str:
    """The address behind which the person sets a password."""
    return url_for("auth.accept_invitation", token=operations.invite(user, now(), person()), _external=True)


def _page(form: AccountForm, link: str | None) -> str:
    """The accounts page; `link` is a one-time link made just now."""
    return render_template("admin/accounts.html", form=form, link=link, accounts=users.everyone(), roles=list(Role), me=person())


def _refusal(code: str) -> str:
    """Why an account operation was refused."""
    return {
        "bad_name": _("Two to forty lower-case letters, digits, dots, dashes or underscores; not an e-mail address."),
        "name_taken": _("There is an account of this name."),
        "self": _("You cannot do that to your own account."),
    }.get(code, code)
