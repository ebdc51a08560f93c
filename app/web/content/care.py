"""What the page of content health shows, gathered: each finding with the article it is about and what to do next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from flask_babel import gettext as _

from app.core.article_care import Votes, is_old, whose_turn
from app.core.article_demand import Demand
from app.core.article_sources import sources_of
from app.core.rulebook import Rulebook
from app.operations.article_translation import is_behind
from app.operations.link_checks import links_elsewhere
from app.operations.outdated_words import Place, Text, places_of
from app.store import article_care, article_reviews

if TYPE_CHECKING:
    from app.store.models import Article
    from app.store.models_articles import OutdatedPhrase


@dataclass(frozen=True, slots=True)
class Due:
    """An article to be read again: why, whose turn it is (owner or backup), and who that is."""

    article: Article
    why: str
    turn: str
    person: str


@dataclass(frozen=True, slots=True)
class Use:
    """What an article did for people. since: tickets with its cause that came after it was published; demand: since its last review."""

    article: Article
    votes: Votes
    since: int
    demand: Demand


@dataclass(frozen=True, slots=True)
class Phrase:
    """An outdated phrase, where it still stands, and how many days it took to be gone."""

    row: OutdatedPhrase
    places: list[Place]
    days: int | None


@dataclass(frozen=True, slots=True)
class Source:
    """A link or a source elsewhere that is gone, or was read too long ago."""

    article: Article
    url: str
    said: str


@dataclass(frozen=True, slots=True)
class Unowned:
    """An article nobody answers for, or nobody stands in for."""

    article: Article
    has_owner: bool


def due(
    published: Sequence[Article],
    names: Mapping[int, str],
    demands: Mapping[int, Demand],
    cases: Mapping[int, int],
    book: Rulebook,
    today: date,
) -> list[Due]:
    """What is to be read again, the longest waiting first; the owner is asked, later the backup owner."""
    care = book.gate.care
    asked = [(article, turn) for article in published if (turn := whose_turn(article.review_due, today, care.owner_days))]
    found = []
    for article, turn in asked:
        person = (article.backup_owner_id if turn == "backup" else None) or article.owner_id or 0
        first = article.reviewed_at is None and cases.get(article.id, 0) >= care.first_cases
        found.append(Due(article, _why(demands[article.id], book, first=first), turn, names.get(person, "")))
    return sorted(found, key=lambda each: (each.article.review_due or "", each.article.slug))


def uses(published: Sequence[Article], demands: Mapping[int, Demand]) -> list[Use]:
    """Articles people met, those with the most tickets after publishing first, then the least trusted."""
    votes, since = article_care.votes(), article_care.tickets_since_publish()
    met = [
        Use(each, votes.get(each.id, Votes(0, 0)), since.get(each.id, 0), demands[each.id])
        for each in published
        if each.id in votes or each.id in since
    ]
    return sorted(met, key=lambda use: (-use.since, use.votes.at_least if use.votes.asked else 1.0))


def phrases(texts: Sequence[Text]) -> list[Phrase]:
    """Outdated phrases with the places they stand at."""
    return [
        Phrase(row, places_of(row.phrase, texts), (row.gone_at - row.added_at).days if row.gone_at else None)
        for row in article_care.phrases()
    ]


def sources(published: Sequence[Article], book: Rulebook, today: date) -> list[Source]:
    """Links and sources elsewhere that are gone, and sources read too long ago."""
    checks, days = article_reviews.checked_links(), book.gate.care.source_days
    gone = [
        Source(article, url, _("no answer") if checks[url].status is None else _("answers %(status)s", status=checks[url].status))
        for article, url in links_elsewhere(published)
        if url in checks and checks[url].broken_since
    ]
    old = [
        Source(article, source.url, _("read on %(day)s", day=source.checked_on))
        for article in published
        for source in sources_of(article.sources or ())
        if is_old(source.checked_on, today, days)
    ]
    return gone + old


def unowned(published: Sequence[Article]) -> list[Unowned]:
    """Articles that were written here and have no owner, or no backup owner; files are their keepers' own."""
    return [
        Unowned(article, article.owner_id is not None)
        for article in published
        if article.author_id is not None and (article.owner_id is None or article.backup_owner_id is None)
    ]


def behind(published: Sequence[Article]) -> list[tuple[Article, Article | None]]:
    """Articles whose other language is missing or behind: (the newer one, the one behind)."""
    pairs: dict[str, dict[str, Article]] = {}
    for article in published:
        pairs.setdefault(article.slug, {})[article.language] = article
    return [found for languages in pairs.values() if (found := _older(languages))]


def _older(languages: Mapping[str, Article]) -> tuple[Article, Article | None] | None:
    if len(languages) == 1:
        return next(iter(languages.values())), None
    first, second = languages["en"], languages["zh"]
    return (second, first) if is_behind(first, second) else (first, second) if is_behind(second, first) else None


def _why(demand: Demand, book: Rulebook, *, first: bool) -> str:
    """What made the article due."""
    care = book.gate.care
    if demand.again >= care.same_person:
        return _("the same people asked again: %(people)s", people=demand.again)
    if demand.unresolved >= care.asked_again:
        return _("%(tickets)s tickets it did not resolve since the last review", tickets=demand.unresolved)
    return _("it has met its first real cases") if first else _("its date has come")
