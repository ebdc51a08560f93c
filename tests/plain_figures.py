"""Every figure again, slowly, from the raw values: written from the definitions people read, without the code that makes the pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from math import ceil, sqrt
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from app.core.record import Origin, Outcome, RedactedRecord
from tests.hostile_world import Raw

MINUTE = timedelta(minutes=1)
CALLER = {Origin.USER, Origin.KEY_OWNER, Origin.CLIENT}
FAILED = {Outcome.ERROR, Outcome.PARTIAL}
REQUIRED_ONLY_KEPT = 5
ACTIVE = {"new", "open", "pending", "on_hold"}
ASIDE = {"suspected", "discarded"}
Figure = tuple[float | None, int]


def at(record: RedactedRecord) -> datetime:
    return datetime.fromtimestamp(record.started_at // 1000, UTC) + timedelta(milliseconds=record.started_at % 1000)


def of_span(records: Iterable[RedactedRecord], start: datetime, end: datetime) -> list[RedactedRecord]:
    return [record for record in records if start <= at(record) < end]


def rate(part: int, whole: int) -> Figure:
    return (part / whole if whole >= REQUIRED_ONLY_KEPT else None, whole)


def key_of(record: RedactedRecord) -> object:
    """What tells a key from others; None when the record says nothing of its key."""
    if record.key_fingerprint:
        return record.key_fingerprint
    return (record.source, record.key_alias, record.key_last4) if record.key_alias or record.key_last4 else None


def keys_of(records: Iterable[RedactedRecord]) -> int:
    return len({key_of(record) for record in records} - {None})


def failures_of(records: Iterable[RedactedRecord]) -> list[RedactedRecord]:
    return [record for record in records if record.outcome in FAILED]


def side_of(record: RedactedRecord, failure: str) -> str:
    if failure in {"balance", "rate_limit"}:
        return "quota"
    if record.origin in CALLER:
        return "user"
    return {Origin.GATEWAY: "gateway", Origin.NETWORK: "gateway", Origin.PROVIDER: "provider"}.get(record.origin, "unknown")


def tried_again(records: Sequence[RedactedRecord], everything: Sequence[RedactedRecord]) -> list[RedactedRecord]:
    """Those of `records` that came within ten minutes of a failure of the same key and model."""
    found = []
    for record in records:
        key = key_of(record)
        order = (record.started_at, record.record_id)
        if key is not None and any(
            key_of(other) == key
            and (other.model_requested or "") == (record.model_requested or "")
            and (other.started_at, other.record_id) < order
            and record.started_at - other.started_at <= 600_000
            for other in failures_of(everything)
        ):
            found.append(record)
    return found


def gateway(records: Sequence[RedactedRecord]) -> dict[str, Figure]:
    """The traffic's figures but for percentiles."""
    ok = [record for record in records if record.outcome is Outcome.OK]
    failed = failures_of(records)
    service = [record for record in failed if record.origin not in CALLER]
    streams = [record for record in records if record.stream or record.outcome is Outcome.PARTIAL]
    cut = [record for record in records if record.outcome is Outcome.PARTIAL]
    took = [record.latency_ms for record in ok if record.latency_ms is not None]
    told = [record for record in records if record.ttft_ms is not None]
    n = len(records)
    return {
        "success_rate": rate(len(ok), len(ok) + len(failed)),
        "service_success_rate": rate(len(ok), len(ok) + len(service)),
        "failures": (len(failed), n),
        "latency_mean": (sum(took) / len(took) if took else None, len(took)),
        "ttft_coverage": rate(min(len(told), len(streams)), len(streams)),
        "interruption_rate": rate(len(cut), len(streams)),
        "retries": (sum(record.retries or 0 for record in records), n),
        "fallbacks": (sum(1 for record in records if record.fallback_from), n),
        "charged_failures": (sum(1 for record in failed if record.charged), n),
        "cost": (cost(records), n),
    }


def cost(records: Iterable[RedactedRecord]) -> int:
    return sum(record.cost_micros or 0 for record in records)


