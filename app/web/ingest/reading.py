"""What every log endpoint asks of a request: a token in force, and a body of a known kind within the size limit."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field

from flask import current_app, request

from app.operations.tokens import sender_of
from app.web.render import now
from app.web.request_body import NotGzip, TooLarge, bearer_token, drain, gunzip, read_at_most


@dataclass(eq=False)
class Refusal(Exception):
    """The request is not taken; each endpoint says so in its own form."""

    status: int
    title: str
    detail: str
    headers: Mapping[str, str] = field(default_factory=dict)


def check_sender() -> str:
    """Let only a token in force pass, and say what it is for; the answer does not say what was wrong with another. Raises Refusal."""
    token = bearer_token()
    label = None if token is None else sender_of(token, now())
    if label is None:
        drain()
        raise Refusal(
            401, "An ingest token is needed", "Send Authorization: Bearer gdi_…", {"WWW-Authenticate": 'Bearer realm="gatedesk logs"'}
        )
    return label


def read_body(content_types: Container[str], wanted: str) -> bytes:
    """Read the body, unpacked, within the size limit. Raises Refusal."""
    limit = int(current_app.config["MAX_CONTENT_LENGTH"])
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if request.mimetype not in content_types or encoding not in {"identity", "gzip", "x-gzip"}:
        drain()
        raise Refusal(415, "This kind of body is not read", f"Send {wanted}, plain or gzip", {"Accept-Encoding": "gzip"})
    try:
        body = read_at_most(limit)
        return body if encoding == "identity" else gunzip(body, limit)
    except TooLarge:
        raise Refusal(413, "The body is too large", f"Send at most {limit // 2**20} MB, unpacked, in one request") from None
    except NotGzip:
        raise Refusal(400, "The body cannot be read", "Content-Encoding says gzip, but the body is not whole gzip") from None
