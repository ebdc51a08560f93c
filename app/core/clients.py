"""The programs people call the gateway with: names, user agents, where each shows its facts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.core.edit_distance import distance

LONGEST_WORDS = 200
SHORTEST_MISSPELT = 5
VERSION = r"[0-9]{1,4}(?:\.[0-9]{1,6}){1,3}(?:[-+][0-9A-Za-z.]{1,20})?"
AGENT_VERSION = re.compile(rf"[/ ]v?({VERSION})")
FITS, MAY_FIT, TOLD_NOTHING = 1.0, 0.6, 0.4
OWN_GATEWAY, VENDOR_ITSELF = "own", "vendor"  # what a person answers who does not know the gateway's software
Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Client:
    """One client program. `where` gives per evidence field and language where its user finds the field.

    user_agents are sent by this program alone, shared_agents by others too; facts are machine-readable traits
    (`needs_v1`, `responses_only`, …); clues are words of its own error wrappers; tips are pitfalls by language.
    """

    id: str
    name: str
    aliases: tuple[str, ...]
    user_agents: tuple[str, ...]
    paths: tuple[str, ...]
    facts: tuple[str, ...]
    where: Mapping[str, Texts]
    kind: str = "sdk"
    shared_agents: tuple[str, ...] = ()
    clues: tuple[str, ...] = ()
    tips: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class ClientBook:
    """Clients by id, name in the user's words, and user agent; built from app/rules/clients.toml."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.clients: tuple[Client, ...] = tuple(_client(row, data.get("where", {})) for row in data.get("client", ()))
        self._by_id = {client.id: client for client in self.clients}
        self._by_alias = {alias: client for client in self.clients for alias in (client.name.lower(), client.id, *client.aliases)}
        self._longest_first = sorted(self._by_alias, key=len, reverse=True)
        self._gateways = tuple((row["id"], tuple(row["clues"])) for row in data.get("gateway", ()))
        self.gateway_names: Mapping[str, str] = {row["id"]: row["name"] for row in data.get("gateway", ())}
        self.gateways = frozenset(self.gateway_names) | {OWN_GATEWAY, VENDOR_ITSELF}
        self._mention = _any_of(self._longest_first)

    def __getitem__(self, client_id: str) -> Client:
        """Look a canonical id up. Raises KeyError."""
        return self._by_id[client_id]

    def get(self, client_id: str | None) -> Client | None:
        """Look a canonical id up; None for a user's own words."""
        return self._by_id.get(client_id or "")

    def name_of(self, words: str | None) -> str:
        """Write a client for people: its proper name, or the words as given."""
        known = self.get(words) or self.recognise(words)
        return known.name if known else (words or "")

    def choices(self) -> tuple[str, ...]:
        """Proper names in file order, for a datalist."""
        return tuple(client.name for client in self.clients)

    def recognise(self, words: str | None) -> Client | None:
        """Which client a person means by `words` ("cherry", "Claude code 2.0")."""
        said = _plain(words)
        if not said:
            return None
        return self._by_alias.get(said) or next(self.mentions(said), None) or self._misspelt(said)

    def of_user_agent(self, user_agent: str | None) -> Client | None:
        """Which client sends this user agent; None where several share it or none does."""
        agent = _plain(user_agent)
        return next((client for client in self.clients if _starts(agent, client.user_agents)), None) or self._named_inside(agent)

    def agreement(self, said: str | None, user_agent: str | None) -> float | None:
        """How well the client a person names fits a logged user agent, 0..1; None when either says nothing usable."""
        client, agent = self.get(said) or self.recognise(said), _plain(user_agent)
        if client is None or not agent:
            return None
        sender = self.of_user_agent(agent)
        if sender is client:
            return FITS
        if _starts(agent, client.shared_agents):
            return MAY_FIT
        return 0.0 if sender or self._is_someones(agent) else TOLD_NOTHING

    def mentions(self, text: str) -> Iterator[Client]:
        """Clients a text names, in order of place; each once."""
        seen: set[str] = set()
        for found in self._mention.finditer(text):
            client = self._by_alias[_plain(found[0])]
            if client.id not in seen:
                seen.add(client.id)
                yield client

    def by_clue(self, text: str) -> Client | None:
        """Which client wraps its errors in words found in `text`."""
        lowered = text.lower()
        return next((client for client in self.clients if any(clue in lowered for clue in client.clues)), None)

    def gateway_of(self, text: str) -> str | None:
        """Which family of gateways an error or a header block comes from."""
        lowered = text.lower()
        return next((gateway for gateway, clues in self._gateways if any(clue in lowered for clue in clues)), None)

    def _named_inside(self, agent: str) -> Client | None:
        """Browsers built into an app carry its name in the middle: `Mozilla/5.0 … CherryStudio/1.6 …`."""
        return next((client for client in self.clients for own in client.user_agents if own.endswith("/") and f" {own}" in agent), None)

    def _is_someones(self, agent: str) -> bool:
        return any(_starts(agent, client.shared_agents) for client in self.clients)

    def _misspelt(self, said: str) -> Client | None:
        said = re.sub(r"[ v]*[0-9][0-9.]*$", "", said)
        if not SHORTEST_MISSPELT <= len(said) <= max(map(len, self._longest_first), default=0) + 1:
            return None
        near = (alias for alias in self._longest_first if len(alias) >= SHORTEST_MISSPELT and distance(said, alias, 1) <= 1)
        return next((self._by_alias[alias] for alias in near), None)


def version_in_agent(user_agent: str | None) -> str | None:
    """`1.6.2` of `CherryStudio/1.6.2 …`; the product's first version only."""
    found = AGENT_VERSION.search(user_agent or "", 0, LONGEST_WORDS)
    return found[1] if found else None


def _client(row: Mapping[str, Any], kinds: Mapping[str, Mapping[str, Texts]]) -> Client:
    return Client(
        id=row["id"],
        name=row["name"],
        aliases=tuple(row["aliases"]),
        user_agents=tuple(row["user_agents"]),
        paths=tuple(row["paths"]),
        facts=tuple(row["facts"]),
        where={**kinds[row["kind"]], **row.get("where", {})},
        kind=row["kind"],
        shared_agents=tuple(row.get("shared_agents", ())),
        clues=tuple(clue.lower() for clue in row.get("clues", ())),
        tips={language: tuple(tips) for language, tips in row.get("tips", {}).items()},
    )


def _plain(words: str | None) -> str:
    """Lower case, half width, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", (words or "")[:LONGEST_WORDS]).lower().replace("\0", " ").split())


def _starts(agent: str, beginnings: tuple[str, ...]) -> bool:
    return bool(agent) and agent.startswith(beginnings)


def _any_of(names: list[str]) -> re.Pattern[str]:
    """Match any of the names as a word of its own; Chinese names anywhere."""
    words = "|".join(re.escape(name).replace(r"\ ", "[ ]") for name in names) or "(?!)"
    return re.compile(rf"(?<![A-Za-z0-9_./@-])(?:{words})(?![A-Za-z0-9_])", re.IGNORECASE | re.ASCII)
