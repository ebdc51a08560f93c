"""Ingest tokens: shown once, kept as a hash, ended at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from app.operations.tokens import check_token, make_token, revoke_token
from app.store import tokens
from app.store.database import db
from app.store.models import AuditEntry, IngestToken
from tests.conftest import NOW
from tests.redactor import REDACTOR
from tests.sql import stored_text


def test_a_token_is_kept_as_a_hash_and_a_tail(app: Flask) -> None:
    token, secret = make_token("gateway", REDACTOR, NOW)
    assert secret.startswith("gdi_")
    assert len(secret) == 47
    assert token.tail == secret[-4:]
    stored = stored_text()
    assert token.token_hash in stored
    assert secret not in stored


def test_two_tokens_differ(app: Flask) -> None:
    assert make_token("a", REDACTOR, NOW)[1] != make_token("a", REDACTOR, NOW)[1]


def test_a_label_is_redacted_and_never_empty(app: Flask) -> None:
    assert "robin@" not in make_token("gateway of robin@corp.example", REDACTOR, NOW)[0].label
    assert make_token("  ", REDACTOR, NOW)[0].label == "-"


def test_a_token_is_good_until_it_is_revoked(app: Flask) -> None:
    token, secret = make_token("gateway", REDACTOR, NOW)
    assert check_token(secret, NOW)
    assert revoke_token(token.id, NOW)
    assert not check_token(secret, NOW)


@pytest.mark.parametrize("presented", ["", "gdi_", "gdi_" + "a" * 43, "gdi_" + "ж" * 43, "x" * 5000])
def test_anything_else_is_no_token(app: Flask, presented: str) -> None:
    make_token("gateway", REDACTOR, NOW)
    assert not check_token(presented, NOW)


def test_a_token_ends_once_and_an_unknown_one_never(app: Flask) -> None:
    token, _ = make_token("gateway", REDACTOR, NOW)
    assert revoke_token(token.id, NOW)
    assert not revoke_token(token.id, NOW)
    assert not revoke_token(999, NOW)


def test_making_and_ending_are_on_record(app: Flask) -> None:
    token, _ = make_token("gateway", REDACTOR, NOW)
    revoke_token(token.id, NOW)
    actions = db.session.scalars(db.select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions == ["ingest_token_made", "ingest_token_revoked"]


def test_its_use_is_noted_once_a_minute(app: Flask) -> None:
    token, secret = make_token("gateway", REDACTOR, NOW)
    noted = []
    for seconds in (0, 30, 90):
        check_token(secret, NOW + timedelta(seconds=seconds))
        db.session.expire_all()
        noted.append(db.session.get_one(IngestToken, token.id).last_used_at)
    assert noted == [NOW, NOW, NOW + timedelta(seconds=90)]


def test_all_tokens_are_listed_newest_first(app: Flask) -> None:
    first, second = make_token("first", REDACTOR, NOW)[0], make_token("second", REDACTOR, NOW)[0]
    revoke_token(first.id, NOW)
    assert [token.id for token in tokens.everything()] == [second.id, first.id]
