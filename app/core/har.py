"""HAR files (what a browser's network panel saves): names and sizes stay, values go, the redactor reads the rest."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec

from app.core.redacted_text import RedactedText
from app.core.redaction import Redactor

MOST_ITEMS = 20
DEEPEST = 12
LARGEST_KEPT_NUMBER = 10_000_000  # a longer one may be an account, an amount or a telephone
FAILURE = 400
PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ,;:=/+._%*()-]{0,80}")
IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{5,63}")
QUANTITY = re.compile(r"[0-9][0-9a-z.:]{0,23}")
OPAQUE = re.compile(r"(?<=/)(?![0-9a-f]{8}-[0-9a-f-]{27}(?:/|$))(?=[^/]{0,80}[0-9])(?=[^/]{0,80}[A-Za-z])[A-Za-z0-9_-]{24,}(?=/|$)")
MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{5,18}(?:Z|[+-][0-9]{2}:?[0-9]{2})?")
NET_ERROR = re.compile(r"(?:net::)?[A-Z][A-Z0-9_]{3,60}")
# what tells one request from another, or how long to wait; a header not named here keeps its name and size
HEADER_VALUES = {
    "content-type": PLAIN,
    "content-encoding": PLAIN,
    "transfer-encoding": PLAIN,
    "date": PLAIN,
    "server": PLAIN,
    "content-length": QUANTITY,
    "retry-after": QUANTITY,
    "openai-processing-ms": QUANTITY,
    "cf-ray": IDENTIFIER,
    "x-request-id": IDENTIFIER,
    "x-trace-id": IDENTIFIER,
    "x-litellm-call-id": IDENTIFIER,
    "x-oneapi-request-id": IDENTIFIER,
}
RATE_LIMIT = re.compile(r"x-ratelimit-[a-z-]{1,40}")
ERROR_FIELDS = ("message", "type", "code", "param")
NAMES = frozenset({"model", "role", "object", "finish_reason"})


class NotHar(ValueError):
    """Not a HAR file, or a broken one."""


def looks_like_har(name: str, text: str) -> bool:
    """By its name, or by how it begins."""
    start = text[:400]
    return name.lower().endswith(".har") or (start.lstrip().startswith("{") and '"log"' in start and '"entries"' in text)


def redact_har(text: str, redactor: Redactor) -> RedactedText:
    """The HAR file with every value replaced by its size. Raises NotHar."""
    try:
        log = msgspec.json.decode(text)["log"]
        entries = [_entry(entry, redactor) for entry in log["entries"] if isinstance(entry, dict)]
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError, KeyError, TypeError):
        raise NotHar from None
    shown = {"log": {"version": "1.2", "creator": {"name": "Gatedesk", "version": "1"}, "entries": entries}}
    return redactor.clean(json.dumps(shown, ensure_ascii=False, indent=1))


def size_of(value: object) -> str:
    """`[hidden: 58 characters]`: what stands in place of a value; the redactor knows it and leaves it."""
    return f"[hidden: {len(value) if isinstance(value, str) else len(str(value))} characters]"


def _entry(entry: Mapping[str, Any], redactor: Redactor) -> dict[str, Any]:
    """One request and its answer."""
    answer = _mapping(entry.get("response"))
    return {
        "startedDateTime": _matching(entry.get("startedDateTime"), MOMENT),
        "time": _number(entry.get("time")),
        "request": _request(_mapping(entry.get("request"))),
        "response": _response(answer, redactor),
        "timings": {name: _number(value) for name, value in _mapping(entry.get("timings")).items() if _number(value) is not None},
    }


def _request(request: Mapping[str, Any]) -> dict[str, Any]:
    body = _mapping(request.get("postData"))
    shown: dict[str, Any] = {
        "method": _matching(request.get("method"), PLAIN),
        "url": _address(request.get("url")),
        "httpVersion": _matching(request.get("httpVersion"), PLAIN),
        "headers": _headers(request.get("headers")),
        "cookies": _pairs(request.get("cookies")),
        "queryString": _pairs(request.get("queryString")),
        "headersSize": _number(request.get("headersSize")),
        "bodySize": _number(request.get("bodySize")),
    }
    if body:
        shown["postData"] = {
            "mimeType": _matching(body.get("mimeType"), PLAIN),
            "params": _pairs(body.get("params")),
            "text": size_of(body.get("text") or ""),
        }
        shown["_structure"] = _structure(body.get("text"))
    return shown


def _response(response: Mapping[str, Any], redactor: Redactor) -> dict[str, Any]:
    status, content = _number(response.get("status")), _mapping(response.get("content"))
    shown = {
        "status": status,
        "statusText": _matching(response.get("statusText"), PLAIN),
        "httpVersion": _matching(response.get("httpVersion"), PLAIN),
        "headers": _headers(response.get("headers")),
        "cookies": _pairs(response.get("cookies")),
        "content": {
            "size": _number(content.get("size")),
            "mimeType": _matching(content.get("mimeType"), PLAIN),
            "text": size_of(content.get("text") or ""),
        },
        "redirectURL": _address(response.get("redirectURL")),
        "headersSize": _number(response.get("headersSize")),
        "bodySize": _number(response.get("bodySize")),
        "_structure": _structure(content.get("text")),
        "_error": _matching(response.get("_error"), NET_ERROR),
    }
    if isinstance(status, int | float) and status >= FAILURE:
        shown["_errorText"] = _error_text(content.get("text"), redactor)
    return shown


def _headers(headers: Any) -> list[dict[str, Any]]:
    """Each header's name, and its value where that is an id or a number that support needs."""
    return [{"name": name, "value": _header_value(name.lower(), value)} for name, value in _named(headers)]


