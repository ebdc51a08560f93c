"""A mapping proved by its own examples: hits become the records beside them, misses are refused, what is dropped is gone."""

from __future__ import annotations

import json
from collections.abc import Mapping as Table
from typing import Any

import msgspec

from app.core.adapters.declared import parse_line
from app.core.adapters.declared.mapping import Mapping
from app.core.fields import BadLine, FieldCleaner
from app.core.json_path import members, value, walk
from app.core.record import RedactedRecord

SHORTEST_TELLING = 6  # a shorter text may stand in a record by chance
_FIXED = frozenset({"record_id", "source", "key_fingerprint"})
_DEFAULTS = {field.name: field.default for field in msgspec.structs.fields(RedactedRecord) if field.default is not msgspec.NODEFAULT}


def check_mapping(mapping: Mapping, clean: FieldCleaner) -> list[str]:
    """Name what does not hold."""
    problems: list[str] = []
    shown: list[str] = []
    filled: set[str] = set()
    for number, hit in enumerate(mapping.hits, 1):
        try:
            record = parse_line(hit["line"].encode(), clean, mapping)
        except BadLine as problem:
            problems.append(f"hit {number}: refused, {problem.reason}")
            continue
        told = tell(record)
        filled |= told.keys()
        shown.append(repr(record))
        problems += [
            f"hit {number}: {name} differs" for name in sorted(told.keys() | hit["record"]) if told.get(name) != hit["record"].get(name)
        ]
    problems += [
        f"miss {number}: {fault}" for number, miss in enumerate(mapping.misses, 1) if (fault := _fault_of_miss(miss, mapping, clean))
    ]
    return problems + _kept(mapping, "\n".join(shown)) + _missing_signs(mapping)


def tell(record: RedactedRecord) -> dict[str, Any]:
    """Say what a record says beyond its defaults, as JSON has it."""
    fields = json.loads(msgspec.json.encode(msgspec.structs.asdict(record), enc_hook=str))
    plain = json.loads(msgspec.json.encode(_DEFAULTS))
    told = {name: content for name, content in fields.items() if name not in _FIXED and content != plain.get(name, ...)}
    if told["action_id"] == told["request_id"]:
        del told["action_id"]
    return told


def _fault_of_miss(miss: Table[str, Any], mapping: Mapping, clean: FieldCleaner) -> str | None:
    try:
        parse_line(miss["line"].encode(), clean, mapping)
    except BadLine as problem:
        return None if problem.reason == miss["reason"] else f"refused, but because {problem.reason}"
    return "not refused"


def _kept(mapping: Mapping, records: str) -> list[str]:
    """Name what is said to be dropped and is not, or is in no example."""
    problems = []
    for path in mapping.dropped:
        found = [_texts(value(node)) for hit in mapping.hits for node in walk(members(hit["line"].encode()), tuple(path.split("/")))]
        if not found:
            problems.append(f"dropped {path}: is in no hit")
        elif any(text in records for texts in found for text in texts):
            problems.append(f"dropped {path}: is in a record")
    return problems


def _missing_signs(mapping: Mapping) -> list[str]:
    """Name signs that no hit has."""
    tops = [members(hit["line"].encode()) for hit in mapping.hits]
    return [f"sign {sign}: is in no hit" for sign in mapping.signs if not any(any(walk(top, tuple(sign.split("/")))) for top in tops)]


def _texts(content: object) -> list[str]:
    """Give the texts in a value that are long enough to tell."""
    if isinstance(content, dict):
        return [text for inner in content.values() for text in _texts(inner)]
    if isinstance(content, list):
        return [text for inner in content for text in _texts(inner)]
    return [content] if isinstance(content, str) and len(content) >= SHORTEST_TELLING else []
