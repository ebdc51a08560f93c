"""Approvals: anybody signed in asks before something costly is run; another person, who may see amounts, decides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response
from wtforms import DecimalField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, NumberRange

from app.core.approval import ApprovalState, CannotDecide
from app.core.roles import Audience, sees_amounts
from app.operations import approvals as operations
from app.store import claims
from app.web.access import current_role, for_audience
from app.web.context import person, redactor
from app.web.forms import RedactingForm
from app.web.render import now
from app.web.reports.figures import worded
from app.web.reports.gateway import MICROS, blueprint

if TYPE_CHECKING:
    from app.store.models_claims import Approval

LONGEST_REASON = 1_000
MOST_USD = 10_000_000
HOURS = {"4": timedelta(hours=4), "24": timedelta(days=1), "48": timedelta(days=2), "168": timedelta(days=7)}


@dataclass(frozen=True, slots=True)
class ApprovalView:
    """A request as its asker or its decider sees it."""

    row: Approval
    state: ApprovalState
    word: str
    kind: str  # ok, wait, fail, plain
    estimate: str
    type_word: str
    is_own: bool


class ApprovalForm(RedactingForm):
    """What is to be run, and what it will cost."""

    task = TextAreaField(lazy_gettext("What is to be run, and why"), validators=[DataRequired(), Length(max=2000)])
    request_type = SelectField(lazy_gettext("Kind of request"))
    model = StringField(lazy_gettext("Model"), validators=[Length(max=160)])
    estimate = DecimalField(lazy_gettext("Estimate, US dollars"), validators=[DataRequired(), NumberRange(Decimal("0.01"), MOST_USD)])
    within = SelectField(lazy_gettext("Answer needed within"))

    def offer(self) -> ApprovalForm:
        """What can be chosen."""
        self.request_type.choices = list(type_words().items())
        self.within.choices = [("4", _("4 hours")), ("24", _("1 day")), ("48", _("2 days")), ("168", _("7 days"))]
        return self


@blueprint.get("/approvals")
@for_audience(Audience.SIGNED_IN)
def approval_list() -> str:
    """One's own requests; for those who decide, what waits for them and what was decided."""
    form = ApprovalForm(formdata=None).offer()
    form.within.data = "48"
    return _page(form)


@blueprint.post("/approvals")
@for_audience(Audience.SIGNED_IN)
def ask_approval() -> Response | tuple[str, int]:
    """Ask."""
    form = ApprovalForm().offer()
    if not form.validate():
        return _page(form), 422
    wish = operations.ApprovalWish(
        form.task.data, form.model.data or None, form.request_type.data, round(form.estimate.data * MICROS), HOURS[form.within.data]
    )
    operations.ask(wish, person(), now())
    flash(_("Asked. You are told when it is decided."), "ok")
    return _back()


@blueprint.post("/approvals/<int:approval_id>/decision")
@for_audience(Audience.AMOUNTS)
def decide_approval(approval_id: int) -> Response:
    """Approve or reject."""
    approved, reason = request.form.get("decision") == "approve", redactor().clean(request.form.get("reason", "").strip()[:LONGEST_REASON])
    if not approved and not reason:
        flash(_("Say why it is rejected."), "fail")
        return _back()
    return _try(approval_id, lambda approval: operations.decide(approval, approved, reason or None, person(), now()))


@blueprint.post("/approvals/<int:approval_id>/withdrawal")
@for_audience(Audience.SIGNED_IN)
def withdraw_approval(approval_id: int) -> Response:
    """The asker needs it no longer."""
    return _try(approval_id, lambda approval: operations.withdraw(approval, person(), now()))


def type_words() -> dict[str, str]:
    """Kinds of requests in words, the costly ones first."""
    return {
        "video": _("video"),
        "image": _("image"),
        "batch": _("batch"),
        "chat": _("chat"),
        "audio": _("audio"),
        "embedding": _("embedding"),
        "other": _("other"),
    }


def state_words() -> dict[ApprovalState, tuple[str, str]]:
    """State → (word, kind of chip)."""
    return {
        ApprovalState.OPEN: (_("waits for a decision"), "wait"),
        ApprovalState.APPROVED: (_("approved"), "ok"),
        ApprovalState.REJECTED: (_("rejected"), "fail"),
        ApprovalState.WITHDRAWN: (_("withdrawn"), "plain"),
        ApprovalState.EXPIRED: (_("expired undecided"), "fail"),
    }


def _page(form: ApprovalForm) -> str:
    decides = sees_amounts(current_role())
    return render_template(
        "reports/approvals.html",
        form=form,
        own=_views(claims.approvals_asked_by(person().id)),
        decides=decides,
        waiting=_views(claims.open_approvals(now())) if decides else [],
        past=_views(claims.past_approvals(now())) if decides else [],
    )


def _views(rows: Sequence[Approval]) -> list[ApprovalView]:
    words, types = state_words(), type_words()
    views = []
    for row in rows:
        state = operations.state_of(row, now())
        estimate = worded(row.estimate_micros, "money")
        views.append(
            ApprovalView(row, state, *words[state], estimate, types.get(row.request_type, row.request_type), row.asker_id == person().id)
        )
    return views


def _try(approval_id: int, step: Callable[[Approval], None]) -> Response:
    """One step; one that is not this person's to take, or comes too late, changes nothing. Other people's requests are not there."""
    approval = claims.approval(approval_id) or abort(404)
    if approval.asker_id != person().id and not sees_amounts(current_role()):
        abort(404)
    try:
        step(approval)
        flash(_("Noted."), "ok")
    except CannotDecide as error:
        flash(
            _("Another person must decide what you asked for.")
            if str(error) == "own"
            else _("It was decided already, or its time is over."),
            "fail",
        )
    return _back()


def _back() -> Response:
    return redirect(url_for("reports.approval_list"), 303)
