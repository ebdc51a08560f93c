"""Who caused the traffic, by slot of time, so that slots add up to any span: sets of keys as bits, counts, and money by key.

A slot is part → name → whole number. Of sets the numbers are united, of everything else added.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from itertools import zip_longest
from operator import add, or_

import msgspec

from app.core.key_tally import FailurePlace, KeyPlace, KeyUse, Side

PLACES = ("failure", "side", "model", "group", "environment", "request_type", "provider", "client", "owner")
SETS = frozenset({"active", *PLACES})  # keys that asked for anything; keys that failed, by where
COUNTS = ("requests", "sides", "again", "again_failed")  # in all; failures by side; tries after a failure by model, and the failed ones
MONEY = ("cost", "refund")  # in micro-USD, by key
LANE = 80  # bits of a key's money
ALL = ""  # the name in parts that have one number only
Slot = dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class Tries:
    """Requests that followed a failure of the same key and model, and how many of those failed too."""

    again: int
    failed: int


_encoder, _decoder = msgspec.msgpack.Encoder(), msgspec.msgpack.Decoder(dict[str, bytes])


def slot_of(uses: Mapping[KeyPlace, KeyUse], failing: Mapping[FailurePlace, int], requests: int, number_of: Mapping[str, int]) -> Slot:
    """An hour's slot. number_of: identity → the key's number; what has no key fact is in no set."""
    named = [(number_of[place.identity], use) for place, use in uses.items() if place.identity]
    keys: dict[str, dict[str, set[int]]] = {"active": {ALL: {number for number, _use in named}}}
    for where in failing:
        for part in PLACES if where.identity else ():
            keys.setdefault(part, {}).setdefault(str(getattr(where, part)), set()).add(number_of[where.identity])
    slot: Slot = {part: {name: _bits(numbers) for name, numbers in values.items()} for part, values in keys.items()}
    merge(slot, {"requests": {ALL: requests}, "cost": {ALL: _lanes((n, use.cost_micros) for n, use in named)}})
    merge(slot, {"refund": {ALL: _lanes((n, use.refund_micros) for n, use in named)}})
    for place, use in uses.items():
        merge(slot, {"again": {place.model: use.again}, "again_failed": {place.model: use.again_failed}})
    for where, failures in failing.items():
        merge(slot, {"sides": {str(where.side): failures}})
    return slot


def merge(into: Slot, other: Mapping[str, Mapping[str, int]]) -> None:
    """Take another slot in."""
    for part, values in other.items():
        mine, together = into.setdefault(part, {}), or_ if part in SETS else add
        for name, number in values.items():
            mine[name] = together(mine.get(name, 0), number)


def united(slots: Iterable[Mapping[str, Mapping[str, int]]]) -> Slot:
    """Several slots together."""
    whole: Slot = {}
    for slot in slots:
        merge(whole, slot)
    return whole


def to_bytes(values: Mapping[str, int]) -> bytes:
    """A part as it is kept."""
    return _encoder.encode({name: number.to_bytes(-(-number.bit_length() // 8), "little") for name, number in values.items() if number})


def from_bytes(kept: bytes) -> dict[str, int]:
    """A part as it was counted."""
    return {name: int.from_bytes(number, "little") for name, number in _decoder.decode(kept).items()}


@dataclass(frozen=True, slots=True)
class KeyCounts:
    """What the slots of a span say together."""

    slot: Mapping[str, Mapping[str, int]]

    def requests(self) -> int:
        """How many requests are counted by key so far."""
        return self._of("requests").get(ALL, 0)

    def active(self) -> int:
        """Distinct keys that asked for anything."""
        return self._of("active").get(ALL, 0).bit_count()

    def failing(self) -> int:
        """Distinct keys that failed at all."""
        return reduce(or_, self._of("side").values(), 0).bit_count()

    def keys_behind(self, part: str) -> dict[str, int]:
        """Value of one of PLACES → distinct keys that failed there; requests without a key fact are none of them."""
        return {value: keys.bit_count() for value, keys in self._of(part).items()}

    def by_side(self) -> dict[Side, tuple[int, int]]:
        """Side → (failures, distinct keys)."""
        keys = self.keys_behind("side")
        return {Side(side): (failures, keys.get(side, 0)) for side, failures in self._of("sides").items()}

    def tries(self) -> Tries:
        """Requests that followed a failure, over all keys."""
        return Tries(sum(self._of("again").values()), sum(self._of("again_failed").values()))

    def tries_failed(self) -> dict[str, int]:
        """Model → requests that followed a failure and failed too."""
        return dict(self._of("again_failed"))

    def costs(self) -> dict[int, int]:
        """Number of a key → micro-USD less refunds."""
        cost, refund = (_in_lanes(self._of(part).get(ALL, 0)) for part in MONEY)
        return {number: charged - back for number, (charged, back) in enumerate(zip_longest(cost, refund, fillvalue=0)) if charged or back}

    def _of(self, part: str) -> Mapping[str, int]:
        return self.slot.get(part, {})


def _bits(numbers: Collection[int]) -> int:
    """A set as one number."""
    kept = bytearray(max(numbers, default=0) // 8 + 1)
    for number in numbers:
        kept[number >> 3] |= 1 << (number & 7)
    return int.from_bytes(kept, "little")


def _lanes(money: Iterable[tuple[int, int]]) -> int:
    """Amounts by number, each in its lane."""
    sums: dict[int, int] = {}
    for number, micros in money:
        sums[number] = sums.get(number, 0) + micros
    kept = b"".join(sums.get(number, 0).to_bytes(LANE // 8, "little") for number in range(max(sums, default=-1) + 1))
    return int.from_bytes(kept, "little")


def _in_lanes(lanes: int) -> list[int]:
    """The amount of every number."""
    width = LANE // 8
    kept = lanes.to_bytes(-(-lanes.bit_length() // LANE) * width, "little")
    return [int.from_bytes(kept[start : start + width], "little") for start in range(0, len(kept), width)]
