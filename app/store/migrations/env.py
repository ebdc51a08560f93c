"""Run migrations against the desk's database; started by `flask db`."""

from __future__ import annotations

from typing import Any

from alembic import context
from flask import current_app

from app.store import models  # noqa: F401 - the tables must be known
from app.store.database import RedactedColumn, UtcDateTime, db

PLAIN_TYPES = {RedactedColumn: "sa.Text()", UtcDateTime: "sa.DateTime(timezone=True)"}


def render_item(kind: str, item: Any, _autogen: Any) -> str | bool:
    """A migration names database types, not the desk's own, so that old migrations keep working."""
    return PLAIN_TYPES.get(type(item), False) if kind == "type" else False


def run() -> None:
    """All or nothing, one process at a time: SQLite joins schema changes to a transaction only when told to begin one."""
    with db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        context.configure(
            transactional_ddl=True,
            connection=connection,
            target_metadata=db.metadata,
            render_item=render_item,
            **current_app.extensions["migrate"].configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


run()
