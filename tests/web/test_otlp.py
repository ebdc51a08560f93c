"""OpenTelemetry exporters send traces: in pieces, in any order, again and again; each request becomes one record per attempt."""

from __future__ import annotations

import gzip
import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from werkzeug.test import TestResponse

from app.core.record import Outcome, RedactedRecord
from app.operations.tokens import make_token
from app.store.logs import LogStoreBusy
from app.store.spool import SpoolFull
from tests import spans
from tests.conftest import NOW

CAPTURES = Path(__file__).parents[3] / "shared" / "samples" / "otel"
PROTOBUF, JSON = "application/x-protobuf", "application/json"


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    app.config["CLOCK"] = lambda: NOW
    return app.test_client()


@pytest.fixture
def token(app: Flask) -> str:
    return make_token("collector", app.extensions["rulebook"].redactor, NOW)[1]


def send(client: FlaskClient, token: str, body: bytes, kind: str = JSON, **headers: str) -> TestResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post("/v1/traces", data=body, headers={"Authorization": f"Bearer {token}", "Content-Type": kind} | named)


def stored(app: Flask) -> list[RedactedRecord]:
    return [record for page in app.extensions["log_store"].walk() for record in page]


@pytest.mark.parametrize(("kind", "pack"), [(PROTOBUF, spans.as_protobuf), (JSON, spans.as_json)])
def test_a_post_is_taken_and_answered_in_its_own_kind(client: FlaskClient, token: str, app: Flask, kind: str, pack: Any) -> None:
    answer = send(client, token, gzip.compress(pack(spans.envoy(), spans.chat(trace=2))), kind, Content_Encoding="gzip")
    assert (answer.status_code, answer.content_type) == (200, kind)
    assert answer.data == (b"" if kind == PROTOBUF else b"{}")
    assert {record.model_requested for record in stored(app)} == {"gpt-4o"}


def test_both_encodings_tell_the_same(client: FlaskClient, token: str, app: Flask) -> None:
    every = (spans.envoy(), spans.chat(trace=2), spans.failed_chat(trace=3), spans.server(500, trace=4), spans.refused_key(trace=5))
    send(client, token, spans.as_protobuf(*every), PROTOBUF)
    before = stored(app)
    assert len(before) == 5
    send(client, token, spans.as_json(*every))
    assert stored(app) == before


def test_spans_that_cannot_be_read_are_counted_and_harm_no_other(client: FlaskClient, token: str, app: Flask) -> None:
    bad = spans.envoy(trace=0) | {"name": "PLANTED"}
    answer = send(client, token, spans.as_json(spans.envoy(), bad, {"traceId": 7}))
    assert answer.json == {"partialSuccess": {"rejectedSpans": "2", "errorMessage": "span 2: traceId is not 32 hex digits"}}
    packed = send(client, token, spans.as_protobuf(spans.envoy(), bad), PROTOBUF)
    partial = ExportTraceServiceResponse.FromString(packed.data).partial_success
    assert (packed.status_code, partial.rejected_spans, partial.error_message) == (200, 1, "span 2: traceId is not 32 hex digits")
    assert len(stored(app)) == 1


def test_spans_about_no_request_are_passed_over(client: FlaskClient, token: str, app: Flask) -> None:
    others = (
        spans.span("GET /health", kind=2, http__response__status_code=500, http__route="/health"),
        spans.span("fastapi.endpoint", number=2),
    )
    assert send(client, token, spans.as_json(*others, spans.server(200, number=3))).json == {}
    assert stored(app) == []


FALLBACK = (
    (spans.failed_chat(2, "claude-sonnet"), spans.span("route claude-sonnet", number=3, kind=1)),
    (spans.chat(4, "gpt-4o"),),
    (spans.server(200, user_agent__original="OpenAI/Python 2.1.0"),),
)
BROKEN = ((spans.failed_chat(2, status=""),), (spans.server(429, user_agent__original="OpenAI/Python 2.1.0"),))
REFUSED = ((spans.refused_key(),), (spans.server(401, user_agent__original="OpenAI/Python 2.1.0"),))


def told(app: Flask) -> dict[str, list[tuple[Any, ...]]]:
    """What is stored of each trace."""
    traces: dict[str, list[tuple[Any, ...]]] = {}
    for record in stored(app):
        facts = (record.model_requested or "", record.outcome, record.status_code, record.endpoint, record.error_message)
        traces[record.action_id] = sorted([*traces.get(record.action_id, []), facts])
    return traces


@pytest.mark.parametrize("posts", [FALLBACK, BROKEN, REFUSED])
def test_a_trace_in_several_posts_is_the_same_whatever_their_order_and_however_often(
    client: FlaskClient, token: str, app: Flask, posts: tuple[tuple[dict[str, Any], ...], ...]
) -> None:
    orders = list(itertools.permutations(posts))
    for at, order in enumerate(orders, 1):
        for post in (*order, *order):
            assert send(client, token, spans.as_json(*(one | {"traceId": f"{at:032x}"} for one in post))).status_code == 200
    first, *others = told(app).values()
    assert len(others) == len(orders) - 1
    assert len(first) == (2 if posts is FALLBACK else 1)
    assert all(other == first for other in others)


