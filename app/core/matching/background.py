"""What else failed near the stated time: a sample of the problems a bounded search left out, and how many there were."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.record import RedactedRecord


@dataclass(frozen=True, slots=True)
class Background:
    """A search takes the records most like the report; how usual its status or model is, only the others can tell.

    records: some of the problems in the window, chosen by place in time alone. total: how many problems the window holds;
    0 when the search took them all.
    """

    records: tuple[RedactedRecord, ...] = ()
    total: int = 0


NO_BACKGROUND = Background()
