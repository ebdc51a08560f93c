"""What an article did for somebody: it resolved a ticket, it answered a reader, or it did not."""

from __future__ import annotations

from datetime import datetime

from app.operations.article_care import look_again_after_first_cases, look_again_when_it_fails
from app.store.database import db
from app.store.models import Article, Change, SelfService, Ticket, User


def mark_solved_by(ticket: Ticket, article: Article, actor: User | None, now: datetime) -> None:
    """Say which article resolved a ticket."""
    link_ticket(ticket, article, actor, now)
    db.session.commit()


def count_answer(article: Article, solved: bool, language: str, now: datetime, cause: str | None = None) -> None:
    """A reader says that the article solved it, or did not; `cause` when more is known than what the article is about."""
    about = cause or (article.causes[0].cause if article.causes else None)
    db.session.add(SelfService(at=now, cause=about, article_id=article.id, solved=solved, language=language))
    if solved:
        article.solved_count = Article.solved_count + 1
    else:
        look_again_when_it_fails(article, now)
    db.session.commit()


def link_ticket(ticket: Ticket, article: Article, actor: User | None, now: datetime) -> None:
    """The same, in the current transaction."""
    before = str(ticket.article_id) if ticket.article_id else None
    ticket.article_id = article.id
    look_again_after_first_cases(article, now)
    db.session.add(
        Change(
            ticket_id=ticket.id, actor_id=actor.id if actor else None, what="article", before=before, after=str(article.id), created_at=now
        )
    )
