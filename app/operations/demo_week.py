"""Live through the demonstration's week: the desk watches while each trouble is about, people decide as they would have."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from app.core.incident import IncidentState
from app.core.rulebook import Rulebook
from app.operations.budgets import watch_budgets
from app.operations.cost_watch import watch_costs
from app.operations.demo.storms import USUAL_REQUESTS, Storm, storms
from app.operations.incident_watch import watch, watch_slow_rises
from app.operations.incidents import confirm, resolve, tell
from app.operations.key_tallies import tally_keys
from app.operations.keys import rebuild_keys
from app.operations.known_errors import ErrorFacts, keep_known_error, set_known_error
from app.store import incidents, users
from app.store.logs import LogStore
from app.store.models_incidents import Incident

HOUR = timedelta(hours=1)
QUICK = 2  # hours after a trouble's begin at which it is looked for; what is slow is looked for at its end
SLOW = frozenset({"old-model-names", "video-queue", "growth-budget"})
OVERLOADED = "claude-sonnet-4-5-20250929"


def live_through(rulebook: Rulebook, log_store: LogStore, now: datetime) -> None:
    """What the jobs would have found hour by hour, looked for only when something was about."""
    rebuild_keys(log_store, rulebook.redactor)
    for moment, slowly in _moments(now):
        if slowly:
            watch_slow_rises(rulebook, log_store, moment)
        else:
            watch(rulebook, log_store, moment)
        watch_budgets(log_store, rulebook.model_names, moment)
    watch_costs(rulebook, log_store, now)
    tally_keys(log_store, now)
    _decide(rulebook, now)


def _moments(now: datetime) -> list[tuple[datetime, bool]]:
    """When to look, in order; True: for what is slow."""
    weather = storms(now, 7, USUAL_REQUESTS)
    found = {(_hour_after(storm, hours), False) for storm in weather for hours in range(1, QUICK + 1)}
    found |= {(_end_of(storm), True) for storm in weather if storm.id in SLOW} | {(now, False), (now, True)}
    return sorted(moment for moment in found if moment[0] <= now)


def _hour_after(storm: Storm, hours: int) -> datetime:
    begin = datetime.fromtimestamp(storm.start, UTC).replace(minute=5, second=0, microsecond=0)
    return begin + hours * HOUR


def _end_of(storm: Storm) -> datetime:
    """The last whole hour of a trouble, or eight hours after it began."""
    end = min(storm.end, storm.start + 8 * 3600)
    return datetime.fromtimestamp(end, UTC).replace(minute=13, second=0, microsecond=0)


def _decide(rulebook: Rulebook, now: datetime) -> None:
    """The overload is over and explained; the rest waits for a decision, or is open."""
    agent, colleague = users.by_name("alex"), users.by_name("zhang.min")
    if agent is None or colleague is None:
        return
    clean = rulebook.redactor.clean
    for found in incidents.newest():
        if found.failure == "task_stuck":
            confirm(found, colleague, rulebook, found.found_at + HOUR / 4)
            tell(
                found, clean("视频排队时间过长，上游正在处理。请不要重复提交，已提交的任务仍会保留。"), colleague, found.found_at + HOUR / 3
            )
        elif str(found.value) == OVERLOADED:
            _explain(found, rulebook, now)


def _explain(found: Incident, rulebook: Rulebook, now: datetime) -> None:
    """An incident from its confirmation to its known error."""
    agent, clean = users.by_name("alex"), rulebook.redactor.clean
    if agent is None or found.state != IncidentState.PROPOSED:
        return
    confirm(found, agent, rulebook, found.found_at + HOUR / 6)
    note = clean("Overloaded at the provider for fifty minutes; production keys with a fallback hardly noticed.")
    resolve(found, "provider-outage-5xx", note, None, agent, min(found.found_at + HOUR, now))
    facts = ErrorFacts(
        clean("Claude is overloaded in the European morning"), "provider-outage-5xx",
        clean("Set a fallback model for the key, or try again after a few minutes."), None,
    )  # fmt: skip
    set_known_error(found, keep_known_error(facts, agent, now), agent, now)
