"""Endpoints of other programs: add, test, give a new secret, end."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from app.core.redacted_text import RedactedText
from app.core.redaction import Redactor
from app.core.sealed_text import Sealer
from app.core.webhook_signature import secret_of
from app.operations.audit import record
from app.operations.outbox import post_test
from app.store.database import db
from app.store.models import User
from app.store.models_mail import Webhook

BOTH_COUNT = timedelta(days=1)
KINDS = ("ticket", "clock", "incident", "article", "budget", "review", "approval")


def add_webhook(
    label: RedactedText, url: str, kinds: Sequence[str], redactor: Redactor, sealer: Sealer, actor: User, now: datetime
) -> tuple[Webhook, str]:
    """A new endpoint and its secret, which is shown this once."""
    secret = secret_of(secrets.token_bytes(32))
    endpoint = Webhook(label=label, host=redactor.clean(urlsplit(url).hostname or ""), url=sealer.seal(url), secret=sealer.seal(secret))
    endpoint.kinds, endpoint.created_at, endpoint.created_by_id = [kind for kind in KINDS if kind in kinds], now, actor.id
    db.session.add(endpoint)
    db.session.flush()
    record("webhook_added", "webhook", endpoint.id, now, actor)
    db.session.commit()
    return endpoint, secret


def rotate_secret(endpoint: Webhook, sealer: Sealer, actor: User, now: datetime) -> str:
    """A new secret, shown this once; for a day calls are signed with the old one too."""
    secret = secret_of(secrets.token_bytes(32))
    endpoint.old_secret, endpoint.old_until, endpoint.secret = endpoint.secret, now + BOTH_COUNT, sealer.seal(secret)
    record("webhook_rotated", "webhook", endpoint.id, now, actor)
    db.session.commit()
    return secret


def end_webhook(endpoint: Webhook, actor: User, now: datetime) -> None:
    """It is told nothing any more."""
    endpoint.ended_at = now
    record("webhook_ended", "webhook", endpoint.id, now, actor)
    db.session.commit()


def try_webhook(endpoint: Webhook, actor: User, now: datetime) -> None:
    """Post a call that says nothing but that it is a test."""
    post_test(endpoint, now)
    record("webhook_tested", "webhook", endpoint.id, now, actor)
    db.session.commit()


def live_secrets(endpoint: Webhook, sealer: Sealer, now: datetime) -> list[str]:
    """What calls to it are signed with now, the newest first."""
    old = endpoint.old_secret if endpoint.old_until and now < endpoint.old_until else None
    return [secret for sealed in (endpoint.secret, old) if sealed and (secret := sealer.open(sealed))]
