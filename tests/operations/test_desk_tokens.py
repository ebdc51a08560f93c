"""Desk tokens on every database: made, counted within the minute, ended."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask

from app.core.roles import Role
from app.operations import accounts
from app.operations.desk_tokens import CALLS_A_MINUTE, caller_of, make_desk_token, revoke_desk_token
from app.store import desk_tokens
from app.store.database import db
from app.store.models_tokens import DeskToken
from tests.conftest import NOW


def test_a_tokens_calls_are_counted_by_the_minute_until_it_is_revoked(app: Flask) -> None:
    redactor = app.extensions["rulebook"].redactor
    agent = accounts.create_account("ana", "Ana", Role.AGENT, redactor, NOW)
    secret = make_desk_token(agent, "robot for ana@corp.example", redactor, NOW)
    (row,) = desk_tokens.of_user(agent.id)
    assert (row.tail, row.last_used_at, "ana@corp" in row.label) == (secret[-4:], None, False)
    known = caller_of(secret, NOW)
    assert known is not None
    assert (known.user.id, known.tail, known.too_often) == (agent.id, secret[-4:], False)
    assert desk_tokens.of_user(agent.id)[0].last_used_at == NOW
    assert desk_tokens.count_call(row.id, NOW + timedelta(seconds=59)) == 2
    assert desk_tokens.count_call(row.id, NOW + timedelta(seconds=60)) == 1
    kept = db.session.get(DeskToken, row.id)
    assert kept is not None
    db.session.refresh(kept)
    kept.minute_calls = CALLS_A_MINUTE
    db.session.commit()
    late = caller_of(secret, NOW + timedelta(seconds=61))
    assert late is not None
    assert late.too_often
    assert revoke_desk_token(agent, row.id, NOW)
    assert not revoke_desk_token(agent, row.id, NOW)
    assert caller_of(secret, NOW) is None
