"""Fixtures every layer shares: a fixed clock, a temporary installation, a client per role."""

from __future__ import annotations

import contextvars
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import create_app
from app.settings import Settings, load
from app.store.database import db

NOW = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
PEPPER = b"test pepper"


class SeparateClient(FlaskClient):
    """A client whose requests share nothing with the test's own application context (`g`, session, signed-in user)."""

    def open(self, *arguments: Any, **keywords: Any) -> TestResponse:
        return contextvars.Context().run(super().open, *arguments, **keywords)


@pytest.fixture
def now() -> datetime:
    """The moment every test happens at."""
    return NOW


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a fresh installation under the test's own folder."""
    return load({"GATEDESK_DATA_DIR": str(tmp_path), "GATEDESK_SECRET_KEY": "test-secret-" + "0" * 32, "GATEDESK_GATEWAY_URL": "https://gw.example.com/v1", "GATEDESK_KB_DIR": str(tmp_path / "kb")})


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """An application over an empty, current database and log store."""
    app = create_app(settings)
    app.config.update(TESTING=True)
    app.test_client_class = SeparateClient
    app.extensions["log_store"].prepare()
    with app.app_context():
        db.create_all()
        yield app
        db.session.remove()
        db.engine.dispose()