def percentile_bounds(values: Sequence[int], share: float) -> tuple[float, float] | None:
    """Between what a percentile may be told: the bucket of √2 that the value of that rank lies in."""
    if not values:
        return None
    exact = sorted(values)[max(0, ceil(share * len(values)) - 1)]
    low, high = 0.0, sqrt(2)
    while not (exact * exact < round(high * high)):
        low, high = high, high * sqrt(2)
    return low, high


def by_key(records: Sequence[RedactedRecord], everything: Sequence[RedactedRecord]) -> dict[str, Figure]:
    again = tried_again(records, everything)
    return {
        "failing_keys": (keys_of(failures_of(records)), keys_of(records)),
        "tries_again": (len(again), len(failures_of(records))),
        "tries_again_failed": rate(len(failures_of(again)), len(again)),
    }


def business_minutes(start: datetime, end: datetime, zone: str, hours: Sequence[tuple[int, int]], off: set[str]) -> float:
    """Minute by minute would be plainer and too slow: hour by hour of the zone's clock, cut at the ends."""
    total, moment = timedelta(), start.astimezone(ZoneInfo(zone)).replace(minute=0, second=0, microsecond=0)
    while moment < end:
        following = moment + timedelta(hours=1)
        if moment.weekday() < 5 and moment.date().isoformat() not in off and any(low <= moment.hour < high for low, high in hours):
            total += max(timedelta(), min(following, end) - max(moment, start))
        moment = following
    return total / MINUTE


