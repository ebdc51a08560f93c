"""The three clocks: what stops each, what pauses them, and the lies other desks' clocks tell."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.clocks import Event, Happening, Targets, read_clocks, soonest, waiting_since
from app.core.ticket import State
from app.store.service_rules import service_book

FILED, ASKED, ANSWERED, MOVED = Happening.FILED, Happening.ASKED, Happening.ANSWERED, Happening.MOVED
START = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)  # a Friday, 10:00 in Shanghai
HOUR = timedelta(hours=1)
ALWAYS = Targets(HOUR, 2 * HOUR, 24 * HOUR, service_book().calendars["always"])
OFFICE = Targets(HOUR, 2 * HOUR, 24 * HOUR, service_book().calendars["office"])


def at(minutes: float, what: Happening, state: State | None = None) -> Event:
    return Event(START + timedelta(minutes=minutes), what, state)


def moment(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def test_an_update_does_not_put_the_first_answer_off() -> None:
    history = [at(0, FILED), at(10, ASKED), at(20, MOVED, State.OPEN), at(40, ASKED)]
    first, following, _solve = read_clocks(history, ALWAYS, moment(50))
    assert first.due_at == moment(60)
    assert following.stands == "nothing_asked"


def test_an_answer_of_staff_ends_every_escalation_of_answers() -> None:
    history = [at(0, FILED), at(10, ANSWERED), at(10, MOVED, State.PENDING), at(30, ASKED), at(30, MOVED, State.OPEN), at(40, ANSWERED)]
    first, following, _solve = read_clocks(history, ALWAYS, moment(600))
    assert (first.running, following.running) == (False, False)
    assert first.met_at == moment(10)
    assert (first.used, first.late) == (timedelta(minutes=10), False)


def test_a_public_word_of_staff_counts_by_whatever_way_it_came_and_nothing_else_does() -> None:
    noted = [at(0, FILED), at(5, MOVED, State.OPEN), at(6, MOVED, State.ON_HOLD), at(7, MOVED, State.PENDING)]
    assert read_clocks(noted, ALWAYS, moment(30))[0].due_at == moment(60)
    assert read_clocks([*noted, at(20, ANSWERED)], ALWAYS, moment(30))[0].met_at == moment(20)


def test_a_later_word_of_the_user_starts_the_next_answer_by_whatever_way_it_came() -> None:
    history = [at(0, FILED), at(10, ANSWERED), at(100, ASKED)]
    following = read_clocks(history, ALWAYS, moment(130))[1]
    assert (following.running, following.due_at, following.used) == (True, moment(220), timedelta(minutes=30))
    again = read_clocks([*history, at(150, ASKED)], ALWAYS, moment(160))[1]
    assert again.due_at == moment(220), "a second word does not begin the wait anew"


def test_all_three_clocks_are_told_and_the_soonest_leads() -> None:
    readings = read_clocks([at(0, FILED)], ALWAYS, moment(1))
    assert [reading.clock for reading in readings] == ["first", "next", "solve"]
    led = soonest(readings)
    assert led is not None
    assert (led.clock, led.due_at) == ("first", moment(60))


def test_no_clock_runs_out_at_midnight() -> None:
    friday_evening = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)  # 17:30 in Shanghai
    first = read_clocks([Event(friday_evening, FILED)], OFFICE, friday_evening + timedelta(hours=6))[0]
    assert first.due_at == datetime(2026, 11, 23, 1, 30, tzinfo=UTC)  # Monday, 09:30 there
    assert first.closed_until == datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
    assert (first.used, first.late) == (timedelta(minutes=30), False)


def test_waiting_for_the_user_pauses_the_solution_and_says_so() -> None:
    history = [at(0, FILED), at(30, ANSWERED), at(30, MOVED, State.PENDING)]
    paused = read_clocks(history, ALWAYS, moment(6000))[2]
    assert (paused.stands, paused.used) == ("user", timedelta(minutes=30))
    resumed = read_clocks([*history, at(90, ASKED), at(90, MOVED, State.OPEN)], ALWAYS, moment(100))[2]
    assert resumed.due_at == moment(90 + 24 * 60 - 30)


def test_what_is_solved_stands_and_a_reopened_ticket_goes_on() -> None:
    history = [at(0, FILED), at(10, ANSWERED), at(60, MOVED, State.SOLVED)]
    assert read_clocks(history, ALWAYS, moment(900))[2].met_at == moment(60)
    reopened = read_clocks([*history, at(600, MOVED, State.OPEN)], ALWAYS, moment(660))[2]
    assert (reopened.running, reopened.used) == (True, timedelta(minutes=120))


def test_the_wait_begins_with_the_oldest_unanswered_word() -> None:
    assert waiting_since([at(0, FILED)]) == START
    assert waiting_since([at(0, FILED), at(5, ANSWERED)]) is None
    assert waiting_since([at(0, FILED), at(5, ANSWERED), at(9, ASKED), at(11, ASKED)]) == moment(9)
    assert waiting_since([at(0, FILED), at(5, MOVED, State.CLOSED)]) is None
    assert waiting_since([at(0, FILED), at(5, MOVED, State.CLOSED), at(9, MOVED, State.OPEN)]) == moment(9)


events = st.lists(
    st.tuples(st.integers(1, 5000), st.sampled_from([(ASKED, None), (ANSWERED, None), *((MOVED, state) for state in State)])), max_size=8
)


@given(events, st.integers(0, 6000))
def test_no_history_makes_a_clock_run_backwards_or_due_before_it_began(
    happened: list[tuple[int, tuple[Happening, State | None]]], now: int
) -> None:
    history = [at(0, FILED), *(at(minutes, what, state) for minutes, (what, state) in happened)]
    for reading in read_clocks(history, OFFICE, moment(6000 + now)):
        assert reading.used >= timedelta(0)
        assert reading.due_at is None or reading.due_at >= START
        assert reading.running == (reading.due_at is not None)


@pytest.mark.parametrize("name", ["always", "office"])
@given(start=st.integers(0, 20000), minutes=st.integers(1, 5000))
def test_the_time_between_a_moment_and_its_deadline_is_what_was_allowed(name: str, start: int, minutes: int) -> None:
    calendar = service_book().calendars[name]
    begin = moment(start)
    end = calendar.after(begin, timedelta(minutes=minutes))
    assert calendar.between(begin, end) == timedelta(minutes=minutes)
    assert calendar.is_open(end - timedelta(seconds=1))
