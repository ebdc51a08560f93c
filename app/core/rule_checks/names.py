"""Check clients, model names, matching weights and synonyms: what is named must be found by its names."""

from __future__ import annotations

from collections.abc import Iterator
from string import Formatter

from app.core.clients import Client
from app.core.matching.weights import Level
from app.core.rule_checks.rules import Rules, missing_languages, repeated

TRAITS = frozenset(
    {
        *("adds_v1", "needs_v1", "without_v1", "exact_with_hash", "responses_only", "messages_only"),
        *("server_side", "cloud_side", "browser_side", "retries_twice", "retries_five"),
    }
)


def check_clients(rules: Rules) -> list[str]:
    """List clients that are not found by their own names and agents, or that do not say where things stand."""
    clients = rules.book.clients.clients
    return [
        *repeated([client.id for client in clients], "the id"),
        *repeated([alias for client in clients for alias in client.aliases], "the alias"),
        *(fault for client in clients for fault in _client_faults(client, rules)),
    ]


def check_models(rules: Rules) -> list[str]:
    """List models that belong to no family or are not found by their aliases."""
    names, models = rules.book.model_names, rules.data["models"]["model"]
    faults = list(repeated([model["id"] for model in models], "the model"))
    faults += repeated([family["id"] for family in rules.data["models"]["family"]], "the family")
    for model in models:
        if names.family(model["id"]) is None:
            faults.append(f"{model['id']}: belongs to no family")
        for name in (model["id"], *model.get("aliases", ())):
            if (found := names.canonical(name)) != model["id"]:
                faults.append(f"{model['id']}: its name {name} is told as {found}")
    return faults


def check_matching(rules: Rules) -> list[str]:
    """List levels whose shares are none, whose sentence lacks a language, or whose languages name different facts."""
    return [fault for name, level in rules.book.matching.levels.items() for fault in _level_faults(name, level)]


def check_synonyms(rules: Rules) -> list[str]:
    """List examples that the concepts do not tell right, and concepts that stand twice."""
    lexicon = rules.book.lexicon
    hits, misses = lexicon.examples
    faults = list(repeated([concept["id"] for concept in rules.data["synonyms"]["concept"]], "the concept"))
    faults += [f"{query!r} does not speak of {concept}" for query, concept in hits if f"~{concept}" not in lexicon.query_terms(query)]
    faults += [f"{query!r} speaks of {concept}" for query, concept in misses if f"~{concept}" in lexicon.query_terms(query)]
    return faults


def _client_faults(client: Client, rules: Rules) -> Iterator[str]:
    """Find what is wrong with one client."""
    book = rules.book.clients
    yield from (f"{client.id}: {alias} is told as another client" for alias in client.aliases if book.recognise(alias) is not client)
    for agent in client.user_agents:
        if book.of_user_agent(f"{agent}1.2.3" if agent.endswith("/") else agent) is not client:
            yield f"{client.id}: its agent {agent} is told as another client's"
    yield from (f"{client.id}: the trait {trait} is not known" for trait in client.facts if trait not in TRAITS)
    for name, texts in client.where.items():
        if name not in rules.book.causes.questions:
            yield f"{client.id}: says where {name} stands, which nobody asks for"
        yield from missing_languages(f"{client.id}, {name}", texts)
    if len(client.tips.get("en", ())) != len(client.tips.get("zh", ())):
        yield f"{client.id}: the tips differ between the languages"


def _level_faults(name: str, level: Level) -> Iterator[str]:
    """Find what is wrong with one level of a field."""
    for share in (level.m, level.u):
        if share is not None and not 0.0 < share <= 1.0:
            yield f"{name}: {share} is not a share"
    yield from missing_languages(name, level.sentences)
    if len({frozenset(_places(text)) for text in level.sentences.values()}) > 1:
        yield f"{name}: the languages name different facts"


def _places(sentence: str) -> Iterator[str]:
    """Name the facts a sentence has a place for."""
    return (field for _text, field, _form, _conversion in Formatter().parse(sentence) if field)
