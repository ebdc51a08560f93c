"""The tables agents work with beside the ticket itself: views, drafts, presence, undo, search, clocks, hand-offs, relations."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import DDL, JSON, ForeignKey, Index, String, UniqueConstraint, event
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.redacted_text import RedactedText
from app.store.database import Model

if TYPE_CHECKING:
    from app.store.models import User

QUEUE_ORDERS = {  # beside the last change; wide enough that a view is counted from its index alone
    "created": ("created_at",),
    "waiting": ("waiting_since", "first_replied_at"),
    "due": ("due_at",),
    "next": ("next_due",),
}
FOUND_BY = ("client", "key_environment", "model", "origin", "queue", "solved_at")  # what few may have: found without a walk
CHANGE_INDEXES = {"at": ("created_at",), "actor_at": ("actor_id", "created_at"), "what_at": ("what", "created_at")}
AUDIT_INDEXES = {
    "object": ("object_id", "object_kind"),
    "at": ("at",),
    "kind_at": ("object_kind", "at"),
    "actor_at": ("actor_id", "at"),
    "action_at": ("action", "at"),
}


class QueueFacts:
    """What the queue filters and sorts a ticket by; kept with every step, so that a list asks one table."""

    queue: Mapped[str] = mapped_column(String(16), default="support")  # support, engineering, billing: rules/service.toml
    evidence_score: Mapped[int] = mapped_column(default=0)  # how many of the facts that matter were given
    match_state: Mapped[str] = mapped_column(String(12), default="none")  # none, weak, likely, confirmed
    key_group: Mapped[RedactedText | None]  # of the matched key, for staff
    key_environment: Mapped[RedactedText | None]
    waiting_since: Mapped[datetime | None]  # the oldest word of the requester that nobody has answered
    due_at: Mapped[datetime | None]  # of the clock that runs out first
    due_clock: Mapped[str | None] = mapped_column(String(8))  # first, next, solve
    next_due: Mapped[str | None] = mapped_column(String(10))  # the day of the agreed next action; None: none is agreed


class SavedView(Model):
    """A filter of the queue or of the log under a name: one person's, or everybody's."""

    __tablename__ = "saved_view"

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    name: Mapped[RedactedText]
    query: Mapped[RedactedText]  # as in the address
    place: Mapped[str] = mapped_column(String(8), default="queue", server_default="queue")  # queue, logs
    shared: Mapped[bool]
    created_at: Mapped[datetime]


class UndoStep(Model):
    """What a step changed, field by field, so that it can be taken back exactly: ids and codes, never text."""

    __tablename__ = "undo_step"

    id: Mapped[int] = mapped_column(primary_key=True)
    actor_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    kind: Mapped[str] = mapped_column(String(16))
    entries: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    created_at: Mapped[datetime]
    undone_at: Mapped[datetime | None]
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))


class TicketTag(Model):
    """A word staff file a ticket under."""

    __tablename__ = "ticket_tag"
    __table_args__ = (UniqueConstraint("ticket_id", "tag"), Index("ix_ticket_tag_tag", "tag"))

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"))
    tag: Mapped[RedactedText]


class TicketText(Model):
    """A public text in the search index: the ticket itself or one of its replies. Its words: table ticket_words."""

    __tablename__ = "ticket_text"
    __table_args__ = (UniqueConstraint("kind", "object_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(8))  # ticket, reply
    object_id: Mapped[int]
    at: Mapped[datetime]


class NoteText(Model):
    """A private note in the staff's own search index. Its words: table note_words, which no other search reads."""

    __tablename__ = "note_text"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"), index=True)
    object_id: Mapped[int] = mapped_column(unique=True)
    at: Mapped[datetime]


class Draft(Model):
    """What somebody is writing on a ticket and has not sent."""

    __tablename__ = "draft"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"), primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8), primary_key=True)  # reply, note
    body: Mapped[RedactedText]
    article_id: Mapped[int | None]
    seen_reply_id: Mapped[int]  # the newest reply its author had seen
    updated_at: Mapped[datetime]


