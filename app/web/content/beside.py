"""The other language beside the one being written: its text, whether this one is behind, and what changed since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from markupsafe import Markup

from app.core.article import ArticleState, fill_in, print_article
from app.core.article_anchors import reachable
from app.core.text_diff import folded, line_diff
from app.operations.article_translation import is_behind, twin_of
from app.store import articles
from app.web.context import settings
from app.web.prose import article_html

if TYPE_CHECKING:
    from app.store.models import Article


@dataclass(frozen=True, slots=True)
class Beside:
    """The published text of the other language. changes: from the version this one follows to that text, when it is behind."""

    id: int
    language: str
    title: str
    summary: str
    body: str
    html: Markup
    version: int
    is_behind: bool
    changes: Sequence[tuple[str, str]]


def beside(article: Article) -> Beside | None:
    """The other language, if it is published."""
    twin = twin_of(article)
    if twin is None or twin.state != ArticleState.PUBLISHED:
        return None
    behind = bool(article.version) and is_behind(article, twin)
    gateway = settings().gateway_url, settings().gateway_name
    return Beside(
        id=twin.id,
        language=twin.language,
        title=twin.title,
        summary=fill_in(twin.summary, *gateway),
        body=twin.body,
        html=Markup(reachable(article_html(fill_in(twin.body, *gateway)))),  # noqa: S704 - sanitised; a fixed attribute was added
        version=twin.version,
        is_behind=behind,
        changes=_changes(article, twin) if behind else (),
    )


def _changes(article: Article, twin: Article) -> Sequence[tuple[str, str]]:
    """What changed in the other language since this one said the same; nothing when nobody kept count."""
    before = articles.version_of(twin.id, article.follows) if article.follows else None
    if before is None:
        return ()
    texts = (print_article(replace(each, version=0)) for each in (articles.content_of_revision(before), articles.content_of(twin)))
    return folded(line_diff(*texts))
