"""An incident is one story, told once, and tickets belong to it by cause, time and place."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.core.failure_class import FailureClass
from app.core.incident import (
    LEGAL_MOVES,
    TASKS_WAIT,
    IllegalIncidentMove,
    IncidentState,
    KeyShare,
    Place,
    Sighting,
    TicketFacts,
    belongs,
    is_part_of,
    may_be,
    move,
    storms,
    told_once,
)
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


def test_many_models_at_once_in_one_provider_are_one_story() -> None:
    models = [seen(Dimension.MODEL, f"m-{n}", 20) for n in range(4)]
    assert values(told_once([*models, seen(Dimension.PROVIDER, "p", 82)])) == ["p"]
    assert "p" not in values(told_once([*models[:2], seen(Dimension.PROVIDER, "p", 41)]))


def loud(key: str, failures: int, count: int = 100, value: str = "m") -> Sighting:
    share = KeyShare(key, None, "Cursor", "search", failures)
    return Sighting(Place(LIMITS, Dimension.MODEL, value), Spike(7, count, 0.0, 20.0, 1e-9, "week", 9), (), share, stands_without=False)


def test_one_keys_own_story_is_a_storm_told_once_where_it_is_loudest() -> None:
    found = storms([loud("a", 90), loud("a", 95, value="n"), loud("b", 80), seen(Dimension.MODEL, "x", 50)])
    assert {(one.loudest.key, one.place.value) for one in found if one.loudest} == {("a", "n"), ("b", "m")}
    assert told_once([loud("a", 90)]) == []


def part(dimension: Dimension, value: str, shared: frozenset[tuple[Dimension, str]] = frozenset(), failure: str = LIMITS) -> Sighting:
    return Sighting(Place(failure, dimension, value), Spike(7, 30, 0.0, 20.0, 1e-9, "week", 9), shared=shared)


def test_a_spike_is_part_of_what_goes_on_where_it_is() -> None:
    model = Place(LIMITS, Dimension.MODEL, "gpt-4o")
    assert is_part_of(part(Dimension.MODEL, "openai/gpt-4o"), model, NAMES)
    assert not is_part_of(part(Dimension.MODEL, "claude-sonnet-4-5"), model, NAMES)
    assert not is_part_of(part(Dimension.MODEL, "gpt-4o", failure=FailureClass.TIMEOUT), model, NAMES)
    assert is_part_of(part(Dimension.PROVIDER, "openai", frozenset({(Dimension.MODEL, "gpt-4o")})), model, NAMES)
    assert not is_part_of(part(Dimension.PROVIDER, "openai"), model, NAMES)
    assert is_part_of(part(Dimension.MODEL, "anything"), Place(LIMITS, Dimension.ALL, ""), NAMES)


def test_a_queue_that_stands_still_is_what_failed_tasks_are_asked_about() -> None:
    queue = Place(TASKS_WAIT, Dimension.MODEL, "kling-v2")
    assert is_part_of(part(Dimension.MODEL, "kling-v2", failure=FailureClass.TASK_FAILED), queue, NAMES)
    assert may_be(queue, "kling-v2", FailureClass.TASK_FAILED, NAMES)


@pytest.mark.parametrize(
    ("dimension", "model", "failure", "fits"),
    [
        (Dimension.MODEL, "openai/gpt-4o", LIMITS, True),
        (Dimension.MODEL, "gpt-4o", None, True),
        (Dimension.MODEL, None, LIMITS, False),
        (Dimension.MODEL, "claude-sonnet-4-5", LIMITS, False),
        (Dimension.MODEL, "gpt-4o", FailureClass.AUTH, False),
        (Dimension.GROUP, None, LIMITS, True),
        (Dimension.GROUP, "gpt-4o", None, False),
    ],
)
def test_a_report_may_be_about_it_when_something_speaks_for_it_and_nothing_against(
    dimension: Dimension, model: str | None, failure: str | None, fits: bool
) -> None:
    assert may_be(Place(LIMITS, dimension, "gpt-4o"), model, failure, NAMES) is fits
