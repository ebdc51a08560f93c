"""What is shown in place of a secret."""

from __future__ import annotations

import re
from collections.abc import Mapping

from app.core.key_ref import ELLIPSIS, SHA256_HEX, KeyRef, fingerprint, fingerprint_of_key
from app.core.redaction.values import HIDDEN

SHORTEST_WITH_TAIL = 12
TAIL = 4
_NOT_TAIL = re.compile(r"[^A-Za-z0-9_-]")


def key_ref(pepper: bytes, prefix: str, key: str) -> KeyRef:
    """The reference to a full key: prefix class, last four when it is long enough, fingerprint."""
    tail = key.rstrip("=")[-TAIL:]
    long_enough = len(key) - len(prefix) >= SHORTEST_WITH_TAIL and not _NOT_TAIL.search(tail)
    return KeyRef(prefix, tail if long_enough else None, fingerprint_of_key(pepper, key))


def shown_key(key: KeyRef) -> str:
    """`sk-…9f3c`, or `sk-…` when the key is too short for a tail."""
    return key.mask or f"{key.prefix}{ELLIPSIS}" if key.prefix or key.last4 else HIDDEN


def hash_ref(pepper: bytes, sha256_hex: str) -> KeyRef:
    """The reference to a key of which only the SHA-256 was met."""
    return KeyRef(fingerprint=fingerprint(pepper, sha256_hex))


def shown_hash(key: KeyRef) -> str:
    """`key:` and the first 8 digits of the fingerprint."""
    return f"key:{(key.fingerprint or '')[:8]}"


def is_hash(value: str) -> bool:
    """64 lower-case hex digits."""
    return SHA256_HEX.match(value) is not None


def shown_email(address: str, mail: Mapping[str, tuple[str, ...]]) -> str:
    """`***@gmail.com` for a public provider; only the kind of house for any other domain."""
    domain = re.sub(r"^.*?(?:@|[ ]?[\[({]at[\])}][ ]?)", "", address).lower()
    if domain in mail["public"]:
        return f"***@{domain}"
    return "***@[school]" if set(domain.split(".")[1:]) & set(mail["school"]) else "***@[company]"


def shown_ipv6(address: str) -> str:
    """The first 48 bits, when they are written out."""
    groups = address.partition("::")[0].split(":")[:3]
    return ":".join(filter(None, groups)) + ":…"
