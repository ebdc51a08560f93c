"""What a format would make of lines: which field fills which, of what kind, what is dropped, and what is refused.

Nobody has to keep a list of it: each field of a line is left out or altered in turn, and what then differs in the record
is what came from that field. A field that changes nothing is dropped. Values are never shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import msgspec

from app.core.body import Piece
from app.core.fields import BadLine, FieldCleaner, NotARequest
from app.core.json_path import value
from app.core.log_format import Format
from app.core.record import RedactedRecord, Reject

LINES_TRACED = 12
MOST_FIELDS = 400  # of one line
LONGEST_TRACED = 2**20  # bytes; each field costs one reading of the line
DEEPEST = 6
Path = tuple[str, ...]

_KINDS = {"started_at": "time", "record_id": "", "error_message": "redacted text", "fallback_reason": "redacted text", "tags": "list"}
_IDS = frozenset({"request_id", "action_id", "task_id", "key_fingerprint"})
_TYPES: tuple[tuple[type, str], ...] = ((bool, "yes or no"), (int, "number"), (str, "text"))


@dataclass(slots=True)
class Target:
    """A field of the record: what kind of value it takes, how often it was filled, from which fields of the lines."""

    kind: str
    filled: int = 0
    sources: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Preview:
    """What became of the lines looked at."""

    lines: int = 0
    records: int = 0
    passed_over: int = 0
    rejects: list[Reject] = field(default_factory=list)
    targets: dict[str, Target] = field(default_factory=dict)
    dropped: set[str] = field(default_factory=set)


def preview(pieces: Sequence[Piece], log_format: Format, clean: FieldCleaner) -> Preview:
    """Read the lines as that format and trace the fields of the first ones."""
    found = Preview(lines=len(pieces))
    seen: set[str] = set()
    for number, piece in pieces:
        for line in (piece,) if isinstance(piece, BadLine) else log_format.lines_of(piece):
            record = _record(line, number, log_format, clean, found)
            if record is not None and not isinstance(line, BadLine):
                _count(record, found)
                if found.records <= LINES_TRACED:
                    seen |= set(_trace(line, record, log_format, clean, found))
    found.dropped = {path for path in seen if not any(path in target.sources for target in found.targets.values())}
    return found


def _record(
    line: bytes | msgspec.Raw | BadLine, number: int, log_format: Format, clean: FieldCleaner, found: Preview
) -> RedactedRecord | None:
    try:
        if isinstance(line, BadLine):
            raise line
        return log_format.parse(line, clean)
    except NotARequest:
        found.passed_over += 1
    except BadLine as problem:
        found.rejects.append(Reject(number, problem.reason))
    return None


def _count(record: RedactedRecord, found: Preview) -> None:
    found.records += 1
    for name, content in msgspec.structs.asdict(record).items():
        if content not in (None, "", ()) and (kind := _kind(name, content)):
            found.targets.setdefault(name, Target(kind)).filled += 1


def _kind(name: str, content: object) -> str:
    if name in _IDS:
        return "id"
    return _KINDS.get(name, next((kind for known, kind in _TYPES if isinstance(content, known)), "text"))


def _trace(line: bytes | msgspec.Raw, record: RedactedRecord, log_format: Format, clean: FieldCleaner, found: Preview) -> Iterator[str]:
    """Alter each field in turn; write down which fields of the record then differ. Gives the fields' names."""
    top = value(line) if len(bytes(line)) <= LONGEST_TRACED else None
    if not isinstance(top, dict):
        return
    for path in tuple(islice(_leaves(top), MOST_FIELDS)):
        name = shown_path(path, clean)
        yield name
        for altered in _alterations(_at(top, path)):
            differing = _differences(record, _changed(top, path, altered), log_format, clean)
            for target in differing:
                if target in found.targets:
                    found.targets[target].sources.add(name)
            if differing:
                break


def _differences(record: RedactedRecord, altered: dict[str, Any], log_format: Format, clean: FieldCleaner) -> list[str]:
    """Name the fields that differ; without a record any more, the line's identity does."""
    try:
        other = log_format.parse(msgspec.json.encode(altered), clean)
    except BadLine as problem:
        return ["started_at"] if "time" in problem.reason or "_at" in problem.reason else ["request_id"]
    return [name for name in RedactedRecord.__struct_fields__ if name != "record_id" and getattr(other, name) != getattr(record, name)]


_GONE = object()


def _alterations(content: object) -> Iterator[object]:
    """Leave it out; else write something alike, for a field that another one can stand in for."""
    yield _GONE
    if isinstance(content, bool):
        yield not content
    elif isinstance(content, int | float):
        yield content + 1
    elif isinstance(content, str) and content:
        yield f"{content}7"


def _leaves(node: dict[str, Any], above: Path = ()) -> Iterator[Path]:
    """Give the ways to everything that is no object; objects kept as text are entered."""
    for key, content in node.items():
        inner = _entered(content)
        if inner and len(above) < DEEPEST:
            yield from _leaves(inner, (*above, key))
        else:
            yield (*above, key)


def _entered(content: object) -> dict[str, Any] | None:
    if isinstance(content, str) and content[:1] == "{":
        content = value(content.encode("utf-8", "replace"))
    return content if isinstance(content, dict) else None


def _at(node: dict[str, Any], path: Path) -> object:
    content = node[path[0]]
    return content if len(path) == 1 else _at(_entered(content) or {}, path[1:])


def _changed(node: dict[str, Any], path: Path, content: object) -> dict[str, Any]:
    """Copy the object with another value at the end of the path, or without it."""
    key, *rest = path
    if rest:
        inner = _changed(_entered(node[key]) or {}, tuple(rest), content)
        return {**node, key: msgspec.json.encode(inner).decode() if isinstance(node[key], str) else inner}
    return {name: old for name, old in node.items() if name != key} if content is _GONE else {**node, key: content}


def shown_path(path: Path, clean: FieldCleaner) -> str:
    """Name a field for a person. Keys are the sender's words, so they are cleaned like any other."""
    return "/".join(clean.label(key) or "?" for key in path)
