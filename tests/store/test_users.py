"""Accounts as the store finds them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from app.core.roles import Role
from app.operations import accounts
from app.store import users
from app.store.database import db
from app.store.models import SignInFailure, User
from tests.articles import book
from tests.conftest import NOW


@pytest.fixture
def people(app: Flask) -> dict[Role, User]:
    names = {role: f"z-{role}" if role is Role.AGENT else f"a-{role}" for role in Role}
    return {role: accounts.create_account(name, "", role, book().redactor, NOW) for role, name in names.items()}


def test_accounts_are_listed_by_name(people: dict[Role, User]) -> None:
    names = [user.name for user in users.everyone()]
    assert names == sorted(names)
    assert len(names) == len(Role)


def test_assignees_are_active_staff(people: dict[Role, User]) -> None:
    assert {user.role for user in users.staff()} == {Role.AGENT, Role.MANAGER, Role.OWNER}
    accounts.set_disabled(people[Role.AGENT], disabled=True, now=NOW, actor=people[Role.OWNER])
    assert people[Role.AGENT] not in users.staff()


def test_an_owner_is_known_to_be_there(app: Flask) -> None:
    assert not users.any_owner()
    accounts.create_account("boss", "", Role.OWNER, book().redactor, NOW)
    assert users.any_owner()


@pytest.mark.parametrize("session", ["", ".", "x.y", "0.salt", "-1.salt", "9" * 40 + ".x", "²." + "0" * 16])
def test_a_session_that_names_nobody_is_nobodys(people: dict[Role, User], session: str) -> None:
    assert users.by_session_id(session) is None


def test_a_session_needs_the_accounts_salt(people: dict[Role, User]) -> None:
    user = people[Role.USER]
    assert users.by_session_id(f"{user.id}.{user.session_salt}") == user
    assert users.by_session_id(f"{user.id}.{'0' * 16}") is None
    assert users.by_session_id(f"{user.id}") is None


def test_failures_are_counted_within_the_window(app: Flask) -> None:
    for minutes in (1, 5, 20):
        db.session.add(SignInFailure(subject="name", at=NOW - timedelta(minutes=minutes)))
    db.session.add(SignInFailure(subject="other", at=NOW))
    assert users.failures_since("name", NOW - timedelta(minutes=15)) == 2
    users.forget_failures("name")
    assert users.failures_since("name", NOW - timedelta(minutes=60)) == 0
    assert users.failures_since("other", NOW - timedelta(minutes=15)) == 1
