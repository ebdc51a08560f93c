"""Which program a report is about: the one it names, or the one its text is tagged with."""

from __future__ import annotations

import re

from app.core.clients import ClientBook
from app.core.evidence import Evidence

_TAG = re.compile(r"^\s{0,8}[\[【]\s{0,4}(?P<words>[^\]】\n]{2,40})[\]】]")


def said_client(evidence: Evidence, clients: ClientBook) -> str | None:
    """The client in the user's words or by its id. A tag is what programs and bots begin a line with: `[Cherry Studio] 429 …`."""
    if evidence.client:
        return evidence.client
    tag = _TAG.match(evidence.error_text or "")
    client = clients.recognise(tag["words"]) if tag else None
    return client.id if client else None
