"""Claims, states and outcomes of disputes in words."""

from __future__ import annotations

from flask_babel import gettext as _

from app.core.dispute import Claim, DisputeOutcome, DisputeState


def claim_words() -> dict[Claim, str]:
    """What a requester may dispute."""
    return {
        Claim.CHARGED_FAILED: _("it failed and was charged"),
        Claim.WRONG_AMOUNT: _("the amount is wrong"),
        Claim.CHARGED_TWICE: _("it was charged twice"),
        Claim.NO_REFUND: _("a refund did not arrive"),
    }


def dispute_state_words() -> dict[DisputeState, str]:
    """Where a dispute stands."""
    return {
        DisputeState.CLAIMED: _("claimed"),
        DisputeState.EXAMINED: _("to be decided"),
        DisputeState.WAITING: _("waits for the provider"),
        DisputeState.DECIDED: _("decided"),
        DisputeState.CLOSED: _("closed"),
    }


def dispute_outcome_words() -> dict[DisputeOutcome, str]:
    """What was decided."""
    return {
        DisputeOutcome.REFUND_DUE: _("a refund is due"),
        DisputeOutcome.PARTIAL: _("part of it is refunded"),
        DisputeOutcome.NO_REFUND: _("no refund"),
        DisputeOutcome.WAIT: _("wait for the provider"),
    }
