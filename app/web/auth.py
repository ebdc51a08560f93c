"""Sign in, sign out, and set a password by invitation."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Blueprint, Flask, abort, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import LoginManager, login_user, logout_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField
from wtforms.validators import DataRequired, EqualTo, Length

from app.core.roles import Audience, Role
from app.operations import accounts
from app.store import users
from app.web.access import for_audience
from app.web.context import forget_person, person, person_or_none, redactor, settings
from app.web.render import now

if TYPE_CHECKING:
    from app.store.models import User

blueprint = Blueprint("auth", __name__)
login_manager = LoginManager()
LONGEST_TARGET = 200
HOME_OF = {Role.AGENT: "desk.queue", Role.MANAGER: "desk.queue", Role.OWNER: "desk.queue", Role.EDITOR: "content.board"}


class SignInForm(FlaskForm):
    """Name and password; neither is ever shown again or logged."""

    name = StringField(lazy_gettext("User name"), validators=[DataRequired(), Length(max=40)])
    password = PasswordField(lazy_gettext("Password"), validators=[DataRequired(), Length(max=200)])


class PasswordForm(FlaskForm):
    """A new password, twice."""

    password = PasswordField(lazy_gettext("New password"), validators=[DataRequired(), Length(min=accounts.SHORTEST_PASSWORD, max=200)])
    again = PasswordField(lazy_gettext("The same again"), validators=[DataRequired(), EqualTo("password")])


def init(app: Flask) -> None:
    """Sessions name an account and its salt."""
    login_manager.init_app(app)
    login_manager.user_loader(users.by_session_id)


@blueprint.get("/sign-in")
@for_audience(Audience.PUBLIC)
def sign_in() -> str:
    """The form; in demo mode also one button per demo account."""
    return render_template("auth/sign_in.html", form=SignInForm(), problem=None, demo_accounts=_demo_accounts(), next=_safe_next())


@blueprint.post("/sign-in")
@for_audience(Audience.PUBLIC)
def enter() -> Response | tuple[str, int]:
    """Check name and password."""
    form = SignInForm()
    problem = _("Enter your user name and your password.")
    if form.validate_on_submit():
        try:
            user = accounts.sign_in(form.name.data, form.password.data, request.remote_addr or "", settings().pepper, now())
        except accounts.AccountError as error:
            problem = _refusal(error.code)
        else:
            return _begin_session(user)
    form.name.data = ""
    page = render_template("auth/sign_in.html", form=form, problem=problem, demo_accounts=_demo_accounts(), next=_safe_next())
    return page, 422


@blueprint.post("/sign-in/demo")
@for_audience(Audience.PUBLIC)
def enter_demo() -> Response:
    """Demo mode only: sign in as one of the generated accounts."""
    user = next((user for user in _demo_accounts() if user.name == request.form.get("name")), None)
    if user is None:
        abort(404)
    accounts.note_session("signed_in", user, now())
    return _begin_session(user)


@blueprint.post("/sign-out")
@for_audience(Audience.PUBLIC)
def sign_out() -> Response:
    """End the session."""
    if person_or_none():
        accounts.note_session("signed_out", person(), now())
    logout_user()
    forget_person()
    session.clear()
    return redirect(url_for("portal.home"), 303)


@blueprint.get("/welcome/<token>")
@for_audience(Audience.PUBLIC)
def accept_invitation(token: str) -> str | tuple[str, int]:
    """The password form behind a one-time link."""
    user = accounts.invited_user(token, now())
    if user is None:
        abort(404)
    return render_template("auth/welcome.html", form=PasswordForm(), invited=user, token=token)


@blueprint.post("/welcome/<token>")
@for_audience(Audience.PUBLIC)
def set_password(token: str) -> Response | tuple[str, int]:
    """Use the one-time link up and sign in."""
    user = accounts.invited_user(token, now())
    if user is None:
        abort(404)
    form = PasswordForm()
    if not form.validate_on_submit():
        return render_template("auth/welcome.html", form=form, invited=user, token=token), 422
    return _begin_session(accounts.accept_invitation(token, form.password.data, now()))


def _begin_session(user: User) -> Response:
    """A fresh session (no fixation), then to where the person was going."""
    language = session.get("language")
    session.clear()
    if language:
        session["language"] = language
    login_user(user)
    forget_person()
    flash(_("You are signed in as %(name)s.", name=user.display_name))
    role = Role(user.role)
    return redirect(_safe_next() or url_for(HOME_OF.get(role, "portal.my_tickets")), 303)


def _demo_accounts() -> list[User]:
    """The generated accounts, when this is a demo; nobody otherwise."""
    return [user for user in users.everyone() if user.is_active and user.password_hash is None] if settings().is_demo else []


def _safe_next() -> str | None:
    """Where to go after signing in, if it is a path of ours and holds no secret."""
    target = request.values.get("next", "")
    parts = urlsplit(target)
    own = target.startswith("/") and not target.startswith("//") and "\\" not in target and not parts.scheme and not parts.netloc
    return target if own and len(target) <= LONGEST_TARGET and redactor().clean(target) == target else None


def _refusal(code: str) -> str:
    """Why signing in failed, without telling whether the name exists."""
    if code == "throttled":
        return _("Too many failed attempts. Wait 15 minutes, then try again.")
    return _("User name and password do not fit.")
