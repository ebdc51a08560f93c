"""Log records for tests of stores and pages."""

from __future__ import annotations

from typing import Any

from app.core.record import RedactedRecord, record_identity
from app.core.redacted_text import seal
from tests.conftest import NOW

START = int(NOW.timestamp() * 1000)


def a_record(request_id: str = "call-1", **changes: Any) -> RedactedRecord:
    """A successful chat request at the moment every test happens at, with `changes`."""
    if isinstance(changes.get("error_message"), str):
        changes["error_message"] = seal(changes["error_message"])
    fields: dict[str, Any] = {
        "record_id": record_identity("ndjson", request_id),
        "request_id": request_id,
        "action_id": request_id,
        "source": "ndjson",
        "started_at": START,
        "status_code": 200,
    }
    return RedactedRecord(**(fields | changes))
