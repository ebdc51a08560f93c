"""Look a report up in the log and name its cause: before filing, at filing, and when logs arrive late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.core.diagnosis import Diagnosis, diagnose
from app.core.evidence import Evidence
from app.core.key_ref import KeyRef
from app.core.log_context import KeyActivity, LogContext, Neighbours, Ranking
from app.core.matching import rank
from app.core.rulebook import Rulebook
from app.store import tickets
from app.store.database import db
from app.store.logs import LogStore
from app.store.models import Ticket, TicketDiagnosis, TicketMatch

SURE = 0.5  # a best match below this is no basis for looking at "the same" failures elsewhere
KEPT_MATCHES = 8
LATE_LOGS = timedelta(hours=48)  # a gateway's queue may deliver this late


@dataclass(frozen=True, slots=True)
class Examination:
    """What the log and the rules say about a report."""

    context: LogContext
    diagnosis: Diagnosis


@dataclass(frozen=True, slots=True)
class Decisions:
    """What people decided about log lines, by record id: a confirmed line is the one, a rejected line is out."""

    confirmed: frozenset[str] = frozenset()
    rejected: frozenset[str] = frozenset()


UNDECIDED = Decisions()


def evidence_of(ticket: Ticket) -> Evidence:
    """The facts of a stored ticket."""
    return Evidence(
        client=ticket.client,
        client_version=ticket.client_version,
        model=ticket.model,
        status_code=ticket.status_code,
        error_text=ticket.error_text,
        key=KeyRef(ticket.key_prefix, ticket.key_last4, ticket.key_fingerprint),
        request_id=ticket.request_id,
        task_id=ticket.task_id,
        request_time=ticket.request_time,
        tolerance_minutes=ticket.tolerance_minutes,
        stream=ticket.stream,
        request_type=ticket.request_type,
        base_url=ticket.base_url,
        unknown=frozenset(ticket.unknown_fields or ()),
    )


def examine(
    evidence: Evidence, rulebook: Rulebook, log_store: LogStore, now: datetime, widen: int = 1, decided: Decisions = UNDECIDED
) -> Examination:
    """Candidates, ranking, the key's recent state, who else fails, and the diagnosis. A fixed number of bounded queries."""
    found = log_store.candidates(evidence, widen)
    confirmed = log_store.records(sorted(decided.confirmed)) if decided.confirmed else ()
    records = confirmed or [record for record in found.records if record.record_id not in decided.rejected]
    ranking = rank(evidence, records, rulebook.matching, rulebook.clients, rulebook.model_names)
    if confirmed:
        ranking = Ranking(tuple(replace(match, probability=1.0) for match in ranking.matches), 0.0, len(found.records))
    context = LogContext(
        ranking=ranking,
        key=_key_activity(evidence, ranking, log_store, now),
        neighbours=_neighbours(evidence, ranking, log_store, now),
        log_has_records=found.log_has_records,
    )
    return Examination(context, diagnose(evidence, rulebook.causes, context))


def examine_without_log(evidence: Evidence, rulebook: Rulebook) -> Examination:
    """The diagnosis from the report alone: what a stranger may learn before filing."""
    return Examination(LogContext(), diagnose(evidence, rulebook.causes))


def examine_ticket(ticket: Ticket, rulebook: Rulebook, log_store: LogStore, now: datetime, widen: int = 1) -> Examination:
    """Examine a ticket and keep the result in the current transaction; a person's decisions stay as they are."""
    known = tickets.matches(ticket.id)
    result = examine(evidence_of(ticket), rulebook, log_store, now, widen, _decisions(known))
    if result.context.ranking:
        _keep_matches(ticket, known, result.context.ranking, now)
    _keep_diagnosis(ticket, result, rulebook, now)
    return result


def rematch(ticket_id: int, rulebook: Rulebook, log_store: LogStore, now: datetime) -> None:
    """Look again for a ticket's log line, because logs may have arrived since; for the job."""
    ticket = tickets.by_id(ticket_id)
    if ticket is not None and not any(match.decision == "confirmed" for match in tickets.matches(ticket_id)):
        examine_ticket(ticket, rulebook, log_store, now)
        db.session.commit()


def _key_activity(evidence: Evidence, ranking: Ranking, log_store: LogStore, now: datetime) -> KeyActivity | None:
    """What the ticket's key (or, failing that, the surely matched record's key) did around then."""
    best = ranking.matches[0] if ranking.matches and ranking.matches[0].probability >= SURE else None
    fingerprint = evidence.key.fingerprint or (best.record.key_fingerprint if best else None)
    return log_store.key_activity(fingerprint, evidence.request_time or now) if fingerprint else None


def _neighbours(evidence: Evidence, ranking: Ranking, log_store: LogStore, now: datetime) -> Neighbours | None:
    """Failures alike around the failure's time."""
    best = ranking.matches[0] if ranking.matches and ranking.matches[0].probability >= SURE else None
    status = best.record.status_code if best else evidence.status_code
    model = best.record.model_requested if best else None
    if status is None and model is None:
        return None
    around = datetime.fromtimestamp(best.record.started_at / 1000, tz=now.tzinfo) if best else evidence.request_time or now
    return log_store.neighbours(status, model, around)


def _decisions(matches: Sequence[TicketMatch]) -> Decisions:
    """The confirmed and the rejected among a ticket's matches."""
    decided: dict[str | None, set[str]] = {"confirmed": set(), "rejected": set(), None: set()}
    for match in matches:
        decided[match.decision].add(match.record_id)
    return Decisions(frozenset(decided["confirmed"]), frozenset(decided["rejected"]))


def _keep_matches(ticket: Ticket, known: Sequence[TicketMatch], ranking: Ranking, now: datetime) -> None:
    """Replace undecided proposals by today's; what a person confirmed or rejected is remembered."""
    decided = {}
    for match in known:
        if match.decision is None:
            db.session.delete(match)
        else:
            decided[match.record_id] = match
    db.session.flush()
    for place, candidate in enumerate(ranking.matches[:KEPT_MATCHES]):
        if candidate.record.record_id not in decided:
            db.session.add(
                TicketMatch(
                    ticket_id=ticket.id,
                    record_id=candidate.record.record_id,
                    request_id=candidate.record.request_id,
                    rank=place,
                    probability=round(candidate.probability, 4),
                    signals=[{"id": signal.id, "weight": round(signal.weight, 2), "facts": signal.facts} for signal in candidate.signals],
                    created_at=now,
                )
            )


def _keep_diagnosis(ticket: Ticket, result: Examination, rulebook: Rulebook, now: datetime) -> None:
    """A diagnosis row with rule ids and the digest; the ticket's cause follows unless a person set it."""
    diagnosis = result.diagnosis
    ranking = result.context.ranking
    db.session.add(
        TicketDiagnosis(
            ticket_id=ticket.id,
            created_at=now,
            rulebook_digest=rulebook.digest,
            causes=[
                {
                    "cause": score.cause,
                    "confidence": round(score.confidence, 3),
                    "signals": [
                        {"id": signal.id, "weight": round(signal.weight, 2), "sentence": signal.sentence} for signal in score.signals
                    ],
                }
                for score in diagnosis.causes[:5]
            ],
            ask=list(diagnosis.ask),
            match_probability=round(1 - ranking.none_probability, 4) if ranking else None,
        )
    )
    if ticket.cause_confirmed_at is None:
        ticket.cause = diagnosis.top.cause
        ticket.origin = rulebook.causes[diagnosis.top.cause].origin
        ticket.confidence = round(diagnosis.top.confidence, 3)
