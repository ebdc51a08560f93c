"""How a key is named without being known: prefix class, last four characters, fingerprint."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass

SHA256_HEX = re.compile(r"^[0-9a-f]{64}$")
ELLIPSIS = "…"
MASK = re.compile(r"^(?P<prefix>[A-Za-z0-9_.-]{0,12}?)(?:…|\.{2,}|\*{2,}|•{2,}|x{4,})(?P<last4>[A-Za-z0-9_-]{4})$")


@dataclass(frozen=True, slots=True)
class KeyRef:
    """A key as the desk knows it.

    prefix: public prefix class such as `sk-` or `sk-ant-`; empty when unknown.
    last4: the key's last four characters; None when unknown. Never proof of ownership.
    fingerprint: 32 hex digits of `fingerprint()`; None when only a mask is known.
    """

    prefix: str = ""
    last4: str | None = None
    fingerprint: str | None = None

    @property
    def mask(self) -> str:
        """`sk-…9f3c`, or an empty string when no tail is known."""
        return f"{self.prefix}{ELLIPSIS}{self.last4}" if self.last4 else ""


def fingerprint(pepper: bytes, sha256_hex: str) -> str:
    """HMAC-SHA256(pepper, SHA-256 hex of the key), its first 128 bits as 32 hex digits.

    LiteLLM logs the SHA-256 of the key and a browser can compute it, so a ticket and a log record
    meet in this value although the key is nowhere. Raises ValueError unless given 64 lower-case hex digits.
    """
    if not SHA256_HEX.match(sha256_hex):
        raise ValueError("a key hash is 64 lower-case hex digits")
    return hmac.new(pepper, sha256_hex.encode("ascii"), hashlib.sha256).hexdigest()[:32]


def fingerprint_of_key(pepper: bytes, key: str) -> str:
    """The fingerprint of a full key that was met in passing; the key itself is not kept."""
    return fingerprint(pepper, hashlib.sha256(key.encode("utf-8")).hexdigest())


def parse_mask(text: str) -> KeyRef | None:
    """`sk-…9f3c`, `sk-...9f3c`, `sk-****9f3c` → KeyRef without fingerprint; anything else → None."""
    found = MASK.match(text.strip())
    return KeyRef(prefix=found["prefix"], last4=found["last4"]) if found else None
