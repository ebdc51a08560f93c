"""Post what people and other programs are to be told, in the transaction of what it tells of; say what became of it.

A message carries for whom and about what, never a word: its text is made when it is sent.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from app.core.mail_kinds import DEFAULT, When, group_of
from app.core.ticket import State
from app.operations.audit import record
from app.store import contacts, outbox
from app.store.database import db
from app.store.models import Reply, Ticket, User
from app.store.models_mail import OutMessage, Webhook

UNDO_TIME = timedelta(seconds=30)  # a step that is taken back at once is not told
LEASE = timedelta(minutes=10)  # how long one round may take over a message before another one tries it
TOO_LATE = timedelta(days=5)  # by then it is no news
MOST_ATTEMPTS = 8
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=6)
KEPT = timedelta(days=30)
DAY, UNASKED_A_DAY = timedelta(days=1), 5
_chance = secrets.SystemRandom()


def post(recipient: User | Ticket, kind: str, about: str, about_id: int, now: datetime) -> bool:
    """An e-mail to an account, or to whoever filed a ticket; False when they gave no address or do not want it at once.

    It joins the current transaction; the calling operation commits.
    """
    ticket = recipient if isinstance(recipient, Ticket) else None
    user_id = recipient.requester_id if isinstance(recipient, Ticket) else recipient.id
    contact = contacts.of_user(user_id) if user_id else contacts.of_guest(ticket.id) if ticket else None
    if contact is None or contact.failed_at is not None:
        return False
    if user_id and contacts.choices([user_id])[user_id][group_of(kind)] is not When.NOW:
        return False
    db.session.add(_message("mail", kind, about, about_id, now, user_id=user_id, ticket_id=ticket.id if ticket else None))
    return True


def post_link(ticket: Ticket | None, user_id: int | None, now: datetime) -> None:
    """The link to a ticket for its requester; without a ticket a message that goes nowhere. The calling operation commits."""
    message = _message("mail", "link", "ticket", ticket.id if ticket else 0, now, user_id=user_id, ticket_id=ticket.id if ticket else None)
    message.next_at = now
    if ticket is None:
        message.state, message.done_at = "dropped", now
    db.session.add(message)


def post_notices(people: Sequence[int], ticket: Ticket | None, kind: str, about: str, about_id: int, now: datetime) -> None:
    """An e-mail to everybody of the desk who wants it at once; what waits to be sent is not said twice."""
    reached = sorted(contacts.reachable(people))
    wishes = contacts.choices(reached)
    told = outbox.is_waiting(reached, ticket.id, kind) if ticket and reached else set()
    for user_id in reached:
        if wishes[user_id].get(group_of(kind), DEFAULT[group_of(kind)]) is When.NOW and user_id not in told:
            db.session.add(_message("mail", kind, about, about_id, now, user_id=user_id, ticket_id=ticket.id if ticket else None))


def tell_opened(ticket: Ticket, now: datetime) -> None:
    """The requester has it in writing that their report arrived; a guest's address is written to a few times a day only.

    Whoever gives somebody else's address as their own could make the desk pester them otherwise.
    """
    guest = contacts.of_guest(ticket.id) if ticket.requester_id is None else None
    if guest is None or contacts.times_given(guest.mark, now - DAY) <= UNASKED_A_DAY:
        post(ticket, "received", "ticket", ticket.id, now)
    announce("ticket.opened", ticket, "ticket", ticket.id, now)


def tell_answer(ticket: Ticket, reply: Reply, now: datetime, kind: str = "") -> None:
    """The requester hears of a public word of staff, and whether it solves the ticket or asks something back."""
    db.session.flush()
    by_state = {State.SOLVED: "solved", State.PENDING: "waiting"}
    if ticket.requester_id is None or ticket.requester_id != reply.author_id:
        post(ticket, kind or by_state.get(State(ticket.state), "answer"), "reply", reply.id, now)
    announce("ticket.replied", ticket, "reply", reply.id, now)


def tell_move(ticket: Ticket, actor: User | None, now: datetime) -> None:
    """The requester hears of a move of staff that concerns them: solved, or waiting for them."""
    kind = {State.SOLVED: "solved", State.PENDING: "waiting"}.get(State(ticket.state))
    if kind and actor is not None and actor.id != ticket.requester_id:
        post(ticket, kind, "ticket", ticket.id, now)
    announce(f"ticket.{ticket.state}", ticket, "ticket", ticket.id, now)


def post_digests(readers: Sequence[User], now: datetime) -> int:
    """The summary of the day for each; whether there is something in it is seen when it is sent. Returns how many."""
    day = now.year * 10_000 + now.month * 100 + now.day
    db.session.add_all(_message("mail", "digest", "day", day, now, user_id=reader.id) for reader in readers)
    db.session.commit()
    return len(readers)


def announce(event: str, ticket: Ticket | None, about: str, about_id: int, now: datetime) -> None:
    """A call to every endpoint that listens to this; it carries ids, states and causes, as they were now."""
    for endpoint in outbox.webhooks():
        if event.partition(".")[0] in endpoint.kinds:
            message = _message("hook", event, about, about_id, now, ticket_id=ticket.id if ticket else None, webhook_id=endpoint.id)
            message.facts, message.next_at = _facts(ticket), now
            db.session.add(message)


def post_test(endpoint: Webhook, now: datetime) -> None:
    """A call that says nothing; the calling operation commits."""
    message = _message("hook", "test", "webhook", endpoint.id, now, webhook_id=endpoint.id)
    message.next_at = now
    db.session.add(message)


def take(channels: Sequence[str], now: datetime) -> list[OutMessage]:
    """Take in hand what is due; what is no news any more is given up instead."""
    taken = [number for number in outbox.due(channels, now) if outbox.claim(number, now, now + LEASE)]
    db.session.commit()
    messages = [message for number in taken if (message := outbox.by_id(number))]
    for message in messages:
        if now - message.created_at > TOO_LATE:
            note_failure(message, "TooLate", now, final=True)
    return [message for message in messages if message.state == "sending"]


def note_sent(message: OutMessage, now: datetime) -> None:
    """It went out."""
    message.state, message.error, message.done_at = "sent", None, now
    db.session.commit()


def note_moot(message: OutMessage, now: datetime) -> None:
    """There is nothing left to say: taken back, or its reader gone."""
    message.state, message.error, message.done_at = "dropped", "moot", now
    db.session.commit()


def note_failure(message: OutMessage, error: str, now: datetime, *, final: bool = False) -> None:
    """It did not go out: try again later, each time after twice as long, until it is given up. `error` is a type, never a message."""
    message.error = error[:64]
    if final or message.attempts >= MOST_ATTEMPTS or now - message.created_at > TOO_LATE:
        message.state, message.done_at = "dead", now
    else:
        message.state, message.next_at = "waiting", now + wait_after(message.attempts)
    db.session.commit()


def note_unreachable(message: OutMessage, error: str, now: datetime) -> None:
    """Mail to this address comes back: none is sent to it until it is changed."""
    contact = contacts.of_user(message.user_id) if message.user_id else contacts.of_guest(message.ticket_id or 0)
    if contact is not None:
        contact.failed_at = now
    note_failure(message, error, now, final=True)


def wait_after(attempts: int) -> timedelta:
    """How long to wait after so many attempts: doubled each time, a fifth more or less, so that not all come at once."""
    waits: timedelta = min(FIRST_WAIT * 2 ** max(0, attempts - 1), LONGEST_WAIT)
    return waits * _chance.uniform(0.8, 1.2)


def try_again(message: OutMessage, actor: User, now: datetime) -> None:
    """A person sends a message that was given up once more."""
    message.state, message.attempts, message.next_at, message.created_at, message.done_at = "waiting", 0, now, now, None
    record("message_retried", "out_message", message.id, now, actor)
    db.session.commit()


def drop(message: OutMessage, actor: User, now: datetime) -> None:
    """A person says that it need not be sent."""
    message.state, message.done_at = "dropped", now
    record("message_dropped", "out_message", message.id, now, actor)
    db.session.commit()


def forget_sent(now: datetime) -> int:
    """Forget messages that went out long ago. Returns how many."""
    gone = outbox.forget_done(now - KEPT)
    db.session.commit()
    return gone


def _facts(ticket: Ticket | None) -> dict[str, str | None]:
    """What an endpoint is told beside ids: codes of ours."""
    return {"state": ticket.state, "cause": ticket.cause, "queue": ticket.queue} if ticket else {}


def _message(
    channel: str,
    kind: str,
    about: str,
    about_id: int,
    now: datetime,
    *,
    user_id: int | None = None,
    ticket_id: int | None = None,
    webhook_id: int | None = None,
) -> OutMessage:
    """A message that waits."""
    message = OutMessage(channel=channel, kind=kind, about=about, about_id=about_id, state="waiting", attempts=0)
    message.user_id, message.ticket_id, message.webhook_id = user_id, ticket_id, webhook_id
    message.created_at, message.next_at, message.message_id = now, now + UNDO_TIME, secrets.token_hex(12)
    return message
