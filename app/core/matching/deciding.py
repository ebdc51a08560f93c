"""When more records are alike than can be compared, the facts that would tell one from all others."""

from __future__ import annotations

from app.core.evidence import Evidence
from app.core.log_context import Ranking

SURE = 0.9


def fields_that_decide(evidence: Evidence, ranking: Ranking) -> tuple[str, ...]:
    """The key, then the request id, as far as the report lacks them; nothing while the search was not cut or its result is clear."""
    if not ranking.capped or (ranking.matches and ranking.matches[0].probability >= SURE):
        return ()
    lacks = {"key": not (evidence.key.fingerprint or evidence.key.last4), "request_id": not evidence.request_id}
    return tuple(name for name, missing in lacks.items() if missing and name not in evidence.unknown)
