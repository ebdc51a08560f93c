"""Real mail servers of the tests' own: SMTP by aiosmtpd in a thread, IMAP by pymap in a process."""

from __future__ import annotations

import imaplib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP


@dataclass
class Postman:
    """Keeps what it is given; refuses, or breaks, where it is told to."""

    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    refuse: set[str] = field(default_factory=set)
    busy: int = 0  # how many messages are put off
    silent: int = 0  # after how many messages the answer is kept back, as when a line is cut

    async def handle_RCPT(self, server: SMTP, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if address in self.refuse:
            return "550 5.1.1 no such mailbox: " + address
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.busy:
            self.busy -= 1
            return "451 4.3.0 come back later"
        self.mails.append(message_from_bytes(envelope.content, policy=default))
        self.recipients += envelope.rcpt_tos
        return "250 OK"

    def take(self) -> list[EmailMessage]:
        """What came since the last time."""
        taken, self.mails, self.recipients = self.mails, [], []
        return taken


@contextmanager
def smtp_server() -> Iterator[tuple[str, Postman]]:
    """(address for GATEDESK_MAIL_SMTP_URL, the postman behind it)."""
    postman = Postman()
    controller = Controller(postman, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield f"smtp://127.0.0.1:{controller.port}", postman
    finally:
        controller.stop()


@contextmanager
def imap_server() -> Iterator[tuple[str, str]]:
    """(address for GATEDESK_MAIL_IMAP_URL, one that is wrong in its password)."""
    port = free_port()
    command = [sys.executable, "-W", "ignore", "-c", "from pymap.main import main; main()"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--no-tls", "dict", "--demo-user", "desk", "--demo-password", "pass"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _await(port)
            yield f"imap://desk:pass@127.0.0.1:{port}/INBOX", f"imap://desk:wrong@127.0.0.1:{port}/INBOX"
        finally:
            process.terminate()


def deliver_to(url: str, mail: bytes) -> None:
    """Put a message into the mailbox."""
    with _mailbox(url) as box:
        box.append("INBOX", "", None, mail)


def unseen(url: str) -> int:
    """How many messages nobody has taken yet."""
    with _mailbox(url) as box:
        box.select("INBOX")
        return len(box.uid("search", "UNSEEN")[1][0].split())


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _mailbox(url: str) -> imaplib.IMAP4:
    box = imaplib.IMAP4("127.0.0.1", int(url.rsplit(":", 1)[1].split("/", maxsplit=1)[0]))
    box.login("desk", "pass")
    return box


def _await(port: int) -> None:
    for _attempt in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError("the IMAP server did not come up")
