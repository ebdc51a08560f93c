"""Columns of fields are read as the fields are, whatever stands in them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.each_once import EachOnce
from app.core.field_columns import amounts, flags, moments, wholes
from app.core.fields import FieldCleaner, flag, micros, moment_from_iso, whole
from tests.conftest import PEPPER
from tests.redactor import REDACTOR

ODD = (None, True, False, 0, 1, 1.0, -1, 2**31, 2**60, 1e16, 9.0072e9, 0.1, "1", "true", "t", " no ", "1e3", "x", "", [], [1], {}, {"a": 1})
TIMES = (
    *("2026-11-18T03:04:05.678+00:00", "2026-11-18T03:04:05", "2026-11-18 03:04:05Z", "2026-11-18T11:04:05.1234+08:00", "2026-11-18"),
    *("2000-01-01T00:00:00+00:00", "1999-12-31T23:59:59.9999+00:00", "2099-12-31T23:59:59.999+00:00", "2100-01-01T00:00:00+00:00"),
    *("2099-12-31T23:59:59.9999+00:00", "0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59-23:59", "20261118T030405Z", "soon", ""),
)
plain = st.integers(-5, 700) | st.none()
column_of = st.lists(st.sampled_from(ODD) | plain | st.floats(allow_nan=True) | st.text(max_size=3), max_size=8) | st.lists(
    plain, max_size=8
)


def alike(found: Sequence[object], wanted: Sequence[object]) -> bool:
    """Equal and of the same types: 1 is not true."""
    return list(found) == list(wanted) and list(map(type, found)) == list(map(type, wanted))


@given(column_of)
def test_whole_numbers_money_and_booleans_are_read_as_one_by_one(values: list[object]) -> None:
    assert alike(wholes(values), list(map(whole, values)))
    assert alike(wholes(values, 100, 599), [whole(value, 100, 599) for value in values])
    assert alike(amounts(values), list(map(micros, values)))
    assert alike(flags(values), list(map(flag, values)))


@pytest.mark.parametrize("value", [9_007_199_254.740992, 9_007_199_254.740994, -9_007_199_254.740992, 0.0000005, 1e308, math.inf])
def test_money_at_its_limits_is_read_as_alone(value: float) -> None:
    assert alike(amounts([value, 0.25, None]), list(map(micros, [value, 0.25, None])))


@given(st.lists(st.sampled_from(TIMES) | st.sampled_from(ODD), max_size=5) | st.lists(st.sampled_from(TIMES[:1] + TIMES[5:10]), max_size=5))
def test_times_are_read_as_one_by_one(values: list[object]) -> None:
    assert alike(moments(values), list(map(moment_from_iso, values)))


@pytest.mark.parametrize("make", [FieldCleaner.label, FieldCleaner.client, FieldCleaner.person, FieldCleaner.key])
@given(values=st.lists(st.sampled_from(ODD) | st.sampled_from(("a", "b (c)", "me@example.com", "sk-" + "Ab3" * 16)), max_size=8))
def test_a_cleaned_column_is_each_value_cleaned(make: Callable[[FieldCleaner, object], Any], values: list[object]) -> None:
    clean = FieldCleaner(REDACTOR, PEPPER)
    for _ in range(2):  # the second time from what is remembered
        assert alike(clean.column(make, values), [make(FieldCleaner(REDACTOR, PEPPER), value) for value in values])


@given(st.lists(st.sampled_from(ODD) | st.sampled_from(("0" * 32, "req-1", "two words", "0123abcd" * 4)), max_size=6))
def test_ids_are_read_as_one_by_one(values: list[object]) -> None:
    clean = FieldCleaner(REDACTOR, PEPPER)
    assert alike(clean.identifiers(values), list(map(clean.identifier, values)))


def test_what_repeats_is_made_once_and_a_full_table_starts_afresh() -> None:
    made: list[object] = []

    def make(value: object) -> str:
        made.append(value)
        return repr(value)

    table = EachOnce(make, most=2)
    assert table.of(["a", "a", None, None, 1, True, 1]) == ["'a'", "'a'", "None", "None", "1", "True", "1"]
    assert made == ["a", None, 1, True, 1]
    assert table.of(["b", "c", "d"]) == ["'b'", "'c'", "'d'"]
    assert len(table) <= 2
