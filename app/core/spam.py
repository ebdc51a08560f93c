"""What makes a guest's report look like spam: how the form was filled, never who filled it. A person decides."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.evidence import Evidence

MOST_LINKS = 2  # in one's own words, without any fact of a failed request beside them
TELLING = ("status_code", "request_id", "task_id", "model", "client", "request_time")
LINKS = ("http://", "https://", "www.", "[url")


@dataclass(frozen=True, slots=True)
class Filling:
    """How a form was filled.

    trapped: the field nobody sees has something in it; seconds: since the form was given out, None when that is not known;
    at_least: how many a person takes at the least, 0 when nobody asks; crowded: many reports came from this address.
    """

    trapped: bool
    seconds: float | None
    at_least: int
    crowded: bool = False


def spam_signals(filling: Filling, evidence: Evidence, words: str) -> tuple[str, ...]:
    """Ids of what speaks for spam, in a fixed order; one is enough to set a report aside."""
    timed = filling.at_least > 0
    found = {
        "trapped": filling.trapped,
        "no_stamp": timed and filling.seconds is None,
        "hurried": timed and filling.seconds is not None and filling.seconds < filling.at_least,
        "crowded": filling.crowded,
        "links": _only_links(evidence, words),
    }
    return tuple(name for name, holds in found.items() if holds)


def _only_links(evidence: Evidence, words: str) -> bool:
    """Several links and not one fact of a request that failed."""
    said = words.lower()
    links = sum(said.count(start) for start in LINKS) - said.count("://www.")
    return links > MOST_LINKS and not any(getattr(evidence, name) for name in TELLING)
