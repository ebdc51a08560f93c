"""The store runs on every database engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.store.logs_sql import SqlLogStore
from tests import postgres
from tests.conftest import ENGINES


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """The database engine of the desk under test."""
    return str(request.param)


@pytest.fixture(params=ENGINES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty log store."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'deep' / 'logs.db'}"
        return
    with postgres.new_database() as address:
        yield address


@pytest.fixture
def store(url: str) -> Iterator[SqlLogStore]:
    """An empty log store."""
    store = SqlLogStore(url)
    store.prepare()
    yield store
    store.close()
