"""The desk's tables. Free text columns are RedactedText; replies and notes are two tables."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_login import UserMixin
from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.redacted_text import RedactedText
from app.store.database import Model
from app.store.models_article_facts import ArticleFacts
from app.store.models_desk import AUDIT_INDEXES, CHANGE_INDEXES, FOUND_BY, QUEUE_ORDERS, QueueFacts


class User(UserMixin, Model):
    """An account. The name is a user name, never an e-mail address."""

    __tablename__ = "user"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    display_name: Mapped[RedactedText]
    role: Mapped[str] = mapped_column(String(16))
    password_hash: Mapped[str | None] = mapped_column(String(255))
    language: Mapped[str | None] = mapped_column(String(16))
    time_zone: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    session_salt: Mapped[str] = mapped_column(String(32))  # changed to end every session of the account

    @property
    def is_active(self) -> bool:
        """A disabled account cannot sign in."""
        return self.disabled_at is None

    def get_id(self) -> str:
        """The session names the account and its salt, so that a new salt ends old sessions."""
        return f"{self.id}.{self.session_salt}"


class Invitation(Model):
    """A one-time link by which an account gets its first (or a new) password; hashed at rest."""

    __tablename__ = "invitation"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SignInFailure(Model):
    """A failed sign-in, for throttling. `subject` is an HMAC of the name or of the address."""

    __tablename__ = "sign_in_failure"
    __table_args__ = (Index("ix_sign_in_failure_subject_at", "subject", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


class IngestToken(Model):
    """A bearer token a gateway sends logs with; hashed at rest."""

    __tablename__ = "ingest_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    label: Mapped[RedactedText]
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    tail: Mapped[str] = mapped_column(String(4))
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class Ticket(QueueFacts, Model):
    """One report of one failure, and where it stands."""

    __tablename__ = "ticket"
    __table_args__ = (
        Index("ix_ticket_state_updated", "state", "updated_at"),
        Index("ix_ticket_cause_state", "cause", "state", "updated_at"),
        Index("ix_ticket_cause_solved", "cause", "solved_at"),
        Index("ix_ticket_requester", "requester_id", "created_at"),
        Index("ix_ticket_assignee_state", "assignee_id", "state"),
        Index("ix_ticket_request_id", "request_id"),
        Index("ix_ticket_task_id", "task_id"),
        *(Index("ix_ticket_fingerprint", "key_fingerprint"), Index("ix_ticket_group", "key_group", "state", "created_at")),
        *(Index(f"ix_ticket_state_{name}", "state", *columns) for name, columns in QUEUE_ORDERS.items()),
        *(Index(f"ix_ticket_{column}", column, "state") for column in FOUND_BY),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    language: Mapped[str] = mapped_column(String(8))  # en or zh
    state: Mapped[str] = mapped_column(String(16))
    requester_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    subject: Mapped[RedactedText]  # one line: the error's heart
    # the evidence, as filed
    client: Mapped[RedactedText | None]
    client_version: Mapped[RedactedText | None]
    model: Mapped[RedactedText | None]
    status_code: Mapped[int | None]
    error_text: Mapped[RedactedText | None]
    description: Mapped[RedactedText | None]
    key_prefix: Mapped[str] = mapped_column(String(16), default="")
    key_last4: Mapped[str | None] = mapped_column(String(4))
    key_fingerprint: Mapped[str | None] = mapped_column(String(32))
    request_id: Mapped[RedactedText | None]
    task_id: Mapped[RedactedText | None]
    request_time: Mapped[datetime | None]
    tolerance_minutes: Mapped[int]
    time_zone: Mapped[str | None] = mapped_column(String(64))
    stream: Mapped[bool | None]
    request_type: Mapped[str | None] = mapped_column(String(16))
    base_url: Mapped[RedactedText | None]
    unknown_fields: Mapped[list[str]] = mapped_column(JSON, default=list)
    told_facts: Mapped[dict[str, Any] | None] = mapped_column(JSON)  # waits, durations, proxy, charge: see core.told_facts
    # what we think and decided
    cause: Mapped[str | None] = mapped_column(String(64))
    origin: Mapped[str | None] = mapped_column(String(16))
    confidence: Mapped[float | None]
    cause_confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    cause_confirmed_at: Mapped[datetime | None]
    solved_at: Mapped[datetime | None]
    first_replied_at: Mapped[datetime | None]  # first public staff reply
    article_id: Mapped[int | None] = mapped_column(ForeignKey("article.id"))  # the article that resolved it
    rematch_until: Mapped[datetime | None]  # late logs are looked for until then

    requester: Mapped[User | None] = relationship(foreign_keys=[requester_id])
    assignee: Mapped[User | None] = relationship(foreign_keys=[assignee_id])


class TicketLink(Model):
    """A secret link to one ticket: 256 random bits, hashed at rest, revocable."""

    __tablename__ = "ticket_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class Reply(Model):
    """A public word in the thread, by the requester or by staff."""

    __tablename__ = "reply"
    __table_args__ = (Index("ix_reply_staff_created", "by_staff", "created_at", "ticket_id", "author_id", "article_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"), index=True)
    by_staff: Mapped[bool]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    body: Mapped[RedactedText]  # Markdown
    article_id: Mapped[int | None] = mapped_column(ForeignKey("article.id"))  # cited
    created_at: Mapped[datetime]

    author: Mapped[User | None] = relationship()


class Attachment(Model):
    """A file of a report or a reply: text without secrets, or a picture, which only staff see and which expires."""

    __tablename__ = "attachment"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"), index=True)
    reply_id: Mapped[int | None] = mapped_column(ForeignKey("reply.id", ondelete="CASCADE"))  # None: of the report itself
    kind: Mapped[str] = mapped_column(String(16))  # text, har, image
    name: Mapped[RedactedText]
    media_type: Mapped[str] = mapped_column(String(32))
    size: Mapped[int]  # as it was sent
    text: Mapped[RedactedText | None] = mapped_column(deferred=True)
    picture: Mapped[bytes | None] = mapped_column(deferred=True)  # gone once it expired
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None] = mapped_column(index=True)  # pictures only; None again once it is gone


class Note(Model):
    """A private word among staff. Never joined into anything a requester sees."""

    __tablename__ = "note"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"), index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    body: Mapped[RedactedText]
    created_at: Mapped[datetime]

    author: Mapped[User] = relationship()


class Change(Model):
    """A dated, attributed change of a ticket: state, assignee, cause, match decision."""

    __tablename__ = "change"
    __table_args__ = tuple(Index(f"ix_change_{name}", *columns) for name, columns in CHANGE_INDEXES.items())

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"), index=True)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))  # None: requester or the desk itself
    what: Mapped[str] = mapped_column(String(32))
    before: Mapped[str | None] = mapped_column(String(160))  # codes, ids and tags, never free text
    after: Mapped[str | None] = mapped_column(String(160))
    created_at: Mapped[datetime]

    actor: Mapped[User | None] = relationship()


class TicketMatch(Model):
    """A log record proposed, confirmed or rejected as the one a ticket is about."""

    __tablename__ = "ticket_match"
    __table_args__ = (UniqueConstraint("ticket_id", "record_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"), index=True)
    record_id: Mapped[str] = mapped_column(String(32), index=True)
    request_id: Mapped[str] = mapped_column(String(160))  # as the log store holds it
    rank: Mapped[int]
    probability: Mapped[float]
    signals: Mapped[list[dict[str, Any]]] = mapped_column(JSON)  # [{id, weight, facts}]: ids and numbers
    decision: Mapped[str | None] = mapped_column(String(16))  # confirmed, rejected
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    decided_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class TicketDiagnosis(Model):
    """What the desk concluded at one moment, with rule ids and the rulebook's digest."""

    __tablename__ = "ticket_diagnosis"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    rulebook_digest: Mapped[str] = mapped_column(String(64))
    causes: Mapped[list[dict[str, Any]]] = mapped_column(JSON)  # [{cause, confidence, signals: [{id, weight}]}]
    ask: Mapped[list[str]] = mapped_column(JSON)  # evidence fields worth asking for, best first
    match_probability: Mapped[float | None]  # that any log line exists among the candidates


