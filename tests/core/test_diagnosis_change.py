"""Two stored diagnoses side by side."""

from __future__ import annotations

from typing import Any

from app.core.diagnosis_change import CauseShift, compare


def line(cause: str, confidence: float, *signals: str) -> dict[str, Any]:
    return {"cause": cause, "confidence": confidence, "signals": [{"id": signal, "weight": 1.0} for signal in signals]}


def test_old_and_new_causes_stand_side_by_side_new_ones_first() -> None:
    change = compare([line("a", 0.7), line("b", 0.2)], [line("c", 0.8), line("a", 0.1)])
    assert change.shifts == (CauseShift("c", None, 0.8), CauseShift("a", 0.7, 0.1), CauseShift("b", 0.2, None))
    assert (change.top_before, change.top_after, change.same) == ("a", "c", False)


def test_signals_that_came_and_went_are_named() -> None:
    change = compare([line("a", 0.7, "a.words", "a.code")], [line("a", 0.7, "a.words", "a.fact")])
    assert (change.gained, change.lost, change.same) == (("a.fact",), ("a.code",), False)


def test_the_same_diagnosis_is_no_change() -> None:
    assert compare([line("a", 0.7, "a.words")], [line("a", 0.703, "a.words")]).same
