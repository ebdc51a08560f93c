"""Ids as few bytes as they need: most are 128 bits written as hex, with or without dashes."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from struct import iter_unpack
from typing import Any

from sqlalchemy import LargeBinary
from sqlalchemy.types import TypeDecorator

_HEX = re.compile(r"[0-9a-f]{32}")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_HEX_SIZE, _UUID_SIZE, _DASHES = 32, 36, (8, 13, 18, 23)
_HEX_MARK, _UUID_MARK = b"\x01", b"\x02"  # no id begins with a control character


def id_to_bytes(text: str) -> bytes:
    """Encode an id; equal ids become equal bytes."""
    size = len(text)
    if size == _HEX_SIZE and _HEX.fullmatch(text):
        return _HEX_MARK + bytes.fromhex(text)
    if size == _UUID_SIZE and _UUID.fullmatch(text):
        return _UUID_MARK + bytes.fromhex(text.replace("-", ""))
    return text.encode()


def ids_to_bytes(texts: Sequence[str]) -> list[bytes]:
    """The same of many. A gateway's are nearly always of one kind: then all at once."""
    together = "".join(texts)
    sizes = set(map(len, texts))
    encoded = None
    if sizes == {_HEX_SIZE}:
        encoded = _from_digits(_HEX_MARK, together)
    elif sizes == {_UUID_SIZE} and _dashed_as_uuids(together, len(texts)):
        encoded = _from_digits(_UUID_MARK, together.replace("-", ""))
    return list(map(id_to_bytes, texts)) if encoded is None else encoded


def _dashed_as_uuids(together: str, count: int) -> bool:
    """Whether texts of that length, one behind the other, have all their dashes where they belong."""
    return together.count("-") == len(_DASHES) * count and all(together[place::_UUID_SIZE] == "-" * count for place in _DASHES)


def _from_digits(mark: bytes, digits: str) -> list[bytes] | None:
    """Ids of 32 digits each, one behind the other; None when anything else is among them."""
    try:
        whole = bytes.fromhex(digits)
    except ValueError:
        return None
    return [mark + one for (one,) in iter_unpack("16s", whole)] if whole.hex() == digits else None


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
