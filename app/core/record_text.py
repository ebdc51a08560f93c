"""The texts of a log record: what a person or a client may have written into it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from app.core.record import RedactedRecord
from app.core.redacted_text import RedactedText

OWN = frozenset({"record_id", "source", "request_type", "key_prefix", "key_last4", "key_fingerprint"})  # made by the desk itself
TEXT_TYPES = (str, str | None, RedactedText | None)
TEXTS = tuple(field.name for field in msgspec.structs.fields(RedactedRecord) if field.name not in OWN and field.type in TEXT_TYPES)


def texts_of(record: RedactedRecord) -> Iterator[tuple[str, str]]:
    """(field, text) of everything written; each tag is a text of its own."""
    for name in TEXTS:
        text = getattr(record, name)
        if text:
            yield name, text
    for tag in record.tags:
        yield "tags", tag


def with_clean_texts(record: RedactedRecord, clean: Mapping[str, RedactedText]) -> RedactedRecord:
    """The record with each text that `clean` knows replaced by its clean form."""
    changes: dict[str, Any] = {name: clean[text] for name, text in texts_of(record) if name != "tags" and text in clean}
    changes["tags"] = tuple(str(clean.get(tag, tag)) for tag in record.tags)
    return msgspec.structs.replace(record, **{name: _typed(name, value) for name, value in changes.items()})


def _typed(name: str, value: Any) -> Any:
    """Only the two free texts are RedactedText; labels are plain text."""
    return value if name in {"error_message", "fallback_reason", "tags"} else str(value)
