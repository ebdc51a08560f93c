"""Accounts: create, invite, set a password, sign in, disable."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from datetime import datetime, timedelta
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.core.redaction import Redactor
from app.core.roles import Role
from app.operations.audit import record
from app.store import desk_tokens, users
from app.store.database import db
from app.store.models import Invitation, SignInFailure, User

INVITATION_DAYS = 3
SHORTEST_PASSWORD = 10
WINDOW = timedelta(minutes=15)
FAILURES_PER_NAME = 8
FAILURES_PER_ADDRESS = 30
NAME = re.compile(r"^[a-z0-9][a-z0-9._-]{1,39}\Z")
_hasher = PasswordHasher()


class AccountError(ValueError):
    """Why an account operation was refused; `code` is for the page to phrase."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def create_account(name: str, display_name: str, role: Role, redactor: Redactor, now: datetime, actor: User | None = None) -> User:
    """A new account without a password. Raises AccountError: bad_name, name_taken."""
    if not NAME.match(name) or redactor.clean(name) != name:
        raise AccountError("bad_name")
    if users.by_name(name):
        raise AccountError("name_taken")
    user = User(
        name=name,
        display_name=redactor.clean(display_name.strip()[:80] or name),
        role=role,
        created_at=now,
        session_salt=secrets.token_hex(8),
    )
    db.session.add(user)
    db.session.flush()
    record("account_created", "user", user.id, now, actor, after=role)
    db.session.commit()
    return user


def invite(user: User, now: datetime, actor: User | None = None) -> str:
    """A one-time token by which the person sets a password; only its hash is kept."""
    token = secrets.token_urlsafe(32)
    db.session.add(
        Invitation(user_id=user.id, token_hash=hash_token(token), created_at=now, expires_at=now + timedelta(days=INVITATION_DAYS))
    )
    record("account_invited", "user", user.id, now, actor)
    db.session.commit()
    return token


def invited_user(token: str, now: datetime) -> User | None:
    """Whom an invitation token belongs to while it is valid."""
    invitation = users.invitation(hash_token(token), now)
    return users.by_id(invitation.user_id) if invitation else None


def accept_invitation(token: str, password: str, now: datetime) -> User:
    """Set the password and use the invitation up. Raises AccountError: bad_invitation, short_password."""
    invitation = users.invitation(hash_token(token), now)
    user = users.by_id(invitation.user_id) if invitation else None
    if invitation is None or user is None:
        raise AccountError("bad_invitation")
    if len(password) < SHORTEST_PASSWORD:
        raise AccountError("short_password")
    invitation.used_at = now
    user.password_hash = _hasher.hash(password)
    user.session_salt = secrets.token_hex(8)
    record("password_set", "user", user.id, now, user)
    db.session.commit()
    return user


def sign_in(name: str, password: str, address: str, pepper: bytes, now: datetime) -> User:
    """The account, when name and password fit. Raises AccountError: throttled, wrong_credentials.

    Name and address are counted apart, as HMACs; an unknown name costs the same time as a known one.
    """
    subjects = {_subject(pepper, "name", name.lower()): FAILURES_PER_NAME, _subject(pepper, "address", address): FAILURES_PER_ADDRESS}
    if any(users.failures_since(subject, now - WINDOW) >= limit for subject, limit in subjects.items()):
        raise AccountError("throttled")
    user = users.by_name(name.lower())
    if not _password_fits(user, password):
        db.session.add_all(SignInFailure(subject=subject, at=now) for subject in subjects)
        db.session.commit()
        raise AccountError("wrong_credentials")
    assert user is not None  # noqa: S101 - _password_fits is False for nobody
    users.forget_failures(next(iter(subjects)))
    record("signed_in", "user", user.id, now, user)
    db.session.commit()
    return user


def note_session(action: str, user: User, now: datetime) -> None:
    """A session began or ended without a password being asked for."""
    record(action, "user", user.id, now, user)
    db.session.commit()


def set_disabled(user: User, disabled: bool, now: datetime, actor: User) -> None:
    """Disable or enable an account; disabling ends its sessions and its tokens for good. Raises AccountError: self."""
    if user.id == actor.id:
        raise AccountError("self")
    for token in desk_tokens.all_in_force(user.id) if disabled else ():
        token.revoked_at = now
        record("desk_token_revoked", "desk_token", token.id, now, actor)
    user.disabled_at = now if disabled else None
    user.session_salt = secrets.token_hex(8)
    record("account_disabled" if disabled else "account_enabled", "user", user.id, now, actor)
    db.session.commit()


def change_role(user: User, role: Role, now: datetime, actor: User) -> None:
    """Give an account another role. Raises AccountError: self."""
    if user.id == actor.id:
        raise AccountError("self")
    record("role_changed", "user", user.id, now, actor, before=user.role, after=role)
    user.role = role
    db.session.commit()


def hash_token(token: str) -> str:
    """SHA-256 of a random token; tokens have 256 bits, so no slow hash is needed."""
    return hashlib.sha256(token.encode("utf-8")).hexdigest()


def forget_sign_in_failures(now: datetime) -> int:
    """Forget failed sign-ins that throttle nobody any longer. Returns how many."""
    count = users.forget_failures_before(now - WINDOW)
    db.session.commit()
    return count


def _password_fits(user: User | None, password: str) -> bool:
    """Verify against the account's hash, or against a dummy so that timing tells nothing."""
    known = user.password_hash if user and user.is_active and user.password_hash else None
    try:
        _hasher.verify(known or _dummy_hash(), password)
    except (VerificationError, InvalidHashError):
        return False
    return known is not None


@lru_cache(maxsize=1)
def _dummy_hash() -> str:
    """A hash nobody's password has; made once, when it is first needed."""
    return _hasher.hash(secrets.token_hex(16))


def _subject(pepper: bytes, kind: str, value: str) -> str:
    """What is counted: an HMAC, so that no address or name is kept."""
    return hmac.new(pepper, f"sign-in {kind} {value}".encode(), hashlib.sha256).hexdigest()
