"""`flask match learn`: decisions become weights, kept in the data folder and used from the next start on."""

from __future__ import annotations

import json

import pytest
from flask import Flask
from sqlalchemy import select

from app.store.database import db
from app.store.learnt_weights import FILE_NAME
from app.store.models import TicketMatch
from app.store.rulebook import load_rulebook
from tests.world import inhabit


@pytest.fixture
def decided(app: Flask) -> Flask:
    """A desk in which one proposed match was confirmed and one rejected."""
    inhabit(app)
    first, second = db.session.scalars(select(TicketMatch).order_by(TicketMatch.id)).all()[:2]
    first.decision, second.decision = "confirmed", "rejected"
    db.session.commit()
    return app


def learn(app: Flask, *options: str) -> str:
    result = app.test_cli_runner().invoke(args=["match", "learn", *options])
    assert result.exit_code == 0, result.output
    return result.output


def learnt_file(app: Flask):
    return app.extensions["settings"].data_dir / FILE_NAME


def test_the_report_names_numbers_and_weights_before_and_after(decided):
    said = learn(decided)
    assert "1 matches confirmed, 1 rejected" in said
    assert "status.same" in said
    assert "1/1" in said


def test_what_was_learnt_is_kept_as_numbers_and_used_at_the_next_start(decided):
    learn(decided)
    kept = json.loads(learnt_file(decided).read_text())
    book = load_rulebook(b"pepper", learnt=learnt_file(decided))
    plain = load_rulebook(b"pepper")
    assert book.matching.share("status", "same") == kept["m"]["status.same"] > plain.matching.share("status", "same")
    assert book.matching.none == kept["none"]


def test_a_dry_run_keeps_nothing_and_what_was_learnt_can_be_forgotten(decided):
    learn(decided, "--dry-run")
    assert not learnt_file(decided).exists()
    learn(decided)
    assert learn(decided, "--forget") == "forgotten\n"
    assert learn(decided, "--forget") == "nothing was learnt\n"
    assert not learnt_file(decided).exists()


def test_without_decisions_there_is_nothing_to_keep(app):
    assert "0 matches confirmed" in learn(app)
    assert not learnt_file(app).exists()


def test_a_broken_file_leaves_the_weights_of_the_rules(tmp_path):
    broken = tmp_path / FILE_NAME
    for content in ("{", "[]", '{"m": {"status.same": "x"}}'):
        broken.write_text(content)
        assert load_rulebook(b"pepper", learnt=broken).matching.none == load_rulebook(b"pepper").matching.none
