"""The OpenAPI 3.1 description of the log interface, with the ticket interface beside it, held to the routes by tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.core.log_format import Format
from app.web import openapi_tickets

_PROBLEM: dict[str, Any] = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
_BATCH_EXAMPLE = {"accepted": 2, "duplicate": 0, "rejected": [{"line": 3, "reason": "startTime is missing"}], "batch": 17}


def _problem(description: str, **headers: str) -> dict[str, Any]:
    """Describe one refusal."""
    answer: dict[str, Any] = {"description": description, "content": _PROBLEM}
    if headers:
        named = {name.replace("_", "-"): {"description": text, "schema": {"type": "string"}} for name, text in headers.items()}
        answer["headers"] = named
    return answer


def _post(format_name: str, log_format: Format) -> dict[str, Any]:
    """Describe sending one format."""
    schema = {"description": log_format.about or format_name}
    return {
        "operationId": f"send_{format_name}_logs",
        "summary": f"Send a batch of {format_name} log records",
        "description": "Answered only after a durable commit, to the log or to the spool before it. "
        "Sending a batch again changes nothing: known records count as duplicate.",
        "security": [{"ingestToken": []}],
        "parameters": [
            {"name": "Content-Encoding", "in": "header", "required": False, "schema": {"type": "string", "enum": ["gzip", "identity"]}}
        ],
        "requestBody": {
            "required": True,
            "content": {kind: {"schema": schema} for kind in ("application/json", "application/x-ndjson", "text/csv")},
        },
        "responses": {
            "200": {
                "description": "What became of each record; one bad record is never a reason to refuse the others",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Batch"}, "example": _BATCH_EXAMPLE}},
            },
            "400": _problem("Nothing in the body can be read"),
            "401": _problem("No ingest token, or one that is not in force", WWW_Authenticate="Bearer"),
            "413": _problem("More than the size limit, after unpacking"),
            "415": _problem("Neither JSON, NDJSON nor CSV, or an encoding other than gzip"),
            "503": _problem("The log store is busy and the spool is full; send the batch again", Retry_After="Seconds to wait"),
        },
    }


_COUNT = {"type": "integer", "minimum": 0}
_SCHEMAS: dict[str, Any] = {
    "Batch": {
        "type": "object",
        "required": ["accepted", "duplicate", "rejected", "batch"],
        "properties": {
            "accepted": {**_COUNT, "description": "Records stored now"},
            "duplicate": {**_COUNT, "description": "Records stored before"},
            "rejected": {"type": "array", "items": {"$ref": "#/components/schemas/Reject"}},
            "batch": {"type": ["integer", "null"], "description": "The batch's number; null for an empty array, or when spooled"},
            "spooled": {**_COUNT, "description": "Records kept on the disk for a busy store; which of them are new is not yet known"},
        },
    },
    "Reject": {
        "type": "object",
        "required": ["line", "reason"],
        "properties": {
            "line": {"type": "integer", "minimum": 1, "description": "Line of NDJSON or of a table, or element of an array, from 1"},
            "reason": {"type": "string", "description": "Names the field at fault, never its content"},
        },
    },
    "Problem": {
        "type": "object",
        "required": ["type", "title", "status"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
        },
    },
}
_OTLP_TYPES = ("application/x-protobuf", "application/json")
_STATUS = {kind: {"schema": {"description": "google.rpc.Status"}} for kind in _OTLP_TYPES}
_TRACES: dict[str, Any] = {
    "/v1/traces": {
        "post": {
            "operationId": "send_traces",
            "summary": "Send spans as OpenTelemetry exporters do (OTLP over HTTP)",
            "security": [{"ingestToken": []}],
            "requestBody": {
                "required": True,
                "content": {kind: {"schema": {"description": "ExportTraceServiceRequest"}} for kind in _OTLP_TYPES},
            },
            "responses": {
                "200": {
                    "description": "Stored; spans that could not be read are counted in partial_success",
                    "content": {kind: {"schema": {"description": "ExportTraceServiceResponse"}} for kind in _OTLP_TYPES},
                },
                **{
                    status: {"description": description, "content": _STATUS}
                    for status, description in (
                        ("400", "The body is no ExportTraceServiceRequest"),
                        ("401", "No ingest token, or one that is not in force"),
                        ("413", "More than the size limit, after unpacking"),
                        ("415", "Neither protobuf nor JSON, or an encoding other than gzip"),
                        ("503", "The log store is busy; send the spans again"),
                    )
                },
            },
        }
    }
}


def describe(formats: Mapping[str, Format]) -> dict[str, Any]:
    """Describe the interface for the formats in force."""
    logs = {f"/api/v1/logs/{name}": {"post": _post(name, log_format)} for name, log_format in formats.items()}
    ingest_token = {"type": "http", "scheme": "bearer", "description": "Made on the desk, or by `flask logs tokens make`"}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Gatedesk", "version": "1"},
        "paths": logs | _TRACES | openapi_tickets.PATHS,
        "components": {
            "securitySchemes": {"ingestToken": ingest_token} | openapi_tickets.SCHEME,
            "schemas": _SCHEMAS | openapi_tickets.SCHEMAS,
        },
    }
