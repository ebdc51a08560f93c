"""What goes with a version and with an address: the change note, the schedule, where readers of an archived page are sent."""

from __future__ import annotations

from datetime import datetime

from app.core.article import ArticleState
from app.core.redacted_text import RedactedText
from app.store import article_care, articles
from app.store.database import db
from app.store.models import Article, ArticleRevision
from app.store.models_articles import ArticleMove, RevisionNote


class BadTarget(ValueError):
    """Readers can be sent to a published article only, and not to the page they come from."""


def note_for(revision: ArticleRevision) -> RevisionNote:
    """The version's note, made when there is none; the caller commits."""
    note = article_care.note_of(revision.id)
    if note is None:
        note = RevisionNote(revision_id=revision.id, minor=False)
        db.session.add(note)
        db.session.flush()
    return note


def describe_change(revision: ArticleRevision, change_note: RedactedText | None, minor: bool) -> None:
    """Say what changed, and whether it matters to readers; the caller commits."""
    note = note_for(revision)
    note.change_note, note.minor = change_note, minor


def follow(revision: ArticleRevision, version: int | None) -> None:
    """Say which version of the other language the text translates; the caller commits."""
    note_for(revision).follows = version


def cancel_schedule(revision: ArticleRevision) -> None:
    """The version does not go up by itself; the caller commits."""
    note = article_care.note_of(revision.id)
    if note is not None:
        note.publish_at = None


def send_readers_to(article: Article, target: str, now: datetime) -> None:
    """Readers of the archived article go to `target` from now on; the caller commits. Raises BadTarget."""
    found = articles.by_slug(article.language, target)
    if found is None or found.id == article.id or found.state != ArticleState.PUBLISHED:
        raise BadTarget("not a published article")
    db.session.merge(ArticleMove(language=article.language, slug=article.slug, target=target, moved_at=now))


def drop_move(article: Article) -> None:
    """The address is an article's own again; the caller commits."""
    moved = db.session.get(ArticleMove, (article.language, article.slug))
    if moved is not None:
        db.session.delete(moved)
