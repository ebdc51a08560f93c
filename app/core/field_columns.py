"""Whole columns of fields read at once: the same as `core.fields` value by value, and quick where all values are as they should be."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from app.core.fields import EARLIEST_MS, LARGEST_INT, LARGEST_MICROS, LATEST_MS, flag, micros, moment_from_iso, whole

Column = Sequence[object]
_NOTHING = type(None)
_MOST_USD = LARGEST_MICROS / 1_000_000


def wholes(values: Column, low: int = 0, high: int = LARGEST_INT) -> Sequence[int | None]:
    """Whole numbers from low to high, as `fields.whole` reads them."""
    kinds = set(map(type, values))
    if kinds <= {int, _NOTHING}:
        known: Sequence[int | None] = values  # type: ignore[assignment] # the line above says what they are
        present = known if _NOTHING not in kinds else [value for value in known if value is not None]
        if not present or (low <= min(present) and max(present) <= high):  # type: ignore[type-var, operator]
            return known
    return [whole(value, low, high) for value in values]


def amounts(values: Column) -> Sequence[int | None]:
    """USD as integer micro-USD, as `fields.micros` reads them."""
    kinds = set(map(type, values))
    if kinds <= {_NOTHING}:
        return values  # type: ignore[return-value] # nothing but None
    return [round(value * 1_000_000) if type(value) is float and -_MOST_USD <= value <= _MOST_USD else micros(value) for value in values]


def flags(values: Column) -> Sequence[bool | None]:
    """Booleans, as `fields.flag` reads them."""
    if set(map(type, values)) <= {bool, _NOTHING}:
        return values  # type: ignore[return-value] # the line above says what they are
    return [flag(value) for value in values]


def moments(values: Column) -> Sequence[int | None]:
    """ISO 8601 times as epoch milliseconds, as `fields.moment_from_iso` reads them."""
    try:
        times = list(map(datetime.fromisoformat, values))  # type: ignore[arg-type] # what is no text is refused
        if None not in {time.tzinfo for time in times}:
            known = [round(time.timestamp() * 1000) for time in times]
            if known and min(known) > EARLIEST_MS and max(known) < LATEST_MS - 1:
                return known
    except (ValueError, TypeError, OverflowError):
        pass
    return [moment_from_iso(value) for value in values]
