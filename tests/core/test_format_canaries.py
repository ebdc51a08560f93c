"""Whole keys of many vendors, headers, cookies, an address and a prompt, written into every field of every format, reach no record."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from app.core.fields import BadLine, FieldCleaner
from benchmarks.fuzz_adapters import FORMATS, bodies, pieces
from tests.canaries import Canary, canaries
from tests.conftest import PEPPER
from tests.redactor import REDACTOR

CANARIES = canaries()
LINES = [
    (name, json.loads(line))
    for name, body in bodies()
    for value in pieces(body)
    for line in FORMATS[name].lines_of(value)
    if not isinstance(line, BadLine) and bytes(line)[:1] == b"{" and bytes(line)[-1:] == b"}"
]
Path = tuple[Any, ...]


def leaves(node: Any, above: Path = ()) -> Iterator[Path]:
    """The ways to every text and number; text that holds an object is entered."""
    entered = json.loads(node) if isinstance(node, str) and node.startswith("{") and node.endswith("}") else node
    if isinstance(entered, dict | list):
        for key in entered if isinstance(entered, dict) else range(len(entered)):
            yield from leaves(entered[key], (*above, key))
    elif above:
        yield above


def planted(node: Any, paths: set[Path], secret: str, above: Path = ()) -> Any:
    """A copy with the secret at the end of those ways."""
    if above in paths:
        return secret
    if isinstance(node, str) and any(path[: len(above)] == above for path in paths):
        return json.dumps(planted(json.loads(node), paths, secret, above))
    if isinstance(node, dict):
        return {key: planted(value, paths, secret, (*above, key)) for key, value in node.items()}
    return [planted(value, paths, secret, (*above, at)) for at, value in enumerate(node)] if isinstance(node, list) else node


def record_of(name: str, value: Any) -> str | None:
    try:
        return repr(FORMATS[name].parse(json.dumps(value).encode(), FieldCleaner(REDACTOR, PEPPER)))
    except BadLine:
        return None


def spare(name: str, value: Any) -> set[Path]:
    """The fields that may hold anything, all at once, and the line still becomes a record."""
    chosen: set[Path] = set()
    for path in leaves(value):
        if record_of(name, planted(value, chosen | {path}, "a word: another")):
            chosen.add(path)
    return chosen


def chosen_lines() -> Iterator[tuple[str, Any]]:
    """A few lines of each format that become records."""
    for name in FORMATS:
        yield from [(name, value) for known, value in LINES if known == name and record_of(name, value)][:4]


WITH_RECORD = [(name, value, spare(name, value)) for name, value in chosen_lines()]


@pytest.mark.parametrize("canary", CANARIES, ids=lambda canary: canary.name)
def test_a_secret_in_every_field_at_once_reaches_no_record(canary: Canary) -> None:
    records = [(name, record_of(name, planted(value, paths, canary.planted))) for name, value, paths in WITH_RECORD]
    assert {name for name, record in records if record} >= set(FORMATS)
    assert [name for name, record in records if record and canary.probe in record] == []
