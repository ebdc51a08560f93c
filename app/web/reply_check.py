"""What a public reply must not tell about other people: looked for before it goes out, by whatever way it comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.private_facts import Segment, find_private, names_of, segments
from app.store import tickets
from app.web.context import log_store, rulebook

if TYPE_CHECKING:
    from app.store.models import Ticket


def private_parts(found: Ticket, text: str) -> tuple[Segment, ...]:
    """The reply cut at what it must not tell; empty when it tells nothing private."""
    matches = [match for match in tickets.matches(found.id) if match.decision != "rejected"]
    records = log_store().records([match.record_id for match in matches])
    own = [match.request_id for match in matches if match.decision == "confirmed" or match.request_id == found.request_id]
    own += [each for each in (found.request_id, found.task_id) if each]
    told = [found.error_text or "", found.description or "", found.client or "", found.model or ""]
    told += [word.body for word in tickets.replies(found.id) if not word.by_staff]
    names = names_of(records)
    if found.key_group:
        names[found.key_group] = "group"
    marks = find_private(text, names, rulebook().gate.private, own, "\n".join(told))
    return segments(text, marks) if marks else ()
