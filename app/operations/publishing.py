"""Review, publish, archive, export: how an article reaches its readers, and leaves them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from app.core.article import ArticleContent, ArticleState, Confidence, IllegalMove, check_reviewer, content_hash, move, print_article
from app.core.article_care import review_date
from app.core.redacted_text import RedactedText
from app.core.rulebook import Rulebook
from app.operations.article_notes import cancel_schedule, drop_move, note_for, send_readers_to
from app.operations.article_pictures import export_pictures
from app.operations.article_rights import check_writer
from app.operations.article_told import tell_tickets
from app.operations.article_translation import forget_step, keep_in_step
from app.operations.article_use import link_ticket
from app.operations.articles import check_gate, gate_problems, new_revision, set_working_state, working_as_seen
from app.operations.audit import record
from app.store import article_care, articles, kb_files, tickets, users
from app.store.article_search import drop_from_index, index_article
from app.store.database import db
from app.store.models import Article, ArticleRevision, User


class SameOwner(ValueError):
    """Owner and backup owner are two people."""


@dataclass(frozen=True, slots=True)
class Approval:
    """What the reviewer decided beside the text: what else changes with it, and when it goes up (None: now)."""

    note_change: str | None = None  # changed, not_needed
    checklist_change: str | None = None
    why_not: RedactedText | None = None
    publish_at: datetime | None = None


def approve_and_publish(
    article: Article,
    seen_edit: int,
    reviewer: User,
    rulebook: Rulebook,
    kb_dir: Path,
    now: datetime,
    approval: Approval = Approval(),
) -> None:
    """Publish the version in review, or have it go up later; the reviewer is none of its writers.

    Raises NotAnotherPerson, NotReady, StaleEdit, IllegalMove. The database is committed before the file is written: a file older
    than its article is recognised as such at import.
    """
    working = working_as_seen(article, seen_edit)
    check_reviewer(reviewer.id, working.writer_ids)
    move(ArticleState(working.state), ArticleState.PUBLISHED)
    check_gate(articles.content_of_revision(working), article.language, rulebook)
    _keep_approval(working, approval, reviewer)
    if approval.publish_at is not None and approval.publish_at > now:
        record("article_scheduled", "article", article.id, now, reviewer)
        db.session.commit()
        return
    _go_up(article, working, reviewer, rulebook, now)
    export_article(article, kb_dir)


def publish_due(rulebook: Rulebook, kb_dir: Path, now: datetime) -> int:
    """Publish the approved versions whose time has come; how many. One that no longer passes the gate waits for its reviewer again."""
    due = article_care.due_to_publish(now)
    for working in due:
        article, note = working.article, note_for(working)
        reviewer = users.by_id(note.approved_by_id) if note.approved_by_id else None
        if reviewer is None or gate_problems(articles.content_of_revision(working), article.language, rulebook):
            cancel_schedule(working)
            db.session.commit()
            continue
        _go_up(article, working, reviewer, rulebook, now)
        export_article(article, kb_dir)
    return len(due)


def _go_up(article: Article, working: ArticleRevision, reviewer: User, rulebook: Rulebook, now: datetime) -> None:
    """The approved version becomes the published one, and is committed."""
    before, minor = article.version, note_for(working).minor
    working.state = move(ArticleState(working.state), ArticleState.PUBLISHED)
    content = articles.content_of_revision(working)
    _put_in_place(article, working, replace(content, checked_on=content.checked_on or now.date().isoformat()), rulebook, now)
    working.reviewer_id = article.reviewer_id = reviewer.id
    working.decided_at = now
    cancel_schedule(working)
    drop_move(article)
    _link_source_ticket(article, reviewer, rulebook, now)
    keep_in_step(article, before, note_for(working).follows, minor=minor)
    if not minor:
        tell_tickets(article, rulebook, now, reviewer.id)
    record("article_published", "article", article.id, now, reviewer)
    db.session.commit()


def _keep_approval(working: ArticleRevision, approval: Approval, reviewer: User) -> None:
    """The reviewer's decisions stay with the version."""
    note = note_for(working)
    note.note_change, note.checklist_change, note.why_not = approval.note_change, approval.checklist_change, approval.why_not
    note.publish_at, note.approved_by_id = approval.publish_at, reviewer.id


