"""One round over what is due: e-mails over one connection, calls to endpoints one by one; what became of each is kept."""

from __future__ import annotations

import logging
import smtplib
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from flask import Flask

from app.core.mail_kinds import Group, When
from app.mail.compose import compose
from app.mail.hooks import call
from app.operations import outbox
from app.store import contacts, digest, smtp

if TYPE_CHECKING:
    from app.settings import Settings
    from app.store.models import User
    from app.store.models_mail import OutMessage

log = logging.getLogger("gatedesk.mail")
MOST_BATCHES = 20
DIGEST_HOUR = 8
DIGEST_UNTIL = 12  # a desk that was down at eight still sends it in the morning


def deliver(app: Flask, now: datetime) -> int:
    """Send what is due, some hundreds at a time. Returns how much went out."""
    total = 0
    for _batch in range(MOST_BATCHES):
        sent = _send_batch(app, now)
        total += sent
        if sent == 0:
            break
    return total


def _send_batch(app: Flask, now: datetime) -> int:
    """What is taken in hand at once."""
    settings: Settings = app.extensions["settings"]
    channels = ("mail", "hook") if settings.sends_mail else ("hook",)
    messages = outbox.take(channels, now)
    sent = sum(call(app, message, now) for message in messages if message.channel == "hook")
    return sent + _send_all(app, [message for message in messages if message.channel == "mail"], now)


def post_digests(app: Flask, now: datetime) -> int:
    """Once a morning, in each reader's own zone, to those who want it. Returns how many were posted."""
    settings: Settings = app.extensions["settings"]
    if not settings.sends_mail:
        return 0
    readers = [reader for reader in digest.readers() if _is_morning(reader, settings.time_zone, now)]
    wishes = contacts.choices([reader.id for reader in readers])
    wanted = [reader for reader in readers if wishes[reader.id][Group.DAILY] is When.DIGEST]
    return outbox.post_digests([reader for reader in wanted if not digest.had(reader.id, now.date())], now)


def _is_morning(reader: User, zone: str, now: datetime) -> bool:
    return DIGEST_HOUR <= now.astimezone(ZoneInfo(reader.time_zone or zone)).hour < DIGEST_UNTIL


def _send_all(app: Flask, messages: Sequence[OutMessage], now: datetime) -> int:
    """Every e-mail over one connection; when that breaks, the rest is tried again later."""
    if not messages:
        return 0
    settings: Settings = app.extensions["settings"]
    sent = 0
    try:
        with smtp.connection(settings.mail_smtp_url) as server:
            for message in messages:
                sent += _send(app, server, message, now)
    except OSError as error:  # smtplib's errors are of this kind too
        for message in messages:
            if message.state == "sending":
                outbox.note_failure(message, error_name(error), now)
    return sent


def _send(app: Flask, server: smtplib.SMTP, message: OutMessage, now: datetime) -> bool:
    """One e-mail; whether it went out. Raises SMTPServerDisconnected: then nothing else will either."""
    try:
        mail = compose(app, message, now)
        if mail is None:
            outbox.note_moot(message, now)
            return False
        smtp.send(server, mail.message, app.extensions["settings"].mail_from, mail.recipient)
    except smtplib.SMTPServerDisconnected:
        raise
    except smtp.Unreachable as refused:
        outbox.note_unreachable(message, f"Unreachable {refused.code}", now)
    except Exception as error:  # noqa: BLE001 - one message that cannot be sent must not stop the others; its type is kept
        log.error("message %d: %s", message.id, error_name(error))  # noqa: TRY400 - no traceback: it may quote the message
        outbox.note_failure(message, error_name(error), now)
    else:
        outbox.note_sent(message, now)
        return True
    return False


def error_name(error: Exception) -> str:
    """An error's type and, of a mail server's answer, its code; never its words."""
    code = getattr(error, "smtp_code", None)
    return f"{type(error).__name__} {code}" if isinstance(code, int) else type(error).__name__
