"""Synthetic spans in OTLP/JSON, and the same as protobuf."""

from __future__ import annotations

import json
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

START = 1_790_000_000_250_000_000  # nanoseconds


def attribute(key: str, value: Any) -> dict[str, Any]:
    kinds = {bool: "boolValue", int: "intValue", float: "doubleValue", str: "stringValue"}
    if isinstance(value, list):
        return {"key": key, "value": {"arrayValue": {"values": [{"stringValue": item} for item in value]}}}
    return {"key": key, "value": {kinds[type(value)]: str(value) if type(value) is int else value}}


def span(
    name: str, *, trace: int = 1, number: int = 1, took_ms: int = 1500, kind: int = 3, error: str = "", **attributes: Any
) -> dict[str, Any]:
    """A span; attribute names are written with __ for a dot."""
    return {
        "traceId": f"{trace:032x}",
        "spanId": f"{number:016x}",
        "name": name,
        "kind": kind,
        "startTimeUnixNano": str(START),
        "endTimeUnixNano": str(START + took_ms * 1_000_000),
        "attributes": [attribute(key.replace("__", "."), value) for key, value in attributes.items()],
        "status": {"code": 2, "message": error} if error else {},
    }


def post(*spans: dict[str, Any], environment: str = "production") -> dict[str, Any]:
    resource = {"attributes": [attribute("service.name", "PLANTED-service"), attribute("deployment.environment.name", environment)]}
    return {"resourceSpans": [{"resource": resource, "scopeSpans": [{"scope": {"name": "gateway"}, "spans": list(spans)}]}]}


def as_json(*spans: dict[str, Any]) -> bytes:
    return json.dumps(post(*spans)).encode()


def as_protobuf(*spans: dict[str, Any]) -> bytes:
    request = ExportTraceServiceRequest()
    for part in post(*spans)["resourceSpans"]:
        packed = request.resource_spans.add()
        fill_attributes(packed.resource.attributes, part["resource"]["attributes"])
        scope = packed.scope_spans.add()
        for told in part["scopeSpans"][0]["spans"]:
            one = scope.spans.add(
                trace_id=bytes.fromhex(told["traceId"]), span_id=bytes.fromhex(told["spanId"]), name=told["name"], kind=told["kind"],
                start_time_unix_nano=int(told["startTimeUnixNano"]), end_time_unix_nano=int(told["endTimeUnixNano"]),
            )  # fmt: skip
            one.status.code = told["status"].get("code", 0)
            one.status.message = told["status"].get("message", "")
            fill_attributes(one.attributes, told["attributes"])
    return request.SerializeToString()


def fill_attributes(packed: Any, attributes: list[dict[str, Any]]) -> None:
    for told in attributes:
        one = packed.add(key=told["key"])
        for kind, value in told["value"].items():
            if kind == "arrayValue":
                for item in value["values"]:
                    one.value.array_value.values.add(string_value=item["stringValue"])
            else:
                setattr(
                    one.value,
                    {"stringValue": "string_value", "intValue": "int_value", "doubleValue": "double_value", "boolValue": "bool_value"}[
                        kind
                    ],
                    int(value) if kind == "intValue" else value,
                )


CALLER = {"litellm__team__alias": "data-team", "litellm__api_key__hash": "c799f89604ee4ee5b9a71c1c5768d66fcfc88996f214c3f2910989b171018432",
          "litellm__metadata__user_api_key_user_id": "u-robin", "litellm__metadata__user_api_key_alias": "search-prod",
          "litellm__request__route": "/v1/chat/completions", "server__address": "10.9.8.7"}  # fmt: skip


def chat(number: int = 2, model: str = "gpt-4o", *, trace: int = 1, **attributes: Any) -> dict[str, Any]:
    """A call as LiteLLM's second exporter tells it."""
    told = {"gen_ai__operation__name": "chat", "gen_ai__request__model": model, "gen_ai__provider__name": "openai",
            "litellm__call_id": f"0a1b2c3d-0000-4000-8000-{trace:012d}", "litellm__call_type": "acompletion",
            "litellm__provider__model": "openai/inner-deployment", "gen_ai__usage__input_tokens": 11, "gen_ai__usage__output_tokens": 5,
            "litellm__cost__total": 0.000021}  # fmt: skip
    return span(f"chat {model}", trace=trace, number=number, **(CALLER | told | attributes))


def failed_chat(number: int = 2, model: str = "gpt-4o", *, trace: int = 1, status: str = "429", **attributes: Any) -> dict[str, Any]:
    text = "litellm.RateLimitError: RateLimitError: OpenAIException - Rate limit reached for inner-deployment"
    told = {"error__type": "RateLimitError", "error__message": text, "litellm__provider__error__code": status,
            "litellm__provider__error__stack_trace": "PLANTED trace", "gen_ai__usage__input_tokens": 0, "gen_ai__usage__output_tokens": 0,
            "litellm__cost__total": 0.0}  # fmt: skip
    made = chat(number, model, trace=trace, **(told | attributes))
    return made | {"status": {"code": 2, "message": text}}


def server(status: int, *, trace: int = 1, number: int = 9, **attributes: Any) -> dict[str, Any]:
    """The request as the server saw it."""
    told = {"http__response__status_code": status, "http__route": "/v1/chat/completions", "url__full": "https://PLANTED.example/v1"}
    return span("POST /v1/chat/completions", trace=trace, number=number, kind=2, took_ms=1600, **(told | attributes))


def refused_key(*, trace: int = 1) -> dict[str, Any]:
    """LiteLLM's check of a key that failed."""
    told = {
        "error__type": "ProxyException",
        "error__message": "Authentication Error, Invalid proxy server token passed",
        "litellm__provider__error__code": "401",
    }
    return span("auth /v1/chat/completions", trace=trace, number=3, kind=1, error="ProxyException: Authentication Error", **told)


def envoy(number: int = 4, *, trace: int = 1, **attributes: Any) -> dict[str, Any]:
    """A call as the GenAI conventions tell it."""
    told = {"gen_ai__operation__name": "chat", "gen_ai__provider__name": "openai", "gen_ai__request__model": "gpt-4o",
            "gen_ai__response__model": "gpt-4o-2026-08-06", "gen_ai__usage__input_tokens": 812, "gen_ai__usage__output_tokens": 64,
            "gen_ai__response__finish_reasons": ["stop"], "gen_ai__input__messages": "PLANTED prompt",
            "gen_ai__output__messages": "PLANTED reply",
            "gen_ai__system_instructions": "PLANTED system", "http__request__header__authorization": "PLANTED-header"}  # fmt: skip
    return span("chat gpt-4o", trace=trace, number=number, **(told | attributes))
