"""Desk tokens: an account of the desk makes and revokes its own; a program that shows one acts as that account."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime

from app.core.redaction import Redactor
from app.core.roles import Audience, Role, admits
from app.operations.accounts import hash_token
from app.operations.audit import record
from app.store import desk_tokens, users
from app.store.database import db
from app.store.models import User
from app.store.models_tokens import DeskToken

PREFIX = "gdt_"
RANDOM_BYTES = 32
LONGEST_LABEL = 80
MOST = 20  # of one account, in force
CALLS_A_MINUTE = 300
_TOKEN = re.compile(r"gdt_[A-Za-z0-9_-]{43}")


class CannotMake(ValueError):
    """Why no token is made; `code` is for the page to phrase: not_staff, too_many."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: the account, and by which of its tokens. too_often: more calls within a minute than one token has."""

    user: User
    tail: str
    too_often: bool


def make_desk_token(user: User, label: str, redactor: Redactor, now: datetime) -> str:
    """Make a token for one's own account and give it back: show it once, only a hash is kept. Raises CannotMake."""
    if not admits(Audience.DESK, Role(user.role)):
        raise CannotMake("not_staff")
    if desk_tokens.live_count(user.id) >= MOST:
        raise CannotMake("too_many")
    secret = PREFIX + secrets.token_urlsafe(RANDOM_BYTES)
    token = DeskToken(user_id=user.id, token_hash=hash_token(secret), tail=secret[-4:], created_at=now)
    token.label = redactor.clean(label.strip()[:LONGEST_LABEL] or "-")
    db.session.add(token)
    db.session.flush()
    record("desk_token_made", "desk_token", token.id, now, user)
    db.session.commit()
    return secret


def revoke_desk_token(user: User, number: int, now: datetime) -> bool:
    """End a token of one's own at once. False when there is no such token, or it was revoked before."""
    token = desk_tokens.own(user.id, number)
    if token is None or token.revoked_at is not None:
        return False
    token.revoked_at = now
    record("desk_token_revoked", "desk_token", token.id, now, user)
    db.session.commit()
    return True


def caller_of(presented: str, now: datetime) -> Caller | None:
    """Whose token this is, as long as it is in force and its account is; the call is counted."""
    token = desk_tokens.live(hash_token(presented)) if _TOKEN.fullmatch(presented) else None
    if token is None:
        return None
    calls = desk_tokens.count_call(token.id, now)
    user = users.by_id(token.user_id)
    return Caller(user, token.tail, calls > CALLS_A_MINUTE) if user and user.is_active else None


def note_call(caller: Caller, ticket: int, what: str, now: datetime) -> None:
    """That the account does this to a ticket by this token, in the transaction of the step that follows."""
    record("by_token", "ticket", ticket, now, caller.user, before=by_token(caller), after=what)


def note_filed(caller: Caller, ticket: int, now: datetime) -> None:
    """That the ticket just filed came by this token."""
    note_call(caller, ticket, "filed", now)
    db.session.commit()


def note_read(caller: Caller, ticket: int, now: datetime) -> None:
    """An audited private read by a token."""
    record("read", "ticket", ticket, now, caller.user, before=by_token(caller))
    db.session.commit()


def by_token(caller: Caller) -> str:
    """The token as the audit names it."""
    return f"token …{caller.tail}"