def desk(raw: Raw, start: datetime, end: datetime, required: dict[str, tuple[str, ...]], service: dict[str, Any]) -> dict[str, Figure]:
    """The desk's own figures."""
    real = [ticket for ticket in raw.tickets if ticket["state"] not in ASIDE]
    filed = [ticket for ticket in real if start <= ticket["created_at"] < end]
    solved = [ticket for ticket in real if ticket["solved_at"] and start <= ticket["solved_at"] < end]
    ids = {ticket["id"] for ticket in filed}
    replied = [ticket for ticket in filed if ticket["first_replied_at"]]
    reopened = {
        change["ticket"]
        for change in raw.changes
        if change["ticket"] in ids and change["before"] in {"solved", "closed"} and change["after"] in ACTIVE
    }
    ever = {ticket["id"] for ticket in filed if ticket["solved_at"]} | reopened
    words = Counter(reply["ticket"] for reply in raw.replies if reply["by_staff"])
    said = [yes for moment, yes in raw.self_service if start <= moment < end]
    shown = sum(count for hour, count in raw.shown.items() if start.timestamp() // 3600 <= hour < end.timestamp() / 3600)
    answers = [reply for reply in raw.replies if reply["by_staff"] and start <= reply["at"] < end]
    up = [a for a in raw.articles if a["published_at"] and a["state"] == "published"]
    published = {a["cause"]: [b["published_at"] for b in up if b["cause"] == a["cause"]] for a in up}
    n = len(filed)
    return {
        "tickets": (n, n),
        "first_response": middle([(t["first_replied_at"] - t["created_at"]) / MINUTE for t in replied]),
        "first_response_business": middle([business_minutes(t["created_at"], t["first_replied_at"], **service) for t in replied]),
        "resolution": middle([(t["solved_at"] - t["created_at"]) / MINUTE for t in solved]),
        "reopen_rate": rate(len(reopened), len(ever)),
        "one_touch": rate(sum(1 for number in ever - reopened if words[number] == 1), len(ever)),
        "hand_offs": (sum(1 for number in raw.hand_offs if number in ids) / n if n >= 5 else None, n),
        "match_rate": rate(len(raw.confirmed & ids), n),
        "evidence": evidence(filed, required),
        "evidence_handed": evidence([t for t in filed if t["id"] in raw.hand_offs], required),
        "next_action": rate(sum(1 for t in real if t["state"] in ACTIVE and t["next_due"]), sum(1 for t in real if t["state"] in ACTIVE)),
        "one_person": one_person(answers),
        "satisfaction": rate(sum(raw.ratings.get(t["id"], False) for t in solved), sum(t["id"] in raw.ratings for t in solved)),
        "rating_response": rate(sum(t["id"] in raw.ratings for t in solved), len(solved)),
        "self_service": rate(sum(said), len(said)),
        "self_service_assumed": rate(max(0, shown - sum(said) - n), shown),
        "repeat_rate": rate(sum(1 for t in filed if t["cause"] in published and t["created_at"] > min(published[t["cause"]])), n),
        "link_rate": rate(sum(t["article"] for t in solved), len(solved)),
        "citation_rate": rate(sum(reply["cites"] for reply in answers), len(answers)),
        **content(raw, start, end),
        **money(raw, start, end),
    }


def content(raw: Raw, start: datetime, end: datetime) -> dict[str, Figure]:
    flags = [
        f["resolved"] - f["at"]
        for f in raw.flags
        if f["resolved"] and start <= f["resolved"] < end and f["reason"] == "outdated" and f["outcome"] == "fixed"
    ]
    phrases = [gone - added for added, gone in raw.phrases if gone and start <= gone < end]
    converted = sum(1 for a in raw.articles if a["converted"] and a["published_at"] and start <= a["published_at"] < end)
    up = [a for a in raw.articles if a["state"] == "published"]
    alone = [a for a in up if a["owner"] is None or a["backup"] is None or a["owner"] == a["backup"]]
    return {
        "wording_removal": middle([length / MINUTE for length in flags + phrases]),
        "converted": (converted, converted),
        "single_owner": (len(alone), len(up)),
    }


def money(raw: Raw, start: datetime, end: datetime) -> dict[str, Figure]:
    decided = [a for a in raw.approvals if a["decided"] and start <= a["decided"] < end and a["decision"] != "withdrawn"]
    expired = [a for a in raw.approvals if not a["decision"] and start <= a["expires"] < end]
    claims = [claim for moment, claim in raw.disputes if start <= moment < end]
    return {
        "approval_rate": rate(sum(a["decision"] == "approved" for a in decided), len(decided) + len(expired)),
        "approval_time": middle([(a["decided"] - a["asked"]) / MINUTE for a in decided]),
        "disputes": (len(claims), len(claims)),
        "disputes_failed_charge": (claims.count("charged_failed"), len(claims)),
    }


def evidence(tickets: Sequence[dict[str, Any]], required: dict[str, tuple[str, ...]]) -> Figure:
    """Facts there of facts needed; a told fact may be False and is there all the same."""
    kept = {"client", "client_version", "model", "status_code", "error_text", "request_id", "task_id", "request_time", "stream"}
    kept |= {"request_type", "base_url", "key", "elapsed_seconds", "retry_after_seconds", "gateway", "via_proxy", "charged"}
    needed = [(ticket, name) for ticket in tickets for name in required.get(ticket["cause"] or "", ()) if name in kept]

    def has(ticket: dict[str, Any], name: str) -> bool:
        value = key_told(ticket) if name == "key" else ticket.get(name, (ticket["told_facts"] or {}).get(name))
        return value is not None

    return rate(sum(has(ticket, name) for ticket, name in needed), len(needed))


def key_told(ticket: dict[str, Any]) -> str | None:
    """Its fingerprint, or else its ending."""
    return ticket["key_fingerprint"] or ticket["key_last4"]


def one_person(answers: Sequence[dict[str, Any]]) -> Figure:
    causes = {reply["cause"] for reply in answers} - {None}
    tickets = {cause: {reply["ticket"] for reply in answers if reply["cause"] == cause} for cause in causes}
    people = {cause: {reply["author"] for reply in answers if reply["cause"] == cause} for cause in causes}
    enough = [cause for cause in causes if len(tickets[cause]) >= 5]
    return (sum(1 for cause in enough if len(people[cause]) == 1), len(enough))


def middle(values: Sequence[float]) -> Figure:
    return (median(values) if values else None, len(values))
