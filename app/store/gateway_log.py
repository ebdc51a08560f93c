"""Ask a gateway for pages of its log, and remember how far it was read."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import ssl
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from app.core.gateway_page import GatewayError

TIMEOUT_SECONDS = 20  # without a byte
SECONDS_PER_PAGE = 60
CHUNK = 2**16
LARGEST_PAGE = 32 * 2**20


@dataclass(frozen=True, slots=True)
class Gateway:
    """Which gateway, and as whom. The token is never shown."""

    format: str
    url: str
    token: str = field(repr=False)
    user: str = ""  # New API wants the number of the token's account


class GatewayConnection:
    """One connection to a gateway. It follows no redirect: the token goes to this host only."""

    def __init__(self, gateway: Gateway) -> None:
        parts = urlsplit(gateway.url)
        self._prefix = parts.path.rstrip("/")
        self._headers = {"Authorization": f"Bearer {gateway.token}", "Accept": "application/json", "User-Agent": "gatedesk"}
        if gateway.user:
            self._headers["New-Api-User"] = gateway.user
        host = parts.hostname or ""
        self._connection: http.client.HTTPConnection = (
            http.client.HTTPSConnection(host, parts.port, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context())
            if parts.scheme == "https"
            else http.client.HTTPConnection(host, parts.port, timeout=TIMEOUT_SECONDS)
        )

    def page(self, address: str) -> bytes:
        """Give the body of a page. Raises GatewayError; its text never quotes the answer."""
        try:
            self._connection.request("GET", self._prefix + address, headers=self._headers)
            with self._connection.getresponse() as answer:
                body = _read(answer)
        except (OSError, http.client.HTTPException, UnicodeError) as problem:
            self.close()
            raise GatewayError(f"the gateway cannot be reached: {type(problem).__name__}") from None
        if answer.status != http.client.OK or len(body) > LARGEST_PAGE:
            self.close()
            raise GatewayError(f"the gateway answered {answer.status}" if answer.status != http.client.OK else "the page is too large")
        return body

    def close(self) -> None:
        """End the connection; the next page opens another."""
        self._connection.close()


def _read(answer: http.client.HTTPResponse) -> bytes:
    """Read an answer within bounds of size and of time, which a trickle could stretch without end."""
    until = time.monotonic() + SECONDS_PER_PAGE
    parts: list[bytes] = []
    size = 0
    while size <= LARGEST_PAGE and (part := answer.read1(CHUNK)):
        parts.append(part)
        size += len(part)
        if time.monotonic() > until:
            raise TimeoutError
    return b"".join(parts)


def read_cursor(folder: Path, gateway: Gateway) -> int | None:
    """Give the epoch second up to which the gateway's log was read; None before the first time."""
    try:
        until = json.loads(_cursor_path(folder, gateway).read_text(encoding="ascii"))["until"]
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None
    return until if isinstance(until, int) else None


def write_cursor(folder: Path, gateway: Gateway, until: int) -> None:
    """Remember how far the log was read: on disk before this returns, and never half written."""
    path = _cursor_path(folder, gateway)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}")
    with draft.open("w", encoding="ascii") as file:
        json.dump({"until": until}, file)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _cursor_path(folder: Path, gateway: Gateway) -> Path:
    place = hashlib.blake2b(gateway.url.encode(), digest_size=8).hexdigest()
    return folder / "pull" / f"{gateway.format}-{place}.json"
