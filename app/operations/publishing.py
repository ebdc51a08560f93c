"""Review, publish, archive, export: how an article reaches its readers, and leaves them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from app.core.article import ArticleContent, ArticleState, Confidence, IllegalMove, check_reviewer, content_hash, move, print_article
from app.core.rulebook import Rulebook
from app.operations.article_use import link_ticket
from app.operations.articles import check_gate, new_revision, set_working_state, working_as_seen
from app.operations.audit import record
from app.store import articles, kb_files, tickets
from app.store.article_search import drop_from_index, index_article
from app.store.database import db
from app.store.models import Article, ArticleRevision, User


def approve_and_publish(article: Article, seen_edit: int, reviewer: User, rulebook: Rulebook, kb_dir: Path, now: datetime) -> None:
    """Publish the version in review; the reviewer is none of its writers. Raises NotAnotherPerson, NotReady, StaleEdit, IllegalMove.

    The database is committed before the file is written: a file older than its article is recognised as such at import.
    """
    working = working_as_seen(article, seen_edit)
    check_reviewer(reviewer.id, working.writer_ids)
    working.state = move(ArticleState(working.state), ArticleState.PUBLISHED)
    content = articles.content_of_revision(working)
    check_gate(content, article.language, rulebook)
    _put_in_place(article, working, replace(content, checked_on=content.checked_on or now.date().isoformat()), rulebook, now)
    working.reviewer_id = article.reviewer_id = reviewer.id
    working.decided_at = now
    _link_source_ticket(article, reviewer, now)
    record("article_published", "article", article.id, now, reviewer)
    db.session.commit()
    export_article(article, kb_dir)


def send_back(article: Article, note: str, reviewer: User, rulebook: Rulebook, now: datetime) -> None:
    """Ask the writer for changes. Raises IllegalMove."""
    working = articles.working_revision(article.id)
    if working is None or working.state != ArticleState.IN_REVIEW:
        raise IllegalMove("nothing is in review")
    set_working_state(article, working, ArticleState.DRAFT)
    working.review_note = rulebook.redactor.clean(note.strip()) if note.strip() else None
    working.reviewer_id = reviewer.id
    working.decided_at = now
    record("article_sent_back", "article", article.id, now, reviewer)
    db.session.commit()


def archive(article: Article, actor: User, kb_dir: Path, now: datetime) -> None:
    """Take a published article off the site, the index and the files. Raises IllegalMove."""
    article.state = move(ArticleState(article.state), ArticleState.ARCHIVED)
    article.confidence = Confidence.ARCHIVED
    article.updated_at = now
    drop_from_index(article.id)
    record("article_archived", "article", article.id, now, actor)
    db.session.commit()
    kb_files.remove_article(kb_dir, article.language, article.slug)


def export_article(article: Article, kb_dir: Path) -> None:
    """Write the published text to its file."""
    kb_files.write_article(kb_dir, article.language, article.slug, print_article(articles.content_of(article)))


def publish_content(article: Article, content: ArticleContent, rulebook: Rulebook, now: datetime) -> ArticleRevision:
    """Make a text that needs no review here (a file under the company's own review) the published one; the caller commits."""
    revision = new_revision(article, content, None, rulebook, now)
    revision.from_file = True
    revision.state = ArticleState.PUBLISHED
    revision.decided_at = now
    _put_in_place(article, revision, content, rulebook, now)
    return revision


def _put_in_place(article: Article, revision: ArticleRevision, content: ArticleContent, rulebook: Rulebook, now: datetime) -> None:
    """The version becomes what readers see."""
    articles.write_revision(revision, content, rulebook.redactor)
    articles.write_article(article, content, rulebook.redactor)
    article.version += 1
    revision.number = article.version
    article.content_hash = revision.content_hash = content_hash(articles.content_of_revision(revision))
    article.state, article.confidence = ArticleState.PUBLISHED, Confidence.VALIDATED
    article.published_at = article.published_at or now
    article.updated_at = now
    article.review_due = (now.date() + timedelta(days=content.review_days)).isoformat()
    db.session.flush()
    index_article(article, rulebook.lexicon, rulebook.causes, rulebook.digest)


def _link_source_ticket(article: Article, actor: User, now: datetime) -> None:
    """The ticket an article was made from is answered by it, unless another article already is."""
    ticket = tickets.by_id(article.source_ticket_id) if article.source_ticket_id else None
    if ticket is not None and ticket.article_id is None:
        link_ticket(ticket, article, actor, now)
