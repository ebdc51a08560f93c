"""A call's JSON object, read strictly: what it may hold is written beside each route, and what else it holds is named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from flask import request

from app.core.redacted_text import RedactedText
from app.core.redaction import Redactor
from app.web.api.calls import Problem
from app.web.context import redactor
from app.web.numbers import LARGEST
from app.web.request_body import TooLarge, drain, read_at_most

Fields = Mapping[str, tuple[type, ...]]  # what each field may be
MOST_NAMED = 10
LONGEST_NAME = 40
KINDS = {str: "text", int: "a whole number", bool: "true or false", list: "a list of texts", type(None): "null"}


def read_fields(allowed: Fields, required: Iterable[str] = ()) -> dict[str, Any]:
    """The fields of the body, each of a kind it may have. Raises Problem."""
    given = _object()
    refuse_unknown(given.keys() - allowed.keys(), allowed)
    for name, value in given.items():
        if type(value) not in allowed[name] or not _fits(value):
            kinds = " or ".join(KINDS[kind] for kind in allowed[name])
            raise wrong(name, f"{name} is {kinds}")
    for name in required:
        if not given.get(name) or not str(given[name]).strip():
            raise wrong(name, f"{name} is missing")
    return given


def refuse_unknown(names: Iterable[str], allowed: Iterable[str], status: int = 422) -> None:
    """Say which names mean nothing here; a name may hold a secret as well. Raises Problem."""
    unknown = sorted(str(_named(redactor(), name)) for name in names)[:MOST_NAMED]
    if unknown:
        known = ", ".join(sorted(allowed))
        raise Problem(status, "Unknown fields", f"These mean nothing here; known are {known}", {"fields": unknown})


def wrong(name: str, detail: str, status: int = 422) -> Problem:
    """The refusal of one field."""
    return Problem(status, "A field cannot be used", detail, {"field": name})


def redacted(text: str) -> tuple[RedactedText, int]:
    """A text as it may be stored, and how many secrets and personal facts were hidden in it."""
    redaction = redactor().redact(text.strip())
    return redaction.text, len(redaction.findings)


def _object() -> dict[str, Any]:
    if request.mimetype != "application/json":
        drain()
        raise Problem(415, "This kind of body is not read", "Send one JSON object as application/json")
    try:
        given = msgspec.json.decode(read_at_most(int(request.max_content_length or 0)))
    except TooLarge:
        raise Problem(413, "The body is too large", "Send shorter texts") from None
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise Problem(400, "The body cannot be read", "Send one JSON object") from None
    if not isinstance(given, dict):
        raise Problem(400, "The body cannot be read", "Send one JSON object")
    return given


def _fits(value: Any) -> bool:
    """Whether a column can hold it."""
    if isinstance(value, list):
        return all(isinstance(each, str) and _fits(each) for each in value)
    return "\0" not in value if isinstance(value, str) else not isinstance(value, int) or 0 <= value <= LARGEST


def _named(cleaner: Redactor, name: str) -> str:
    shown = str(cleaner.clean(name))
    return shown if len(shown) <= LONGEST_NAME else shown[:LONGEST_NAME] + "…"
