"""Records as columns: what happens to thousands of records alike is done to a whole column at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain, compress
from operator import attrgetter
from typing import Any

import msgspec

from app.core.record import RedactedRecord
from app.core.redacted_text import RedactedText

Columns = Mapping[str, Sequence[Any]]  # by field of RedactedRecord, all of one length

FIELDS = RedactedRecord.__struct_fields__
FREE_TEXTS = tuple(field.name for field in msgspec.structs.fields(RedactedRecord) if field.type == RedactedText | None)
_VALUES = {name: attrgetter(name) for name in FIELDS}
_MAY_BE_STORED = frozenset({RedactedText, type(None)})


def columns_of(records: Sequence[RedactedRecord]) -> Columns:
    """Every field of the records. Refuses text that has not passed the redactor, without showing it."""
    columns = {name: list(map(value_of, records)) for name, value_of in _VALUES.items()}
    refuse_unredacted(columns)
    return columns


def records_of(columns: Columns) -> list[RedactedRecord]:
    """The records that columns are of."""
    return [RedactedRecord(**dict(zip(columns, values, strict=True))) for values in zip(*columns.values(), strict=True)]


def joined(parts: Sequence[Columns]) -> Columns:
    """Columns one behind the other."""
    return parts[0] if len(parts) == 1 else {name: list(chain.from_iterable(part[name] for part in parts)) for name in FIELDS}


def refuse_unredacted(columns: Columns) -> None:
    """Raise TypeError when a free text has not passed the redactor."""
    for name in FREE_TEXTS:
        if not _MAY_BE_STORED.issuperset(map(type, columns[name])):
            raise TypeError("the log store takes RedactedText: pass the text through the redactor")


def chosen(columns: Columns, wanted: Sequence[bool]) -> Columns:
    """Only those records."""
    return {name: tuple(compress(values, wanted)) for name, values in columns.items()}


def length(columns: Columns) -> int:
    """How many records they are of."""
    return len(columns["record_id"])
