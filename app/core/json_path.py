"""A way into a JSON value: keys separated by slashes, `*` for any key; text that holds JSON is entered like an object."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from app.core.body import repaired
from app.core.lines import unquoted

Node = bytes | msgspec.Raw
ANY = "*"
MOST_BRANCHES = 64  # of one `*`

_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_VALUE = msgspec.json.Decoder()


def members(node: Node) -> dict[str, msgspec.Raw]:
    """Give an object's members undecoded; empty when it is no object."""
    try:
        return _OBJECT.decode(node)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _members_of_text(bytes(node))


def value(node: Node) -> object:
    """Decode what stands at the end of a path; None when it cannot be."""
    try:
        return _VALUE.decode(node)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _repaired_value(bytes(node))


def walk(top: dict[str, msgspec.Raw], path: tuple[str, ...]) -> Iterator[Node]:
    """Give every value the path leads to."""
    key, *rest = path
    for name in tuple(top)[:MOST_BRANCHES] if key == ANY else (key,):
        if name not in top:
            continue
        if rest:
            yield from walk(members(top[name]), tuple(rest))
        else:
            yield top[name]


def _members_of_text(text: bytes) -> dict[str, msgspec.Raw]:
    try:
        return _OBJECT.decode(unquoted(repaired(text)))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}


def _repaired_value(text: bytes) -> object:
    try:
        return _VALUE.decode(repaired(text))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
