"""An article: what it says, its file form, its states, and who may move it on."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

LANGUAGES = ("en", "zh")
SLUG = re.compile(r"^[a-z0-9]+(?:-[a-z0-9]+){0,15}$")
LONGEST_SLUG = 96
REVIEW_DAYS = 180


class ArticleState(StrEnum):
    """Where an article, or a proposed version of it, stands."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    PUBLISHED = "published"
    ARCHIVED = "archived"


class Confidence(StrEnum):
    """How far the desk trusts an article (KCS). Whom it is shown to is another question: its audience."""

    WORK_IN_PROGRESS = "work_in_progress"
    NOT_VALIDATED = "not_validated"
    VALIDATED = "validated"
    ARCHIVED = "archived"


LEGAL_MOVES: dict[ArticleState, frozenset[ArticleState]] = {
    ArticleState.DRAFT: frozenset({ArticleState.IN_REVIEW, ArticleState.ARCHIVED}),
    ArticleState.IN_REVIEW: frozenset({ArticleState.PUBLISHED, ArticleState.DRAFT, ArticleState.ARCHIVED}),
    ArticleState.PUBLISHED: frozenset({ArticleState.ARCHIVED}),
    ArticleState.ARCHIVED: frozenset({ArticleState.DRAFT}),
}


class Governance(StrEnum):
    """Who may change an article."""

    STAFF = "staff"  # everyone at the desk
    EDITORS = "editors"  # those who write and review content
    OWNER = "owner"  # its owner and backup owner


class Readers(StrEnum):
    """Whom an article is shown to."""

    PUBLIC = "public"
    USERS = "users"  # whoever is signed in
    STAFF = "staff"


class IllegalMove(ValueError):
    """An article cannot go from the one state to the other."""


class NotAnotherPerson(ValueError):
    """Whoever wrote a version cannot approve it."""


class BadArticle(ValueError):
    """A file is not an article. The message names the line, never its content."""


@dataclass(frozen=True, slots=True)
class ArticleContent:
    """What an article says, in one language, without its address and its history.

    version: the published version the text builds on; 0 when it was written apart from the desk.
    sources: each an address and the day it was read, as `https://… 2026-11-20`; author: who is named as having written it, "" for the team.
    volatile: what it says can change at any time, so that it is reviewed earlier.
    """

    title: str
    summary: str  # the answer in one or two sentences
    body: str  # Markdown
    kind: str = "faq"
    audience: str = "public"
    causes: tuple[str, ...] = ()  # cause ids, the main one first
    clients: tuple[str, ...] = ()  # canonical client ids
    models: tuple[str, ...] = ()  # model families
    keywords: tuple[str, ...] = ()  # words people type for this problem
    related: tuple[str, ...] = ()  # slugs
    checked_on: str | None = None  # ISO date the facts were last verified
    review_days: int = REVIEW_DAYS
    version: int = 0
    governance: str = Governance.EDITORS
    volatile: bool = False
    sources: tuple[str, ...] = ()
    author: str = ""


def move(current: ArticleState, target: ArticleState) -> ArticleState:
    """The target state, when the move is legal. Raises IllegalMove."""
    if target not in LEGAL_MOVES[current]:
        raise IllegalMove(f"{current} → {target}")
    return target


def check_reviewer(reviewer: int, writers: Collection[int]) -> None:
    """A second pair of eyes is somebody else's. Raises NotAnotherPerson."""
    if reviewer in writers:
        raise NotAnotherPerson("a version is approved by a person who did not write it")


def is_slug(text: str) -> bool:
    """Whether `text` can be an article's address: lower-case words joined by hyphens."""
    return len(text) <= LONGEST_SLUG and bool(SLUG.match(text))


def content_hash(content: ArticleContent) -> str:
    """SHA-256 of what the article says; the version it builds on is no part of that."""
    return hashlib.sha256(print_article(replace(content, version=0)).encode("utf-8")).hexdigest()


def fill_in(text: str, gateway_url: str, gateway_name: str = "") -> str:
    """The text with the installation's own facts: `{{gateway_url}}`, `{{gateway_root}}` (the same without /v1), `{{gateway_name}}`."""
    text = text.replace("{{gateway_url}}", gateway_url).replace("{{gateway_root}}", gateway_url.removesuffix("/v1"))
    return text.replace("{{gateway_name}}", gateway_name)


