"""A gateway's log is read through its own interface: nothing is left out, nothing doubled, and the token goes nowhere else."""

from __future__ import annotations

import dataclasses
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask

from app.core.gateway_page import GatewayError
from app.jobs import pull_logs
from app.operations import pull as pulling
from app.operations.pull import Desk, configured_gateway, pull
from app.settings import load
from app.store.formats import load_formats
from app.store.gateway_log import Gateway, read_cursor
from app.store.logs_sql import SqlLogStore
from tests.conftest import NOW, PEPPER
from tests.redactor import REDACTOR

PRESENT = int(NOW.timestamp())


class FakeGateway(BaseHTTPRequestHandler):
    """As much of the two gateways' log interface as is asked for, newest rows first."""

    rows: ClassVar[list[dict[str, Any]]] = []
    asked: ClassVar[list[tuple[str, dict[str, str]]]] = []
    answer: ClassVar[tuple[int, bytes, dict[str, str]] | None] = None
    sized = True

    def do_GET(self) -> None:
        self.asked.append((self.path, dict(self.headers)))
        status, body, headers = self.answer or (200, json.dumps(self._page()).encode(), {})
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _page(self) -> dict[str, Any]:
        query = {name: int(values[0]) for name, values in parse_qs(urlsplit(self.path).query).items()}
        size, at = (query["page_size"], query["p"] - 1) if self.sized else (10, query["p"])
        found = [
            row
            for row in sorted(self.rows, key=lambda row: -row["created_at"])
            if row["type"] == query["type"] and query["start_timestamp"] <= row["created_at"] <= query["end_timestamp"]
        ]
        items = found[at * size : (at + 1) * size]
        return {"success": True, "message": "", "data": {"items": items, "total": len(found)} if self.sized else items}

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[str]:
    FakeGateway.rows, FakeGateway.asked, FakeGateway.answer, FakeGateway.sized = [], [], None, True
    with ThreadingHTTPServer(("127.0.0.1", 0), FakeGateway) as httpd:
        thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{httpd.server_address[1]}"
        httpd.shutdown()
        thread.join()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    store = SqlLogStore(f"sqlite:///{tmp_path / 'logs.db'}")
    store.prepare()
    yield Desk(REDACTOR, PEPPER, store, load_formats(500_000), tmp_path)
    store.close()


def row(number: int, ago: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": number, "type": 2, "created_at": PRESENT - ago, "request_id": f"r-{number}", "username": "robin",
        "token_name": "search-prod", "model_name": "gpt-4o", "quota": 10, "prompt_tokens": 1, "completion_tokens": 1, "use_time": 1,
        "elapsed_time": 900, "is_stream": False, "content": "PLANTED", "other": "", "channel": 3,
    } | changes  # fmt: skip


def gateway(url: str, name: str = "new_api") -> Gateway:
    return Gateway(name, url, "token-PLANTED", "1")


def test_every_page_of_every_kind_is_read_once(server: str, desk: Desk) -> None:
    FakeGateway.rows = [row(number, ago=number * 300, type=(2, 5, 6, 3)[number % 4]) for number in range(200)]
    pulled = pull(gateway(server), desk, NOW)
    assert (pulled.accepted, pulled.rejected, pulled.finished) == (150, 0, True)
    assert desk.log_store.count() == 150


def test_one_apis_pages_of_ten_from_zero_are_read_too(server: str, desk: Desk) -> None:
    FakeGateway.sized = False
    FakeGateway.rows = [row(number, ago=number) for number in range(35)]
    assert pull(gateway(server, "one_api"), desk, NOW).accepted == 35
    assert "p=0" in FakeGateway.asked[0][0]


