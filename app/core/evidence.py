"""What a report says: the facts a ticket, a pasted error or a log line gives the desk to reason with."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from app.core.key_ref import KeyRef
from app.core.redacted_text import RedactedText

DEFAULT_TOLERANCE_MINUTES = 15


@dataclass(frozen=True, slots=True)
class Evidence:
    """The facts of one failed request as far as they are known; None means not known.

    client: canonical client id of rules/clients.toml, or the user's own words.
    model: the name as the user wrote it.
    request_time: aware UTC; the true time lies within ± tolerance_minutes.
    unknown: names of fields the user was asked for and answered "I don't know" (asked, not missing).
    """

    client: str | None = None
    client_version: str | None = None
    model: str | None = None
    status_code: int | None = None
    error_text: RedactedText | None = None
    key: KeyRef = field(default_factory=KeyRef)
    request_id: str | None = None
    task_id: str | None = None
    request_time: datetime | None = None
    tolerance_minutes: int = DEFAULT_TOLERANCE_MINUTES
    stream: bool | None = None
    request_type: str | None = None
    base_url: str | None = None  # scheme, host and path; never a query
    elapsed_seconds: float | None = None
    retry_after_seconds: float | None = None
    gateway: str | None = None  # litellm, new-api, one-api, … as the text shows or the user says
    via_proxy: bool | None = None
    charged: bool | None = None
    unknown: frozenset[str] = frozenset()
