"""Weights re-estimated from what people decided, leaning on the file while decisions are few."""

from __future__ import annotations

import pytest

from app.core.matching import MatchWeights
from app.core.matching.learning import Decided, learn
from tests.matching import DATA, WEIGHTS


def decided(ticket: int, *signals: str, confirmed: bool = True) -> Decided:
    return Decided(ticket, confirmed, signals)


def level(learnt, signal):
    return next(row for row in learnt.levels if row.signal == signal)


def test_without_decisions_nothing_changes():
    learnt = learn([], WEIGHTS)
    assert learnt.none == WEIGHTS.none
    assert all(row.m_after == pytest.approx(row.m_before) for row in learnt.levels)


def test_few_decisions_move_little_and_many_decide():
    before = WEIGHTS.levels["status.kin"].m
    few, many = (level(learn([decided(n, "status.kin") for n in range(count)], WEIGHTS), "status.kin") for count in (2, 2000))
    assert before < few.m_after < 0.15
    assert many.m_after > 0.9
    assert (many.confirmed, many.compared) == (2000, 2000)
    assert many.bits_after > many.bits_before


def test_levels_that_exclude_one_another_keep_their_sum():
    learnt = learn([decided(n, "model.close", "client.same") for n in range(80)], WEIGHTS)
    for group in WEIGHTS.learnt_groups:
        assert sum(learnt.m[signal] for signal in group) == pytest.approx(sum(WEIGHTS.levels[signal].m for signal in group))


def test_a_field_that_was_not_compared_teaches_nothing():
    row = level(learn([decided(n, "model.same") for n in range(100)], WEIGHTS), "stream.other")
    assert (row.m_after, row.compared) == (pytest.approx(row.m_before), 0)


def test_rejected_matches_are_reported_and_tickets_with_nothing_else_had_no_line():
    decisions = [decided(1, "model.same"), decided(1, "model.other", confirmed=False)]
    decisions += [decided(n, "model.same", confirmed=False) for n in range(2, 400)]
    learnt = learn(decisions, WEIGHTS)
    assert (learnt.confirmed, learnt.rejected, learnt.without_line) == (1, 399, 398)
    assert level(learnt, "model.same").rejected == 398
    assert learnt.none > WEIGHTS.none


def test_what_was_learnt_is_used_and_nonsense_is_not():
    weights = MatchWeights(
        DATA, {"none": 0.2, "m": {"status.kin": 0.3, "time.near": 0.9, "status.same": "0.1", "no.such": 0.5, "model.same": 7.0}}
    )
    assert (weights.none, weights.share("status", "kin")) == (0.2, 0.3)
    assert weights.share("status", "same") == WEIGHTS.share("status", "same")
    assert weights.share("model", "same") == WEIGHTS.share("model", "same")
    assert weights.levels["time.near"].m is None
    for broken in ({"none": 1.0}, {"m": []}, {"none": None, "m": None}):
        assert MatchWeights(DATA, broken).none == WEIGHTS.none


def test_every_learnable_level_has_its_shares_in_the_file():
    for group in WEIGHTS.learnt_groups:
        assert 0.95 <= sum(WEIGHTS.levels[signal].m or 0 for signal in group) <= 1.0
