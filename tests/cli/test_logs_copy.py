"""`flask logs copy`: the desk's log moves to another address."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from app.store.logs_open import open_log_store
from tests.conftest import NOW
from tests.log_engines import CLICKHOUSE
from tests.log_records import START, a_record


def run(app: Flask, *arguments: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["logs", "copy", *arguments])
    return result.exit_code, result.output


@pytest.mark.parametrize("engine", ["sqlite", CLICKHOUSE])
def test_the_desks_log_is_copied_and_counted(app: Flask, tmp_path: Path, engine: str) -> None:
    app.extensions["log_store"].append("ndjson", [a_record(f"r{n}", started_at=START + n) for n in range(12)], [], NOW)
    url = f"sqlite:///{tmp_path / 'other.db'}" if engine == "sqlite" else f"chdb:///{tmp_path / 'other'}"
    code, output = run(app, "--to", url)
    assert (code, "12 records copied, 0 were there" in output) == (0, True)
    assert "0 records copied, 12 were there" in run(app, "--to", url)[1]
    other = open_log_store(url)
    assert other.count() == 12
    other.close()


def test_another_log_can_be_the_source(app: Flask, tmp_path: Path) -> None:
    urls = [f"sqlite:///{tmp_path / name}.db" for name in ("one", "two")]
    store = open_log_store(urls[0])
    store.append("ndjson", [a_record()], [], NOW)
    store.close()
    assert "1 records copied" in run(app, "--from", urls[0], "--to", urls[1])[1]


def test_a_log_is_not_copied_onto_itself(app: Flask) -> None:
    assert run(app, "--to", app.extensions["settings"].logs_url)[0] == 2


def test_logs_that_differ_afterwards_fail_the_command(app: Flask, tmp_path: Path) -> None:
    other = open_log_store(f"sqlite:///{tmp_path / 'other.db'}")
    other.append("ndjson", [a_record("foreign")], [], NOW)
    other.close()
    app.extensions["log_store"].append("ndjson", [a_record()], [], NOW)
    code, output = run(app, "--to", f"sqlite:///{tmp_path / 'other.db'}")
    assert (code, "the logs differ" in output) == (1, True)
