"""Pictures in an article: our own only, each with words for those who do not see it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from app.core.article_problem import Problem
from app.core.article_style import without_code

PICTURE = re.compile(r"!\[([^\]\n]{0,400})\]\(([^)\s]{1,500})(?:[ \t][^)\n]{0,300})?\)")
OWN = re.compile(r"^/kb/pictures/([0-9a-f]{32})\.(png|jpg|webp)$")
ENDINGS = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}
LARGEST = 2 * 1024 * 1024
SHORTEST_ALT = 3


def picture_address(digest: str, media_type: str) -> str:
    """Where a stored picture is found."""
    return f"/kb/pictures/{digest}.{ENDINGS[media_type]}"


def is_own(address: str) -> bool:
    """Whether an address is that of a picture kept here."""
    return bool(OWN.match(address))


def shown(body: str) -> list[str]:
    """The digests of the pictures a text shows, each once."""
    return list(dict.fromkeys(own[1] for found in PICTURE.finditer(without_code(body)) if (own := OWN.match(found[2]))))


def missing_pictures(body: str, known: Collection[str]) -> Iterator[Problem]:
    """Our own pictures that nobody has kept."""
    text = without_code(body)
    for found in PICTURE.finditer(text):
        own = OWN.match(found[2])
        if own and own[1] not in known:
            yield Problem("picture-missing", "body", text.count("\n", 0, found.start()) + 1, found.start(), found.end())


def picture_problems(body: str) -> Iterator[Problem]:
    """Pictures from elsewhere, and pictures without words."""
    text = without_code(body)
    for found in PICTURE.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        if not is_own(found[2]):
            yield Problem("picture-elsewhere", "body", line, found.start(), found.end())
        if len(found[1].strip()) < SHORTEST_ALT:
            yield Problem("picture-wordless", "body", line, found.start(), found.end())