def test_the_next_reading_goes_on_from_the_last_and_doubles_nothing(server: str, desk: Desk) -> None:
    FakeGateway.rows = [row(number, ago=number * 60) for number in range(60)]
    pull(gateway(server), desk, NOW)
    assert read_cursor(desk.folder, gateway(server)) == PRESENT
    FakeGateway.asked.clear()
    FakeGateway.rows.append(row(900, ago=200))  # logged late, before the cursor
    FakeGateway.rows.append(row(901, ago=-100))
    again = pull(gateway(server), desk, NOW + timedelta(minutes=5))
    assert (again.accepted, desk.log_store.count()) == (2, 62)
    assert again.duplicate > 0
    assert len(FakeGateway.asked) < 10


def test_the_first_reading_goes_back_a_day_or_as_far_as_is_said(server: str, desk: Desk) -> None:
    FakeGateway.rows = [row(1, ago=3600), row(2, ago=30 * 3600), row(3, ago=80 * 3600)]
    assert pull(gateway(server), desk, NOW).accepted == 1
    assert pull(gateway(server), desk, NOW, since=NOW - timedelta(hours=40)).accepted == 1


def test_a_crowded_span_is_read_in_halves(server: str, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulling, "MOST_PAGES_OF_A_SPAN", 2)
    FakeGateway.rows = [row(number, ago=number) for number in range(900)]
    assert pull(gateway(server), desk, NOW).accepted == 900


def test_a_reading_is_bounded_and_the_next_goes_on(server: str, desk: Desk) -> None:
    FakeGateway.rows = [row(number, ago=number * 1000) for number in range(80)]
    readings = [pull(gateway(server), desk, NOW, most_pages=8)]
    while not readings[-1].finished and len(readings) < 20:
        readings.append(pull(gateway(server), desk, NOW, most_pages=8))
    assert len(readings) > 1
    assert desk.log_store.count() == 80


def test_a_failure_keeps_what_was_stored_and_the_cursor_before_the_gap(server: str, desk: Desk) -> None:
    FakeGateway.rows = [row(1, ago=60)]
    pull(gateway(server), desk, NOW)
    FakeGateway.answer = (200, b'{"success": false, "message": "access token invalid", "data": null}', {})
    with pytest.raises(GatewayError, match="access token invalid"):
        pull(gateway(server), desk, NOW + timedelta(hours=1))
    assert read_cursor(desk.folder, gateway(server)) == PRESENT
    FakeGateway.answer = None
    FakeGateway.rows.append(row(2, ago=-1800))
    assert pull(gateway(server), desk, NOW + timedelta(hours=1)).accepted == 1


@pytest.mark.parametrize(("status", "body", "headers"), [
    (302, b"", {"Location": "https://elsewhere.example/api/log/"}),
    (401, b"PLANTED", {}), (500, b"PLANTED", {}), (200, b"PLANTED no json", {}), (200, b"[]", {}),
    (200, b'{"success": true, "data": 5}', {}),
])  # fmt: skip
def test_an_answer_that_is_no_page_is_an_error_that_quotes_nothing(
    server: str, desk: Desk, status: int, body: bytes, headers: dict[str, str]
) -> None:
    FakeGateway.answer = (status, body, headers)
    with pytest.raises(GatewayError) as caught:
        pull(gateway(server), desk, NOW)
    assert "PLANTED" not in str(caught.value)
    assert len(FakeGateway.asked) == 1


def test_a_gateway_that_repeats_its_last_page_is_read_once(server: str, desk: Desk) -> None:
    FakeGateway.rows = [row(1, ago=60)]
    pull(gateway(server), desk, NOW)
    FakeGateway.answer = (200, json.dumps({"success": True, "data": {"items": [row(2, ago=-60)]}}).encode(), {})
    assert pull(gateway(server), desk, NOW + timedelta(minutes=5)).accepted == 1
    assert len(FakeGateway.asked) < 200


def test_more_pages_for_a_second_than_are_read_is_an_error_and_no_endless_loop(
    server: str, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulling, "MOST_PAGES_OF_A_SPAN", 2)
    FakeGateway.rows = [row(number, ago=7) for number in range(400)]
    with pytest.raises(GatewayError, match="more pages for one second"):
        pull(gateway(server), desk, NOW)


