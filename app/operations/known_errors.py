"""Keep known errors: what lies beneath incidents, what people can do meanwhile, and when it was mended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.core.redacted_text import RedactedText
from app.operations.audit import record
from app.store import known_errors
from app.store.database import db
from app.store.models import Ticket, User
from app.store.models_incidents import Incident, KnownError, KnownErrorTicket


@dataclass(frozen=True, slots=True)
class ErrorFacts:
    """What a person writes of a known error."""

    title: RedactedText
    cause: str | None
    workaround: RedactedText | None
    article_id: int | None


def keep_known_error(facts: ErrorFacts, actor: User, now: datetime) -> KnownError:
    """A new known error."""
    known = KnownError(
        title=facts.title, cause=facts.cause, workaround=facts.workaround, article_id=facts.article_id, made_by_id=actor.id,
        created_at=now, updated_at=now,
    )  # fmt: skip
    db.session.add(known)
    db.session.flush()
    record("keep", "known_error", known.id, now, actor)
    db.session.commit()
    return known


def change_known_error(known: KnownError, facts: ErrorFacts, actor: User, now: datetime) -> None:
    """Write down what has been learnt since."""
    known.title, known.cause, known.workaround, known.article_id = facts.title, facts.cause, facts.workaround, facts.article_id
    known.updated_at = now
    record("change", "known_error", known.id, now, actor)
    db.session.commit()


def mend(known: KnownError, mended: bool, actor: User, now: datetime) -> None:
    """Say that it is mended, or that it is not after all."""
    known.mended_at, known.mended_by_id = (now, actor.id) if mended else (None, None)
    record("mend" if mended else "reopen", "known_error", known.id, now, actor)
    db.session.commit()


def set_known_error(incident: Incident, known: KnownError | None, actor: User, now: datetime) -> None:
    """Say what lies beneath an incident, or that it is something else."""
    incident.known_error_id = known.id if known else None
    record("explain", "incident", incident.id, now, actor)
    db.session.commit()


def link_ticket(known: KnownError, ticket: Ticket, linked: bool, actor: User, now: datetime) -> None:
    """Say that a ticket is about it though it is about none of its incidents, or take that back."""
    link = known_errors.link(known.id, ticket.id)
    if linked and link is None:
        db.session.add(KnownErrorTicket(known_error_id=known.id, ticket_id=ticket.id, linked_at=now, linked_by_id=actor.id))
        record("attach", "known_error", known.id, now, actor, after=f"ticket {ticket.id}")
    elif not linked and link is not None:
        db.session.delete(link)
        record("detach", "known_error", known.id, now, actor, before=f"ticket {ticket.id}")
    db.session.commit()
