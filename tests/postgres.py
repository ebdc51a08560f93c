"""A PostgreSQL database of one's own on the server that GATEDESK_TEST_POSTGRES names."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, inspect, make_url

SERVER = os.environ.get("GATEDESK_TEST_POSTGRES")


@contextmanager
def new_database() -> Iterator[str]:
    """The address of an empty database, gone afterwards; without a server the test that asks is skipped."""
    if not SERVER:
        pytest.skip("GATEDESK_TEST_POSTGRES names no server")
    name = f"desk_{uuid4().hex[:12]}"
    admin = create_engine(SERVER, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    try:
        yield make_url(SERVER).set(database=name).render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
        admin.dispose()


def empty(url: str) -> None:
    """Take every row out of every table; numbers begin at one again."""
    engine = create_engine(url)
    with engine.begin() as connection:
        tables = [f'"{name}"' for name in inspect(connection).get_table_names() if name != "log_schema"]
        if tables:
            connection.exec_driver_sql(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY CASCADE")
    engine.dispose()
