"""OTLP/HTTP trace posts, protobuf or JSON, taken apart into spans: one JSON object each, attributes by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from app.core.body import UnreadableBody, repaired
from app.core.fields import BadLine

MOST_SPANS = 200_000  # of one post
_KINDS = {"SPAN_KIND_INTERNAL": 1, "SPAN_KIND_SERVER": 2, "SPAN_KIND_CLIENT": 3}
_STATUSES = {"STATUS_CODE_OK": 1, "STATUS_CODE_ERROR": 2}
_SCALARS = frozenset({"string_value", "bool_value", "int_value", "double_value"})

Span = bytes | BadLine


class _Value(msgspec.Struct, gc=False):
    """An attribute's value in OTLP/JSON; lists and maps are not read."""

    stringValue: Any = None  # noqa: N815 - OTLP's names
    boolValue: Any = None  # noqa: N815
    intValue: Any = None  # noqa: N815
    doubleValue: Any = None  # noqa: N815


class _Attribute(msgspec.Struct, gc=False):
    key: str
    value: _Value | None = None


class _Resource(msgspec.Struct, gc=False):
    attributes: list[_Attribute] = []


class _Status(msgspec.Struct, gc=False):
    code: int | str = 0
    message: str = ""


class _Span(msgspec.Struct, rename="camel", gc=False):
    trace_id: str = ""
    span_id: str = ""
    name: str = ""
    kind: int | str = 0
    start_time_unix_nano: int | str = 0
    end_time_unix_nano: int | str = 0
    attributes: list[_Attribute] = []
    status: _Status = msgspec.field(default_factory=_Status)


class _ScopeSpans(msgspec.Struct, rename="camel", gc=False):
    spans: list[msgspec.Raw] = []


class _ResourceSpans(msgspec.Struct, rename="camel", gc=False):
    resource: msgspec.Raw = msgspec.Raw(b"{}")
    scope_spans: list[_ScopeSpans] = []


class _Post(msgspec.Struct, rename="camel", gc=False):
    resource_spans: list[_ResourceSpans]


_POST = msgspec.json.Decoder(_Post)
_ONE = msgspec.json.Decoder(_Span)
_RESOURCE = msgspec.json.Decoder(_Resource)


def spans_of_protobuf(body: bytes) -> list[Span]:
    """Take a protobuf post apart. Raises UnreadableBody."""
    try:
        post = ExportTraceServiceRequest.FromString(body)
    except DecodeError:
        raise UnreadableBody("the body is no ExportTraceServiceRequest") from None
    return _bounded(
        _packed_span(span, resource)
        for part in post.resource_spans
        for resource in (_packed_attributes(part.resource.attributes),)
        for scope in part.scope_spans
        for span in scope.spans
    )


def spans_of_json(body: bytes | msgspec.Raw) -> list[Span]:
    """Take a JSON post apart; a bad span harms no other. Raises UnreadableBody."""
    post = _decoded(body)
    return _bounded(
        _json_span(span, resource)
        for part in post.resource_spans
        for resource in (_json_resource(part.resource),)
        for scope in part.scope_spans
        for span in scope.spans
    )


def _bounded(spans: Iterable[Span]) -> list[Span]:
    found: list[Span] = []
    for span in spans:
        if len(found) >= MOST_SPANS:
            raise UnreadableBody(f"more than {MOST_SPANS} spans in one post")
        found.append(span)
    return found


def _decoded(body: bytes | msgspec.Raw) -> _Post:
    try:
        return _POST.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    try:
        return _POST.decode(repaired(body))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise UnreadableBody("the body has no resourceSpans") from None


def _json_resource(resource: msgspec.Raw) -> dict[str, Any]:
    try:
        return dict(_json_attributes(_RESOURCE.decode(resource).attributes))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}


def _json_span(raw: msgspec.Raw, resource: dict[str, Any]) -> Span:
    try:
        span = _ONE.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return BadLine("a span of the wrong shape")
    return _flat(
        trace_id=span.trace_id.lower(),
        span_id=span.span_id.lower(),
        name=span.name,
        kind=_KINDS.get(span.kind, 0) if isinstance(span.kind, str) else span.kind,
        start=span.start_time_unix_nano,
        end=span.end_time_unix_nano,
        status=_STATUSES.get(span.status.code, 0) if isinstance(span.status.code, str) else span.status.code,
        message=span.status.message,
        attributes=dict(_json_attributes(span.attributes)),
        resource=resource,
    )


def _json_attributes(attributes: list[_Attribute]) -> Iterator[tuple[str, Any]]:
    for attribute in attributes:
        if attribute.value is not None:
            told = (attribute.value.stringValue, attribute.value.intValue, attribute.value.doubleValue, attribute.value.boolValue)
            content = next((each for each in told if each is not None), None)
            if isinstance(content, str | int | float | bool):
                yield attribute.key, content


def _packed_span(span: Any, resource: dict[str, Any]) -> Span:
    return _flat(
        trace_id=span.trace_id.hex(),
        span_id=span.span_id.hex(),
        name=span.name,
        kind=span.kind,
        start=span.start_time_unix_nano,
        end=span.end_time_unix_nano,
        status=span.status.code,
        message=span.status.message,
        attributes=_packed_attributes(span.attributes),
        resource=resource,
    )


def _packed_attributes(attributes: Any) -> dict[str, Any]:
    kinds = ((attribute, attribute.value.WhichOneof("value")) for attribute in attributes)
    return {attribute.key: getattr(attribute.value, kind) for attribute, kind in kinds if kind in _SCALARS}


def _flat(**span: Any) -> Span:
    try:
        return msgspec.json.encode(span)
    except (UnicodeEncodeError, msgspec.EncodeError, OverflowError):
        return BadLine("a span that is no text")
