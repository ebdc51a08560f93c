"""Draft, save, submit, give up: how an article is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.core.article import ArticleContent, ArticleState, Confidence, IllegalMove, content_hash, is_slug, move, tidy
from app.core.article_draft import DraftFacts, draft_content, draft_slug
from app.core.article_problem import Problem
from app.core.redacted_text import RedactedText
from app.core.rulebook import Rulebook
from app.operations.article_notes import cancel_schedule, describe_change, follow
from app.operations.article_rights import check_writer
from app.operations.article_signature import signature_of
from app.operations.audit import record
from app.store import articles
from app.store.database import db
from app.store.models import Article, ArticleRevision, Ticket, User


class NotReady(ValueError):
    """The gate keeps the article back; `problems` says why and where."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("the article has problems")
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Change:
    """What a writer says about a version beside its text."""

    note: RedactedText | None = None
    minor: bool = False
    follows: int | None = None  # the version of the other language that the text translates


class StaleEdit(ValueError):
    """Somebody else saved since this person read the text."""


class BadAddress(ValueError):
    """The slug cannot be used; `code` is malformed, taken or fixed."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def draft_from_ticket(ticket: Ticket, actor: User, rulebook: Rulebook, now: datetime, kind: str = "faq") -> Article:
    """A draft from what a solved ticket may lend to the public: cause, status, client, model family, the redacted question."""
    facts = _facts_of(ticket, rulebook)
    content = draft_content(facts, kind, ticket.language, rulebook.gate)
    slug = _free_slug(draft_slug(facts), ticket.language)
    article = _new_article(slug, ticket.language, content, actor, rulebook, now)
    article.source_ticket_id = ticket.id
    record("article_drafted", "article", article.id, now, actor)
    db.session.commit()
    return article


def start_draft(slug: str, language: str, content: ArticleContent, actor: User, rulebook: Rulebook, now: datetime) -> Article:
    """A draft from nothing, or the other language version of an article. Raises BadAddress."""
    _check_address(slug, language)
    article = _new_article(slug, language, content, actor, rulebook, now)
    record("article_drafted", "article", article.id, now, actor)
    db.session.commit()
    return article


def revise(article: Article, actor: User, rulebook: Rulebook, now: datetime) -> ArticleRevision:
    """The version being written; for a published article a new one, while the published text stays up. Raises NotYours."""
    check_writer(article, actor)
    working = articles.working_revision(article.id)
    if working is None:
        working = new_revision(article, articles.content_of(article), actor, rulebook, now)
        if article.state == ArticleState.ARCHIVED:
            article.state = move(ArticleState.ARCHIVED, ArticleState.DRAFT)
        db.session.commit()
    return working


def save_draft(
    article: Article,
    content: ArticleContent,
    seen_edit: int,
    actor: User,
    rulebook: Rulebook,
    now: datetime,
    change: Change = Change(),
) -> ArticleRevision:
    """Keep what was written; a version in review goes back to draft. Raises StaleEdit, IllegalMove, NotYours."""
    check_writer(article, actor)
    working = _seen_or_same(article, content, seen_edit)
    _write(working, content, actor, rulebook, now)
    describe_change(working, change.note, change.minor)
    follow(working, change.follows)
    cancel_schedule(working)
    set_working_state(article, working, ArticleState.DRAFT)
    record("article_saved", "article", article.id, now, actor, after=f"edit {working.edit}")
    db.session.commit()
    return working


def restore(article: Article, revision: ArticleRevision, actor: User, rulebook: Rulebook, now: datetime) -> ArticleRevision:
    """Start a new version from an earlier one's text. Raises IllegalMove while another is being written."""
    if revision.article_id != article.id or articles.working_revision(article.id) is not None:
        raise IllegalMove("a version is being written")
    working = revise(article, actor, rulebook, now)
    _write(working, articles.content_of_revision(revision), actor, rulebook, now)
    record("article_restored", "article", article.id, now, actor)
    db.session.commit()
    return working


def change_address(article: Article, slug: str) -> None:
    """Another slug, while the article was never published. Raises BadAddress. Commits with the next save."""
    if slug == article.slug:
        return
    if article.version or article.published_at:
        raise BadAddress("fixed")
    _check_address(slug, article.language)
    article.slug = slug


def submit_for_review(article: Article, seen_edit: int, actor: User, rulebook: Rulebook, now: datetime) -> None:
    """Ask for a second pair of eyes. Raises NotReady, StaleEdit, IllegalMove, NotYours."""
    check_writer(article, actor)
    working = working_as_seen(article, seen_edit)
    check_gate(articles.content_of_revision(working), article.language, rulebook)
    working.state = move(ArticleState(working.state), ArticleState.IN_REVIEW)
    set_working_state(article, working, ArticleState.IN_REVIEW)
    working.submitted_at = article.submitted_at = now
    if not article.version:
        article.confidence = Confidence.NOT_VALIDATED
    record("article_submitted", "article", article.id, now, actor)
    db.session.commit()


