"""Headings a reader can point at: anchors that stay the same when the text around them changes, in any script."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

HEADING = re.compile(r"<h([23])(?: id=\"[^\"]*\")?>(.*?)</h\1>", re.DOTALL)
TAG = re.compile(r"<[^>]{0,200}>")
NO_WORD = re.compile(r"[^\w]+")
LONGEST = 60


def anchored(page: str, known: Mapping[str, str]) -> tuple[str, list[tuple[str, str]]]:
    """`page` (clean HTML) with an id at each h2 and h3, and the h2 as (id, words).

    known: heading → id, so that a section has the same anchor in both languages; other headings are named by their words.
    """
    contents: list[tuple[str, str]] = []
    taken: set[str] = set()

    def name(found: re.Match[str]) -> str:
        words = html.unescape(TAG.sub("", found[2])).strip()
        anchor = _free(known.get(words) or anchor_of(words), taken)
        if found[1] == "2":
            contents.append((anchor, words))
        return f'<h{found[1]} id="{html.escape(anchor)}">{found[2]}</h{found[1]}>'

    return HEADING.sub(name, reachable(page)), contents


def reachable(page: str) -> str:
    """Tables that scroll on a narrow screen can be reached by the keyboard."""
    return str(page).replace("<table>", '<table tabindex="0">')


def anchor_of(words: str) -> str:
    """`What you see` → `what-you-see`; Chinese stays as it is."""
    return NO_WORD.sub("-", words.lower()).strip("-")[:LONGEST] or "section"


def _free(wish: str, taken: set[str]) -> str:
    """`wish`, or `wish-2`, `wish-3`, … when the page has it already."""
    number, anchor = 1, wish
    while anchor in taken:
        number += 1
        anchor = f"{wish}-{number}"
    taken.add(anchor)
    return anchor
