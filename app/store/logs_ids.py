"""Ids as few bytes as they need: most are 128 bits written as hex, with or without dashes."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sqlalchemy import LargeBinary
from sqlalchemy.types import TypeDecorator

_HEX = re.compile(r"[0-9a-f]{32}")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_HEX_MARK, _UUID_MARK = b"\x01", b"\x02"  # no id begins with a control character


def id_to_bytes(text: str) -> bytes:
    """Encode an id; equal ids become equal bytes."""
    size = len(text)
    if size == 32 and _HEX.fullmatch(text):
        return _HEX_MARK + bytes.fromhex(text)
    if size == 36 and _UUID.fullmatch(text):
        return _UUID_MARK + bytes.fromhex(text.replace("-", ""))
    return text.encode()


def id_from_bytes(stored: bytes) -> str:
    """The id as it was."""
    mark = stored[:1]
    if mark == _HEX_MARK:
        return stored[1:].hex()
    if mark == _UUID_MARK:
        digits = stored[1:].hex()
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
    return stored.decode()


class Id(TypeDecorator[str]):
    """A column of ids: text to the code, bytes in the database."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> bytes | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Encode."""
        return None if value is None else id_to_bytes(value)

    def result_processor(self, dialect: Any, coltype: Any) -> Callable[[bytes | None], str | None]:  # noqa: ARG002
        """Decode, in one call: every record read has two ids."""
        return lambda stored: None if stored is None else id_from_bytes(bytes(stored))
