"""Have articles looked at again when they should be, and remind those who answer for them; both may run at any time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from app.core.article_care import whose_turn
from app.core.article_demand import Case, Demand, demand
from app.core.rulebook import Rulebook
from app.operations.article_signature import read_signature
from app.operations.notices import tell_about
from app.store import article_reviews, articles
from app.store.article_reviews import CaseRow
from app.store.database import db
from app.store.models import Article
from app.store.models_content import ReviewReminder

LOOKED_BACK = timedelta(days=180)
REVIEW_DUE = {"owner": "article_review", "backup": "article_backup"}


def reopen_articles(rulebook: Rulebook, now: datetime) -> int:
    """Have articles reviewed that met their first real cases, or whose question is asked again and again. Returns how many."""
    today, met = now.date().isoformat(), article_reviews.cases_by_article()
    published = articles.all_published()
    failing = demands(published, rulebook, now)
    care, count = rulebook.gate.care, 0
    for article in published:
        first = article.reviewed_at is None and met.get(article.id, 0) >= care.first_cases
        if (first or failing[article.id].is_failing(care)) and (article.review_due is None or article.review_due > today):
            article.review_due = today
            count += 1
    db.session.commit()
    return count


def demands(published: Iterable[Article], rulebook: Rulebook, now: datetime) -> dict[int, Demand]:
    """Article → what came since it was last looked at."""
    cases = [_case(row, rulebook) for row in article_reviews.cases_since(now - LOOKED_BACK)]
    by_cause: dict[str, list[Case]] = {}
    for case in cases:
        by_cause.setdefault(case.signature.cause or "", []).append(case)
    return {article.id: _demand(article, by_cause, now) for article in published}


def remind_owners(rulebook: Rulebook, now: datetime) -> int:
    """Tell the owner once that a review is due, and the backup owner once when it stays undone. Returns how many were told."""
    waiting = article_reviews.due(now.date().isoformat())
    known = article_reviews.reminded([article.id for article in waiting])
    told = [article for article in waiting if _remind(article, known, rulebook, now)]
    db.session.commit()
    return len(told)


def _remind(article: Article, known: frozenset[tuple[int, str, str]], rulebook: Rulebook, now: datetime) -> bool:
    """One reminder for each date and stage; of an article without a backup owner, the owner hears again."""
    due, stage = article.review_due or "", whose_turn(article.review_due, now.date(), rulebook.gate.care.owner_days)
    person = (article.backup_owner_id if stage == "backup" else None) or article.owner_id or article.author_id
    if person is None or (article.id, due, stage) in known:
        return False
    db.session.add(ReviewReminder(article_id=article.id, due=due, stage=stage, user_id=person, at=now))
    tell_about([person], "article", article.id, REVIEW_DUE[stage], now)
    return True


def _demand(article: Article, by_cause: dict[str, list[Case]], now: datetime) -> Demand:
    """What one article met since its text, or the word that it is still true."""
    content = articles.content_of(article)
    cases = [case for cause in content.causes[:1] for case in by_cause.get(cause, ())]
    return demand(article.id, content, article.language, _looked_at(article, now), cases)


def _looked_at(article: Article, now: datetime) -> datetime:
    """When somebody last looked at the article as a whole."""
    reviewed = datetime.fromisoformat(article.reviewed_at).replace(tzinfo=UTC) if article.reviewed_at else None
    return reviewed or article.published_at or now


def _case(row: CaseRow, rulebook: Rulebook) -> Case:
    person = f"u{row.requester_id}" if row.requester_id else row.key_fingerprint
    return Case(row.created_at, row.language, read_signature(row.cause, row.client, row.model, rulebook), person, row.article_id)
