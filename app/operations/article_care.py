"""Keep articles true: readers' flags, missed words, another look after the first real cases."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime, timedelta

from app.core.article_care import CareRules, mostly_unhelpful
from app.core.redacted_text import RedactedText
from app.core.redaction import Redactor
from app.core.search_text import PIECE, normalise
from app.operations.audit import record
from app.store import article_care
from app.store.database import db
from app.store.models import Article, User
from app.store.models_articles import ArticleFlag, MissedSearch

FLAGS_AN_HOUR = 5
WINDOW = timedelta(hours=1)
SENDER_KEPT = timedelta(days=1)
MOST_WORDS = 6
SHORTEST_WORD, LONGEST_WORD = 2, 24
MOST_DIGITS = 4  # status codes and versions; a longer number may be somebody's


class TooMany(ValueError):
    """A sender has said enough for now."""


def flag_article(article: Article, reason: str, detail: RedactedText | None, address: str, pepper: bytes, now: datetime) -> None:
    """Keep a reader's word about an article. Raises TooMany."""
    subject = hmac.new(pepper, f"flag {address}".encode(), hashlib.sha256).hexdigest()
    if article_care.flags_since(subject, now - WINDOW) >= FLAGS_AN_HOUR:
        raise TooMany("this sender has flagged several articles already")
    db.session.add(ArticleFlag(article_id=article.id, at=now, reason=reason, detail=detail, subject=subject))
    db.session.commit()


def resolve_flag(flag: ArticleFlag, outcome: str, actor: User, now: datetime) -> None:
    """Say what became of a flag: fixed, or no change needed."""
    flag.resolved_at, flag.resolved_by_id, flag.outcome, flag.subject = now, actor.id, outcome, None
    record("flag_resolved", "article", flag.article_id, now, actor)
    db.session.commit()


def forget_senders(now: datetime) -> int:
    """Forget who sent flags, once throttling needs it no longer."""
    count = article_care.forget_senders(now - SENDER_KEPT)
    db.session.commit()
    return count


def note_missed_search(query: str, language: str, redactor: Redactor, now: datetime) -> None:
    """Count the words of a search that found nothing: single words, and only those the redactor has nothing to say about."""
    words = _countable(str(redactor.clean(query)), redactor)
    known = article_care.known_misses(language, words)
    for word in words:
        if word in known:
            known[word].count = MissedSearch.count + 1
            known[word].last_at = now
        else:
            db.session.add(MissedSearch(language=language, word=word, count=1, first_at=now, last_at=now))
    db.session.commit()


def look_again_after_first_cases(article: Article, rules: CareRules, now: datetime) -> None:
    """The first real cases show what an article misses: have it reviewed once they are there; the caller commits."""
    db.session.flush()
    if article_care.cases_of(article.id) == rules.first_cases:
        _due_now(article, now)


def look_again_when_it_fails(article: Article, now: datetime) -> None:
    """An article that fails most of its readers is reviewed at once; the caller commits."""
    db.session.flush()
    said = article_care.votes(article.id).get(article.id)
    if said is not None and mostly_unhelpful(said):
        _due_now(article, now)


def _due_now(article: Article, now: datetime) -> None:
    today = now.date().isoformat()
    article.review_due = min(article.review_due or today, today)


def _countable(query: str, redactor: Redactor) -> list[RedactedText]:
    """The words of a clean query that may be kept."""
    words: Iterable[str] = dict.fromkeys(PIECE.findall(normalise(query)))
    return [redactor.clean(word) for word in words if _may_be_kept(word, redactor)][:MOST_WORDS]


def _may_be_kept(word: str, redactor: Redactor) -> bool:
    if not SHORTEST_WORD <= len(word) <= LONGEST_WORD or sum(letter.isdigit() for letter in word) > MOST_DIGITS:
        return False
    return str(redactor.clean(word)) == word
