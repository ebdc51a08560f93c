"""The programs people call the gateway with: names, user agents, where each shows its facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Client:
    """One client program. `where` gives per evidence field and language where its user finds the field."""

    id: str
    name: str
    aliases: tuple[str, ...]
    user_agents: tuple[str, ...]
    paths: tuple[str, ...]
    facts: tuple[str, ...]
    where: Mapping[str, Mapping[str, str]]


class ClientBook:
    """Clients by id, name in the user's words, and user agent; built from app/rules/clients.toml."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.clients: tuple[Client, ...] = ()

    def recognise(self, words: str | None) -> Client | None:
        """The client a person means by `words` ("cherry", "Claude code 2.0")."""
        return None

    def of_user_agent(self, user_agent: str | None) -> Client | None:
        """The client that sends this user agent; None where several share it or none does."""
        return None
