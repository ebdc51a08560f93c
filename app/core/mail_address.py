"""An e-mail address: read in one form, shown only as `l…@example.com`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.core.sealed_text import SealedText, Sealer

LONGEST = 254
_ADDRESS = re.compile(r"(?P<local>[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64})@(?P<domain>[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8})\Z")


def read_address(typed: str) -> str | None:
    """The address in lower case, or None when it is none that mail can be sent to."""
    text = typed.strip()
    found = _ADDRESS.match(text) if len(text) <= LONGEST else None
    if not found or text.startswith(".") or ".." in found["local"] or found["domain"].startswith("-"):
        return None
    return text.lower()


def masked(address: str) -> str:
    """`l…@example.com`: enough to know one's own again, not enough to write to."""
    local, _at, domain = address.partition("@")
    return f"{local[:1]}…@{domain}"


@dataclass(frozen=True, slots=True)
class SealedAddress:
    """An address as it may be stored: sealed, and with the mark it is found again by."""

    address: SealedText
    mark: str


def seal_address(address: str, sealer: Sealer) -> SealedAddress:
    """Seal an address that `read_address` gave."""
    return SealedAddress(sealer.seal(address), sealer.mark(address))
