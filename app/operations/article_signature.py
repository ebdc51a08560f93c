"""A ticket's signature: its cause, the client it names if that is a known one, and the family of its model."""

from __future__ import annotations

from app.core.article_signature import Signature
from app.core.rulebook import Rulebook
from app.store.models import Ticket


def signature_of(ticket: Ticket, rulebook: Rulebook) -> Signature:
    """What makes two tickets the same question; nothing in the requester's own words."""
    return read_signature(ticket.cause, ticket.client, ticket.model, rulebook)


def read_signature(cause: str | None, client: str | None, model: str | None, rulebook: Rulebook) -> Signature:
    """The same from the columns alone."""
    known = rulebook.clients.recognise(client) if client else None
    return Signature(cause, known.id if known else None, rulebook.model_names.family(model) if model else None)
