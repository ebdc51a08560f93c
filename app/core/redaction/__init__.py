"""Rules × text → clean text and findings (where, which rule; never the value)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.core.redacted_text import RedactedText
from app.core.redaction.engine import Engine
from app.core.redaction.findings import Finding, Redaction
from app.core.redaction.masks import masks_in
from app.core.redaction.public_view import PublicView

__all__ = ["Finding", "Redaction", "Redactor", "masks_in"]


class Redactor:
    """The redactor; built once from app/rules/redaction.toml and the pepper. Thread-safe."""

    def __init__(self, rules: Mapping[str, Any], pepper: bytes) -> None:
        self._engine = Engine.of(rules, pepper)
        self._public_view = PublicView.of(rules)

    def redact(self, text: str) -> Redaction:
        """Hide every secret and personal fact in `text`."""
        return self._engine.redact(text)

    def clean(self, text: str) -> RedactedText:
        """`redact`, when only the text is wanted."""
        return self._engine.redact(text).text

    def public_view(self, text: RedactedText) -> RedactedText:
        """`text` as a requester may see it: amounts, ids, groups, channels, model lists and internal hosts hidden."""
        return self._public_view.of_text(text)
