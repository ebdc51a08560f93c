"""Which format lines are in: by the fields each format is known by, and by how many of them it can read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from app.core.body import Piece
from app.core.fields import BadLine, FieldCleaner, NotARequest
from app.core.json_path import members, walk
from app.core.log_format import Format

LINES_LOOKED_AT = 200
LINES_PARSED = 40
LEAST_LIKENESS = 0.5


@dataclass(frozen=True, slots=True)
class Likeness:
    """How much lines look like a format, from 0 to 1."""

    format: str
    score: float


def rank_formats(pieces: Sequence[Piece], formats: Mapping[str, Format], clean: FieldCleaner) -> tuple[Likeness, ...]:
    """Give the formats the lines may be in, the likeliest first; empty when they look like none."""
    values = [piece for _, piece in pieces[:LINES_LOOKED_AT] if not isinstance(piece, BadLine)]
    tops = [top for top in map(members, values) if top]
    found = [Likeness(name, _score(log_format, tops, values, clean)) for name, log_format in formats.items()]
    likely = [likeness for likeness in found if likeness.score >= LEAST_LIKENESS]
    return tuple(sorted(likely, key=lambda likeness: -likeness.score))


def _score(log_format: Format, tops: list[dict[str, msgspec.Raw]], values: list[bytes | msgspec.Raw], clean: FieldCleaner) -> float:
    """Weigh the signs found by how many lines can be read."""
    if not tops or not log_format.signs:
        return 0.0
    signs = sum(max(_share(top, kind) for kind in log_format.signs) for top in tops) / len(tops)
    return signs * (0.6 + 0.4 * _readable(log_format, values[:LINES_PARSED], clean)) if signs >= LEAST_LIKENESS else 0.0


def _share(top: dict[str, msgspec.Raw], signs: tuple[str, ...]) -> float:
    return sum(next(walk(top, tuple(sign.split("/"))), None) is not None for sign in signs) / len(signs)


def _readable(log_format: Format, values: list[bytes | msgspec.Raw], clean: FieldCleaner) -> float:
    """Count the lines that become records among those that are about requests."""
    good = bad = 0
    for line in (line for value in values for line in log_format.lines_of(value)):
        try:
            if isinstance(line, BadLine):
                raise line
            log_format.parse(line, clean)
            good += 1
        except NotARequest:
            continue
        except BadLine:
            bad += 1
    return good / (good + bad) if good + bad else 0.0
