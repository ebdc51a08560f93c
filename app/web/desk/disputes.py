"""Disputes about charges: the claim on a ticket, what the log says, the decision; amounts only for those who may see them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.dispute import LEGAL_MOVES, Claim, DisputeEvidence, DisputeOutcome, DisputeState, IllegalDisputeMove, advise, recall
from app.core.roles import Audience, sees_amounts
from app.operations import disputes as operations
from app.store import claims, tickets
from app.web.access import current_role, for_audience
from app.web.context import log_store, person, redactor
from app.web.desk.queue import blueprint
from app.web.dispute_words import claim_words, dispute_outcome_words, dispute_state_words
from app.web.render import now
from app.web.reports.figures import worded

if TYPE_CHECKING:
    from app.store.models import Ticket
    from app.store.models_claims import Dispute

LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class Money:
    """What was taken and given back, as text."""

    charged: str
    refunded: str


@dataclass(frozen=True, slots=True)
class DisputeView:
    """A dispute as staff see it; money is None for those who may not see amounts."""

    row: Dispute
    claim: str
    state: str
    outcome: str
    days: int  # how long it has been open, or was
    evidence: DisputeEvidence | None
    money: Money | None
    advice: str
    can_decide: bool
    can_close: bool
    kind: str  # ok, wait, fail, plain


@blueprint.get("/disputes")
@for_audience(Audience.DESK)
def dispute_list() -> str:
    """Everything that is not settled, the oldest first; then what was settled last."""
    waiting = [dispute_view(dispute) for dispute in claims.open_disputes()]
    settled = [dispute_view(dispute) for dispute in claims.closed_disputes()]
    return render_template("desk/disputes.html", waiting=waiting, settled=settled)


@blueprint.post("/tickets/<int:number>/disputes")
@for_audience(Audience.DESK)
def claim(number: int) -> Response:
    """Write a claim down; the log is looked at at once, and the ticket goes to billing."""
    ticket, typed = _ticket(number), request.form.get("claim", "")
    if typed not in {claim.value for claim in Claim}:
        flash(_("Say what the requester disputes."), "fail")
        return _back(number)
    operations.claim(ticket, Claim(typed), log_store(), person(), now())
    flash(_("The claim is noted, and what the log says of it."), "ok")
    return _back(number)


@blueprint.post("/disputes/<int:dispute_id>/evidence")
@for_audience(Audience.DESK)
def gather_evidence(dispute_id: int) -> Response:
    """Look again what the log says."""
    return _step(dispute_id, lambda dispute: operations.gather(dispute, dispute.ticket, log_store(), person(), now()))


@blueprint.post("/disputes/<int:dispute_id>/decision")
@for_audience(Audience.DESK)
def decide_dispute(dispute_id: int) -> Response:
    """Decide, with a reason."""
    typed, reason = request.form.get("outcome", ""), redactor().clean(request.form.get("reason", "").strip()[:LONGEST])
    if typed not in {outcome.value for outcome in DisputeOutcome} or not reason:
        flash(_("A decision needs an outcome and a reason."), "fail")
        return _back(_dispute(dispute_id).ticket_id)
    return _step(dispute_id, lambda dispute: operations.decide(dispute, dispute.ticket, DisputeOutcome(typed), reason, person(), now()))


@blueprint.post("/disputes/<int:dispute_id>/closing")
@for_audience(Audience.DESK)
def close_dispute(dispute_id: int) -> Response:
    """Nothing is left to do."""
    return _step(dispute_id, lambda dispute: operations.close(dispute, dispute.ticket, person(), now()))


def dispute_view(dispute: Dispute) -> DisputeView:
    """One dispute in words."""
    evidence = recall(dispute.evidence) if dispute.evidence else None
    advice = advise(evidence) if evidence else None
    state = DisputeState(dispute.state)
    return DisputeView(
        row=dispute,
        claim=claim_words()[Claim(dispute.claim)],
        state=dispute_state_words()[state],
        outcome=dispute_outcome_words()[DisputeOutcome(dispute.outcome)] if dispute.outcome else "",
        days=((dispute.closed_at or now()) - dispute.claimed_at) // timedelta(days=1),
        evidence=evidence,
        money=_money(evidence) if evidence and sees_amounts(current_role()) else None,
        advice=dispute_outcome_words()[advice] if advice else "",
        can_decide=DisputeState.DECIDED in LEGAL_MOVES[state],
        can_close=DisputeState.CLOSED in LEGAL_MOVES[state],
        kind={DisputeState.CLOSED: "plain", DisputeState.DECIDED: "ok", DisputeState.WAITING: "wait"}.get(state, "fail"),
    )


def _money(evidence: DisputeEvidence) -> Money:
    return Money(worded(evidence.charged, "money"), worded(evidence.refunded, "money"))


def _step(dispute_id: int, step: Callable[[Dispute], None]) -> Response:
    """One move of a dispute; an illegal one changes nothing."""
    dispute = _dispute(dispute_id)
    try:
        step(dispute)
    except IllegalDisputeMove:
        flash(_("That step is not open to this dispute any more."), "fail")
    return _back(dispute.ticket_id)


def _dispute(dispute_id: int) -> Dispute:
    return claims.dispute(dispute_id) or abort(404)


def _ticket(number: int) -> Ticket:
    return tickets.by_id(number) or abort(404)


def _back(number: int) -> Response:
    if request.form.get("back") == "list":
        return redirect(url_for("desk.dispute_list"), 303)
    return redirect(url_for("desk.ticket", number=number, _anchor="disputes"), 303)
