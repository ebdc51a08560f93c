"""Gateways send logs with a token: what they may send, and what they are told."""

from __future__ import annotations

import gzip
import json
import sqlite3
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.core.adapters.declared import Mapping
from app.operations.spool import drain
from app.operations.tokens import make_token, revoke_token
from app.settings import Settings
from app.store.formats import read_mappings
from app.store.spool import Spool
from tests.conftest import NOW

LITELLM = "/api/v1/logs/litellm"
NDJSON = "/api/v1/logs/ndjson"
SAMPLE = Path(__file__).parent.parent / "samples" / "litellm" / "fallback-then-ok.json"
LINE = {"request_id": "0123456789abcdef0123456789abcdef", "started_at": "2026-11-18T03:04:05Z", "status_code": 200}


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    app.config["CLOCK"] = lambda: NOW
    return app.test_client()


@pytest.fixture
def token(app: Flask) -> str:
    return make_token("gateway", app.extensions["rulebook"].redactor, NOW)[1]


def send(client: FlaskClient, token: str, body: bytes, path: str = NDJSON, **headers: str) -> TestResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post(path, data=body, headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"} | named)


def lines(*records: dict[str, Any]) -> bytes:
    return "\n".join(map(json.dumps, records)).encode()


def test_litellms_own_post_is_taken_and_answered_with_counts(client: FlaskClient, token: str, app: Flask) -> None:
    answer = send(client, token, SAMPLE.read_bytes(), LITELLM, User_Agent="litellm/1.106.2")
    assert (answer.status_code, answer.json) == (200, {"accepted": 2, "duplicate": 0, "rejected": [], "batch": 1})
    assert app.extensions["log_store"].count() == 2


def test_a_batch_sent_again_is_all_duplicates(client: FlaskClient, token: str) -> None:
    send(client, token, SAMPLE.read_bytes(), LITELLM)
    assert send(client, token, SAMPLE.read_bytes(), LITELLM).json == {"accepted": 0, "duplicate": 2, "rejected": [], "batch": 2}


def test_a_bad_line_is_named_and_the_others_are_taken(client: FlaskClient, token: str) -> None:
    answer = send(client, token, lines(LINE, {"no": "id"}, LINE | {"request_id": "b"}))
    assert answer.status_code == 200
    assert answer.json == {"accepted": 2, "duplicate": 0, "rejected": [{"line": 2, "reason": "request_id is missing"}], "batch": 1}


def test_packed_bodies_are_unpacked(client: FlaskClient, token: str) -> None:
    two_members = gzip.compress(lines(LINE) + b"\n", mtime=0) + gzip.compress(lines(LINE | {"request_id": "b"}), mtime=0)
    assert send(client, token, two_members, Content_Encoding="gzip").json["accepted"] == 2


@pytest.mark.parametrize("content_type", ["application/json", "application/x-ndjson", "text/plain; charset=utf-8", ""])
def test_ndjson_is_known_by_its_body_whatever_it_is_called(client: FlaskClient, token: str, content_type: str) -> None:
    assert send(client, token, lines(LINE, LINE | {"request_id": "b"}), Content_Type=content_type).json["accepted"] == 2


def test_an_empty_array_is_no_batch(client: FlaskClient, token: str) -> None:
    assert send(client, token, b"[]").json == {"accepted": 0, "duplicate": 0, "rejected": [], "batch": None}


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer gdi_wrong", "Bearer gdi_" + "a" * 43, "Basic Z2RpXzo=", "Bearer ключ"]
)
def test_without_a_token_in_force_nothing_is_read(client: FlaskClient, authorization: str | None) -> None:
    headers = {} if authorization is None else {"Authorization": authorization.encode().decode("latin-1")}
    answer = client.post(NDJSON, data=lines(LINE), headers=headers)
    assert_problem(answer, 401)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_revoked_token_is_refused_at_once(client: FlaskClient, token: str) -> None:
    assert revoke_token(1, NOW)
    assert_problem(send(client, token, lines(LINE)), 401)


def test_a_body_that_is_no_json_at_all_is_refused(client: FlaskClient, token: str) -> None:
    assert_problem(send(client, token, b"hello PLANTED"), 400)
    assert_problem(send(client, token, b""), 400)


@pytest.mark.parametrize(
    "body", [b"not gzip at all, though it says so", gzip.compress(b"x" * 5000, mtime=0)[:-9], gzip.compress(b"a", mtime=0) * 40]
)
def test_a_body_that_says_gzip_and_is_not_is_refused(client: FlaskClient, token: str, body: bytes) -> None:
    assert_problem(send(client, token, body, Content_Encoding="gzip"), 400)


def test_a_small_archive_that_unpacks_to_too_much_is_refused(client: FlaskClient, token: str, app: Flask) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 100_000
    assert_problem(send(client, token, gzip.compress(b" " * 200_000, mtime=0), Content_Encoding="gzip"), 413)
    assert_problem(send(client, token, gzip.compress(b" " * 60_000, mtime=0) * 2, Content_Encoding="gzip"), 413)


