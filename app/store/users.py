"""Accounts, invitations and failed sign-ins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CursorResult, bindparam, delete, func, select

from app.core.roles import Role
from app.store.database import db
from app.store.models import Invitation, SignInFailure, User
from app.store.plain_rows import plain_rows

LONGEST_NUMBER = 10
_IS_STAFF = (User.role.in_([Role.AGENT, Role.MANAGER, Role.OWNER]), User.disabled_at.is_(None))
_BY_ID = select(User).where(User.id == bindparam("number"))
_STAFF_NAMES = select(User.id, User.name, User.display_name).where(*_IS_STAFF).order_by(User.name)


@dataclass(frozen=True, slots=True)
class StaffName:
    """Somebody at the desk, by name."""

    id: int
    name: str
    display_name: str


def by_session_id(session_id: str) -> User | None:
    """The active account a session names, unless its salt has changed since."""
    number, _, salt = session_id.partition(".")
    user = db.session.scalar(_BY_ID, {"number": int(number)}) if number.isdecimal() and len(number) < LONGEST_NUMBER else None
    return user if user and user.is_active and user.session_salt == salt else None


def by_name(name: str) -> User | None:
    """The account of this name."""
    return db.session.scalar(select(User).where(User.name == name))


def by_id(user_id: int) -> User | None:
    """The account of this number."""
    return db.session.get(User, user_id)


def by_ids(numbers: Sequence[int]) -> Sequence[User]:
    """Several accounts."""
    return db.session.scalars(select(User).where(User.id.in_(numbers))).all() if numbers else ()


def everyone() -> Sequence[User]:
    """All accounts by name."""
    return db.session.scalars(select(User).order_by(User.name)).all()


def staff() -> Sequence[User]:
    """Active accounts that can be assignees."""
    return db.session.scalars(select(User).where(*_IS_STAFF).order_by(User.name)).all()


def staff_names() -> Sequence[StaffName]:
    """The same as a list of names needs them."""
    return [StaffName(*row) for row in plain_rows(_STAFF_NAMES)]


def any_owner() -> bool:
    """Whether somebody owns this desk yet."""
    return db.session.scalar(select(User.id).where(User.role == Role.OWNER).limit(1)) is not None


def invitation(token_hash: str, now: datetime) -> Invitation | None:
    """The unused, unexpired invitation of this token."""
    return db.session.scalar(
        select(Invitation).where(Invitation.token_hash == token_hash, Invitation.used_at.is_(None), Invitation.expires_at > now)
    )


def failures_since(subject: str, since: datetime) -> int:
    """How often sign-in failed for a subject since a moment."""
    count = db.session.scalar(
        select(func.count()).select_from(SignInFailure).where(SignInFailure.subject == subject, SignInFailure.at > since)
    )
    return int(count or 0)


def forget_failures(subject: str) -> None:
    """A success clears the slate."""
    db.session.execute(delete(SignInFailure).where(SignInFailure.subject == subject))


def forget_failures_before(moment: datetime) -> int:
    """The failures older than that are forgotten; how many they were."""
    gone = db.session.execute(delete(SignInFailure).where(SignInFailure.at < moment))
    return gone.rowcount if isinstance(gone, CursorResult) else 0
