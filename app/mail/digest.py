"""The summary of the morning: one's tickets that wait, clocks that run out, what was not read."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from flask import url_for
from flask_babel import format_date, format_datetime
from flask_babel import gettext as _

from app.core.roles import Audience, Role, admits
from app.mail.letter import Letter, LetterList
from app.store import digest, hand_offs
from app.store.service_rules import service_book
from app.web.context import redactor
from app.web.desk.list_words import about_words, notice_words
from app.web.notice_pages import page_of

if TYPE_CHECKING:
    from app.store.models import Ticket, User
    from app.store.models_desk import Notice

AHEAD, LATELY = timedelta(days=1), timedelta(days=3)


def digest_letter(reader: User, now: datetime) -> Letter | None:
    """What the reader should know this morning; None when there is nothing."""
    lists = [each for each in (_waiting(reader), _clocks(reader, now), _unread(reader, now)) if each.lines]
    if not lists:
        return None
    page = "desk.queue" if admits(Audience.DESK, Role(reader.role)) else "content.board"
    return Letter(
        subject=_("Your summary of %(day)s", day=format_date(now, "medium")),
        lines=[_("This waits for you this morning.")],
        lists=lists,
        button=(_("Open the desk"), url_for(page, _external=True)),
        foot=(_("What you hear of, and how soon: %(url)s", url=url_for("auth.own_settings", _external=True)),),
    )


def _waiting(reader: User) -> LetterList:
    return LetterList(_("Your tickets that wait for us"), [_line(ticket) for ticket in digest.waiting_for(reader.id)])


def _clocks(reader: User, now: datetime) -> LetterList:
    found = digest.running_out(reader.id, now + AHEAD)
    return LetterList(_("Clocks that run out within a day"), [_line(ticket, ticket.due_at) for ticket in found])


def _unread(reader: User, now: datetime) -> LetterList:
    """What came lately: what one lets lie is not said every morning for ever."""
    found = [each for each in hand_offs.notices(reader.id) if each[0].at > now - LATELY]
    return LetterList(_("Not read yet"), [_notice_line(notice, ticket) for notice, ticket in found])


def _line(ticket: Ticket, due: datetime | None = None) -> tuple[str, str]:
    """A ticket: its number, its subject where e-mail may carry it, and when its clock runs out."""
    shown = f" {redactor().clean(ticket.subject)}" if service_book().of(ticket.queue).mail == "content" else ""
    when = f" · {format_datetime(due, 'short')}" if due else ""
    return f"#{ticket.id}{shown}{when}", page_of(ticket.id, None, None, external=True)


def _notice_line(notice: Notice, ticket: Ticket | None) -> tuple[str, str]:
    thing = f"#{ticket.id}" if ticket else f"{about_words().get(notice.about or '', notice.about or '')} {notice.about_id}"
    words = notice_words().get(notice.kind, notice.kind)
    return f"{thing}: {words}", page_of(notice.ticket_id, notice.about, notice.about_id, external=True)
