"""What keeps articles true, read: flags, votes, tickets since publishing, missed words, outdated phrases, moved addresses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import case, func, select, update
from sqlalchemy.orm import joinedload

from app.core.article import ArticleState
from app.core.article_care import Votes
from app.core.redacted_text import RedactedText
from app.store.database import db
from app.store.models import Article, ArticleCause, ArticleRevision, SelfService, Ticket
from app.store.models_articles import ArticleFlag, ArticleMove, MissedSearch, OutdatedPhrase, RevisionNote

LIMIT = 200


def moved_to(language: str, slug: str) -> str | None:
    """Where the readers of an archived article are sent."""
    return db.session.scalar(select(ArticleMove.target).where(ArticleMove.language == language, ArticleMove.slug == slug))


def open_flags(limit: int = LIMIT) -> Sequence[ArticleFlag]:
    """What readers said and no editor decided about, oldest first."""
    query = select(ArticleFlag).options(joinedload(ArticleFlag.article)).where(ArticleFlag.resolved_at.is_(None))
    return db.session.scalars(query.order_by(ArticleFlag.at, ArticleFlag.id).limit(limit)).all()


def flag(flag_id: int) -> ArticleFlag | None:
    """One flag, in any state."""
    return db.session.get(ArticleFlag, flag_id)


def flags_since(subject: str, since: datetime) -> int:
    """How often a sender has flagged anything since a moment."""
    return db.session.scalar(select(func.count()).where(ArticleFlag.subject == subject, ArticleFlag.at > since)) or 0


def forget_senders(before: datetime) -> int:
    """Forget who sent old flags; how many. The calling operation commits."""
    rows = update(ArticleFlag).where(ArticleFlag.subject.is_not(None), ArticleFlag.at < before).values(subject=None)
    return db.session.execute(rows).rowcount  # type: ignore[attr-defined,no-any-return]  # the result of an UPDATE has it


def votes(article_id: int | None = None) -> dict[int, Votes]:
    """Article → what its readers said; of all articles, or of one."""
    solved = func.sum(case((SelfService.solved.is_(True), 1), else_=0))
    query = select(SelfService.article_id, solved, func.count()).where(SelfService.article_id.is_not(None))
    query = query.where(SelfService.article_id == article_id) if article_id else query
    return {number: Votes(int(yes or 0), total) for number, yes, total in db.session.execute(query.group_by(SelfService.article_id))}


def cases_of(article_id: int) -> int:
    """How many tickets an article has answered."""
    return db.session.scalar(select(func.count()).where(Ticket.article_id == article_id)) or 0


def tickets_since_publish() -> dict[int, int]:
    """Article → tickets with its main cause that came after it was published: people who did not find it, or were not helped."""
    main = select(ArticleCause.article_id, ArticleCause.cause).where(ArticleCause.position == 0).subquery()
    query = select(Article.id, func.count(Ticket.id)).join(main, main.c.article_id == Article.id)
    query = query.join(Ticket, (Ticket.cause == main.c.cause) & (Ticket.language == Article.language))
    query = query.where(Article.state == ArticleState.PUBLISHED, Ticket.created_at > Article.published_at).group_by(Article.id)
    return {row[0]: row[1] for row in db.session.execute(query)}


def missed_words(limit: int = LIMIT) -> Sequence[MissedSearch]:
    """What people searched for in vain, the most frequent first."""
    return db.session.scalars(select(MissedSearch).order_by(MissedSearch.count.desc(), MissedSearch.id).limit(limit)).all()


def known_misses(language: str, words: Sequence[RedactedText]) -> Mapping[str, MissedSearch]:
    """The rows of these words."""
    rows = db.session.scalars(select(MissedSearch).where(MissedSearch.language == language, MissedSearch.word.in_(words)))
    return {str(row.word): row for row in rows}


def phrases() -> Sequence[OutdatedPhrase]:
    """Outdated phrases, those still to be removed first."""
    query = select(OutdatedPhrase).options(joinedload(OutdatedPhrase.added_by))
    return db.session.scalars(query.order_by(OutdatedPhrase.gone_at.is_not(None), OutdatedPhrase.added_at.desc())).all()


def phrase(phrase_id: int) -> OutdatedPhrase | None:
    """One outdated phrase."""
    return db.session.get(OutdatedPhrase, phrase_id)


def note_of(revision_id: int) -> RevisionNote | None:
    """What goes with a version."""
    return db.session.get(RevisionNote, revision_id)


def notes_of(article_id: int) -> dict[int, RevisionNote]:
    """Version → what goes with it, for an article's history."""
    query = select(RevisionNote).join(ArticleRevision, ArticleRevision.id == RevisionNote.revision_id)
    return {note.revision_id: note for note in db.session.scalars(query.where(ArticleRevision.article_id == article_id))}


def due_to_publish(now: datetime) -> Sequence[ArticleRevision]:
    """Approved versions whose time has come."""
    query = select(ArticleRevision).join(RevisionNote, RevisionNote.revision_id == ArticleRevision.id)
    query = query.where(ArticleRevision.state == ArticleState.IN_REVIEW, RevisionNote.publish_at <= now)
    return db.session.scalars(query.options(joinedload(ArticleRevision.article))).all()