def discard_draft(article: Article, actor: User, now: datetime) -> None:
    """Give the version being written up; a published article stays as it is. Raises IllegalMove, NotYours."""
    check_writer(article, actor)
    working = articles.working_revision(article.id)
    if working is None:
        raise IllegalMove("nothing is being written")
    working.state = ArticleState.ARCHIVED
    if article.state != ArticleState.PUBLISHED:
        article.state, article.confidence = ArticleState.ARCHIVED, Confidence.ARCHIVED
        article.source_ticket_id = None
    record("article_discarded", "article", article.id, now, actor)
    db.session.commit()


def gate_problems(content: ArticleContent, language: str, rulebook: Rulebook) -> tuple[Problem, ...]:
    """Everything that keeps the text from being published."""
    return rulebook.gate.problems(content, language, rulebook.redactor, rulebook.causes.causes)


def blank_article(slug: str, language: str, content: ArticleContent, rulebook: Rulebook, now: datetime) -> Article:
    """A new article's row in the current transaction."""
    article = Article(
        slug=slug,
        language=language,
        state=ArticleState.DRAFT,
        confidence=Confidence.WORK_IN_PROGRESS,
        created_at=now,
        updated_at=now,
        version=0,
    )
    articles.write_article(article, content, rulebook.redactor)
    article.content_hash = content_hash(content)
    db.session.add(article)
    db.session.flush()
    return article


def _new_article(slug: str, language: str, content: ArticleContent, actor: User, rulebook: Rulebook, now: datetime) -> Article:
    """A draft with its first version."""
    article = blank_article(slug, language, tidy(content), rulebook, now)
    article.author_id = article.owner_id = actor.id
    new_revision(article, content, actor, rulebook, now)
    return article


def new_revision(article: Article, content: ArticleContent, actor: User | None, rulebook: Rulebook, now: datetime) -> ArticleRevision:
    """Start a version in the current transaction."""
    revision = ArticleRevision(
        article_id=article.id, state=ArticleState.DRAFT, created_at=now, updated_at=now, edit=0, number=0, writer_ids=[]
    )
    _write(revision, content, actor, rulebook, now)
    db.session.add(revision)
    db.session.flush()
    return revision


def _write(revision: ArticleRevision, content: ArticleContent, actor: User | None, rulebook: Rulebook, now: datetime) -> None:
    """Save into the version, and remember who wrote."""
    articles.write_revision(revision, tidy(content), rulebook.redactor)
    revision.content_hash = content_hash(articles.content_of_revision(revision))
    revision.edit += 1
    revision.updated_at = now
    if actor is not None:
        revision.author_id = actor.id
        revision.writer_ids = sorted({*revision.writer_ids, actor.id})


def working_as_seen(article: Article, seen_edit: int) -> ArticleRevision:
    """The version being written, as the person saw it. Raises StaleEdit, IllegalMove."""
    working = articles.working_revision(article.id)
    if working is None:
        raise IllegalMove("nothing is being written")
    if working.edit != seen_edit:
        raise StaleEdit("somebody saved in between")
    return working


def _seen_or_same(article: Article, content: ArticleContent, seen_edit: int) -> ArticleRevision:
    """The version being written; what it says already, kept by the page itself, was seen. Raises StaleEdit, IllegalMove."""
    working = articles.working_revision(article.id)
    if working is not None and working.content_hash == content_hash(tidy(content)):
        return working
    return working_as_seen(article, seen_edit)


def set_working_state(article: Article, working: ArticleRevision, state: ArticleState) -> None:
    """The version's state; an article that was never published, or is not now, shows the same."""
    working.state = state
    if article.state != ArticleState.PUBLISHED:
        article.state = state
        article.title, article.summary, article.body = working.title, working.summary, working.body
        article.governance = working.facts.get("governance", article.governance)


def check_gate(content: ArticleContent, language: str, rulebook: Rulebook) -> None:
    """Raise NotReady when the gate finds a problem."""
    problems = gate_problems(content, language, rulebook)
    if problems:
        raise NotReady(problems)


def _facts_of(ticket: Ticket, rulebook: Rulebook) -> DraftFacts:
    """The allow-list, applied."""
    client = rulebook.clients.recognise(ticket.client)
    question = ticket.description or ticket.error_text or ticket.subject
    signature = signature_of(ticket, rulebook)
    return DraftFacts(
        cause=rulebook.causes.causes.get(signature.cause or ""),
        status_code=ticket.status_code,
        client_id=signature.client,
        client_name=client.name if client else None,
        model_family=signature.family,
        question=rulebook.gate.without_private_facts(question, rulebook.redactor),
    )


def _free_slug(wish: str, language: str) -> str:
    """`wish`, or the first `wish-2`, `wish-3`, … that is free."""
    number, slug = 1, wish
    while articles.slug_taken(slug, language):
        number += 1
        slug = f"{wish}-{number}"
    return slug


def _check_address(slug: str, language: str) -> None:
    if not is_slug(slug):
        raise BadAddress("malformed")
    if articles.slug_taken(slug, language):
        raise BadAddress("taken")
