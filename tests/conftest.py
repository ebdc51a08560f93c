"""Fixtures every layer shares: a fixed clock, a temporary installation, a client per role, two database engines."""

from __future__ import annotations

import contextvars
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.test import TestResponse

from app import create_app
from app.core.rulebook import Rulebook
from app.settings import Settings, load
from app.store.database import db
from app.store.formats import load_formats
from app.store.rulebook import RULES_DIR, load_rulebook
from tests import postgres

hypothesis_settings.register_profile("desk", deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no fault
hypothesis_settings.load_profile("desk")
NOW = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
PEPPER = b"test pepper"
ENGINES = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
QUICK_HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)  # the same algorithm at a price for tests
_shipped_rules = cache(load_rulebook)
formats_once = cache(load_formats)


def rules_once(pepper: bytes, rules_dir: Path = RULES_DIR, learnt: Path | None = None) -> Rulebook:
    """The rules as shipped, which never change while tests run; what an installation has learnt is read over them."""
    return load_rulebook(pepper, rules_dir, learnt) if learnt and learnt.exists() else _shipped_rules(pepper, rules_dir)


class SeparateClient(FlaskClient):
    """A client whose requests share nothing with the test's own application context (`g`, session, signed-in user)."""

    def open(self, *arguments: Any, **keywords: Any) -> TestResponse:
        return contextvars.Context().run(super().open, *arguments, **keywords)


class CompiledOnce(BytecodeCache):
    """Templates compiled for one application serve the next one of this process."""

    compiled: ClassVar[dict[str, bytes]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.compiled:
            bucket.bytecode_from_string(self.compiled[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.compiled[bucket.key] = bucket.bytecode_to_string()


@pytest.fixture
def now() -> datetime:
    """The moment every test happens at."""
    return NOW


@pytest.fixture
def engine() -> str:
    """Which database the desk runs on. The folders store/ and operations/ run on every engine of ENGINES."""
    return "sqlite"


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """One PostgreSQL database for all tests of this process."""
    with postgres.new_database() as url:
        yield url


@pytest.fixture
def settings(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> Settings:
    """Settings of a fresh installation under the test's own folder."""
    environment = {
        "GATEDESK_DATA_DIR": str(tmp_path),
        "GATEDESK_SECRET_KEY": "test-secret-" + "0" * 32,
        "GATEDESK_GATEWAY_URL": "https://gw.example.com/v1",
        "GATEDESK_KB_DIR": str(tmp_path / "kb"),
        "GATEDESK_GUEST_FILL_SECONDS": "0",  # the clock of most tests stands still
    }
    if engine == "postgres":
        url = request.getfixturevalue("postgres_url")
        postgres.empty(url)
        environment |= {"GATEDESK_DATABASE_URL": url, "GATEDESK_LOGS_URL": url}
    return load(environment)


def quick_app(settings: Settings, patch: pytest.MonkeyPatch) -> Flask:
    """An application for tests: rules, templates and hashes cost next to nothing; its log store is ready."""
    patch.setattr("app.load_rulebook", rules_once)
    patch.setattr("app.load_formats", formats_once)
    patch.setattr("app.operations.accounts._hasher", QUICK_HASHER)
    app = create_app(settings)
    app.config.update(TESTING=True)
    app.jinja_env.bytecode_cache = CompiledOnce()
    app.test_client_class = SeparateClient
    app.extensions["log_store"].prepare()
    return app


@pytest.fixture
def app(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """An application over an empty, current database and log store."""
    app = quick_app(settings, monkeypatch)
    with app.app_context():
        db.create_all()
        yield app
        db.session.remove()
        db.engine.dispose()
    app.extensions["log_store"].close()