def test_the_servers_span_fills_what_an_attempt_lacked(client: FlaskClient, token: str, app: Flask) -> None:
    for post in BROKEN:
        send(client, token, spans.as_json(*post))
    (record,) = stored(app)
    assert (record.status_code, record.client, record.error_code, record.model_requested) == (
        429,
        "OpenAI/Python 2.1.0",
        "RateLimitError",
        "gpt-4o",
    )


def test_a_failed_attempt_takes_the_place_of_the_request_that_came_first(client: FlaskClient, token: str, app: Flask) -> None:
    send(client, token, spans.as_json(*BROKEN[1]))
    (before,) = stored(app)
    send(client, token, spans.as_json(*BROKEN[0]))
    (after,) = stored(app)
    assert (before.model_requested, after.model_requested, after.status_code) == (None, "gpt-4o", 429)
    assert after.record_id == before.record_id


def test_a_refusal_before_any_model_is_one_record_with_reason_and_route(client: FlaskClient, token: str, app: Flask) -> None:
    send(client, token, spans.as_protobuf(spans.refused_key(), spans.server(401)), PROTOBUF)
    (record,) = stored(app)
    assert (record.outcome, record.status_code, record.endpoint) == (Outcome.ERROR, 401, "/v1/chat/completions")
    assert record.error_message is not None
    assert "Invalid proxy server token" in record.error_message


def test_nothing_planted_is_stored(client: FlaskClient, token: str, app: Flask) -> None:
    for path in (Path(__file__).parent.parent / "samples" / "otlp").glob("*.json"):
        if path.name.endswith(".expected.json"):
            continue
        for line in path.read_text().splitlines():
            assert send(client, token, line.encode()).status_code == 200
    kept = repr(stored(app))
    assert [planted for planted in ("PLANTED", "robin@", "203.0.113", "10.9.8.7", "inner-deployment") if planted in kept] == []


@pytest.mark.parametrize(
    ("kind", "body"), [(PROTOBUF, b"\xff\xff\xff"), (JSON, b"hello"), (JSON, b"[]"), (JSON, b"{}"), (JSON, b'{"resourceSpans": 5}')]
)
def test_a_body_that_is_no_trace_post_is_refused_for_good(client: FlaskClient, token: str, kind: str, body: bytes) -> None:
    answer = send(client, token, body, kind)
    assert (answer.status_code, answer.content_type) == (400, kind)
    assert b"The body cannot be read" in answer.data


def test_an_empty_post_is_taken(client: FlaskClient, token: str) -> None:
    assert send(client, token, b"", PROTOBUF).status_code == 200
    assert send(client, token, b'{"resourceSpans": []}').json == {}


def test_without_a_token_in_force_nothing_is_read(client: FlaskClient) -> None:
    answer = send(client, "gdi_wrong", spans.as_json(spans.envoy()))
    assert (answer.status_code, answer.json["code"]) == (401, 16)


def test_other_kinds_of_body_are_refused(client: FlaskClient, token: str) -> None:
    assert send(client, token, b"{}", "text/plain").status_code == 415
    assert send(client, token, b"{}", JSON, Content_Encoding="br").status_code == 415


def test_a_busy_store_is_not_waited_for_and_what_was_read_is_kept(
    client: FlaskClient, token: str, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_busy(app, monkeypatch)
    assert send(client, token, spans.as_protobuf(spans.envoy()), PROTOBUF).status_code == 200
    ((_path, delivery),) = app.extensions["spool"].take()
    assert (len(delivery.records), delivery.joins_traces) == (1, True)


def test_a_full_spool_asks_to_send_again(client: FlaskClient, token: str, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise SpoolFull

    make_busy(app, monkeypatch)
    monkeypatch.setattr(app.extensions["spool"], "put", full)
    answer = send(client, token, spans.as_protobuf(spans.envoy()), PROTOBUF)
    assert (answer.status_code, answer.headers["Retry-After"], answer.content_type) == (503, "5", PROTOBUF)
    assert answer.data[:2] == b"\x08\x0e"


def make_busy(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: object, **__: object) -> None:
        raise LogStoreBusy

    monkeypatch.setattr(app.extensions["log_store"], "append", busy)


@pytest.mark.skipif(not CAPTURES.exists(), reason="the captures are not part of the project")
@pytest.mark.parametrize("kind", ["otel", "otelspan", "otelv2"])
def test_real_captures_keep_one_record_per_attempt_and_nothing_secret(client: FlaskClient, token: str, app: Flask, kind: str) -> None:
    for path in (*sorted((CAPTURES / kind).glob("*.pb")), *sorted((CAPTURES / kind).glob("*.json"), reverse=True)):
        assert send(client, token, path.read_bytes(), PROTOBUF if path.suffix == ".pb" else JSON).status_code == 200
    records = stored(app)
    failed = [record for record in records if record.outcome is not Outcome.OK]
    assert len(failed) == (8 if kind == "otel" else 9)  # there the key over its budget was served
    kept = repr(records)
    assert [
        secret for secret in ("alice@", "127.0.0.1", "Traceback", "site-packages", "RIGSECRET", "64c5e262acf40de9") if secret in kept
    ] == []
    assert all(json.dumps(record.error_message or "").find("fake-4") == -1 for record in records)
