"""How well spikes are found: simulated weeks of failures with and without planted events, and what was found of them.

python -m benchmarks.spikes [--weeks 200] [--seed 1]

Each week has its own installation: models with traffic that follows day and week, failures that come in bursts (clients
retry), and six weeks of past. In half of the weeks events are planted: an outage of a provider's model, a limit reached by
many keys, a wave of wrong model names; and slow ones: a few failures an hour for a day, as old names after a migration. The
week is read as the jobs read it: each hour by itself, and the 24 hours up to it. Recall is of events, precision of alarms; one
episode is one alarm.
"""

from __future__ import annotations

import argparse
import random
from dataclasses import dataclass, field
from math import cos, exp, pi

from app.core.spikes import DAY, DAYS_BACK, WEEK, WEEKS_BACK, Spike, episodes, find_slow_rise, find_spike

CLASSES = ("auth", "balance", "rate_limit", "model_not_found", "timeout", "other")
PAST = WEEK * WEEKS_BACK
SLOW_SHARE = 0.3  # of the planted events


@dataclass(slots=True)
class Event:
    """A planted failure: from when, how long, how many times what is usual for the model's traffic."""

    series: tuple[str, str]
    hour: int
    hours: int
    failures: int
    slow: bool = False
    found: bool = False


@dataclass(slots=True)
class Score:
    """What became of all weeks."""

    events: int = 0
    found: int = 0
    slow: int = 0
    slow_found: int = 0
    alarms: int = 0
    false: int = 0
    late: list[int] = field(default_factory=list)  # hours from an event's start to its alarm


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weeks", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    score, chance = Score(), random.Random(options.seed)
    for week in range(options.weeks):
        judge(*simulate(chance, planted=week % 2 == 0), score)
    print(f"{options.weeks} weeks, {score.events} events: recall {score.found / score.events:.3f}")
    print(f"of them slow: {score.slow_found} of {score.slow}")
    precision = 1 - score.false / score.alarms
    print(f"alarms {score.alarms}, false {score.false}: {score.false / options.weeks:.2f} a week, precision {precision:.3f}")
    print(f"quick ones found in their first hour: {sum(hours == 0 for hours in score.late) / len(score.late):.2f}")


def simulate(chance: random.Random, *, planted: bool) -> tuple[dict[tuple[str, str], dict[int, int]], list[Event]]:
    """Seven weeks of hourly counts by (model, class); events only in the last."""
    series: dict[tuple[str, str], dict[int, int]] = {}
    for model in range(chance.randint(4, 12)):
        traffic = chance.lognormvariate(4.5, 1.2)  # requests an hour by day
        for name in CLASSES:
            series[f"model-{model}", name] = _past(chance, traffic * chance.lognormvariate(-5, 1.0))
    events = [_plant(chance, series) for _ in range(chance.randint(1, 3))] if planted else []
    return series, events


def judge(series: dict[tuple[str, str], dict[int, int]], events: list[Event], score: Score) -> None:
    """Read the last week hour by hour, as the jobs do; what the day says of an hour's spike is no other alarm."""
    score.events += len(events)
    score.slow += sum(event.slow for event in events)
    traffic = _daily(_traffic_of(series))
    for name, counts in series.items():
        spikes = [spike for hour in range(PAST, PAST + WEEK) if (spike := find_spike(counts, hour, 0, len(series)))]
        days = _daily(counts)
        for hour in range(PAST, PAST + WEEK):
            spike = _by_day(days, traffic, hour, len(series)) if counts.get(hour) else None
            if spike and not any(hour - DAY < other.hour <= hour for other in spikes):
                spikes.append(spike)
        for episode in episodes(spikes, quiet_hours=DAY):
            score.alarms += 1
            hit = [event for event in events if event.series == name and _overlap(event, episode[0].hour, episode[-1].hour)]
            score.false += not hit
            for event in hit:
                if not event.found and not event.slow:
                    score.late.append(max(0, episode[0].hour - event.hour))
                event.found = True
    score.found += sum(event.found for event in events)
    score.slow_found += sum(event.found and event.slow for event in events)


def _by_day(days: list[int], traffic: list[int], hour: int, watched: int) -> Spike | None:
    """The 24 hours up to an hour, against the days before."""
    ends = [hour - DAY * back for back in range(DAYS_BACK, -1, -1)]
    return find_slow_rise([days[end] for end in ends], hour, watched, [traffic[end] for end in ends])


def _daily(counts: dict[int, int]) -> list[int]:
    """For each hour, how many in the 24 hours up to it."""
    sums, running = [], 0
    for hour in range(PAST + WEEK):
        running += counts.get(hour, 0) - counts.get(hour - DAY, 0)
        sums.append(running)
    return sums


def _traffic_of(series: dict[tuple[str, str], dict[int, int]]) -> dict[int, int]:
    """Requests that went well, by hour: as the day and the week go."""
    return {hour: round(200 * len(series) * _rhythm(hour)) for hour in range(PAST + WEEK)}


def _rhythm(hour: int) -> float:
    return (0.55 + 0.45 * cos((hour % DAY - 14) / DAY * 2 * pi)) * (0.4 if hour // DAY % 7 >= 5 else 1.0)


def _overlap(event: Event, first: int, last: int) -> bool:
    """Whether an alarm from its first to its last hour tells of the event."""
    return first <= event.hour + event.hours + (DAY if event.slow else 0) and last >= event.hour


def _past(chance: random.Random, rate: float) -> dict[int, int]:
    """Counts that follow day and week and come in bursts of a client's retries."""
    counts: dict[int, int] = {}
    for hour in range(PAST + WEEK):
        bursts = _poisson(chance, rate * _rhythm(hour) / 2)
        if count := sum(1 + _poisson(chance, 1.0) for _ in range(bursts)):
            counts[hour] = count
    return counts


def _plant(chance: random.Random, series: dict[tuple[str, str], dict[int, int]]) -> Event:
    """An event people would notice: at least twenty failures an hour, and five times what the series usually has."""
    name = chance.choice(sorted(series))
    counts = series[name]
    if chance.random() < SLOW_SHARE:
        return _plant_slowly(chance, name, counts)
    start, hours = PAST + chance.randrange(WEEK - 8), chance.randint(1, 6)
    usual = sum(counts.get(hour, 0) for hour in range(PAST)) / PAST
    failures = max(20, round(5 * usual * chance.uniform(1, 3)))
    for hour in range(start, start + hours):
        counts[hour] = counts.get(hour, 0) + _poisson(chance, failures)
    return Event(name, start, hours, failures)


def _plant_slowly(chance: random.Random, name: tuple[str, str], counts: dict[int, int]) -> Event:
    """A day of a few failures an hour: at least three, and four times what the series usually has."""
    start, hours = PAST + chance.randrange(WEEK - DAY - 4), DAY
    usual = sum(counts.get(hour, 0) for hour in range(PAST)) / PAST
    failures = max(3, round(4 * usual * chance.uniform(1, 2)))
    for hour in range(start, start + hours):
        counts[hour] = counts.get(hour, 0) + _poisson(chance, failures)
    return Event(name, start, hours, failures, slow=True)


def _poisson(chance: random.Random, rate: float) -> int:
    """A Poisson number; by the normal approximation where it is large."""
    if rate > 50:
        return max(0, round(chance.gauss(rate, rate**0.5)))
    limit, product, number = exp(-rate), chance.random(), 0
    while product > limit:
        product *= chance.random()
        number += 1
    return number


if __name__ == "__main__":
    main()
