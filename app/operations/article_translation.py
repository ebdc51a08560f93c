"""The two languages of an article: which version of the one the other says the same as, and whether it fell behind."""

from __future__ import annotations

from app.operations.article_notes import follow
from app.store import articles
from app.store.database import db
from app.store.models import Article

OTHER = {"en": "zh", "zh": "en"}


def twin_of(article: Article) -> Article | None:
    """The same article in the other language, in any state."""
    return articles.by_slug(OTHER[article.language], article.slug)


def start_translation(translation: Article, source: Article) -> None:
    """The translation begins from the source's published text."""
    working = articles.working_revision(translation.id)
    if working is not None and source.version:
        follow(working, source.version)
        db.session.commit()


def keep_in_step(article: Article, before: int, follows: int | None, *, minor: bool) -> None:
    """After a version went up: the pair is in step when it translates the twin's present text, or changed nothing that matters.

    before: the version that was up until now. The caller commits.
    """
    twin = twin_of(article)
    if twin is None:
        return
    if follows is not None:
        article.follows = follows
        if follows == twin.version:
            twin.follows = article.version
    elif minor and twin.follows == before:
        twin.follows = article.version
    elif not minor and twin.follows is None and before:
        twin.follows = before  # both were there before anybody kept count


def forget_step(article: Article) -> None:
    """A file changed the text: nobody said whether the languages are in step, so their dates tell again. The caller commits."""
    if article.follows is not None:
        article.follows = None
    twin = twin_of(article)
    if twin is not None and twin.follows is not None:
        twin.follows = None


def is_behind(older: Article, newer: Article) -> bool:
    """Whether `older` still says what `newer` said before; by version where somebody kept count, else by date."""
    if older.follows is not None:
        return older.follows < newer.version
    return newer.follows is None and (newer.updated_at - older.updated_at).days > 0
