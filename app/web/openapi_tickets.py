"""The OpenAPI 3.1 description of the ticket interface, kept beside the routes and held to them by tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.core.ticket import State
from app.core.ticket_query import CHOICES, TIMES
from app.operations.desk_tokens import CALLS_A_MINUTE
from app.web.numbers import LARGEST

_PROBLEM: dict[str, Any] = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/TicketProblem"}}}
_REFUSALS: Mapping[str, str] = {
    "400": "The body is not one JSON object",
    "401": "No desk token, or one that is not in force",
    "403": "The token's account does not work on tickets",
    "404": "There is no such ticket",
    "409": "Somebody was quicker, or the ticket cannot go there from its state",
    "413": "The body is too large",
    "415": "The body is not application/json",
    "422": "A field is unknown, missing or cannot be used; it is named, its value never",
    "429": f"More than {CALLS_A_MINUTE} calls by one token within a minute",
}
_HEADERS: Mapping[str, tuple[str, str]] = {"401": ("WWW-Authenticate", "Bearer"), "429": ("Retry-After", "Seconds to wait")}
_ALWAYS = ("401", "403", "429")
_WITH_BODY = (*_ALWAYS, "400", "413", "415", "422")
_TEXT = {"type": "string", "description": "Redacted"}
_TEXT_OR_NULL = {"type": ["string", "null"], "description": "Redacted"}
_WORD = {"type": "string"}
_WORD_OR_NULL = {"type": ["string", "null"]}
_MOMENT = {"type": "string", "format": "date-time"}
_MOMENT_OR_NULL = {"type": ["string", "null"], "format": "date-time"}
_COUNT = {"type": "integer", "minimum": 0}
_ROW = {"type": "integer", "minimum": 0, "maximum": LARGEST}
_FLAG = {"type": "boolean"}
_SHARE_OR_NULL = {"type": ["number", "null"], "minimum": 0, "maximum": 1}
_STATE = {"type": "string", "enum": [str(state) for state in State]}
_HIDDEN = {**_COUNT, "description": "How many secrets and personal facts of the body were hidden before anything was stored"}


def _object(about: str = "", optional: tuple[str, ...] = (), /, **properties: Any) -> dict[str, Any]:
    """An object of exactly these properties."""
    told = {"description": about} if about else {}
    required = [name for name in properties if name not in optional]
    return {**told, "type": "object", "required": required, "properties": properties, "additionalProperties": False}


def _list(of: Any) -> dict[str, Any]:
    return {"type": "array", "items": of}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


_LISTED = _object(
    number=_ROW, subject=_TEXT, state=_STATE, created_at=_MOMENT, changed_at=_MOMENT, waiting_since=_MOMENT_OR_NULL,
    assignee_name=_TEXT_OR_NULL, client=_TEXT_OR_NULL, model=_TEXT_OR_NULL, status_code={"type": ["integer", "null"]},
    facts_told=_COUNT, log_line=_WORD, cause=_WORD_OR_NULL, confidence=_SHARE_OR_NULL, cause_confirmed=_FLAG,
    clock=_WORD_OR_NULL, due_at=_MOMENT_OR_NULL, late=_FLAG,
)  # fmt: skip
_FACTS = _object(
    "What was told, as it was filed or corrected",
    client=_TEXT_OR_NULL, client_version=_TEXT_OR_NULL, model=_TEXT_OR_NULL, status_code={"type": ["integer", "null"]},
    error_text=_TEXT_OR_NULL, description=_TEXT_OR_NULL, key={**_WORD_OR_NULL, "description": "The mask, `sk-…9f3c`"},
    request_id=_TEXT_OR_NULL, task_id=_TEXT_OR_NULL, request_time=_MOMENT_OR_NULL, request_type=_WORD_OR_NULL,
    stream={"type": ["boolean", "null"]},
)  # fmt: skip
_CLOCK = _object(
    "One clock, in minutes of business time",
    clock={"type": "string", "enum": ["first", "next", "solve"]}, target_minutes=_COUNT, used_minutes=_COUNT,
    due_at=_MOMENT_OR_NULL, late=_FLAG, stands={**_WORD_OR_NULL, "description": "Why it does not run; null while it does"},
)  # fmt: skip
_DIAGNOSIS = _object(cause=_WORD, origin=_WORD_OR_NULL, confidence=_SHARE_OR_NULL, confirmed=_FLAG)
_REPLY = _object(id=_ROW, by={"type": "string", "enum": ["staff", "requester"]}, author_name=_TEXT_OR_NULL, body=_TEXT, created_at=_MOMENT)
_NOTE = _object("A private note", id=_ROW, author_name=_TEXT_OR_NULL, body=_TEXT, created_at=_MOMENT, struck_out=_FLAG)
_WHOLE = _object(
    "A ticket; notes for those only who see them on its page",
    ("notes",),
    number=_ROW, subject=_TEXT, state=_STATE, language=_WORD, requester=_WORD_OR_NULL, assignee=_WORD_OR_NULL,
    assignee_name=_TEXT_OR_NULL, created_at=_MOMENT, changed_at=_MOMENT, solved_at=_MOMENT_OR_NULL, waiting_since=_MOMENT_OR_NULL,
    facts=_ref("Facts"), missing=_list(_WORD), diagnosis={"oneOf": [_ref("Diagnosis"), {"type": "null"}]},
    log_lines={**_list(_WORD), "description": "Request ids of the log lines that a person confirmed"},
    clocks=_list(_ref("Clock")), tags=_list(_TEXT), merged_into={"type": ["integer", "null"]},
    replies=_list(_ref("Reply")), notes=_list(_ref("Note")),
)  # fmt: skip
SCHEMAS: dict[str, Any] = {
    "TicketPage": _object(tickets=_list(_ref("ListedTicket")), next={**_WORD_OR_NULL, "description": "`before` of the next page"}),
    "ListedTicket": _LISTED,
    "Ticket": _WHOLE,
    "Facts": _FACTS,
    "Clock": _CLOCK,
    "Diagnosis": _DIAGNOSIS,
    "Reply": _REPLY,
    "Note": _NOTE,
    "Filed": _object(number=_ROW, address={**_WORD, "description": "Where the requester follows it"}, redacted=_HIDDEN),
    "Replied": _object(number=_ROW, reply=_ROW, state=_STATE, redacted=_HIDDEN),
    "Noted": _object(number=_ROW, note=_ROW, state=_STATE, redacted=_HIDDEN),
    "Changed": _object(number=_ROW, state=_STATE, assignee=_WORD_OR_NULL, tags=_list(_TEXT)),
    "Place": _object("Characters of the text as it would be stored, from 0", kind=_WORD, start=_COUNT, end=_COUNT),
    "TicketProblem": {
        "type": "object",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": _WORD,
            "title": _WORD,
            "status": {"type": "integer"},
            "detail": _WORD,
            "field": {**_WORD, "description": "The field at fault"},
            "fields": {**_list(_WORD), "description": "Fields that mean nothing here"},
            "places": {**_list(_ref("Place")), "description": "Where a reply tells what is private"},
            "newest": {**_ROW, "description": "The newest reply that the caller has not seen"},
        },
    },
}
_NUMBER = {"name": "number", "in": "path", "required": True, "schema": _ROW}
_TAGS = {"type": "array", "maxItems": 10, "items": {"type": "string", "minLength": 1, "maxLength": 32, "pattern": "^[a-z0-9-]+$"}}
_BODY = {"type": "string", "minLength": 1, "maxLength": 20_000}


def _calls(summary: str, name: str, answer: str, refusals: tuple[str, ...], **more: Any) -> dict[str, Any]:
    """One operation."""
    made = name.startswith(("file", "reply", "note"))
    shown = {"description": summary, "content": {"application/json": {"schema": _ref(answer)}}}
    refused = {status: _refusal(status) for status in sorted(refusals)}
    responses = {"201" if made else "200": shown, **refused}
    return {"operationId": name, "summary": summary, "security": [{"deskToken": []}], "responses": responses, **more}


def _refusal(status: str) -> dict[str, Any]:
    told: dict[str, Any] = {"description": _REFUSALS[status], "content": _PROBLEM}
    if status in _HEADERS:
        name, text = _HEADERS[status]
        told["headers"] = {name: {"description": text, "schema": {"type": "string"}}}
    return told


def _sends(optional: tuple[str, ...] = (), /, **properties: Any) -> dict[str, Any]:
    return {"required": True, "content": {"application/json": {"schema": _object("", optional, **properties)}}}


def _filters() -> list[dict[str, Any]]:
    """The list's filters, as the desk's own addresses have them."""
    texts = ("cause", "family", "layer", "queue", "group", "environment", "client", "model", "tag", "q")
    asked = {
        **{name: {"type": "string", "enum": sorted(values)} for name, values in CHOICES.items()},
        **{name: {"type": "string", "description": "UTC, as 2026-11-23T00:00"} for name in TIMES},
        **{name: {"type": "string", "maxLength": 120} for name in texts},
        "who": {"type": "string", "description": "me, nobody, or an account's number"},
        "limit": {"type": "integer", "minimum": 1, "maximum": 100, "default": 50},
        "before": {"type": "string", "description": "`next` of the page before"},
    }
    return [{"name": name, "in": "query", "required": False, "schema": schema} for name, schema in asked.items()]


_FILED = {
    "error_text": {"type": "string"}, "description": {"type": "string", "maxLength": 4_000}, "client": {"type": "string", "maxLength": 120},
    "client_version": {"type": "string", "maxLength": 40}, "model": {"type": "string", "maxLength": 120},
    "request_id": {"type": "string", "maxLength": 160}, "task_id": {"type": "string", "maxLength": 160},
    "base_url": {"type": "string", "maxLength": 300}, "status_code": {"type": "integer", "minimum": 100, "maximum": 599},
    "key": {"type": "string", "description": "Masked, `sk-…9f3c`; a whole key is reduced to that on arrival"},
    "key_sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
    "request_type": {"type": "string", "enum": ["chat", "image", "video", "audio", "embedding", "batch", "other"]},
    "request_time": {"type": "string", "format": "date-time"}, "tolerance_minutes": {"type": "integer", "enum": [1, 5, 15, 60, 360]},
    "elapsed_seconds": _COUNT, "retry_after_seconds": _COUNT, "stream": _FLAG, "via_proxy": _FLAG, "charged": _FLAG,
    "language": {"type": "string", "enum": ["en", "zh"], "default": "en"},
    "requester": {"type": "string", "description": "User name of whom it is filed for; without one, a guest's secret link is answered"},
}  # fmt: skip
_ONE = (*_WITH_BODY, "404")
PATHS: dict[str, Any] = {
    "/api/v1/tickets": {
        "get": _calls(
            "The tickets the query asks for, page by page", "list_tickets", "TicketPage", (*_ALWAYS, "422"), parameters=_filters()
        ),
        "post": _calls("File a ticket for somebody", "file_ticket", "Filed", _WITH_BODY, requestBody=_sends(tuple(_FILED), **_FILED)),
    },
    "/api/v1/tickets/{number}": {
        "parameters": [_NUMBER],
        "get": _calls("One ticket with its thread", "read_ticket", "Ticket", (*_ALWAYS, "404")),
        "patch": _calls(
            "Move, assign or tag a ticket",
            "change_ticket",
            "Changed",
            (*_ONE, "409"),
            requestBody=_sends(
                ("state", "assignee", "add_tags", "remove_tags"),
                state=_STATE,
                assignee={**_WORD_OR_NULL, "description": "A user name; null gives the ticket back to the queue"},
                add_tags=_TAGS,
                remove_tags=_TAGS,
            ),
        ),
    },
    "/api/v1/tickets/{number}/replies": {
        "parameters": [_NUMBER],
        "post": _calls(
            "Answer the user in public",
            "reply_to_ticket",
            "Replied",
            (*_ONE, "409"),
            requestBody=_sends(
                ("last_seen", "solve"),
                body=_BODY,
                last_seen={**_ROW, "description": "The newest reply the caller has read; a newer one of somebody else refuses this"},
                solve={**_FLAG, "default": False},
            ),
        ),
    },
    "/api/v1/tickets/{number}/notes": {
        "parameters": [_NUMBER],
        "post": _calls("Keep a private note", "note_on_ticket", "Noted", _ONE, requestBody=_sends(body=_BODY)),
    },
}
SCHEME = {"deskToken": {"type": "http", "scheme": "bearer", "description": "Made by staff on their settings page; acts as their account"}}
