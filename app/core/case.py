"""A solved ticket as a case: an example that every later rulebook must tell right, without anything private in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.core.evidence import Evidence
from app.core.log_context import LogContext, Match, Ranking
from app.core.record import Origin, Outcome, RedactedRecord
from app.core.redacted_text import RedactedText
from app.core.rulebook import Rulebook

RECORD_FIELDS = (
    "status_code", "outcome", "origin", "error_code", "request_type", "latency_ms", "completion_tokens",
    "charged", "stream", "stream_end", "retries", "attempt",
)  # fmt: skip
LEVEL_FIELDS = ("quota_micros", "balance_micros")  # kept as "something" or "nothing", never as an amount
CASE_RECORD: dict[str, Any] = {"record_id": "0" * 32, "request_id": "case", "action_id": "case", "source": "case", "started_at": 0}


def case_of(evidence: Evidence, cause: str, record: RedactedRecord | None, rulebook: Rulebook) -> dict[str, Any]:
    """Write a case in the form of tests/cases/*.jsonl: allow-listed facts, texts as the public may see them."""
    case = {
        "cause": cause,
        "text": _public(evidence.error_text, rulebook) if evidence.error_text else "",
        "client": _known_client(evidence, rulebook),
        "model": _public_words(evidence.model, rulebook),
        "status": evidence.status_code,
        "gateway": evidence.gateway or rulebook.clients.gateway_of(evidence.error_text or ""),
        "log": _record_facts(record, rulebook) if record else None,
    }
    return {name: value for name, value in case.items() if name in {"cause", "text"} or value is not None}


def read_case(case: Mapping[str, Any], rulebook: Rulebook) -> tuple[Evidence, LogContext]:
    """Read a case as what the desk would know. Raises KeyError when it lacks a text."""
    evidence = Evidence(
        client=case.get("client"),
        model=case.get("model"),
        status_code=case.get("status"),
        error_text=rulebook.redactor.clean(case["text"]),
        gateway=case.get("gateway"),
    )
    return evidence, _context(case["log"], rulebook) if case.get("log") else LogContext()


def _record_facts(record: RedactedRecord, rulebook: Rulebook) -> dict[str, Any]:
    """Keep what speaks about the failure and about nobody."""
    facts = {name: getattr(record, name) for name in RECORD_FIELDS}
    facts |= {name: None if getattr(record, name) is None else int(getattr(record, name) > 0) for name in LEVEL_FIELDS}
    if record.error_message:
        facts["error_message"] = _public(record.error_message, rulebook)
    return {name: value for name, value in facts.items() if value is not None}


def _context(facts: Mapping[str, Any], rulebook: Rulebook) -> LogContext:
    """Make the log of a case: its one record, surely the one."""
    known = {name: facts[name] for name in (*RECORD_FIELDS, *LEVEL_FIELDS) if name in facts}
    known |= {"outcome": Outcome(facts.get("outcome", "error")), "origin": Origin(facts.get("origin", "unknown"))}
    message = rulebook.redactor.clean(facts["error_message"]) if "error_message" in facts else None
    record = RedactedRecord(**CASE_RECORD, **known, error_message=message)
    return LogContext(ranking=Ranking((Match(record, 1.0, 0.0, ()),), 0.0), log_has_records=True)


def _known_client(evidence: Evidence, rulebook: Rulebook) -> str | None:
    """Name a client that is known; a person's own words for theirs stay in the ticket."""
    client = rulebook.clients.recognise(evidence.client)
    return client.name if client else None


def _public_words(words: str | None, rulebook: Rulebook) -> str | None:
    return _public(rulebook.redactor.clean(words), rulebook) if words else None


def _public(text: RedactedText, rulebook: Rulebook) -> str:
    """Hide once more, then what a requester's view hides, then what is never published."""
    clean = rulebook.redactor.clean(text)
    return rulebook.gate.without_private_facts(rulebook.redactor.public_view(clean), rulebook.redactor)
