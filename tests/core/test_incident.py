"""An incident is one story, told once, and tickets belong to it by cause, time and place."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.core.failure_class import FailureClass
from app.core.incident import LEGAL_MOVES, IllegalIncidentMove, IncidentState, Place, Sighting, TicketFacts, belongs, move, told_once
from app.core.model_names import ModelNames
from app.core.rollups import Dimension
from app.core.spikes import Spike
from app.store.rulebook import RULES_DIR, read_rules

NAMES = ModelNames(read_rules(RULES_DIR, "models"))
AT = datetime(2026, 11, 20, 8, tzinfo=UTC)
LIMITS = FailureClass.RATE_LIMIT


def seen(dimension: Dimension, value: str, count: int, *, keys: int = 9, failure: FailureClass = LIMITS, hour: int = 7) -> Sighting:
    return Sighting(Place(failure, dimension, value), Spike(hour, count, 0.0, 20.0, 1e-9, "week", keys))


def values(sightings: list[Sighting]) -> list[str]:
    return [sighting.place.value for sighting in sightings]


def test_a_models_spike_explains_its_providers() -> None:
    assert values(told_once([seen(Dimension.PROVIDER, "openai", 60), seen(Dimension.MODEL, "gpt-4o", 55)])) == ["gpt-4o"]


def test_a_provider_with_much_more_than_its_model_is_a_story_of_its_own() -> None:
    assert values(told_once([seen(Dimension.PROVIDER, "openai", 200), seen(Dimension.MODEL, "gpt-4o", 40)])) == ["gpt-4o", "openai"]


def test_two_models_are_two_stories() -> None:
    assert set(values(told_once([seen(Dimension.MODEL, "a", 30), seen(Dimension.MODEL, "b", 40)]))) == {"a", "b"}


def test_other_classes_and_hours_explain_nothing() -> None:
    other = seen(Dimension.MODEL, "m", 90, failure=FailureClass.TIMEOUT)
    later = seen(Dimension.MODEL, "m", 90, hour=8)
    assert values(told_once([seen(Dimension.PROVIDER, "p", 80), other, later])).count("p") == 1


@pytest.mark.parametrize("keys", [1, 2])
def test_one_or_two_keys_alone_are_no_incident(keys: int) -> None:
    assert told_once([seen(Dimension.MODEL, "m", 500, keys=keys)]) == []


@pytest.mark.parametrize("current", list(IncidentState))
@pytest.mark.parametrize("target", list(IncidentState))
def test_only_legal_moves_are_made(current: IncidentState, target: IncidentState) -> None:
    if target in LEGAL_MOVES[current]:
        assert move(current, target) is target
    else:
        with pytest.raises(IllegalIncidentMove):
            move(current, target)


def about(place: Place, *, minutes: int = 0, cause: str | None = "rate-limit-rpm", model: str | None = "gpt-4o", matched: str = "") -> bool:
    facts = TicketFacts(AT + timedelta(minutes=minutes), cause, model, frozenset({matched} if matched else ()))
    return belongs(place, AT, AT + timedelta(hours=1), facts, {"rate-limit-rpm"}, NAMES)


def test_a_ticket_belongs_by_cause_time_and_model() -> None:
    place = Place(LIMITS, Dimension.MODEL, "gpt-4o")
    assert about(place)
    assert about(place, minutes=-20)
    assert about(place, minutes=100)
    assert not about(place, minutes=-40)
    assert not about(place, minutes=300)
    assert not about(place, cause="key-invalid")
    assert not about(place, cause=None)
    assert not about(place, model="claude-sonnet-4-5")
    assert not about(place, model=None)


def test_another_name_of_the_model_will_do() -> None:
    assert about(Place(LIMITS, Dimension.MODEL, "gpt-4o"), model="openai/gpt-4o")


def test_a_groups_incident_needs_the_group_of_the_log_line() -> None:
    place = Place(LIMITS, Dimension.GROUP, "growth")
    assert about(place, matched="growth")
    assert not about(place, matched="search")
    assert not about(place)
