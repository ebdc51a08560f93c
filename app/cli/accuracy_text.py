"""The desk's accuracy as lines of text."""

from __future__ import annotations

from collections.abc import Iterator

from app.core.accuracy import SURE, Accuracy

SHOWN_CONFUSIONS = 20


def accuracy_lines(figures: Accuracy) -> Iterator[str]:
    """Every figure with what it is out of; only advice when nothing was confirmed yet."""
    if not figures.number:
        yield "No ticket has a confirmed cause yet."
        yield "Confirm causes on the tickets' pages; this report then says how often the desk was right."
        return
    yield f"{figures.number} tickets with a confirmed cause; what the desk had said before:"
    yield f"  right first          {_share(figures.right, figures.number)}"
    yield f"  among the first three {_share(figures.among_first, figures.number)}"
    yield f'  said "not clear yet" {_share(figures.not_told, figures.number)}'
    yield f"  wrong when sure      {_share(figures.wrong_when_sure, figures.sure)}, of those told with {SURE:.0%} or more"
    yield from _calibration_lines(figures)
    yield from _confusion_lines(figures)


def _calibration_lines(figures: Accuracy) -> Iterator[str]:
    """How sure the desk was beside how often it was right."""
    yield "Calibration: how sure the desk was, and how often it was right"
    for part in figures.bins:
        yield f"  {part.low:4.0%} to {part.high:4.0%}  said {part.confidence:4.0%}  right {_share(part.right, part.number)}"


def _confusion_lines(figures: Accuracy) -> Iterator[str]:
    """What was said for what."""
    if figures.confusions:
        yield "Said → was"
    for confusion in figures.confusions[:SHOWN_CONFUSIONS]:
        yield f"  {confusion.number:4d}  {confusion.said} → {confusion.was}"


def _share(part: int, whole: int) -> str:
    """`83 % (10 of 12)`."""
    return f"{part / whole:.0%} ({part} of {whole})" if whole else "– (none)"