# --- The file form: front matter of `key: value` lines, then Markdown ---

FENCE = "---"
TEXT_KEYS = ("title", "summary", "kind", "audience", "checked_on", "governance", "author")
LIST_KEYS = ("causes", "clients", "models", "keywords", "related", "sources")
NUMBER_KEYS = ("review_days", "version")
FLAG_KEYS = ("volatile",)
FLAG_WORDS = {"yes": True, "true": True, "no": False, "false": False}
KEY_ORDER = (
    "title",
    "summary",
    "kind",
    "causes",
    "clients",
    "models",
    "keywords",
    "audience",
    "governance",
    "author",
    "checked_on",
    "volatile",
    "review_days",
    "sources",
    "related",
    "version",
)
ALWAYS_PRINTED = frozenset({"title", "summary", "kind", "causes", "clients", "keywords", "audience", "review_days", "related"})
USUAL = {"governance": Governance.EDITORS}  # not printed: a file that never spoke of it stays as it is


def parse_article(text: str) -> ArticleContent:
    """Read the file form. Raises BadArticle."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    if lines[0].strip() != FENCE:
        raise BadArticle("line 1: an article opens with ---")
    try:
        end = next(number for number, line in enumerate(lines[1:], 1) if line.strip() == FENCE)
    except StopIteration:
        raise BadArticle("the front matter is not closed by ---") from None
    facts = dict(_parse_fact(number, line) for number, line in enumerate(lines[1:end], 2) if line.strip())
    for needed in ("title", "summary"):
        if not facts.get(needed):
            raise BadArticle(f"the front matter has no {needed}")
    return ArticleContent(**facts, body="\n".join(lines[end + 1 :]).strip() + "\n")  # type: ignore[arg-type]  # _parse_fact gives each key its type


def print_article(content: ArticleContent) -> str:
    """The file form; `parse_article` of it gives `tidy(content)` back."""
    content = tidy(content)
    said = {key: getattr(content, key) for key in KEY_ORDER}
    facts = [f"{key}: {_print_value(value)}" for key, value in said.items() if key in ALWAYS_PRINTED or (value and value != USUAL.get(key))]
    return "\n".join([FENCE, *facts, FENCE, content.body])


def tidy(content: ArticleContent) -> ArticleContent:
    """The same content as the file form can carry it: one-line texts, list items without commas or brackets."""
    lists: dict[str, Any] = {key: _tidy_items(getattr(content, key)) for key in LIST_KEYS}
    return replace(
        content,
        title=_one_line(content.title),
        summary=_one_line(content.summary),
        body=content.body.replace("\r\n", "\n").strip() + "\n",
        checked_on=content.checked_on or None,
        author=_one_line(content.author),
        governance=content.governance or Governance.EDITORS,
        **lists,
    )


def _parse_fact(number: int, line: str) -> tuple[str, object]:
    """One `key: value` line as a typed pair."""
    key, colon, value = line.partition(":")
    key, value = key.strip(), value.strip()
    if not colon:
        raise BadArticle(f"line {number}: expected `key: value`")
    if key in LIST_KEYS:
        return key, _parse_list(number, value)
    if key in NUMBER_KEYS:
        if not value.isdecimal():
            raise BadArticle(f"line {number}: {key} is a whole number")
        return key, int(value)
    if key in FLAG_KEYS:
        if value.lower() not in FLAG_WORDS:
            raise BadArticle(f"line {number}: {key} is yes or no")
        return key, FLAG_WORDS[value.lower()]
    if key in TEXT_KEYS:
        return key, value
    raise BadArticle(f"line {number}: unknown key")


def _parse_list(number: int, value: str) -> tuple[str, ...]:
    """`[a, b]` on one line."""
    if not (value.startswith("[") and value.endswith("]")):
        raise BadArticle(f"line {number}: a list is written [a, b]")
    return _tidy_items(value[1:-1].split(","))


def _print_value(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"[{', '.join(value)}]" if isinstance(value, tuple) else str(value)


def _tidy_items(items: Collection[str]) -> tuple[str, ...]:
    """Items that survive `[a, b]`: trimmed, unquoted, without commas, each once."""
    cleaned = (_one_line(item.replace(",", " ")).strip("\"'[] ") for item in items)
    return tuple(dict.fromkeys(item for item in cleaned if item))


def _one_line(text: str) -> str:
    return " ".join(text.split())
