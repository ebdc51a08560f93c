"""Warn of what is no incident; a person dismisses it with a reason and a date."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from app.core.redacted_text import RedactedText
from app.core.rulebook import Rulebook
from app.core.warning import Finding, is_reached
from app.operations.audit import record
from app.store import desk_warnings
from app.store.database import db
from app.store.models import User
from app.store.models_warnings import DeskWarning

CONTINUES = timedelta(days=2)  # a quiet night does not make it new


def warn(finding: Finding, started_at: datetime, seen_at: datetime, rulebook: Rulebook, now: datetime) -> bool:
    """Keep a finding that reaches its rule's limits: a new warning, or more of a known one. Whether it is new; the caller commits."""
    rule = rulebook.warnings.kinds[finding.rule]
    if not is_reached(rule, finding.facts):
        return False
    known = desk_warnings.latest_of(finding.rule, finding.subject)
    facts = _clean(finding.facts, rulebook) | ({"money": finding.money} if finding.money is not None else {})
    if known is not None and _still_that(known, started_at, now):
        _extend(known, facts, finding, seen_at)
        return False
    db.session.add(
        DeskWarning(
            rule=finding.rule, subject=finding.subject, value=rulebook.redactor.clean(finding.value), facts=facts,
            examples=list(finding.examples), started_at=started_at, last_seen_at=seen_at, found_at=now,
        )
    )  # fmt: skip
    db.session.flush()
    return True


def dismiss(warning: DeskWarning, reason: RedactedText, until: date, actor: User, now: datetime) -> None:
    """A person says why nothing needs to be done, and until when that holds."""
    warning.dismissed_at, warning.dismissed_by_id = now, actor.id
    warning.dismissal, warning.dismissed_until = reason, until.isoformat()
    record("dismiss", "warning", warning.id, now, actor)
    db.session.commit()


def _still_that(known: DeskWarning, started_at: datetime, now: datetime) -> bool:
    """Whether what was found is the known warning: it goes on, or it was dismissed until a day that has not come."""
    if known.dismissed_until is not None:
        return now.date().isoformat() <= known.dismissed_until
    return started_at <= known.last_seen_at + CONTINUES


def _extend(known: DeskWarning, facts: dict[str, Any], finding: Finding, seen_at: datetime) -> None:
    """The worst of it is what is shown."""
    if facts.get("count", 0) > known.facts.get("count", 0):
        known.facts, known.examples = facts, list(finding.examples)
    elif facts.get("hours", 0) > known.facts.get("hours", 0):
        return  # a longer span with no more in it says nothing new
    known.last_seen_at = max(known.last_seen_at, seen_at)


def _clean(facts: Any, rulebook: Rulebook) -> dict[str, Any]:
    """Names among the facts pass the redactor as every text does."""
    return {name: rulebook.redactor.clean(value) if isinstance(value, str) else value for name, value in facts.items()}
