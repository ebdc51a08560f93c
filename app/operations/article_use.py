"""What an article did for somebody: it resolved a ticket, it answered a reader, or it did not."""

from __future__ import annotations

from datetime import datetime

from app.core.article_care import CareRules
from app.operations.article_care import look_again_after_first_cases, look_again_when_it_fails
from app.store import article_told
from app.store.database import db
from app.store.models import Article, Change, SelfService, Ticket, User
from app.store.models_content import TicketReference


def mark_solved_by(ticket: Ticket, article: Article, actor: User | None, rules: CareRules, now: datetime) -> None:
    """Say which article resolved a ticket."""
    link_ticket(ticket, article, actor, rules, now)
    article_told.drop_reference(ticket.id, article.id)
    db.session.commit()


def refer_to(ticket: Ticket, article: Article, actor: User, now: datetime) -> None:
    """Say that an article has to do with a ticket, without having resolved it."""
    db.session.merge(TicketReference(ticket_id=ticket.id, article_id=article.id, actor_id=actor.id, at=now))
    _note(ticket, "reference", None, article.id, actor, now)
    db.session.commit()


def unlink(ticket: Ticket, article: Article, actor: User, now: datetime) -> None:
    """The article has nothing to do with the ticket after all."""
    if ticket.article_id == article.id:
        ticket.article_id = None
    article_told.drop_reference(ticket.id, article.id)
    _note(ticket, "article", article.id, None, actor, now)
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


def link_ticket(ticket: Ticket, article: Article, actor: User | None, rules: CareRules, now: datetime) -> None:
    """The same, in the current transaction."""
    before, ticket.article_id = ticket.article_id, article.id
    look_again_after_first_cases(article, rules, now)
    _note(ticket, "article", before, article.id, actor, now)


def _note(ticket: Ticket, what: str, before: int | None, after: int | None, actor: User | None, now: datetime) -> None:
    """The ticket's history says so."""
    told = (str(before) if before else None), (str(after) if after else None)
    db.session.add(
        Change(ticket_id=ticket.id, actor_id=actor.id if actor else None, what=what, before=told[0], after=told[1], created_at=now)
    )
