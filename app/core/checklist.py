"""The points of a checklist as an article writes them: `- [ ] point` or `1. [ ] point`, with the heading or bold line above them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass

from app.core.article_style import FENCE

POINT = re.compile(r"^\s{0,6}(?:[-*+]|\d{1,3}[.)])[ \t]+\[[ xX]\][ \t]+(\S.{0,500})$")
GROUP = re.compile(r"^(?:#{2,4}[ \t]+(\S.{0,200}?)[ \t#]*|\*\*(\S.{0,200}?)\*\*)$")
MOST = 200


@dataclass(frozen=True, slots=True)
class Point:
    """One thing to tick. id: of its words, so that it stays when others are added; group: what it stands under."""

    id: str
    text: str
    group: str = ""


def points(body: str) -> tuple[Point, ...]:
    """Every point of a text, in order; those of code blocks are examples."""
    found: dict[str, Point] = {}
    group = ""
    for line in FENCE.sub("", body).splitlines():
        if heading := GROUP.match(line.strip()):
            group = (heading[1] or heading[2]).strip()
        elif written := POINT.match(line):
            point = Point(_id_of(written[1].strip(), found), written[1].strip(), group)
            found[point.id] = point
    return tuple(found.values())[:MOST]


def is_finished(wanted: Collection[Point], ticked: Collection[str]) -> bool:
    """Whether every point is ticked."""
    return all(point.id in ticked for point in wanted)


def _id_of(text: str, taken: Collection[str]) -> str:
    """A short name made of the words; a point that is there twice gets a number."""
    stem = hashlib.sha256(text.encode()).hexdigest()[:10]
    number, name = 1, stem
    while name in taken:
        number += 1
        name = f"{stem}-{number}"
    return name
