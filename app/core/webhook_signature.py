"""Sign calls to other programs as Standard Webhooks says: over id, time and body, with HMAC-SHA256."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64decode, b64encode
from collections.abc import Sequence
from datetime import datetime

PREFIX = "whsec_"


def secret_of(key: bytes) -> str:
    """A signing key as people copy it."""
    return PREFIX + b64encode(key).decode("ascii")


def headers(message_id: str, sent_at: datetime, body: bytes, secrets: Sequence[str]) -> dict[str, str]:
    """The three headers of a call; one signature for each secret that counts."""
    stamp = str(int(sent_at.timestamp()))
    signed = f"{message_id}.{stamp}.".encode() + body
    signatures = " ".join(f"v1,{_signature(signed, secret)}" for secret in secrets)
    return {"webhook-id": message_id, "webhook-timestamp": stamp, "webhook-signature": signatures}


def _signature(signed: bytes, secret: str) -> str:
    key = b64decode(secret.removeprefix(PREFIX))
    return b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode("ascii")
