"""A rough score in SQL, so that all that is known of a report works before a search is cut off; the exact score comes later.

One expression with one set of parameters for every report: what a report does not say is NULL and gives no points. So
the statement is built and compiled once.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from typing import Any

from sqlalchemy import Boolean, ColumnElement, Integer, LargeBinary, String, bindparam, case, func, or_

from app.core.evidence import Evidence
from app.core.matching import SearchHints
from app.core.matching.error_text import fragments
from app.store.logs_schema import log_record

MODEL_WORDS, AGENTS, FRAGMENTS = 3, 6, 5
_SHORTEST_WORD = 2
_ESCAPE = "\\"
_COLUMNS = log_record.c


def likeness() -> ColumnElement[int]:
    """Points for each thing that agrees."""
    model, client, message = (func.lower(column) for column in (_COLUMNS.model_requested, _COLUMNS.client, _COLUMNS.error_message))
    terms = [
        _points(12, _COLUMNS.key_fingerprint == bindparam("fingerprint", type_=LargeBinary)),
        _points(6, _COLUMNS.key_last4 == bindparam("tail", type_=String)),
        _points(6, _COLUMNS.key_last4.in_(bindparam("slips", expanding=True, type_=String))),
        _points(4, _COLUMNS.status_code == bindparam("status", type_=Integer)),
        _points(2, _COLUMNS.stream == bindparam("stream", type_=Boolean)),
        _points(4, _like(model, "model")),
        _points(2, model == bindparam("model_exact", type_=String)),
        *(_points(1, _like(model, name)) for name in _names("model_word", MODEL_WORDS)),
        _points(4, or_(*(_like(client, name) for name in _names("agent", AGENTS)))),
        *(_points(3, _like(message, name)) for name in _names("fragment", FRAGMENTS)),
    ]
    score = terms[0]
    for term in terms[1:]:
        score = score + term
    return score


def likeness_values(evidence: Evidence, hints: SearchHints) -> dict[str, Any]:
    """The parameters of `likeness` for one report."""
    tail = evidence.key.last4
    return {
        "fingerprint": bytes.fromhex(evidence.key.fingerprint) if evidence.key.fingerprint else None,
        "tail": tail,
        "slips": sorted({"".join(order) for order in permutations(tail)}) if tail else [],
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


def _points(points: int, condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, points), else_=0)


def _like(text: ColumnElement[str], name: str) -> ColumnElement[bool]:
    return text.like(bindparam(name, type_=String), escape=_ESCAPE)


def _names(stem: str, count: int) -> list[str]:
    return [f"{stem}_{number}" for number in range(count)]


def _slots(stem: str, count: int, values: Sequence[str]) -> dict[str, str | None]:
    """As many named values as the expression has places; the rest NULL."""
    padded = [*values[:count], *[None] * (count - len(values))]
    return dict(zip(_names(stem, count), padded, strict=True))


def _escaped(text: str) -> str:
    """A user's `%` and `_` are letters, not wildcards."""
    return text.replace(_ESCAPE, _ESCAPE * 2).replace("%", f"{_ESCAPE}%").replace("_", f"{_ESCAPE}_")
