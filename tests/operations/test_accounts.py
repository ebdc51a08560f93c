"""Accounts: made without a password, invited once, throttled by name and by address, ended at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from app.core.roles import Role
from app.operations import accounts
from app.operations.accounts import AccountError
from app.store import users
from app.store.database import db
from app.store.models import AuditEntry, SignInFailure, User
from tests.articles import book
from tests.conftest import NOW, PEPPER
from tests.sql import row_counts, stored_text

PASSWORD = "a long enough password"


@pytest.fixture
def ann(app: Flask) -> User:
    return accounts.create_account("ann", "Ann", Role.AGENT, book().redactor, NOW)


@pytest.fixture
def owner(app: Flask) -> User:
    return accounts.create_account("owner", "", Role.OWNER, book().redactor, NOW)


@pytest.fixture
def known(ann: User) -> User:
    """Ann, who has set her password."""
    return accounts.accept_invitation(accounts.invite(ann, NOW), PASSWORD, NOW)


def enter(name: str = "ann", password: str = PASSWORD, address: str = "192.0.2.7", minutes: float = 0) -> User:
    return accounts.sign_in(name, password, address, PEPPER, NOW + timedelta(minutes=minutes))


def refused(**how: object) -> str:
    with pytest.raises(AccountError) as caught:
        enter(**how)  # type: ignore[arg-type]
    return caught.value.code


def audited() -> list[str]:
    return [entry.action for entry in db.session.query(AuditEntry).order_by(AuditEntry.id)]


def test_a_new_account_has_no_password_and_a_name_to_show(owner: User) -> None:
    assert (owner.password_hash, owner.display_name, owner.role) == (None, "owner", Role.OWNER)
    assert audited() == ["account_created"]


@pytest.mark.parametrize("name", ["", "a", "Ann", "ann lee", "ann@corp.example", "-ann", "x" * 41, "安", "ann\n", "sk-" + "Ab3d" * 8])
def test_a_name_that_is_none_is_refused(app: Flask, name: str) -> None:
    with pytest.raises(AccountError, match="bad_name"):
        accounts.create_account(name, "", Role.USER, book().redactor, NOW)
    assert users.everyone() == []


def test_a_name_is_taken_once(ann: User) -> None:
    with pytest.raises(AccountError, match="name_taken"):
        accounts.create_account("ann", "Another", Role.USER, book().redactor, NOW)


def test_a_display_name_is_redacted(app: Flask) -> None:
    made = accounts.create_account("bo", "Bo bo@corp.example", Role.USER, book().redactor, NOW)
    assert "corp.example" not in made.display_name


def test_an_invitation_works_once_and_for_three_days(ann: User) -> None:
    token = accounts.invite(ann, NOW)
    assert token not in stored_text()
    assert accounts.invited_user(token, NOW + timedelta(days=3, seconds=1)) is None
    accounts.accept_invitation(token, PASSWORD, NOW + timedelta(days=2))
    assert accounts.invited_user(token, NOW) is None
    with pytest.raises(AccountError, match="bad_invitation"):
        accounts.accept_invitation(token, PASSWORD, NOW)


def test_a_short_password_leaves_the_invitation_open(ann: User) -> None:
    token = accounts.invite(ann, NOW)
    with pytest.raises(AccountError, match="short_password"):
        accounts.accept_invitation(token, "short", NOW)
    assert accounts.invited_user(token, NOW) == ann


def test_a_new_password_ends_every_session(known: User) -> None:
    session = known.get_id()
    accounts.accept_invitation(accounts.invite(known, NOW), "quite another password", NOW)
    assert users.by_session_id(session) is None
    assert users.by_session_id(known.get_id()) == known


def test_name_and_password_let_in(known: User) -> None:
    assert enter() == enter("ANN") == known
    assert audited()[-1] == "signed_in"


def test_anything_else_does_not(known: User, owner: User) -> None:
    owners = [{"name": "owner", "password": password} for password in ("", "None", "owner")]
    wrong = [{"password": "wrong"}, {"name": "nobody"}, {"password": ""}, *owners]
    assert [refused(**how) for how in wrong] == ["wrong_credentials"] * len(wrong)


def test_a_disabled_account_is_out_at_once_and_back_when_enabled(known: User, owner: User) -> None:
    session = known.get_id()
    accounts.set_disabled(known, disabled=True, now=NOW, actor=owner)
    assert users.by_session_id(session) is None
    assert refused() == "wrong_credentials"
    accounts.set_disabled(known, disabled=False, now=NOW, actor=owner)
    assert enter() == known


def test_eight_failures_close_a_name_until_the_oldest_is_old(known: User) -> None:
    for minute in range(accounts.FAILURES_PER_NAME):
        assert refused(password="wrong", minutes=minute, address=f"192.0.2.{minute}") == "wrong_credentials"
    assert refused(minutes=8) == "throttled"
    assert refused(minutes=14) == "throttled"
    assert enter(minutes=15.1) == known


def test_a_throttled_attempt_is_not_counted_itself(known: User) -> None:
    for _each in range(accounts.FAILURES_PER_NAME):
        refused(password="wrong")
    before = row_counts()
    refused()
    assert row_counts() == before


def test_thirty_failures_close_an_address_for_every_name(known: User) -> None:
    for number in range(accounts.FAILURES_PER_ADDRESS):
        refused(name=f"nobody-{number}")
    assert refused() == "throttled"
    assert enter(address="192.0.2.8") == known


def test_a_success_forgives_the_name_and_not_the_address(known: User) -> None:
    for _each in range(7):
        refused(password="wrong")
    enter()
    assert db.session.query(SignInFailure).count() == 7
    for _each in range(7):
        assert refused(password="wrong") == "wrong_credentials"


def test_failures_name_nobody(known: User) -> None:
    refused(name="someone-private", address="198.51.100.23")
    assert "someone-private" not in stored_text()
    assert "198.51.100.23" not in stored_text()


def test_failures_are_forgotten_once_they_throttle_nobody(known: User) -> None:
    refused(password="wrong")
    assert accounts.forget_sign_in_failures(NOW + timedelta(minutes=14)) == 0
    assert accounts.forget_sign_in_failures(NOW + timedelta(minutes=16)) == 2
    assert db.session.query(SignInFailure).count() == 0


def test_nobody_changes_themselves(owner: User) -> None:
    with pytest.raises(AccountError, match="self"):
        accounts.set_disabled(owner, disabled=True, now=NOW, actor=owner)
    with pytest.raises(AccountError, match="self"):
        accounts.change_role(owner, Role.USER, NOW, owner)
    assert (owner.role, owner.disabled_at) == (Role.OWNER, None)


def test_a_role_changes_at_once(known: User, owner: User) -> None:
    accounts.change_role(known, Role.EDITOR, NOW, owner)
    found = users.by_session_id(known.get_id())
    assert found is not None
    assert found.role == Role.EDITOR