def _header_value(name: str, value: Any) -> str:
    form = QUANTITY if RATE_LIMIT.fullmatch(name) else HEADER_VALUES.get(name)
    return value if form and isinstance(value, str) and form.fullmatch(value) else size_of(value)


def _pairs(pairs: Any) -> list[dict[str, Any]]:
    """Names and sizes of cookies, query values and form fields."""
    return [{"name": name, "value": size_of(value)} for name, value in _named(pairs)]


def _named(pairs: Any) -> Iterable[tuple[str, Any]]:
    for pair in pairs if isinstance(pairs, list) else ():
        if isinstance(pair, dict) and isinstance(pair.get("name"), str):
            yield pair["name"][:120], pair.get("value", "")


def _structure(text: Any) -> Any:
    """A JSON body's structure with the size of each string; of any other body, nothing."""
    if not isinstance(text, str) or text.lstrip()[:1] not in {"{", "["}:
        return None
    try:
        return _shape(msgspec.json.decode(text), DEEPEST)
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
        return None


def _shape(value: Any, depth: int) -> Any:
    """The same structure without its words."""
    if isinstance(value, dict) and depth:
        return {name[:120]: _field(name, item, depth - 1) for name, item in list(value.items())[: MOST_ITEMS * 5]}
    if isinstance(value, list) and depth:
        more = [{"more": len(value) - MOST_ITEMS}] if len(value) > MOST_ITEMS else []
        return [_shape(item, depth - 1) for item in value[:MOST_ITEMS]] + more
    if isinstance(value, str | dict | list):
        return size_of(value)
    return value if _number(value) is not None or value is None or isinstance(value, bool) else "[number]"


def _field(name: str, value: Any, depth: int) -> Any:
    """A named value; a model's name stays."""
    return value if name in NAMES and isinstance(value, str) and PLAIN.fullmatch(value) else _shape(value, depth)


def _error_text(text: Any, redactor: Redactor) -> dict[str, str] | None:
    """What a failed answer says of its failure: read like a pasted error."""
    try:
        body = msgspec.json.decode(text) if isinstance(text, str) else None
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
        return None
    error = body.get("error") if isinstance(body, dict) else None
    error = error if isinstance(error, dict) else {"message": error}
    return {name: redactor.clean(str(error[name])) for name in ERROR_FIELDS if isinstance(error.get(name), str | int)} or None


def _address(address: Any) -> str | None:
    """Scheme, host and path; the names of query values; never a user, a fragment or an opaque path segment."""
    try:
        parts = urlsplit(address if isinstance(address, str) else "")
        host = f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname
    except ValueError:
        return None
    if not host:
        return None
    names = "&".join(f"{pair.split('=')[0]}=…" for pair in parts.query.split("&")[:MOST_ITEMS] if "=" in pair)
    return f"{parts.scheme}://{host}{OPAQUE.sub('…', parts.path)}{'?' if names else ''}{names}"


def _matching(value: Any, form: re.Pattern[str]) -> str | None:
    return value if isinstance(value, str) and form.fullmatch(value) else None


def _number(value: Any) -> int | float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < LARGEST_KEPT_NUMBER else None


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
