"""Who calls what in the demonstration: teams, keys, models with prices, client programs. All invented."""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from app.store.rulebook import read_rules


@dataclass(frozen=True, slots=True)
class DemoModel:
    """A model group of the gateway. Prices in USD per million tokens, or per piece for images and videos."""

    group: str
    provider: str
    kind: str  # chat, embedding, image, video
    weight: float
    price_in: float
    price_out: float
    seconds: float  # median time of an answer
    fallback: str | None = None


@dataclass(frozen=True, slots=True)
class DemoTeam:
    """A team, its share of the traffic, and what it calls."""

    name: str
    zone: int
    weight: float
    budget: float
    agents: tuple[str, ...]
    models: tuple[str, ...]
    owners: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DemoKey:
    """A key as the world may know it: hash, last four characters, alias. There is no key behind it."""

    hash: str
    last4: str
    alias: str
    team: DemoTeam
    place: int  # within the team; the first carries most
    owner: str
    environment: str
    budget: float | None
    weight: float
    agent: str
    models: tuple[str, ...]
    agents: tuple[str, ...] = ()  # of a key that several programs share


class _Peculiar(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is particular to one key; see world.toml."""

    team: str
    place: int
    alias: str | None = None
    environment: str | None = None
    owner: str | None = None
    agents: tuple[str, ...] = ()


_DATA = read_rules(Path(__file__).parent, "world")
MODELS = msgspec.convert(_DATA["model"], tuple[DemoModel, ...])
TEAMS = msgspec.convert(_DATA["team"], tuple[DemoTeam, ...])
PECULIAR = {(key.team, key.place): key for key in msgspec.convert(_DATA["peculiar"], tuple[_Peculiar, ...])}
MODEL = {model.group: model for model in MODELS}
CLIENT_OF_AGENT = {row["agent"]: row["client"] for row in _DATA["agent"]}
ROUTES = {row["agent"]: (row["call_type"], row["route"]) for row in _DATA["agent"] if "route" in row}
ENVIRONMENTS = (("production", 60), ("staging", 15), ("personal", 25))
KEYS_PER_TEAM = 7


def demo_keys(seed: int) -> tuple[DemoKey, ...]:
    """Make every key of the demonstration; the first of a team carries most of its traffic."""
    rng = random.Random(f"keys {seed}")  # noqa: S311 - repeatable, not secret
    return tuple(_key(seed, team, place, rng) for team in TEAMS for place in range(KEYS_PER_TEAM))


def _key(seed: int, team: DemoTeam, place: int, rng: random.Random) -> DemoKey:
    environment = "production" if place == 0 else rng.choices([name for name, _ in ENVIRONMENTS], [weight for _, weight in ENVIRONMENTS])[0]
    name = f"gatedesk demonstration {seed} {team.name} {place}"
    digest = hashlib.sha256(name.encode()).hexdigest()
    models = rng.sample(team.models, k=min(len(team.models), 1 + place % 3)) if place else list(team.models)
    key = DemoKey(
        hash=digest,
        last4=hashlib.sha256(f"tail of {name}".encode()).hexdigest()[:4],
        alias=f"{team.name}-{'prod' if place == 0 else f'{environment[:4]}-{place}'}",
        team=team,
        place=place,
        owner=team.owners[place % len(team.owners)],
        environment=environment,
        budget=rng.choice((None, 20.0, 50.0, 100.0)) if place else None,
        weight=team.weight / (place + 1) ** 1.4,
        agent=rng.choice(team.agents) if place else team.agents[0],
        models=tuple(models),
    )
    return _as_told(key, PECULIAR.get((team.name, place)))


def _as_told(key: DemoKey, peculiar: _Peculiar | None) -> DemoKey:
    """A key with what is particular to it."""
    if peculiar is None:
        return key
    told = {name: value for name in ("alias", "environment", "owner") if (value := getattr(peculiar, name)) is not None}
    return replace(key, agents=peculiar.agents, **told)
