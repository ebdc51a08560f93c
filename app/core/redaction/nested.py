"""What stands indented under a plural name: `api_keys:` and below it a line for each vendor."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.core.redaction.canonical import QUOTES
from app.core.redaction.labels import Label
from app.core.redaction.tied import Value

MOST_LINES = 50
_OPENS = re.compile(rf"[{QUOTES}]?[ ]{{0,2}}:[ \t]{{0,4}}\n(?=(?P<indent>[ \t>]{{1,32}})[^\s])")
_LINE = re.compile(
    rf"[ \t>]{{0,40}}(?:-[ ])?(?:[{QUOTES}]?[A-Za-z0-9_. -]{{1,48}}[{QUOTES}]?[ ]?:[ ]?)[{QUOTES}]?"
    rf"(?P<value>[^\s{QUOTES}]{{6,512}})[{QUOTES}]?(?:[,}}\]][^\n]{{0,200}})?[ \t]*$"
)


def values_under(label: Label, text: str) -> Iterator[Value]:
    """The values of the lines indented under `label`, if it is a plural that opens such a block; tied to it as what stands below."""
    opens = _OPENS.match(text, label.end) if label.plural else None
    if opens is None:
        return
    at, indent = opens.end(), opens["indent"]
    for _ in range(MOST_LINES):
        end = text.find("\n", at)
        line = text[at : end if end >= 0 else len(text)]
        if not line.startswith(indent):
            return
        if found := _LINE.match(line):
            yield Value(found["value"], at + found.start("value"), at + found.end("value"), "below", quoted=False)
        if end < 0:
            return
        at = end + 1
