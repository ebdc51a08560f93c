"""The store runs on every database engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.store.logs import LogStore
from app.store.logs_open import open_log_store
from tests.conftest import ENGINES
from tests.log_engines import LOG_ENGINES, new_log_url


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """The database engine of the desk under test."""
    return str(request.param)


@pytest.fixture(params=LOG_ENGINES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty log store."""
    with new_log_url(str(request.param), tmp_path) as address:
        yield address


@pytest.fixture
def store(url: str) -> Iterator[LogStore]:
    """An empty log store."""
    store = open_log_store(url)
    store.prepare()
    yield store
    store.close()
