"""Ask the addresses elsewhere that articles link to or rest on, when told to: the only place of the content side that uses the network."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from app.core.article_sources import outside_links, sources_of
from app.core.redaction import Redactor
from app.store import article_reviews, articles
from app.store.database import db
from app.store.models import Article
from app.store.models_content import LinkCheck

Ask = Callable[[str], int | None]
FINE = range(200, 400)
GUARDED = frozenset({401, 403, 405, 429})  # there, but not for machines


def check_outside_links(ask: Ask, redactor: Redactor, now: datetime) -> int:
    """Ask each address once and keep what it answered. Returns how many are broken."""
    wanted = dict.fromkeys(url for _article, url in links_elsewhere(articles.all_published()))
    known = article_reviews.checked_links()
    for gone in known.keys() - wanted.keys():
        db.session.delete(known[gone])
    broken = sum([_check(url, ask, redactor, now) for url in wanted])
    db.session.commit()
    return broken


def links_elsewhere(published: Iterable[Article]) -> list[tuple[Article, str]]:
    """(article, address) of every link and source outside this site."""
    return [
        (article, url)
        for article in published
        for url in dict.fromkeys([*(source.url for source in sources_of(article.sources or ())), *outside_links(article.body)])
        if "{{" not in url
    ]


def _check(url: str, ask: Ask, redactor: Redactor, now: datetime) -> bool:
    """One address; one that is there for people only is fine."""
    clean = redactor.clean(url)
    if clean != url:
        return False  # an address with a secret in it is nobody's to ask
    check = article_reviews.link_check(clean) or LinkCheck(url=clean, broken_since=None)
    check.status, check.checked_at = ask(url), now
    broken = check.status is None or (check.status not in FINE and check.status not in GUARDED)
    check.broken_since = (check.broken_since or now) if broken else None
    db.session.add(check)
    return broken
