"""One call to an endpoint: ids, states and causes, signed; never a text."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
from flask import Flask

from app.core import webhook_signature
from app.core.sealed_text import Sealer
from app.operations import outbox
from app.operations.webhooks import live_secrets
from app.store import outbox as messages
from app.store import webhook_calls

if TYPE_CHECKING:
    from app.settings import Settings
    from app.store.models_mail import OutMessage


def call(app: Flask, message: OutMessage, now: datetime) -> bool:
    """Make the call of a message; whether it was taken."""
    settings: Settings = app.extensions["settings"]
    sealer = Sealer(settings.secret_key)
    endpoint = messages.webhook(message.webhook_id or 0)
    if endpoint is None:
        outbox.note_moot(message, now)
        return False
    url, secrets = sealer.open(endpoint.url), live_secrets(endpoint, sealer, now)
    if url is None or not secrets:
        outbox.note_failure(message, "CannotOpen", now, final=True)
        return False
    body = payload(message)
    try:
        headers = webhook_signature.headers(f"msg_{message.message_id}", now, body, secrets)
        webhook_calls.post(url, body, headers, private=settings.webhook_private)
    except webhook_calls.Refused as refused:
        outbox.note_failure(message, refused.reason, now, final=refused.reason in {"bad_url", "status_410"})
        return False
    outbox.note_sent(message, now)
    return True


def payload(message: OutMessage) -> bytes:
    """What an endpoint is told."""
    data = {"about": message.about, "id": message.about_id, "ticket": message.ticket_id, **(message.facts or {})}
    return msgspec.json.encode({"type": message.kind, "timestamp": message.created_at, "data": data})
