"""The links of an article to other pages of this site, and which of them lead nowhere."""

from __future__ import annotations

import re
from collections.abc import Collection

from app.core.article import ArticleContent
from app.core.article_problem import Problem
from app.core.article_style import without_code

LINK = re.compile(r"\]\((?:https?://[^/\s)]{1,200})?/kb/(en|zh)/([a-z0-9-]{1,96})(?:\.md)?(?:#[^\s)]{0,100})?\)")
Address = tuple[str, str]  # language, slug


def linked(content: ArticleContent, language: str) -> set[Address]:
    """Every article the text or its list of related pages points at."""
    found = {(match[1], match[2]) for match in LINK.finditer(without_code(content.body))}
    return found | {(language, slug) for slug in content.related}


def dead_link_problems(content: ArticleContent, language: str, known: Collection[Address]) -> list[Problem]:
    """The links that lead to no article, with their places."""
    body = without_code(content.body)
    return [
        *(_dead(body, match) for match in LINK.finditer(body) if (match[1], match[2]) not in known),
        *(Problem("related-unknown", "facts", names={"slug": slug}) for slug in content.related if (language, slug) not in known),
    ]


def _dead(body: str, match: re.Match[str]) -> Problem:
    line = body.count("\n", 0, match.start()) + 1
    return Problem("link-unknown", "body", line, match.start(), match.end(), {"target": f"{match[1]}/{match[2]}"})
