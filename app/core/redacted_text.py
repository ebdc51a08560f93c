"""The one type of free text that may be stored: text that has passed the redactor."""

from __future__ import annotations

from typing import Self


class RedactedText(str):
    """Text that has passed the redactor; columns and the log store accept no other free text.

    Only two places make one: the redactor (`core.redaction`) and the store when it reads back what
    it stored. Anything else that needs one calls `redact(...)`.
    """

    __slots__ = ()

    def __new__(cls, *_: object) -> Self:
        """Refuse direct construction, so that no text becomes "redacted" by being renamed."""
        raise TypeError("RedactedText comes from the redactor, never from a constructor")

    def __reduce__(self) -> tuple[object, ...]:
        """Refuse pickling: a queue carries ids, not text."""
        raise TypeError("RedactedText is not for queues or caches")


def seal(text: str) -> RedactedText:
    """Mark `text` as redacted. For the redactor and for reading back stored columns only."""
    return str.__new__(RedactedText, text)
