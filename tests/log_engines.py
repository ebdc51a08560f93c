"""Every log engine a desk can run on, for tests that hold on all of them: SQLite always, the others where they are installed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest

from app.store.logs import LogStore
from app.store.logs_open import open_log_store
from tests import postgres

CLICKHOUSE = pytest.param("clickhouse", marks=pytest.mark.skipif(find_spec("chdb") is None, reason="chdb is not installed"))
SQL_ENGINES = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
LOG_ENGINES = [*SQL_ENGINES, CLICKHOUSE]


@contextmanager
def new_log_url(engine: str, folder: Path, name: str = "logs") -> Iterator[str]:
    """The address of an empty log on that engine. A process has one ClickHouse folder open at a time."""
    if engine == "postgres":
        with postgres.new_database() as url:
            yield url
    else:
        yield f"chdb:///{folder / name}" if engine == "clickhouse" else f"sqlite:///{folder / 'deep' / f'{name}.db'}"


@contextmanager
def new_log_store(engine: str, folder: Path) -> Iterator[LogStore]:
    """An empty log on that engine."""
    with new_log_url(engine, folder) as url:
        store = open_log_store(url)
        store.prepare()
        yield store
        store.close()
