"""What a requester files: evidence plus their own words, in their language."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from app.core.evidence import Evidence
from app.core.redacted_text import RedactedText

LONGEST_SUBJECT = 120
WRAPPER = re.compile(r"(?:[A-Za-z_.]{0,60}(?:Error|Exception)|Error code|HTTP \d{3}|\d{3})(?::| -)\s+(?=\S)")


@dataclass(frozen=True, slots=True)
class Report:
    """A report ready to become a ticket. language: en or zh. time_zone: IANA name the requester's time was read in."""

    evidence: Evidence = field(default_factory=Evidence)
    description: RedactedText | None = None
    language: str = "en"
    time_zone: str | None = None


def subject_line(evidence: Evidence, message: str) -> str:
    """One line that says what failed, without what programs wrap around it; status and model have places of their own."""
    words = " ".join(message.replace("\\n", " ").split())
    while found := WRAPPER.match(words):
        words = words[found.end() :]
    line = words or " · ".join(str(part) for part in (evidence.status_code, evidence.model, evidence.client) if part)
    return line if len(line) <= LONGEST_SUBJECT else line[: LONGEST_SUBJECT - 1] + "…"
