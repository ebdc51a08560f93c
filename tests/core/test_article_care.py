"""Votes, review dates, whose turn it is, where a phrase stands."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.article_care import CareRules, Votes, is_old, mostly_unhelpful, phrase_places, review_date, whose_turn, wilson_lower

TODAY = date(2026, 11, 20)
RULES = CareRules()


@pytest.mark.parametrize(("hits", "total", "expected"), [(0, 0, 0.0), (3, 3, 0.4385), (90, 100, 0.8256), (0, 10, 0.0)])
def test_the_lower_bound_is_wilsons(hits: int, total: int, expected: float) -> None:
    assert wilson_lower(hits, total) == pytest.approx(expected, abs=1e-3)


@given(st.integers(1, 10_000).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total))))
def test_the_lower_bound_is_a_share_below_the_plain_one(votes: tuple[int, int]) -> None:
    hits, total = votes
    assert 0.0 <= wilson_lower(hits, total) <= hits / total + 1e-12


def test_nobodys_vote_is_no_share() -> None:
    assert (Votes(0, 0).share, Votes(0, 0).at_least) == (None, None)
    assert Votes(1, 2).share == 0.5


def test_a_few_bad_votes_prove_nothing_and_many_do() -> None:
    assert not mostly_unhelpful(Votes(0, 3))
    assert mostly_unhelpful(Votes(0, 5))
    assert not mostly_unhelpful(Votes(20, 50))


def test_client_pages_are_read_again_sooner() -> None:
    assert review_date(TODAY, 180, "faq", RULES) == "2027-05-19"
    assert review_date(TODAY, 180, "client", RULES) == "2027-01-19"
    assert review_date(TODAY, 30, "client", RULES) == "2026-12-20"


def test_what_can_change_at_any_time_is_read_again_sooner() -> None:
    assert review_date(TODAY, 180, "faq", RULES, volatile=True) == "2027-01-19"
    assert review_date(TODAY, 180, "faq", CareRules.of({"volatile_days": 10}), volatile=True) == "2026-11-30"
    assert review_date(TODAY, 180, "guide", CareRules.of({"volatile_kinds": ["guide"]})) == "2027-01-19"


def test_a_source_grows_old() -> None:
    assert is_old("2025-11-19", TODAY, RULES.source_days)
    assert not is_old("2025-11-21", TODAY, RULES.source_days)


@pytest.mark.parametrize(
    ("due", "turn"), [(None, ""), ("2026-11-21", ""), ("2026-11-20", "owner"), ("2026-11-06", "owner"), ("2026-11-05", "backup")]
)
def test_the_owner_is_asked_first_then_the_backup(due: str | None, turn: str) -> None:
    assert whose_turn(due, TODAY, RULES.owner_days) == turn


def test_a_phrase_is_found_in_any_case_with_its_line() -> None:
    texts = [("a", "x\nThe Old Console"), ("b", "旧控制台在这里"), ("c", "nothing")]
    assert phrase_places("old console", texts) == [("a", 2)]
    assert phrase_places("旧控制台", texts) == [("b", 1)]
