"""What must be given back one day but never lie open: encrypted with a key derived from the desk's secret, found again by a keyed mark."""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from typing import Self

from cryptography.fernet import Fernet, InvalidToken


class SealedText(str):
    """An encrypted text. Columns of this type accept nothing else, and only a Sealer makes one or opens it."""

    __slots__ = ()

    def __new__(cls, *_: object) -> Self:
        """Refuse direct construction, so that no text becomes "sealed" by being renamed."""
        raise TypeError("SealedText comes from a Sealer, never from a constructor")

    def __reduce__(self) -> tuple[object, ...]:
        """Refuse pickling: a queue carries ids."""
        raise TypeError("SealedText is not for queues or caches")

    def __repr__(self) -> str:
        """Nothing of it, not even the cipher."""
        return "<sealed>"


def sealed(cipher: str) -> SealedText:
    """Mark stored cipher as such. For the Sealer and for reading back stored columns only."""
    return str.__new__(SealedText, cipher)


class Sealer:
    """Seals and opens with keys derived from the desk's secret: with another secret nothing opens any more."""

    def __init__(self, secret: str) -> None:
        self._fernet = Fernet(urlsafe_b64encode(_derived(secret, "sealed text")))
        self._mark_key = _derived(secret, "mark of a sealed text")
        self._tag_key = _derived(secret, "tag of a sealed text's ticket")

    def seal(self, text: str) -> SealedText:
        """Encrypt and authenticate (AES-CBC with HMAC-SHA256: Fernet)."""
        return sealed(self._fernet.encrypt(text.encode()).decode("ascii"))

    def open(self, value: str | None) -> str | None:
        """The text; None when it was sealed under another secret, or touched."""
        if not value:
            return None
        try:
            return self._fernet.decrypt(value.encode("ascii", "replace")).decode()
        except InvalidToken:
            return None

    def mark(self, text: str) -> str:
        """The same 64 hex digits for the same text: to find it again without opening anything."""
        return hmac.new(self._mark_key, text.encode(), hashlib.sha256).hexdigest()

    def tag(self, *parts: object) -> str:
        """Sixteen hex digits only this desk can make: what a reply address carries."""
        return hmac.new(self._tag_key, "\0".join(map(str, parts)).encode(), hashlib.sha256).hexdigest()[:16]

    def token(self, *parts: object) -> str:
        """A secret of 256 bits only this desk can make, the same for the same parts."""
        made = hmac.new(self._tag_key, "\0".join(("link", *map(str, parts))).encode(), hashlib.sha256).digest()
        return urlsafe_b64encode(made).decode("ascii").rstrip("=")


def _derived(secret: str, purpose: str) -> bytes:
    """A key of 256 bits for one purpose."""
    return hmac.new(secret.encode(), f"gatedesk {purpose}".encode(), hashlib.sha256).digest()
