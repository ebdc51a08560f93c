"""A mapping file read and checked: every mistake in it is named with its place before the format is used."""

from __future__ import annotations

import re
from collections.abc import Mapping as Table
from dataclasses import dataclass
from typing import Any

from app.core.desk_line import DeskLine

FIELDS = frozenset(DeskLine.__struct_fields__)
NEEDED = ("request_id", "started_at")
TIME_UNITS = {"iso": None, "s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}  # in seconds
DURATION_UNITS = {"s": 1000.0, "ms": 1.0, "us": 1e-3, "ns": 1e-6}  # in milliseconds
MONEY_UNITS = {"usd": 1.0, "cents": 0.01, "micros": 1e-6}
LIST_UNITS = {"entries": 0, "entries after the first": -1}
UNITS: Table[str, tuple[str, ...]] = {
    "started_at": tuple(TIME_UNITS),
    **dict.fromkeys(("latency_ms", "ttft_ms"), tuple(DURATION_UNITS)),
    **dict.fromkeys(("cost", "quota", "balance"), tuple(MONEY_UNITS)),
    **dict.fromkeys(("retries", "attempt", "prompt_tokens", "completion_tokens"), tuple(LIST_UNITS)),
    "request_type": ("route", "operation"),
}
KEYS = frozenset({"name", "about", "setting", "signs", "dropped", "fields", "hit", "miss"})
RULE_KEYS = frozenset({"from", "unit", "values", "contains", "otherwise", "if_status"})
LONGEST_PATH = 8  # keys

_NAME = re.compile(r"[a-z][a-z0-9_]{1,31}")


class BadMapping(Exception):
    """A mapping file cannot be used. The message names the file, the place in it and what is wrong."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to fill a field."""

    path: tuple[str, ...]
    unit: str = ""
    values: Table[str, Any] | None = None  # what stands there → what it means
    contains: tuple[tuple[str, Any], ...] = ()  # the first text found in it → what it means
    otherwise: Any = None
    if_status: tuple[int, int] | None = None  # only when the line's status lies between


@dataclass(frozen=True, slots=True)
class Mapping:
    """A declared format."""

    name: str
    about: str
    setting: str
    signs: tuple[str, ...]
    dropped: tuple[str, ...]
    fields: Table[str, tuple[Rule, ...]]
    hits: tuple[Table[str, Any], ...]
    misses: tuple[Table[str, Any], ...]


def read_mapping(data: Table[str, Any], place: str) -> Mapping:
    """Make a mapping of a parsed file; `place` names the file. Raises BadMapping."""
    _known(data, KEYS, place)
    name = data.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise BadMapping(f"{place}: name must be 2 to 32 of a-z, 0-9 and _, beginning with a letter")
    fields = _table(data.get("fields"), f"{place}: fields")
    _known(fields, FIELDS, f"{place}: fields")
    if missing := [field for field in NEEDED if field not in fields]:
        raise BadMapping(f"{place}: fields.{missing[0]} is needed")
    return Mapping(
        name=name,
        about=_text(data.get("about"), f"{place}: about"),
        setting=_text(data.get("setting"), f"{place}: setting"),
        signs=_texts(data.get("signs"), f"{place}: signs", fewest=2),
        dropped=_texts(data.get("dropped", []), f"{place}: dropped"),
        fields={field: _rules(field, spec, f"{place}: fields.{field}") for field, spec in fields.items()},
        hits=_examples(data.get("hit"), "record", f"{place}: hit"),
        misses=_examples(data.get("miss"), "reason", f"{place}: miss"),
    )


def _rules(field: str, spec: object, place: str) -> tuple[Rule, ...]:
    """Read the ways to fill one field: a path, a table, or a list of either, tried in turn."""
    ways = spec if isinstance(spec, list) else [spec]
    if not ways:
        raise BadMapping(f"{place}: needs a path")
    return tuple(_rule(field, way, place) for way in ways)


def _rule(field: str, way: object, place: str) -> Rule:
    if isinstance(way, str):
        way = {"from": way}
    table = _table(way, place)
    _known(table, RULE_KEYS, place)
    unit = table.get("unit", "")
    if unit and unit not in UNITS.get(field, ()):
        allowed = ", ".join(UNITS.get(field, ())) or "none"
        raise BadMapping(f"{place}: unit must be one of: {allowed}")
    return Rule(
        path=_path(table.get("from"), place),
        unit=unit,
        values={str(key): value for key, value in _table(table["values"], f"{place}.values").items()} if "values" in table else None,
        contains=_pairs(table.get("contains", []), f"{place}.contains"),
        otherwise=table.get("otherwise"),
        if_status=_span(table["if_status"], f"{place}.if_status") if "if_status" in table else None,
    )


def _path(path: object, place: str) -> tuple[str, ...]:
    keys = tuple(path.split("/")) if isinstance(path, str) else ()
    if not 0 < len(keys) <= LONGEST_PATH or not all(keys):
        raise BadMapping(f"{place}: from must be 1 to {LONGEST_PATH} keys separated by /")
    return keys


def _pairs(value: object, place: str) -> tuple[tuple[str, Any], ...]:
    pairs: list[Any] = value if isinstance(value, list) else [None]
    if not all(isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], str) and pair[0] for pair in pairs):
        raise BadMapping(f"{place}: must be a list of pairs [text, meaning]")
    return tuple((pair[0], pair[1]) for pair in pairs)


def _span(value: object, place: str) -> tuple[int, int]:
    if not isinstance(value, list) or len(value) != 2 or not all(type(number) is int for number in value):
        raise BadMapping(f"{place}: must be [lowest, highest]")
    return value[0], value[1]


def _examples(value: object, kind: str, place: str) -> tuple[Table[str, Any], ...]:
    examples = value if isinstance(value, list) else []
    if not examples:
        raise BadMapping(f"{place}: at least one is needed, with line and {kind}")
    for example in examples:
        _known(_table(example, place), frozenset({"line", kind}), place)
        _text(example.get("line"), f"{place}.line")
        if kind not in example:
            raise BadMapping(f"{place}: {kind} is missing")
    return tuple(examples)


def _texts(value: object, place: str, fewest: int = 0) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) < fewest or not all(isinstance(item, str) and item for item in value):
        raise BadMapping(f"{place}: must be a list of at least {fewest} texts")
    return tuple(value)


def _text(value: object, place: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise BadMapping(f"{place}: must be a text")
    return value


def _table(value: object, place: str) -> Table[str, Any]:
    if not isinstance(value, dict):
        raise BadMapping(f"{place}: must be a table")
    return value


def _known(table: Table[str, Any], known: frozenset[str], place: str) -> None:
    if unknown := sorted(table.keys() - known):
        raise BadMapping(f"{place}: there is no {unknown[0]}")
