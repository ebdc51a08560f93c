"""A rough score in SQL, so that all that is known of a report works before a search is cut off; the exact score comes later.

Only what a report says is compared: the fewer the terms, the less each row costs. Columns go by their bare names and
values by the names of `likeness_values`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import permutations
from typing import Any

from app.core.evidence import Evidence
from app.core.matching import SearchHints
from app.core.matching.error_text import fragments

MODEL_WORDS, AGENTS, FRAGMENTS, SLIPS = 3, 6, 5, 24
POINTS = {
    "fingerprint": 12,
    "tail": 6,
    "slip_0": 6,
    "status": 4,
    "stream": 2,
    "model": 4,
    "model_exact": 2,
    **{f"model_word_{number}": 1 for number in range(MODEL_WORDS)},
    "agent_0": 4,
    **{f"fragment_{number}": 3 for number in range(FRAGMENTS)},
}
_TELLING = ("status", "fingerprint", "slip_0", "model")
_FOLLOWING = ("tail", "model_exact")  # agree only where one of these does
_SHORTEST_WORD = 2
_ESCAPE = "\\"


def likeness(said: frozenset[str], dialect: str) -> str:
    """Points for each thing that is said (names of `likeness_values`) and agrees.

    Texts are the dearest to compare, so a row of another status and another model is not asked for its own.
    """
    traits = [_points(name, agrees(name, dialect)) for name in POINTS if name in said and not name.startswith(("fragment", "agent"))]
    agents = [_like("client", agent, dialect) for agent in _names("agent", AGENTS) if agent in said]
    traits += [_points("agent_0", " OR ".join(agents))] if agents else []
    texts = [_points(name, agrees(name, dialect)) for name in POINTS if name in said and name.startswith("fragment")]
    telling = [agrees(name, dialect) for name in ("status", "model") if name in said]
    if texts and telling:
        texts = [f"CASE WHEN {' OR '.join(telling)} THEN {' + '.join(texts)} ELSE 0 END"]
    return " + ".join([*traits, *texts]) or "0"


def _points(name: str, condition: str) -> str:
    return f"CASE WHEN {condition} THEN {POINTS[name]} ELSE 0 END"


def tells(said: frozenset[str], dialect: str) -> str:
    """Whether a row agrees in something that tells much. Empty where too little of that is said."""
    if not said & {"status", "model"}:
        return ""
    return " OR ".join(agrees(name, dialect) for name in _TELLING if name in said)


def most_untold(said: frozenset[str]) -> int:
    """The most points of a row that agrees in nothing that tells much: its text is not asked for either."""
    counted = (name for name in said if name in POINTS and name not in _TELLING and not name.startswith("fragment"))
    return sum(POINTS[name] for name in counted if name not in _FOLLOWING)


def agrees(name: str, dialect: str) -> str:
    """Whether one thing agrees: any but the client."""
    if name in _EQUAL:
        return _EQUAL[name]
    if name == "model_exact":
        return "model_requested = :model_exact COLLATE NOCASE" if dialect == "sqlite" else "lower(model_requested) = :model_exact"
    return _like("error_message" if name.startswith("fragment") else "model_requested", name, dialect)


def said_of(values: Mapping[str, Any]) -> frozenset[str]:
    """What these values say: the names of those that are known."""
    return frozenset(name for name, value in values.items() if value is not None)


def attainable(said: frozenset[str]) -> int:
    """The points of a record that agrees in everything; a key's ending does so in all its orders."""
    return sum(points for name, points in POINTS.items() if name in said)


def likeness_values(evidence: Evidence, hints: SearchHints) -> dict[str, Any]:
    """The values of `likeness` for one report: what it does not say is None."""
    tail = evidence.key.last4
    return {
        "fingerprint": bytes.fromhex(evidence.key.fingerprint) if evidence.key.fingerprint else None,
        "tail": tail,
        **_slots("slip", SLIPS, sorted({"".join(order) for order in permutations(tail)}) if tail else ()),
        "status": evidence.status_code,
        "stream": evidence.stream,
        "model": f"{_escaped(hints.model)}%" if hints.model else None,
        "model_exact": hints.model,
        **_slots("model_word", MODEL_WORDS, [f"%{_escaped(word)}%" for word in _words(evidence.model)]),
        **_slots("agent", AGENTS, _agent_patterns(evidence, hints)),
        **_slots("fragment", FRAGMENTS, [f"%{_escaped(word)}%" for word in fragments(evidence.error_text or "")]),
    }


def _agent_patterns(evidence: Evidence, hints: SearchHints) -> list[str]:
    """Any of the user agents the client may send; without them, the user's words anywhere."""
    if hints.agents:
        return [f"{_escaped(agent)}%" for agent in hints.agents]
    return [f"%{_escaped(word)}%" for word in _words(evidence.client)]


def _words(text: str | None) -> list[str]:
    """Lower-case runs of letters and of digits, as models and clients are named with."""
    marks = "".join(character if character.isalnum() else " " for character in (text or "").lower())
    return list(dict.fromkeys(word for word in marks.split() if len(word) >= _SHORTEST_WORD))


def _like(column: str, name: str, dialect: str) -> str:
    """SQLite's LIKE knows no case, and the values are in lower case."""
    text = column if dialect == "sqlite" else f"lower({column})"
    return f"{text} LIKE :{name} ESCAPE '{_ESCAPE}'"


def _names(stem: str, count: int) -> list[str]:
    return [f"{stem}_{number}" for number in range(count)]


def _slots(stem: str, count: int, values: Sequence[str]) -> dict[str, str | None]:
    """As many named values as there are places; the rest is None."""
    padded = [*values[:count], *[None] * (count - len(values))]
    return dict(zip(_names(stem, count), padded, strict=True))


def _escaped(text: str) -> str:
    """A user's `%` and `_` are letters, not wildcards."""
    return text.replace(_ESCAPE, _ESCAPE * 2).replace("%", f"{_ESCAPE}%").replace("_", f"{_ESCAPE}_")


_EQUAL = {
    "fingerprint": "key_fingerprint = :fingerprint",
    "tail": "key_last4 = :tail",
    "slip_0": f"key_last4 IN ({', '.join(f':{name}' for name in _names('slip', SLIPS))})",
    "status": "status_code = :status",
    "stream": "stream = :stream",
}
