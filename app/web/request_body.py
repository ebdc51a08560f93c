"""What programs send: a bearer token, and a body read and unpacked within bounds, so that not even a small archive fills the memory."""

from __future__ import annotations

from contextlib import suppress

from flask import request
from isal import isal_zlib
from isal.igzip_lib import IsalError
from werkzeug.exceptions import RequestEntityTooLarge

GZIP = 16 + isal_zlib.MAX_WBITS
CHUNK = 65_536
MOST_MEMBERS = 16  # each costs a copy of the rest


class TooLarge(Exception):
    """The body is, or unpacks to, more than is allowed."""


class NotGzip(Exception):
    """The body says it is gzip and is not, or breaks off."""


def bearer_token() -> str | None:
    """The token in the Authorization header; None when there is none of this kind."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def read_at_most(limit: int) -> bytes:
    """Read the body as it was sent. Raises TooLarge."""
    try:
        body = request.get_data(cache=False)
    except RequestEntityTooLarge:
        raise TooLarge from None
    if request.content_length is None and len(body) >= limit:
        raise TooLarge  # Werkzeug cuts a body of unknown length at the limit without a word
    return body


def drain() -> None:
    """Read what is not wanted, so that the sender gets the answer and not a broken connection, which it would retry."""
    with suppress(RequestEntityTooLarge):
        while request.stream.read(CHUNK):
            pass


def gunzip(packed: bytes, limit: int) -> bytes:
    """Unpack gzip to at most `limit` bytes. Raises TooLarge, NotGzip."""
    parts: list[bytes] = []
    for _ in range(MOST_MEMBERS):
        part, packed = _member(packed, limit - sum(map(len, parts)))
        parts.append(part)
        if not packed.strip(b"\0"):
            return b"".join(parts)
    raise NotGzip


def _member(packed: bytes, room: int) -> tuple[bytes, bytes]:
    """Unpack one gzip member; give it and what follows it."""
    member = isal_zlib.decompressobj(wbits=GZIP)
    try:
        part = member.decompress(packed, room + 1)
    except IsalError:  # type: ignore[misc]  # the stubs do not know it is an exception
        raise NotGzip from None
    if len(part) > room:
        raise TooLarge
    if not member.eof:
        raise NotGzip
    return part, member.unused_data
