"""SQLite's journal holds pages as they were: after something was hidden or removed it is emptied."""

from __future__ import annotations

from sqlalchemy import Engine


def empty_journal(engine: Engine) -> None:
    """Write the journal into the database and cut it to nothing; PostgreSQL looks after its own."""
    with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
