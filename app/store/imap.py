"""Fetch e-mail that nobody has read yet; what was dealt with is marked as read."""

from __future__ import annotations

import imaplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import unquote, urlsplit

PATIENCE = 20  # seconds
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
MOST_AT_ONCE = 50
MailboxError = imaplib.IMAP4.error


@contextmanager
def mailbox(url: str) -> Iterator[imaplib.IMAP4]:
    """The folder a URL names, INBOX by default. Raises OSError and MailboxError."""
    parts = urlsplit(url)
    host, secure = parts.hostname or "", ssl.create_default_context()
    if parts.scheme == "imaps":
        server: imaplib.IMAP4 = imaplib.IMAP4_SSL(host, parts.port or 993, ssl_context=secure, timeout=PATIENCE)
    else:
        server = imaplib.IMAP4(host, parts.port or 143, timeout=PATIENCE)
    with server:
        if parts.scheme == "imap" and host not in LOOPBACK:
            server.starttls(secure)  # an error where it is not offered: no password goes in the open
        server.login(unquote(parts.username or ""), unquote(parts.password or ""))
        kind, _answer = server.select(_quoted(unquote(parts.path.strip("/")) or "INBOX"))
        if kind != "OK":
            raise MailboxError("the folder cannot be opened")
        yield server


def unread(server: imaplib.IMAP4) -> list[str]:
    """The numbers of messages not read yet, the oldest first."""
    _kind, found = server.uid("search", "UNSEEN")
    numbers = found[0].split() if found and found[0] else []
    return [number.decode("ascii") for number in numbers[:MOST_AT_ONCE]]


def fetch(server: imaplib.IMAP4, number: str, largest: int) -> bytes:
    """A message without marking it; one that is too large is cut off just above the limit."""
    _kind, found = server.uid("fetch", number, f"(BODY.PEEK[]<0.{largest + 1}>)")
    return next((bytes(part[1]) for part in found if isinstance(part, tuple)), b"")


def mark_read(server: imaplib.IMAP4, number: str) -> None:
    """It was dealt with."""
    server.uid("store", number, "+FLAGS", r"(\Seen)")


def _quoted(folder: str) -> str:
    escaped = folder.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