class PlaybookTick(Model):
    """That somebody ticked a step of a playbook on a ticket, or took the tick back; the newest row of a step counts."""

    __tablename__ = "playbook_tick"
    __table_args__ = (Index("ix_playbook_tick_step", "ticket_id", "playbook", "step"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"))
    playbook: Mapped[str] = mapped_column(String(48))
    step: Mapped[str] = mapped_column(String(48))
    done: Mapped[bool]
    actor_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime]

    actor: Mapped[User] = relationship()


class Article(ArticleFacts, Model):
    """A knowledge-base page in one language; `kb/<language>/<slug>.md` is its file form."""

    __tablename__ = "article"
    __table_args__ = (UniqueConstraint("slug", "language"), Index("ix_article_state_language", "state", "language"))

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(96))
    language: Mapped[str] = mapped_column(String(8))  # en or zh
    kind: Mapped[str] = mapped_column(String(24))  # faq, guide, …
    title: Mapped[RedactedText]
    summary: Mapped[RedactedText]  # the answer in one or two sentences
    body: Mapped[RedactedText]  # Markdown
    state: Mapped[str] = mapped_column(String(16))  # draft, in_review, published, archived
    confidence: Mapped[str] = mapped_column(String(24))  # KCS: work_in_progress, not_validated, validated, archived
    audience: Mapped[str] = mapped_column(String(16))  # public, staff
    clients: Mapped[list[str]] = mapped_column(JSON, default=list)
    models: Mapped[list[str]] = mapped_column(JSON, default=list)  # families
    keywords: Mapped[list[str]] = mapped_column(JSON, default=list)
    related: Mapped[list[str]] = mapped_column(JSON, default=list)  # slugs
    review_days: Mapped[int] = mapped_column(default=180)
    version: Mapped[int] = mapped_column(default=0)  # counts published versions
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    backup_owner_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    source_ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id", use_alter=True, name="fk_article_source_ticket"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    checked_on: Mapped[str | None] = mapped_column(String(10))  # ISO date the facts were last verified
    review_due: Mapped[str | None] = mapped_column(String(10))
    content_hash: Mapped[str] = mapped_column(String(64))
    solved_count: Mapped[int] = mapped_column(default=0)  # "this solved it"

    causes: Mapped[list[ArticleCause]] = relationship(cascade="all, delete-orphan", lazy="selectin", order_by="ArticleCause.position")
    author: Mapped[User | None] = relationship(foreign_keys=[author_id])
    reviewer: Mapped[User | None] = relationship(foreign_keys=[reviewer_id])
    revisions: Mapped[list[ArticleRevision]] = relationship(
        back_populates="article", cascade="all, delete-orphan", order_by="ArticleRevision.id"
    )