def test_a_page_too_large_is_refused(server: str, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.store.gateway_log.LARGEST_PAGE", 1000)
    FakeGateway.rows = [row(number, ago=number) for number in range(20)]
    with pytest.raises(GatewayError, match="too large"):
        pull(gateway(server), desk, NOW)


def test_an_answer_that_takes_too_long_altogether_is_given_up(server: str, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.store.gateway_log.SECONDS_PER_PAGE", -1)
    with pytest.raises(GatewayError, match="cannot be reached: TimeoutError"):
        pull(gateway(server), desk, NOW)


def test_a_gateway_that_is_away_is_named_without_its_token(desk: Desk) -> None:
    away = gateway("http://127.0.0.1:9")
    with pytest.raises(GatewayError, match="cannot be reached") as caught:
        pull(away, desk, NOW)
    assert "PLANTED" not in f"{caught.value!r} {away!r}"


def test_the_token_is_sent_as_the_gateway_wants_it(server: str, desk: Desk) -> None:
    pull(gateway(server), desk, NOW)
    headers = FakeGateway.asked[0][1]
    assert (headers["Authorization"], headers["New-Api-User"]) == ("Bearer token-PLANTED", "1")


def test_nothing_of_the_rows_that_is_not_allowed_is_stored(server: str, desk: Desk) -> None:
    FakeGateway.rows = [row(1, ago=5)]
    pull(gateway(server), desk, NOW)
    stored = b"".join(path.read_bytes() for path in desk.folder.rglob("*") if path.is_file())
    assert b"PLANTED" not in stored


def test_credentials_come_from_the_environment_only(tmp_path: Path) -> None:
    environment = {"GATEDESK_DATA_DIR": str(tmp_path), "GATEDESK_SECRET_KEY": "s" * 40}
    assert configured_gateway(load(environment)) is None
    settings = load(
        environment
        | {"GATEDESK_PULL_URL": "https://newapi.example.com/", "GATEDESK_PULL_TOKEN": "token-PLANTED", "GATEDESK_PULL_USER": "7"}
    )
    assert configured_gateway(settings) == Gateway("new_api", "https://newapi.example.com", "token-PLANTED", "7")
    assert configured_gateway(settings, "one_api") == Gateway("one_api", "https://newapi.example.com", "token-PLANTED", "7")
    assert "PLANTED" not in repr(settings)


def test_command_and_job_read_the_gateway_that_the_settings_name(server: str, app: Flask) -> None:
    assert pull_logs(app, NOW) == 0
    here = app.extensions
    here["settings"] = dataclasses.replace(here["settings"], pull_url=server, pull_token="token-PLANTED", pull_format="new_api")
    FakeGateway.rows = [row(1, ago=5), row(2, ago=50)]
    assert pull_logs(app, NOW) == 2
    since = (NOW - timedelta(minutes=10)).strftime("%Y-%m-%dT%H:%M")
    result = app.test_cli_runner().invoke(args=["logs", "pull", "new_api", "--since", since])
    assert (result.exit_code, "PLANTED" in result.output) == (0, False)
    FakeGateway.answer = (200, b'{"success": false, "message": "bad key sk-Jd8sKf02LmQpX7vB3nTzPLANTEDw4RyH6cGa9eUi1oSb5k"}', {})
    refused = app.test_cli_runner().invoke(args=["logs", "pull"])
    assert (refused.exit_code, "the gateway refused: bad key" in refused.output, "PLANTED" in refused.output) == (1, True, False)


def test_a_damaged_cursor_counts_as_none(server: str, desk: Desk) -> None:
    FakeGateway.rows = [row(1, ago=5)]
    pull(gateway(server), desk, NOW)
    (path,) = (desk.folder / "pull").iterdir()
    path.write_text("{")
    assert pull(gateway(server), desk, datetime.fromtimestamp(PRESENT + 1, UTC)).duplicate == 1