class Presence(Model):
    """Who has a ticket open: elsewhere, viewing or writing; true for a short while after it was said."""

    __tablename__ = "presence"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    doing: Mapped[str] = mapped_column(String(12))
    seen_at: Mapped[datetime]

    user: Mapped[User] = relationship()


class Escalation(Model):
    """That a clock of a ticket is about to run out or has run out, and who was told."""

    __tablename__ = "escalation"
    __table_args__ = (UniqueConstraint("ticket_id", "clock", "stage", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"), index=True)
    clock: Mapped[str] = mapped_column(String(8))  # first, next, solve
    stage: Mapped[str] = mapped_column(String(8))  # before, breach, backup
    due_at: Mapped[datetime]
    at: Mapped[datetime]


class Notice(Model):
    """Something the desk tells one person about a ticket or another thing; words are made from its kind when it is read."""

    __tablename__ = "notice"
    __table_args__ = (Index("ix_notice_user_read", "user_id", "read_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"))
    about: Mapped[str | None] = mapped_column(String(16))  # without a ticket: article, incident, budget, review, approval …
    about_id: Mapped[int | None]
    kind: Mapped[str] = mapped_column(String(24))
    at: Mapped[datetime]
    read_at: Mapped[datetime | None]


class HandOff(Model):
    """How a ticket went from one person to the next, with what the next one needs."""

    __tablename__ = "hand_off"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"), index=True)
    from_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    to_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    backup_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    queue: Mapped[str] = mapped_column(String(16))
    tried: Mapped[RedactedText]
    review_note: Mapped[RedactedText | None]
    checked: Mapped[list[str]] = mapped_column(
        JSON, default=list, server_default="[]"
    )  # the lines of the queue's checklist that were ticked
    created_at: Mapped[datetime]

    sender: Mapped[User] = relationship(foreign_keys=[from_id])
    receiver: Mapped[User] = relationship(foreign_keys=[to_id])
    backup: Mapped[User | None] = relationship(foreign_keys=[backup_id])


class NextAction(Model):
    """What is done next on a ticket, by whom, until when. The newest one that is not ended counts."""

    __tablename__ = "next_action"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"), index=True)
    action: Mapped[RedactedText]
    owner_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    due: Mapped[str] = mapped_column(String(10))  # ISO date
    made_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    owner: Mapped[User] = relationship(foreign_keys=[owner_id])


class TicketRelation(Model):
    """That a ticket was merged into, belongs under, was split from or has to do with another; ended, never erased."""

    __tablename__ = "ticket_relation"
    __table_args__ = (Index("ix_ticket_relation_ticket", "ticket_id", "kind"), Index("ix_ticket_relation_other", "other_id", "kind"))

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"))
    other_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(8))  # merged, child, split, related
    actor_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Follower(Model):
    """That somebody wants to hear of a ticket they do not own."""

    __tablename__ = "follower"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    created_at: Mapped[datetime]


WORDS_ON_SQLITE = (
    "CREATE VIRTUAL TABLE IF NOT EXISTS {name}_words USING fts5(grams, tokenize='unicode61 remove_diacritics 0')",
    "CREATE TRIGGER IF NOT EXISTS {name}_words_go AFTER DELETE ON {name}_text BEGIN DELETE FROM {name}_words WHERE rowid = old.id; END",
)
WORDS_ON_POSTGRESQL = (
    """CREATE TABLE IF NOT EXISTS {name}_words
    (id INTEGER PRIMARY KEY REFERENCES {name}_text (id) ON DELETE CASCADE, grams TSVECTOR NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS ix_{name}_words_grams ON {name}_words USING gin (grams)",
)


def _make_words_with(table: Any, name: str) -> None:
    """The words beside their texts: an FTS5 table on SQLite, a tsvector on PostgreSQL; a removed text takes its words along."""
    for dialect, statements in (("sqlite", WORDS_ON_SQLITE), ("postgresql", WORDS_ON_POSTGRESQL)):
        for statement in statements:
            made: Any = DDL(statement.format(name=name))  # type: ignore[no-untyped-call]  # SQLAlchemy ships it untyped
            event.listen(table, "after_create", made.execute_if(dialect=dialect))


_make_words_with(TicketText.__table__, "ticket")
_make_words_with(NoteText.__table__, "note")
