"""Words that no text shall use any longer: where they still stand, in articles, ready replies and playbooks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from app.core.article_care import phrase_places
from app.core.macros import MacroBook
from app.core.playbook import ReadyReply
from app.core.redacted_text import RedactedText
from app.core.rulebook import Rulebook
from app.operations.audit import record
from app.store import article_care, articles
from app.store.database import db
from app.store.macro_rules import macro_book
from app.store.models import Article, User
from app.store.models_articles import OutdatedPhrase


@dataclass(frozen=True, slots=True)
class Text:
    """A text people are shown. kind: article, macro or playbook; id: the article's number, or the reply's name."""

    kind: str
    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where outdated words stand."""

    kind: str
    id: str
    title: str
    line: int


def add_phrase(phrase: RedactedText, reason: RedactedText, actor: User, rulebook: Rulebook, now: datetime) -> None:
    """Put words on the list of those no text shall use."""
    row = OutdatedPhrase(phrase=phrase, reason=reason, added_at=now, added_by_id=actor.id)
    db.session.add(row)
    db.session.flush()
    record("phrase_added", "phrase", row.id, now, actor)
    settle_phrases(rulebook, now)


def drop_phrase(phrase: OutdatedPhrase, actor: User, now: datetime) -> None:
    """Take words off the list."""
    record("phrase_removed", "phrase", phrase.id, now, actor)
    db.session.delete(phrase)
    db.session.commit()


def settle_phrases(rulebook: Rulebook, now: datetime) -> int:
    """Note which outdated phrases no text uses any longer, and which one uses again; how many are in use."""
    texts = list(texts_shown(articles.all_published(), rulebook))
    for each in article_care.phrases():
        each.gone_at = None if places_of(each.phrase, texts) else each.gone_at or now
    db.session.commit()
    return sum(each.gone_at is None for each in article_care.phrases())


def texts_shown(published: Iterable[Article], rulebook: Rulebook, macros: MacroBook | None = None) -> Iterator[Text]:
    """Every text that somebody is shown."""
    for article in published:
        yield Text("article", str(article.id), article.title, f"{article.title}\n{article.summary}\n{article.body}")
    for macro in macros or macro_book():
        yield from _of_reply("macro", macro.reply)
    for playbook in rulebook.playbooks:
        for reply in playbook.replies:
            yield from _of_reply("playbook", reply)


def places_of(phrase: str, texts: Iterable[Text]) -> list[Place]:
    """Where the words stand."""
    return [Place(each.kind, each.id, each.title, line) for each in texts for _, line in phrase_places(phrase, [("", each.text)])]


def _of_reply(kind: str, reply: ReadyReply) -> Iterator[Text]:
    """A reply in each language."""
    for language, text in reply.text.items():
        yield Text(kind, reply.id, f"{reply.title[language]} ({language})", f"{reply.title[language]}\n{text}")
