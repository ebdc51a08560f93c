"""Keys that somebody masked already, read as references without a fingerprint."""

from __future__ import annotations

import re

from app.core.key_ref import KeyRef, parse_mask

_MASKED = re.compile(r"(?<![A-Za-z0-9_.-])[A-Za-z0-9_-]{0,12}(?:…|\.{2,}|\*{2,}|•{2,}|x{4,})[A-Za-z0-9_-]{4}(?![A-Za-z0-9_-])")


def masks_in(text: str) -> tuple[KeyRef, ...]:
    """Every mask with four visible last characters, in order of place."""
    found = (parse_mask(match[0]) for match in _MASKED.finditer(text))
    return tuple(reference for reference in found if reference)
