"""Look a report up in the log and name its cause: before filing, at filing, and when logs arrive late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from app.core.diagnosis import CauseScore, Diagnosis, diagnose
from app.core.evidence import Evidence
from app.core.key_ref import KeyRef
from app.core.log_context import KeyActivity, LogContext, Match, Neighbours, Ranking
from app.core.matching import NO_BACKGROUND, fields_that_decide, rank, search_hints
from app.core.rulebook import Rulebook
from app.core.told_facts import read_told_facts
from app.operations.standing import note_match
from app.store import tickets
from app.store.database import db
from app.store.logs import LogStore
from app.store.models import Ticket, TicketDiagnosis, TicketMatch

SURE = 0.5  # a best match below this is no basis for looking at "the same" failures elsewhere
KEPT_MATCHES = 8
KEPT_CAUSES = 5
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
        **read_told_facts(ticket.told_facts),
    )


def examine(
    evidence: Evidence, rulebook: Rulebook, log_store: LogStore, now: datetime, widen: int = 1, decided: Decisions = UNDECIDED
) -> Examination:
    """Candidates, ranking, the key's recent state, who else fails, and the diagnosis. A fixed number of bounded queries."""
    hints = search_hints(evidence, rulebook.clients, rulebook.model_names)
    found = log_store.candidates(evidence, widen, hints)
    confirmed = log_store.records(sorted(decided.confirmed)) if decided.confirmed else ()
    records = confirmed or [record for record in found.records if record.record_id not in decided.rejected]
    books = (rulebook.matching, rulebook.clients, rulebook.model_names)
    ranking = rank(evidence, records, *books, widen=widen, capped=found.capped, background=NO_BACKGROUND if confirmed else found.background)
    if confirmed:
        ranking = Ranking(tuple(replace(match, probability=1.0) for match in ranking.matches), 0.0, len(found.records))
    context = LogContext(
        ranking=ranking,
        key=_key_activity(evidence, ranking, log_store, now),
        neighbours=_neighbours(evidence, ranking, log_store, now),
        log_has_records=found.log_has_records,
    )
    diagnosis = diagnose(evidence, rulebook.causes, context)
    ask = dict.fromkeys((*fields_that_decide(evidence, ranking), *diagnosis.ask))
    return Examination(context, replace(diagnosis, ask=tuple(ask)))


def examine_without_log(evidence: Evidence, rulebook: Rulebook) -> Examination:
    """The diagnosis from the report alone: what a stranger may learn before filing."""
    return Examination(LogContext(), diagnose(evidence, rulebook.causes))


def examine_ticket(ticket: Ticket, rulebook: Rulebook, log_store: LogStore, now: datetime, widen: int = 1) -> Examination:
    """Examine a ticket and keep the result in the current transaction; a person's decisions stay as they are."""
    known = tickets.matches(ticket.id)
    result = examine(evidence_of(ticket), rulebook, log_store, now, widen, _decisions(known))
    _keep(ticket, known, result, rulebook, now)
    return result


def rematch(ticket_id: int, rulebook: Rulebook, log_store: LogStore, now: datetime) -> None:
    """Look again for a ticket's log line, because logs may have arrived since; for the job. What is no news is not kept again."""
    ticket, known = tickets.by_id(ticket_id), tickets.matches(ticket_id)
    if ticket is None or any(match.decision == "confirmed" for match in known):
        return
    result = examine(evidence_of(ticket), rulebook, log_store, now, decided=_decisions(known))
    if _is_news(ticket, known, result, rulebook):
        _keep(ticket, known, result, rulebook, now)
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


def _is_news(ticket: Ticket, known: Sequence[TicketMatch], result: Examination, rulebook: Rulebook) -> bool:
    """Whether an examination says anything that the ticket does not say yet."""
    before, today = tickets.diagnosis(ticket.id), _diagnosis_row(ticket, result, rulebook, ticket.updated_at)
    proposed = {match.record_id: match.probability for match in known if match.decision is None}
    decided = {match.record_id for match in known if match.decision}
    found = {each.record.record_id: round(each.probability, 4) for each in _kept(result) if each.record.record_id not in decided}
    return before is None or _told(before) != _told(today) or found != proposed


def _told(row: TicketDiagnosis) -> tuple[object, ...]:
    """What a diagnosis comes to, without its reasons and its date."""
    return row.rulebook_digest, [(line["cause"], line["confidence"]) for line in row.causes], row.ask, row.match_probability


def _keep(ticket: Ticket, known: Sequence[TicketMatch], result: Examination, rulebook: Rulebook, now: datetime) -> None:
    """The matches, a diagnosis row, and the ticket's cause unless a person set it."""
    if result.context.ranking:
        _keep_matches(ticket, known, _kept(result), now)
    note_match(ticket, known, result.context.ranking, rulebook.redactor)
    db.session.add(_diagnosis_row(ticket, result, rulebook, now))
    if ticket.cause_confirmed_at is None:
        top = result.diagnosis.top
        ticket.cause, ticket.origin, ticket.confidence = top.cause, rulebook.causes[top.cause].origin, round(top.confidence, 3)


def _kept(result: Examination) -> Sequence[Match]:
    """The best matches: those that are kept with the ticket."""
    return result.context.ranking.matches[:KEPT_MATCHES] if result.context.ranking else ()


def _keep_matches(ticket: Ticket, known: Sequence[TicketMatch], found: Sequence[Match], now: datetime) -> None:
    """Bring undecided proposals up to date, in place so that an open page can still decide on them; decided ones stay."""
    rows = {match.record_id: match for match in known}
    today = {candidate.record.record_id for candidate in found}
    for match in known:
        if match.decision is None and match.record_id not in today:
            db.session.delete(match)
    for place, candidate in enumerate(found):
        row = rows.get(candidate.record.record_id) or _proposal(ticket, candidate, now)
        if row.decision is None:
            row.rank, row.probability = place, round(candidate.probability, 4)
            row.signals = [{"id": signal.id, "weight": round(signal.weight, 2), "facts": signal.facts} for signal in candidate.signals]
            db.session.add(row)


def _proposal(ticket: Ticket, candidate: Match, now: datetime) -> TicketMatch:
    """A log record proposed for the first time."""
    record = candidate.record
    return TicketMatch(ticket_id=ticket.id, record_id=record.record_id, request_id=record.request_id, created_at=now)


def _diagnosis_row(ticket: Ticket, result: Examination, rulebook: Rulebook, now: datetime) -> TicketDiagnosis:
    """A diagnosis with rule ids and the digest, as it is stored."""
    ranking = result.context.ranking
    return TicketDiagnosis(
        ticket_id=ticket.id,
        created_at=now,
        rulebook_digest=rulebook.digest,
        causes=[_stored_score(score) for score in result.diagnosis.causes[:KEPT_CAUSES]],
        ask=list(result.diagnosis.ask),
        match_probability=round(1 - ranking.none_probability, 4) if ranking else None,
    )


def _stored_score(score: CauseScore) -> dict[str, Any]:
    """One cause of a stored diagnosis."""
    signals = [{"id": signal.id, "weight": round(signal.weight, 2), "sentence": signal.sentence} for signal in score.signals]
    return {"cause": score.cause, "confidence": round(score.confidence, 3), "signals": signals}
