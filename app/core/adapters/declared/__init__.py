"""A log format declared by a mapping file: which field of a line fills which field of the record, in which unit.

Only what the mapping names is read; everything else is skipped undecoded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import msgspec

from app.core.adapters.declared.mapping import (
    DURATION_UNITS,
    LIST_UNITS,
    MONEY_UNITS,
    TIME_UNITS,
    BadMapping,
    Mapping,
    Rule,
    read_mapping,
)
from app.core.body import Piece
from app.core.desk_line import DeskLine, Identity, read_columns, told_by
from app.core.fields import BadLine, FieldCleaner, as_written, moment_from_iso, moment_from_seconds, number, whole
from app.core.json_path import value, walk
from app.core.lines import decode_line, read_each
from app.core.log_format import Block, Format, only_record
from app.core.record import RedactedRecord, record_identity
from app.core.request_types import request_type_of_call, request_type_of_route

__all__ = ["BadMapping", "Mapping", "declared_format", "parse_line", "read_mapping"]

Top = dict[str, msgspec.Raw]
_DECODER = msgspec.json.Decoder(Top)
_LARGEST = 2.0**53


def declared_format(mapping: Mapping) -> Format:
    """Make a format of a mapping."""
    return Format(partial(parse_line, mapping=mapping), (mapping.signs,), mapping.about, partial(read_block, mapping=mapping))


def parse_line(line: bytes | msgspec.Raw, clean: FieldCleaner, mapping: Mapping) -> RedactedRecord:
    """Make one record of one line; raises BadLine when it has no usable id or time."""
    return only_record(read_block(((1, line),), clean, mapping))


def read_block(pieces: Sequence[Piece], clean: FieldCleaner, mapping: Mapping) -> Block:
    """Read lines; one that cannot be read, or has no usable id or time, harms no other."""
    _, told, rejects, not_json = read_each(pieces, partial(_told, clean=clean, mapping=mapping))
    identities = {name: [identity[place] for _, identity in told] for place, name in enumerate(Identity._fields)}
    return Block(read_columns(told_by([read for read, _ in told]), identities, clean), rejects, not_json)


def _told(line: bytes | msgspec.Raw, clean: FieldCleaner, mapping: Mapping) -> tuple[DeskLine, Identity]:
    top = decode_line(_DECODER, line)
    told = {field: content for field, rules in mapping.fields.items() if (content := _filled(top, field, rules, mapping)) is not None}
    read = DeskLine(**told)
    return read, _identity(read, mapping.name, clean)


def _identity(read: DeskLine, source: str, clean: FieldCleaner) -> Identity:
    """Read ids and start. Not every gateway gives each attempt an id of its own, so all facts together are the identity."""
    request_id = clean.identifier(read.request_id if isinstance(read.request_id, str) else as_written(read.request_id))
    if request_id is None:
        raise BadLine("request_id is missing" if read.request_id in (None, "") else "request_id is not a printable id")
    if read.started_at is None:
        raise BadLine("started_at is missing or not a time of this century")
    facts = [as_written(fact) for fact in (read.started_at, read.attempt, read.status_code, read.model_served)]
    record_id = record_identity(source, request_id, *facts)
    return Identity(record_id, request_id, clean.identifier(read.trace_id) or request_id, source, read.started_at)


def _filled(top: Top, field: str, rules: tuple[Rule, ...], mapping: Mapping) -> object:
    """Fill a field by the first of its rules that gives something."""
    return next((content for rule in rules if (content := _by_rule(top, field, rule, mapping)) is not None), None)


def _by_rule(top: Top, field: str, rule: Rule, mapping: Mapping) -> object:
    """Give the first value of the rule's path that means something in the rule's unit."""
    if rule.if_status is not None and not _status_between(top, rule.if_status, mapping):
        return None
    return next((meant for found in _found(top, rule) if (meant := _meaning(field, rule, found)) is not None), rule.otherwise)


def _found(top: Top, rule: Rule) -> Iterator[object]:
    return (found for found in map(value, walk(top, rule.path)) if found is not None and found != "")


def _status_between(top: Top, span: tuple[int, int], mapping: Mapping) -> bool:
    status = whole(_filled(top, "status_code", mapping.fields.get("status_code", ()), mapping))
    return status is not None and span[0] <= status <= span[1]


def _meaning(field: str, rule: Rule, found: object) -> object:
    """Say what a value means to the record."""
    if rule.values is not None:
        return rule.values.get(_word(found))
    if rule.contains:
        return next((meant for mark, meant in rule.contains if mark in _word(found)), None)
    if field == "started_at":
        return _moment(found, rule.unit or "iso")
    if rule.unit in LIST_UNITS:
        return max(len(found) + LIST_UNITS[rule.unit], 0) if isinstance(found, list) else None
    if field == "request_type" and rule.unit:
        return (request_type_of_route if rule.unit == "route" else request_type_of_call)(_word(found))
    scale = DURATION_UNITS.get(rule.unit) if field.endswith("_ms") else MONEY_UNITS.get(rule.unit)
    return found if scale is None else _scaled(found, scale)


def _moment(found: object, unit: str) -> int | None:
    scale = TIME_UNITS[unit]
    if scale is None:
        return moment_from_iso(found)
    seconds = _scaled(found, scale)
    return moment_from_seconds(seconds) if seconds is not None else None


def _scaled(found: object, scale: float) -> float | None:
    amount = number(found)
    return round(amount * scale, 9) if amount is not None and abs(amount * scale) < _LARGEST else None


def _word(found: object) -> str:
    """Write a value as a mapping file writes it."""
    if isinstance(found, bool):
        return "true" if found else "false"
    if isinstance(found, float) and found.is_integer():
        found = int(found)
    return found if isinstance(found, str) else str(found) if isinstance(found, int) else ""
