"""`flask db upgrade` from nothing makes exactly the tables the models describe, on every engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect

from app import create_app
from app.settings import PROJECT_ROOT, Settings
from app.store.database import db
from tests import postgres

MIGRATIONS = PROJECT_ROOT / "app/store/migrations"


@pytest.fixture
def settings(engine: str, tmp_path: Path) -> Iterator[Settings]:
    """Settings that name an empty database."""
    from app.settings import load

    environment = {"GATEDESK_DATA_DIR": str(tmp_path), "GATEDESK_SECRET_KEY": "s" * 40}
    if engine == "sqlite":
        yield load(environment)
        return
    with postgres.new_database() as url:
        yield load(environment | {"GATEDESK_DATABASE_URL": url, "GATEDESK_LOGS_URL": url})


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """An application whose database has no table yet."""
    app = create_app(settings)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()
    app.extensions["log_store"].close()


def differences() -> list[object]:
    """What alembic would still have to change."""
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_object": is_ours, "render_as_batch": True})
        return list(compare_metadata(context, db.metadata))


def is_ours(_object: object, name: str, kind: str, reflected: bool, _other: object) -> bool:
    """The log store keeps its own tables, perhaps in the same database."""
    return not (kind == "table" and reflected and name not in db.metadata.tables)


def test_upgrading_from_nothing_gives_the_models_tables(app: Flask) -> None:
    upgrade()
    assert set(db.metadata.tables) <= set(inspect(db.engine).get_table_names())
    assert differences() == []


def test_upgrading_twice_changes_nothing(app: Flask) -> None:
    upgrade()
    upgrade()
    assert differences() == []


def test_the_log_store_may_share_the_database(app: Flask) -> None:
    app.extensions["log_store"].prepare()
    upgrade()
    assert app.extensions["log_store"].count() == 0
    assert differences() == []


def test_going_back_leaves_nothing_behind(app: Flask) -> None:
    upgrade()
    downgrade(revision="base")
    assert not set(db.metadata.tables) & set(inspect(db.engine).get_table_names())
    upgrade()
    assert differences() == []


def test_upgrading_makes_the_triggers_that_the_models_have(app: Flask) -> None:
    upgrade()
    made = triggers()
    downgrade(revision="base")
    db.create_all()
    assert {name: made.get(name) for name in triggers()} == triggers()


def triggers() -> dict[str, str]:
    """Name → what it does, as the engine tells it."""
    query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
    if db.engine.dialect.name == "postgresql":
        query = (
            "SELECT tgname, pg_get_triggerdef(pg_trigger.oid) || prosrc FROM pg_trigger"
            " JOIN pg_proc ON pg_proc.oid = tgfoid WHERE NOT tgisinternal"
        )
    with db.engine.connect() as connection:
        return {row[0]: row[1] for row in connection.exec_driver_sql(query)}


def test_migrations_are_one_line_without_branches() -> None:
    script = ScriptDirectory(str(MIGRATIONS))
    assert len(script.get_heads()) == 1
    assert len(script.get_bases()) == 1


def test_no_migration_names_a_type_of_the_desk() -> None:
    for path in (MIGRATIONS / "versions").glob("*.py"):
        assert "app." not in path.read_text(encoding="utf-8"), path.name
