"""Send e-mail: one connection for a round of messages."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

PATIENCE = 20  # seconds for a server that does not answer
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Unreachable(Exception):
    """The server refuses this recipient for good. `code` is the status it gave."""

    def __init__(self, code: int) -> None:
        super().__init__(str(code))
        self.code = code


@contextmanager
def connection(url: str) -> Iterator[smtplib.SMTP]:
    """An open, signed-in connection. Raises OSError and smtplib's errors."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    secure = ssl.create_default_context()
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, parts.port or 465, timeout=PATIENCE, context=secure)
    else:
        server = smtplib.SMTP(host, parts.port or 587, timeout=PATIENCE)
    with server:
        server.ehlo()
        if parts.scheme == "smtp" and host not in LOOPBACK:
            server.starttls(context=secure)  # an error where it is not offered: nothing is sent in the open
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        yield server


def send(server: smtplib.SMTP, message: EmailMessage, sender: str, recipient: str) -> None:
    """Hand one message over. Raises Unreachable, OSError and smtplib's errors."""
    try:
        server.send_message(message, from_addr=sender, to_addrs=[recipient])
    except smtplib.SMTPRecipientsRefused as refused:
        code = next((code for code, _words in refused.recipients.values()), 0)
        if 500 <= code < 600:
            raise Unreachable(code) from None
        raise