def test_a_body_over_the_limit_is_refused(client: FlaskClient, token: str, app: Flask) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 1000
    assert_problem(send(client, token, b" " * 1001), 413)


def test_a_body_of_unknown_length_is_not_cut_but_refused(client: FlaskClient, token: str, app: Flask) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 1000
    stream = BytesIO(b" " * 1001)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    environ = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    assert_problem(client.post(NDJSON, input_stream=stream, headers=headers, environ_overrides=environ), 413)


@pytest.mark.parametrize("headers", [{"Content_Encoding": "br"}, {"Content_Type": "multipart/form-data"}, {"Content_Type": "image/png"}])
def test_other_kinds_of_body_are_refused(client: FlaskClient, token: str, headers: dict[str, str]) -> None:
    assert_problem(send(client, token, lines(LINE), **headers), 415)


@pytest.fixture
def busy(app: Flask, settings: Settings) -> Iterator[sqlite3.Connection]:
    """Another writer that keeps the log to itself."""
    blocker = sqlite3.connect(settings.data_dir / "logs.db", isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    yield blocker
    blocker.close()


def test_a_busy_store_is_not_waited_for(client: FlaskClient, token: str, busy: sqlite3.Connection, app: Flask) -> None:
    answer = send(client, token, lines(LINE, LINE | {"request_id": "b"}, {"no": "id"}))
    rejected = [{"line": 3, "reason": "request_id is missing"}]
    assert answer.status_code == 200
    assert answer.json == {"accepted": 0, "duplicate": 0, "rejected": rejected, "batch": None, "spooled": 2}
    busy.execute("ROLLBACK")
    assert drain(app.extensions["spool"], app.extensions["log_store"]) == 1
    assert app.extensions["log_store"].count() == 2
    assert app.extensions["log_store"].batches()[0].instance == "gateway"


@pytest.mark.usefixtures("busy")
def test_a_busy_store_and_a_full_spool_ask_to_send_again(client: FlaskClient, token: str, app: Flask) -> None:
    app.extensions["spool"] = Spool(app.extensions["settings"].data_dir / "spool", 0)
    answer = send(client, token, lines(LINE))
    assert_problem(answer, 503)
    assert int(answer.headers["Retry-After"]) > 0


def test_a_table_is_taken_as_the_lines_it_stands_for(client: FlaskClient, token: str) -> None:
    table = b'request_id,started_at,status_code,error_message\r\na,2026-11-18T03:04:05Z,429,"slow, please"\r\nb,yesterday,200,\r\n'
    answer = send(client, token, table, "/api/v1/logs/csv", Content_Type="text/csv")
    assert answer.json["rejected"] == [{"line": 3, "reason": "started_at is not an ISO 8601 time"}]
    assert send(client, token, lines(LINE | {"request_id": "a", "status_code": 429})).json["duplicate"] == 1


SAMPLES = SAMPLE.parent.parent


@pytest.mark.parametrize(("path", "accepted"), [
    ("new_api/consume-and-retries.json", 4), ("new_api/export.csv", 2), ("new_api/drawings.json", 2), ("one_api/consume.json", 3),
    ("litellm_spend/rows.json", 3), ("ndjson/attempts.ndjson", 2), ("otlp/genai.json", 5),
])  # fmt: skip
def test_every_format_is_taken_in_every_form_it_comes_in(client: FlaskClient, token: str, path: str, accepted: int) -> None:
    answer = send(client, token, (SAMPLES / path).read_bytes(), f"/api/v1/logs/{path.partition('/')[0]}")
    assert (answer.status_code, answer.json["accepted"]) == (200, accepted)
    assert "PLANTED" not in answer.text


@pytest.mark.parametrize("mapping", list(read_mappings()), ids=lambda mapping: mapping.name)
def test_every_declared_format_is_taken_too(client: FlaskClient, token: str, mapping: Mapping) -> None:
    body = "\n".join(example["line"] for example in (*mapping.hits, *mapping.misses)).encode()
    answer = send(client, token, body, f"/api/v1/logs/{mapping.name}").json
    assert answer["accepted"] == len(mapping.hits)
    assert [reject["reason"] for reject in answer["rejected"]] == [miss["reason"] for miss in mapping.misses]


def test_unknown_formats_and_methods_are_problems_too(client: FlaskClient, token: str) -> None:
    assert_problem(send(client, token, lines(LINE), "/api/v1/logs/morse"), 404)
    assert_problem(client.get(NDJSON), 405)


def test_the_description_names_every_route_and_every_answer(client: FlaskClient, app: Flask) -> None:
    answer = client.get("/api/v1/openapi.json")
    assert answer.json["openapi"].startswith("3.1")
    paths = {name: path for name, path in answer.json["paths"].items() if not name.startswith("/api/v1/tickets")}
    assert set(paths) == {f"/api/v1/logs/{name}" for name in app.extensions["formats"]} | {"/v1/traces"}
    for path in paths.values():
        assert set(path["post"]["responses"]) == {"200", "400", "401", "413", "415", "503"}


def assert_problem(answer: TestResponse, status: int) -> None:
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert answer.get_json(force=True)["status"] == status
    assert b"PLANTED" not in answer.data
