"""Which tickets an article is about: those with its signature, that is cause, client and model family."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from app.core.article import ArticleContent


@dataclass(frozen=True, slots=True)
class Signature:
    """What makes two tickets the same question: the cause, a known client, a model family; None where it is not known."""

    cause: str | None
    client: str | None
    family: str | None


def has_signature(content: ArticleContent, ticket: Signature) -> bool:
    """Whether a ticket asks what the article answers. An article for every client or model family leaves those open."""
    return (
        ticket.cause is not None
        and ticket.cause in content.causes
        and _meets(content.clients, ticket.client)
        and _meets(content.models, ticket.family)
    )


def why_suggested(content: ArticleContent, ticket: Signature) -> tuple[str, ...]:
    """The facts an article and a ticket have in common, by name: cause, client, model."""
    common = (
        ("cause", ticket.cause in content.causes),
        ("client", ticket.client in content.clients),
        ("model", ticket.family in content.models),
    )
    return tuple(name for name, met in common if met)


def _meets(wanted: Collection[str], known: str | None) -> bool:
    return not wanted or known in wanted