class ArticleCause(Model):
    """That an article answers a cause; the first is its main one."""

    __tablename__ = "article_cause"

    article_id: Mapped[int] = mapped_column(ForeignKey("article.id", ondelete="CASCADE"), primary_key=True)
    cause: Mapped[str] = mapped_column(String(64), primary_key=True, index=True)
    position: Mapped[int]


class ArticleRevision(Model):
    """One version of an article: what was written, by whom, and what became of it.

    The article's own columns say what is published; the newest revision in draft or in_review, if any, is what is being written.
    """

    __tablename__ = "article_revision"
    __table_args__ = (
        Index("ix_article_revision_article_state", "article_id", "state"),
        Index("ix_article_revision_state_created", "state", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id", ondelete="CASCADE"))
    title: Mapped[RedactedText]
    summary: Mapped[RedactedText]
    body: Mapped[RedactedText]
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # kind, audience, causes, clients, keywords, … of the file form
    content_hash: Mapped[str] = mapped_column(String(64), index=True)
    state: Mapped[str] = mapped_column(String(16))  # draft, in_review, published (or was), archived: given up
    number: Mapped[int] = mapped_column(default=0)  # counts published versions; 0 before
    edit: Mapped[int] = mapped_column(default=1)  # counts saves, so that nobody overwrites or approves what they have not seen
    from_file: Mapped[bool] = mapped_column(default=False)
    writer_ids: Mapped[list[int]] = mapped_column(JSON, default=list)  # everybody who saved it: none of them approves it
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))  # who saved it last
    reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    review_note: Mapped[RedactedText | None]  # what the reviewer asks for, or says
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]

    article: Mapped[Article] = relationship(back_populates="revisions")
    author: Mapped[User | None] = relationship(foreign_keys=[author_id])
    reviewer: Mapped[User | None] = relationship(foreign_keys=[reviewer_id])


class ArticleTerm(Model):
    """The search index: how much a word counts in a published article (core/search_text.py)."""

    __tablename__ = "article_term"
    __table_args__ = (Index("ix_article_term_article", "article_id"), {"sqlite_with_rowid": False})

    language: Mapped[str] = mapped_column(String(8), primary_key=True)
    term: Mapped[str] = mapped_column(String(64), primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id", ondelete="CASCADE"), primary_key=True)
    impact: Mapped[float]


class SelfService(Model):
    """That a suggestion ended a report without a ticket ("this solved it"), or did not."""

    __tablename__ = "self_service"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    cause: Mapped[str | None] = mapped_column(String(64))
    article_id: Mapped[int | None] = mapped_column(ForeignKey("article.id"))
    solved: Mapped[bool]
    language: Mapped[str] = mapped_column(String(8))


class AuditEntry(Model):
    """Who did or read what, when: private reads, tokens, accounts, publishing."""

    __tablename__ = "audit_entry"
    __table_args__ = tuple(Index(f"ix_audit_entry_{name}", *columns) for name, columns in AUDIT_INDEXES.items())

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    action: Mapped[str] = mapped_column(String(32))
    object_kind: Mapped[str] = mapped_column(String(32))
    object_id: Mapped[str] = mapped_column(String(64))
    before: Mapped[str | None] = mapped_column(String(160))  # codes and ids, never free text
    after: Mapped[str | None] = mapped_column(String(160))
