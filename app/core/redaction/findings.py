"""What redaction answers: findings (where and which rule, never the value) and the clean text."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.key_ref import KeyRef
from app.core.redacted_text import RedactedText


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