def confirm_still_true(article: Article, actor: User, rulebook: Rulebook, kb_dir: Path, now: datetime) -> None:
    """A review that changed nothing: the facts were checked today. The day the text changed stays. Raises IllegalMove."""
    if article.state != ArticleState.PUBLISHED:
        raise IllegalMove("only what is published is reviewed")
    changed, before = article.updated_at, article.version
    content = replace(articles.content_of(article), checked_on=now.date().isoformat())
    revision = new_revision(article, content, actor, rulebook, now)
    revision.state, revision.decided_at = ArticleState.PUBLISHED, now
    _put_in_place(article, revision, content, rulebook, now)
    article.updated_at, article.reviewed_at = changed, now.date().isoformat()
    keep_in_step(article, before, None, minor=True)
    record("article_confirmed", "article", article.id, now, actor)
    db.session.commit()
    export_article(article, kb_dir)


def set_owners(article: Article, owner: User, backup: User | None, actor: User, now: datetime) -> None:
    """Who answers for an article, and who does when the first does not. Raises SameOwner, NotYours."""
    check_writer(article, actor)
    if backup is not None and backup.id == owner.id:
        raise SameOwner("the backup is somebody else")
    article.owner_id, article.backup_owner_id = owner.id, backup.id if backup else None
    record("article_owned", "article", article.id, now, actor)
    db.session.commit()


def send_back(article: Article, note: str, reviewer: User, rulebook: Rulebook, now: datetime) -> None:
    """Ask the writer for changes. Raises IllegalMove."""
    working = articles.working_revision(article.id)
    if working is None or working.state != ArticleState.IN_REVIEW:
        raise IllegalMove("nothing is in review")
    set_working_state(article, working, ArticleState.DRAFT)
    cancel_schedule(working)
    working.review_note = rulebook.redactor.clean(note.strip()) if note.strip() else None
    working.reviewer_id = reviewer.id
    working.decided_at = now
    record("article_sent_back", "article", article.id, now, reviewer)
    db.session.commit()


def archive(article: Article, actor: User, kb_dir: Path, now: datetime, replaced_by: str = "") -> None:
    """Take a published article off the site, the index and the files; its readers go to `replaced_by`. Raises IllegalMove, NotYours."""
    check_writer(article, actor)
    article.state = move(ArticleState(article.state), ArticleState.ARCHIVED)
    article.confidence = Confidence.ARCHIVED
    article.updated_at = now
    drop_from_index(article.id)
    if replaced_by:
        send_readers_to(article, replaced_by, now)
    record("article_archived", "article", article.id, now, actor)
    db.session.commit()
    kb_files.remove_article(kb_dir, article.language, article.slug)


def export_article(article: Article, kb_dir: Path) -> None:
    """Write the published text to its file, and what it shows beside it."""
    export_pictures(article, kb_dir)
    kb_files.write_article(kb_dir, article.language, article.slug, print_article(articles.content_of(article)))


def publish_content(article: Article, content: ArticleContent, rulebook: Rulebook, now: datetime) -> ArticleRevision:
    """Make a text that needs no review here (a file under the company's own review) the published one; the caller commits."""
    revision = new_revision(article, content, None, rulebook, now)
    revision.from_file = True
    revision.state = ArticleState.PUBLISHED
    revision.decided_at = now
    _put_in_place(article, revision, content, rulebook, now)
    forget_step(article)
    return revision


def _put_in_place(article: Article, revision: ArticleRevision, content: ArticleContent, rulebook: Rulebook, now: datetime) -> None:
    """The version becomes what readers see. A minor change of a published article leaves its review date alone."""
    minor = note_for(revision).minor and article.version > 0
    articles.write_revision(revision, content, rulebook.redactor)
    articles.write_article(article, content, rulebook.redactor)
    article.version += 1
    revision.number = article.version
    article.content_hash = revision.content_hash = content_hash(articles.content_of_revision(revision))
    article.state, article.confidence = ArticleState.PUBLISHED, Confidence.VALIDATED
    if article.published_at is not None and not minor:
        article.reviewed_at = now.date().isoformat()
    article.published_at = article.published_at or now
    article.updated_at = now
    if not (minor and article.review_due):
        care = rulebook.gate.care
        article.review_due = review_date(now.date(), content.review_days, content.kind, care, volatile=content.volatile)
    db.session.flush()
    index_article(article, rulebook.lexicon, rulebook.causes, rulebook.digest)


def _link_source_ticket(article: Article, actor: User, rulebook: Rulebook, now: datetime) -> None:
    """The ticket an article was made from is answered by it, unless another article already is."""
    ticket = tickets.by_id(article.source_ticket_id) if article.source_ticket_id else None
    if ticket is not None and ticket.article_id is None:
        link_ticket(ticket, article, actor, rulebook.gate.care, now)
