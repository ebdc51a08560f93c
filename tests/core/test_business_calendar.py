"""Business hours: spans, weekends, holidays, worked weekends, the two days a year that are not 24 hours long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from app.core.business_calendar import read_calendar
from app.core.service import ServiceBook, check_service
from app.store.rulebook import RULES_DIR, read_rules
from app.store.service_rules import service_book

WEEK = {day: ["09:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
EIGHT = timedelta(hours=8)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_a_day_counts_its_hours_and_a_weekend_none() -> None:
    office = read_calendar({"id": "c", "zone": "Europe/Berlin", "hours": WEEK})
    assert office.after(local("2026-11-20T16:00+01:00"), timedelta(hours=2)) == local("2026-11-23T10:00+01:00")
    assert office.between(local("2026-11-20T16:00+01:00"), local("2026-11-23T10:00+01:00")) == timedelta(hours=2)
    assert not office.is_open(local("2026-11-21T12:00+01:00"))
    assert office.opens(local("2026-11-21T12:00+01:00")) == local("2026-11-23T09:00+01:00")


def test_a_holiday_is_off_and_a_worked_weekend_is_on() -> None:
    office = read_calendar({"id": "c", "zone": "Asia/Shanghai", "hours": WEEK, "holidays": ["2026-11-20"], "workdays": ["2026-11-21"]})
    assert office.after(local("2026-11-20T10:00+08:00"), timedelta(hours=1)) == local("2026-11-21T10:00+08:00")


def test_a_day_of_23_hours_still_has_its_business_hours() -> None:
    nights = read_calendar({"id": "c", "zone": "Europe/Berlin", "hours": {"sun": ["00:00-24:00"]}})
    spring, autumn = local("2027-03-28T00:00+01:00"), local("2026-10-25T00:00+02:00")
    assert nights.between(spring, spring + timedelta(days=2)) == timedelta(hours=23)
    assert nights.between(autumn, autumn + timedelta(days=2)) == timedelta(hours=25)


def test_a_calendar_without_hours_is_no_endless_search() -> None:
    never = read_calendar({"id": "c", "zone": "UTC", "hours": {}})
    start = datetime(2026, 11, 20, tzinfo=UTC)
    assert never.after(start, EIGHT) == start + EIGHT
    assert never.opens(start) == start


def test_the_shipped_queues_prove_themselves() -> None:
    assert check_service(service_book()) == []


def test_an_example_that_does_not_hold_is_named() -> None:
    data = read_rules(RULES_DIR, "service")
    data["calendar"][0]["example"][0]["minutes"] = 61
    assert [fault for fault in check_service(ServiceBook(data)) if fault.startswith("office: 61 minutes")]
