"""What the rules know of a report that helps a store to search: how the client and the model look in a log."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.clients import ClientBook
from app.core.evidence import Evidence
from app.core.matching.said_client import said_client
from app.core.model_names import ModelNames


@dataclass(frozen=True, slots=True)
class SearchHints:
    """agents: beginnings of the user agents the client may send, lower case. model: the canonical name, lower case."""

    agents: tuple[str, ...] = ()
    model: str | None = None


NO_HINTS = SearchHints()


def search_hints(evidence: Evidence, clients: ClientBook, model_names: ModelNames) -> SearchHints:
    """The hints for one report."""
    said = said_client(evidence, clients)
    client = clients.get(said) or clients.recognise(said)
    agents = (*client.user_agents, *client.shared_agents) if client else ()
    return SearchHints(agents, model_names.canonical(evidence.model).lower() if evidence.model else None)
