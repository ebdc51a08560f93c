"""Take an e-mail that came in: an answer joins its ticket, a bounce marks its address, anything else is counted and forgotten."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.core.attachment import MOST, Attached, Refused, read_attachment
from app.core.mail_address import seal_address
from app.core.mail_message import LARGEST, Incoming, Unreadable, read_mail
from app.core.mail_threads import read_tag, reader_tag
from app.core.paste import read_paste
from app.core.redacted_text import RedactedText
from app.core.report import Report
from app.core.roles import Audience, Role, admits
from app.core.rulebook import Rulebook
from app.core.sealed_text import Sealer
from app.operations import outbox as outgoing
from app.operations import tickets as steps
from app.settings import Settings
from app.store import contacts, inbox, outbox, tickets, users
from app.store.database import db
from app.store.logs import LogStore
from app.store.mail_rules import mail_book
from app.store.models import Ticket, User
from app.store.models_mail import InMessage

HOUR = timedelta(hours=1)
ANSWERS_PER_HOUR, TICKETS_PER_HOUR = 20, 5
LONGEST_ANSWER, LONGEST_DESCRIPTION = 20_000, 4_000
KEPT = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class Desk:
    """What taking an e-mail needs."""

    settings: Settings
    rulebook: Rulebook
    log_store: LogStore
    sealer: Sealer


@dataclass(frozen=True, slots=True)
class Sender:
    """Who wrote about which ticket. user None: its guest."""

    ticket: Ticket
    user: User | None


class NotTaken(Exception):
    """Why an e-mail is not taken: a code."""


def receive(raw: bytes, desk: Desk, now: datetime) -> str:
    """What became of it: reply, note, ticket, bounce, refused, or known when it came before. Nothing of a refused one is kept."""
    try:
        incoming = _read(raw)
    except NotTaken as problem:
        return _refuse(_row(_mark(None, raw, desk), None, now), str(problem))
    mark = _mark(incoming, raw, desk)
    if inbox.known(mark):
        return "known"
    row = _row(mark, desk.sealer.mark(incoming.sender) if incoming.sender else None, now)
    try:
        return _take(incoming, row, desk, now)
    except NotTaken as problem:
        return _refuse(row, str(problem))


def forget_old(now: datetime) -> int:
    """Forget what came in long ago. Returns how much."""
    gone = inbox.forget(now - KEPT)
    db.session.commit()
    return gone


def _read(raw: bytes) -> Incoming:
    """The message, parsed. Raises NotTaken."""
    if len(raw) > LARGEST:
        raise NotTaken("too_large")
    try:
        return read_mail(raw, mail_book())
    except Unreadable:
        raise NotTaken("unreadable") from None


def _take(incoming: Incoming, row: InMessage, desk: Desk, now: datetime) -> str:
    """Carry it out. Raises NotTaken."""
    if incoming.bounce is not None:
        return _note_bounce(incoming, row, now)
    if incoming.sender == desk.settings.mail_from or _is_ours(incoming.message_id, desk):
        raise NotTaken("own")
    if incoming.automatic:
        raise NotTaken("automatic")
    sender = _sender_of(incoming, row.sender or "", desk)
    if sender is None:
        return _open(incoming, row, desk, now)
    if inbox.replies_since(sender.ticket.id, now - HOUR) >= ANSWERS_PER_HOUR:
        raise NotTaken("rate")
    return _add(incoming, sender, row, desk, now)


def _sender_of(incoming: Incoming, mark: str, desk: Desk) -> Sender | None:
    """The ticket it names, and who wrote; None when it names none. Raises NotTaken when the writer has no part in it.

    The tag was given to one reader only, so that an address alone, which anybody can write into an e-mail, opens nothing.
    """
    tagged = next((found for address in incoming.recipients if (found := read_tag(address, desk.settings.mail_from))), None)
    if tagged is not None:
        for user_id in _readers_of(mark, tagged.ticket_id):
            if hmac.compare_digest(reader_tag(tagged.ticket_id, user_id, desk.sealer), tagged.tag):
                return _sender(tagged.ticket_id, user_id)
        raise NotTaken("unknown_sender")
    for reference in reversed(incoming.references):
        message = outbox.by_message_id(_own_part(reference, desk))
        if message is not None and message.ticket_id is not None:
            if message.user_id in _readers_of(mark, message.ticket_id):
                return _sender(message.ticket_id, message.user_id)
            raise NotTaken("unknown_sender")
    return None


def _readers_of(mark: str, ticket_id: int) -> list[int | None]:
    """Whom an address belongs to: accounts, and the guest (None) of this ticket."""
    return [*contacts.users_of_mark(mark), *([None] if contacts.is_of_guest(mark, ticket_id) else [])] if mark else []


def _sender(ticket_id: int, user_id: int | None) -> Sender:
    """Raises NotTaken when the ticket or the account is no more."""
    ticket, user = tickets.by_id(ticket_id), users.by_id(user_id) if user_id else None
    if ticket is None or (user_id is not None and (user is None or not user.is_active)):
        raise NotTaken("unknown_sender")
    return Sender(ticket, user)


def _add(incoming: Incoming, sender: Sender, row: InMessage, desk: Desk, now: datetime) -> str:
    """A public word of the requester, or a private note of staff. Raises NotTaken."""
    ticket, user = sender.ticket, sender.user
    is_requester = user is None or user.id == ticket.requester_id
    if not is_requester and user is not None and not admits(Audience.DESK, Role(user.role)):
        raise NotTaken("unknown_sender")
    files, refused = _files(incoming, desk)
    body = _body(incoming.text[:LONGEST_ANSWER], len(files), refused, ticket.language, desk)
    row.ticket_id, row.outcome = ticket.id, "reply" if is_requester else "note"
    db.session.add(row)
    if is_requester:
        steps.reply_as_requester(ticket, body, user, now, files)
    elif user is not None:
        steps.add_note(ticket, body, user, now)
    return row.outcome


def _open(incoming: Incoming, row: InMessage, desk: Desk, now: datetime) -> str:
    """A new ticket, where they may come by e-mail. Raises NotTaken."""
    if not desk.settings.mail_new_tickets or incoming.sender is None:
        raise NotTaken("no_ticket")
    if inbox.tickets_since(row.sender or "", now - HOUR) >= TICKETS_PER_HOUR:
        raise NotTaken("rate")
    files, refused = _files(incoming, desk)
    language = "zh" if any("\u4e00" <= letter <= "\u9fff" for letter in incoming.subject + incoming.text) else "en"
    words = f"{incoming.subject}\n\n{incoming.text}".strip()
    paste = read_paste(words, desk.rulebook.redactor, desk.rulebook.clients, desk.rulebook.model_names, now)
    description = _body(words[:LONGEST_DESCRIPTION], len(files), refused, language, desk)
    account = next((user for number in contacts.users_of_mark(row.sender or "") if (user := users.by_id(number)) and user.is_active), None)
    row.outcome = "ticket"
    db.session.add(row)
    report = Report(paste.evidence, description, language, desk.settings.time_zone)
    contact = seal_address(incoming.sender, desk.sealer)
    opened = steps.open_ticket(report, account, desk.rulebook, desk.log_store, now, files, contact)
    row.ticket_id = opened.ticket.id
    db.session.commit()
    return row.outcome


def _files(incoming: Incoming, desk: Desk) -> tuple[list[Attached], int]:
    """What was attached, made fit to be stored; and how many were not taken."""
    taken = []
    for name, data in incoming.files[:MOST]:
        try:
            taken.append(read_attachment(name, data, desk.rulebook.redactor))
        except Refused:
            continue
    return taken, len(incoming.files) - len(taken)


def _body(text: str, files: int, refused: int, language: str, desk: Desk) -> RedactedText:
    """The words as they are stored; files that were not taken are counted. Raises NotTaken when there is nothing at all."""
    told = {"en": f"[files not taken: {refused}]", "zh": f"[未收下的文件:{refused} 个]"}[language if language == "zh" else "en"]
    words = "\n\n".join(part for part in (text.strip(), told if refused else "") if part)
    if not words and not files:
        raise NotTaken("empty")
    return desk.rulebook.redactor.clean(words or "📎")


def _note_bounce(incoming: Incoming, row: InMessage, now: datetime) -> str:
    """A message of ours came back: for good, then its address gets no more; put off, then nothing. Raises NotTaken."""
    bounce = incoming.bounce
    message = outbox.by_message_id(bounce.about.partition("@")[0]) if bounce and bounce.about else None
    if bounce is None or message is None or message.channel != "mail":
        raise NotTaken("unknown_bounce")
    row.ticket_id, row.outcome = message.ticket_id, "bounce"
    db.session.add(row)
    if bounce.final:
        outgoing.note_unreachable(message, f"Bounced {bounce.status}".strip(), now)
    db.session.commit()
    return row.outcome


def _is_ours(message_id: str, desk: Desk) -> bool:
    own = _own_part(message_id, desk)
    return bool(own) and outbox.by_message_id(own) is not None


def _own_part(message_id: str, desk: Desk) -> str:
    """The part of an id that would be ours; empty for one of another domain."""
    local, _at, domain = message_id.partition("@")
    return local if domain.lower() == desk.settings.mail_from.partition("@")[2] else ""


def _mark(incoming: Incoming | None, raw: bytes, desk: Desk) -> str:
    """What the message is known by when it comes again."""
    named = incoming.message_id if incoming else ""
    return desk.sealer.mark(f"message {named or hashlib.sha256(raw).hexdigest()}")


def _row(mark: str, sender: str | None, now: datetime) -> InMessage:
    return InMessage(mark=mark, sender=sender, at=now)


def _refuse(row: InMessage, reason: str) -> str:
    """Count it with its reason; nothing else of it is kept."""
    if inbox.known(row.mark):
        return "known"
    row.outcome, row.reason = "refused", reason
    db.session.add(row)
    db.session.commit()
    return row.outcome
