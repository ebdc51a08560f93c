"""Days of a zone, business hours of many waits, and the times of jobs are what a calendar says."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from huey.api import crontab
from hypothesis import given
from hypothesis import strategies as st

from app.core.business_waits import BusinessWaits
from app.core.job_times import is_overdue, job_times
from app.core.report_days import report_days, runs
from app.store.service_rules import service_book

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MONDAY = datetime(2026, 11, 16, tzinfo=UTC)
QUEUES = {queue.id: queue.targets.calendar for queue in service_book()}
moments = st.integers(0, 20 * 24 * 60).map(lambda minutes: MONDAY + timedelta(minutes=minutes))


def test_a_day_of_shanghai_begins_at_sixteen_hours_utc() -> None:
    [day] = report_days(date(2026, 11, 20), date(2026, 11, 20), "Asia/Shanghai")
    assert (day.start, day.end) == (datetime(2026, 11, 19, 16, tzinfo=UTC), datetime(2026, 11, 20, 16, tzinfo=UTC))


@pytest.mark.parametrize(("zone", "hours"), [("Europe/Berlin", 25), ("Asia/Kolkata", 24), ("UTC", 24)])
def test_the_day_the_clocks_change_stands_alone(zone: str, hours: int) -> None:
    days = report_days(date(2026, 10, 23), date(2026, 10, 27), zone)
    assert all(one.end == other.start for one, other in pairwise(days))
    assert next(day for day in days if day.day == date(2026, 10, 25)).end - days[2].start == hours * HOUR
    together = list(runs(days))
    assert [day for run in together for day in run] == days
    assert all(len({day.end - day.start for day in run}) == 1 for run in together)


@given(moments, moments, st.sampled_from(sorted(QUEUES)))
def test_many_waits_are_reckoned_as_one(start: datetime, end: datetime, queue: str) -> None:
    waits = BusinessWaits(QUEUES, MONDAY, MONDAY + 20 * DAY)
    assert waits.between(queue, start, end) == QUEUES[queue].between(start, end)


def test_a_job_is_due_when_its_times_say() -> None:
    nightly = job_times(crontab(minute="10", hour="2"), MONDAY + 2 * HOUR)
    assert (nightly.last, nightly.next, nightly.every) == (
        MONDAY - DAY + 2 * HOUR + timedelta(minutes=10),
        MONDAY + timedelta(minutes=130),
        DAY,
    )
    weekly = job_times(crontab(minute="0", hour="1", day_of_week="1"), MONDAY + 2 * DAY)
    assert (weekly.last, weekly.every) == (MONDAY + HOUR, 7 * DAY)


def test_a_job_that_missed_its_time_is_overdue_after_a_grace() -> None:
    times = job_times(crontab(minute="0"), MONDAY + timedelta(minutes=5))
    assert not is_overdue(times, MONDAY - HOUR)
    assert is_overdue(times, MONDAY - 2 * HOUR)
    times = job_times(crontab(minute="0"), MONDAY + timedelta(minutes=30))
    assert is_overdue(times, MONDAY - HOUR)
    assert not is_overdue(times, MONDAY + timedelta(seconds=3))


def test_a_job_of_every_minute_is_overdue_when_it_has_stopped() -> None:
    times = job_times(crontab(minute="*"), MONDAY)
    assert not is_overdue(times, MONDAY - timedelta(minutes=1))
    assert is_overdue(times, MONDAY - HOUR)


def test_a_new_desk_has_no_late_jobs() -> None:
    assert not is_overdue(job_times(crontab(minute="*/5"), MONDAY), None)
