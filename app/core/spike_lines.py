"""What the failures behind a spike have in common, and whose they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from app.core.incident import ONE_GROUP, KeyShare, Place, Sighting
from app.core.record import Origin, RedactedRecord
from app.core.rollups import Dimension
from app.core.spikes import Spike, stands_without

EXAMPLES = 5
CALLERS = frozenset({Origin.USER, Origin.KEY_OWNER, Origin.CLIENT})
HALF = 0.5


@dataclass(frozen=True, slots=True)
class Lines:
    """Some failures of a spike, the newest first. groups: of keys whose lines do not say it, by fingerprint, from the registry."""

    records: Sequence[RedactedRecord]
    groups: Mapping[str, str]

    def group_of(self, record: RedactedRecord) -> str | None:
        """The group of a line: as the line says, else as the key registry knows."""
        return record.group or self.groups.get(record.key_fingerprint or "")


def sight(place: Place, spike: Spike, lines: Lines) -> Sighting:
    """A spike with what its lines say: keys, examples, what they share; told by group where that is the callers' own story."""
    loudest, keys = _loudest(lines)
    share = loudest.failures / len(lines.records) if loudest else 0.0
    return Sighting(
        place=_told_by_group(place, lines),
        spike=replace(spike, keys=keys),
        examples=tuple(record.record_id for record in lines.records[:EXAMPLES]),
        loudest=replace(loudest, failures=round(share * spike.count)) if loudest else None,
        stands_without=stands_without(spike, round(share * spike.count)),
        shared=_shared(lines),
    )


def key_name(record: RedactedRecord) -> str:
    """What tells a line's key from others; a line without any key fact counts as one of its own: a wrong key has no name."""
    return record.key_fingerprint or record.key_alias or record.key_last4 or record.record_id


def _loudest(lines: Lines) -> tuple[KeyShare | None, int]:
    """The key with most failures, and how many keys there are."""
    by_key: dict[str, list[RedactedRecord]] = {}
    for record in lines.records:
        by_key.setdefault(key_name(record), []).append(record)
    if not by_key:
        return None, 0
    name, its = max(by_key.items(), key=lambda item: len(item[1]))
    first = its[0]
    examples = tuple(record.record_id for record in its[:EXAMPLES])
    client = next((record.client for record in its if record.client), None)
    alias = next((record.key_alias for record in its if record.key_alias), None)
    return KeyShare(name, alias, client, lines.group_of(first), len(its), examples), len(by_key)


def _told_by_group(place: Place, lines: Lines) -> Place:
    """The group instead, when the failures are the callers' and nearly all of them one group's."""
    callers = sum(record.origin in CALLERS for record in lines.records)
    groups = Counter(group for record in lines.records if (group := lines.group_of(record)))
    if not groups or callers < HALF * len(lines.records):
        return place
    group, count = groups.most_common(1)[0]
    return Place(place.failure, Dimension.GROUP, group) if count >= ONE_GROUP * len(lines.records) else place


def _shared(lines: Lines) -> frozenset[tuple[Dimension, str]]:
    """Models, groups and providers that at least half of the lines have."""
    counts: Counter[tuple[Dimension, str]] = Counter()
    for record in lines.records:
        facts = (
            (Dimension.MODEL, record.model_requested),
            (Dimension.GROUP, lines.group_of(record)),
            (Dimension.PROVIDER, record.provider),
        )
        counts.update((dimension, value) for dimension, value in facts if value)
    return frozenset(fact for fact, count in counts.items() if count >= HALF * len(lines.records))
