"""Failure storms of the demonstration's week: each another story a support desk knows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.operations.demo.failures import TASK_STUCK
from app.operations.demo.world import DemoKey

USUAL_REQUESTS = 12000
OLD_NAMES = ("gpt-4-32k", "claude-3-opus", "deepseek-v3-online", "qwen-long-2024", "gpt-4-vision-preview")


@dataclass(frozen=True, slots=True)
class Storm:
    """A stretch of time in which certain calls fail (or cost) in one way.

    team and place narrow it to keys; extra calls come on top of the usual traffic; skew > 1 crowds them at the start;
    alone: only the extra calls suffer, the usual traffic passes.
    """

    id: str
    start: float
    end: float
    failure: str | None = None
    chance: float = 1.0
    model: str | None = None
    team: str | None = None
    place: int | None = None
    extra: int = 0
    skew: float = 1.0
    heavy: float = 1.0
    asked: tuple[str, ...] = ()
    alone: bool = False

    def touches(self, key: DemoKey) -> bool:
        """Whether the storm is about this key."""
        return self.team in {None, key.team.name} and self.place in {None, key.place}

    def covers(self, at: float, key: DemoKey, model: str) -> bool:
        """Whether a call falls into the storm."""
        return self.start <= at <= self.end and self.touches(key) and self.model in {None, model}


def storms(end: datetime, days: int, requests: int) -> list[Storm]:
    """All storms that fit into the last `days` days before `end`, their extra calls in proportion to `requests`."""
    scale = requests / USUAL_REQUESTS

    def more(count: int) -> int:
        return max(3, round(count * scale))

    recent = end.timestamp()
    all_storms = [
        Storm("anthropic-overloaded", *_span(end, 2, 6.3, 50), "provider_529", 0.75, model="claude-sonnet-4-5-20250929", extra=more(60)),
        Storm("gemini-down-now", recent - 4500, recent - 600, "provider_503", 0.75, model="gemini-2.5-pro", extra=more(90)),
        Storm("growth-campaign", *_span(end, 1, 4.5, 150, 510), None, model="gpt-4o", team="growth", extra=more(95), heavy=24.0),
        Storm("growth-budget", *_span(end, 1, 7.0, 360), "team_budget", 1.0, team="growth", extra=more(35)),
        Storm("batch-retries", *_span(end, 3, 13.0, 25), "key_rpm", 0.92, team="data-batch", place=0, extra=more(420)),
        Storm("old-model-names", *_span(end, 4, 1.5, 1500), "unknown_model", 1.0, extra=more(130), skew=2.2, asked=OLD_NAMES, alone=True),
        Storm("video-queue", *_span(end, 1, 2.0, 300), TASK_STUCK, 0.85, model="kling-v2", team="video-studio", extra=more(40)),
        Storm("cost-jump", *_span(end, 1, 9.0, 240), None, model="gpt-5", team="engineering", extra=more(160), heavy=45.0),
        Storm("slow-reasoner", *_span(end, 2, 13.0, 100), "timeout", 0.7, model="deepseek-reasoner", extra=more(45)),
        Storm("qwen-unpaid", *_span(end, 5, 8.0, 180), "upstream_balance", 0.9, model="qwen-max", extra=more(70)),
        Storm("revoked-key", recent - 93600, recent - 900, "bad_key", 1.0, team="content", place=3, extra=more(50), alone=True),
    ]
    first = (end - timedelta(days=days)).timestamp()
    return [storm for storm in all_storms if storm.start >= first]


def _span(end: datetime, days_back: int, hour: float, minutes: int, over_after: int | None = None) -> tuple[float, float]:
    """Begin `days_back` days before `end` at that UTC hour, or a day earlier when it (or `over_after` minutes) would not be over yet."""
    midnight = end.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=days_back)
    start = midnight + timedelta(hours=hour)
    if start + timedelta(minutes=over_after or minutes) > end:
        start -= timedelta(days=1)
    return start.timestamp(), (start + timedelta(minutes=minutes)).timestamp()
