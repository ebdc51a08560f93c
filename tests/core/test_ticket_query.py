"""What a list is asked for: read from an address, written to one, and resolved for the store."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.ticket import State
from app.core.ticket_query import FACTS, TicketQuery, read_query, resolve, untold
from tests.articles import book
from tests.conftest import NOW


def read(**given: str) -> TicketQuery:
    return read_query(given, book().causes, book().redactor.clean)


def test_an_address_says_only_what_differs_from_everything() -> None:
    assert TicketQuery().address() == {}
    query = read(view="active", who="me", cause="rate-limit-rpm", sort="waiting")
    assert query.address() == {"view": "active", "who": "me", "cause": "rate-limit-rpm", "sort": "waiting"}
    assert query.narrowed == 2


@given(st.dictionaries(st.sampled_from(list(TicketQuery().__dataclass_fields__)), st.text(max_size=40)))
def test_whatever_an_address_says_it_can_be_written_and_read_again(given: dict[str, str]) -> None:
    query = read_query(given, book().causes, book().redactor.clean)
    assert read_query(query.address(), book().causes, book().redactor.clean) == query


@pytest.mark.parametrize(
    ("name", "value"),
    [("view", "none"), ("who", "root"), ("who", "²"), ("cause", "x"), ("family", "x"), ("layer", "x"), ("age", "1"), ("sort", "id; drop")],
)
def test_nonsense_is_ignored(name: str, value: str) -> None:
    assert read(**{name: value}) == TicketQuery()


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("2026-11-02", "2026-11-02T00:00"), ("2026-11-02T08:30", "2026-11-02T08:30"), ("soon", ""), ("2026-11-02T08:30Z", "")],
)
def test_a_time_is_a_minute_or_a_day_in_utc(typed: str, kept: str) -> None:
    assert read(filed_from=typed).filed_from == kept
    found = resolve(read(solved_until=typed), book().causes, 1, NOW).solved_until
    assert (f"{found:%Y-%m-%dT%H:%M%z}" if found else "") == (f"{kept}+0000" if kept else "")


def test_typed_words_pass_the_redactor() -> None:
    key = "sk-" + "Zy8x" * 10 + "9f3c"
    for name in ("group", "client", "model", "tag", "environment", "q"):
        assert key not in getattr(read(**{name: key}), name)


def test_a_family_and_a_layer_are_sets_of_causes() -> None:
    rate = resolve(read(family="rate"), book().causes, 1, NOW).causes
    assert rate is not None
    assert {book().causes[cause].family for cause in rate} == {"rate"}
    assert resolve(read(family="rate", layer="network"), book().causes, 1, NOW).causes == ()
    assert resolve(read(), book().causes, 1, NOW).causes is None


def test_me_nobody_and_a_colleague_are_told_apart() -> None:
    assert resolve(read(who="me"), book().causes, 7, NOW).assignee_id == 7
    assert resolve(read(who="12"), book().causes, 7, NOW).assignee_id == 12
    nobody = resolve(read(who="nobody"), book().causes, 7, NOW)
    assert (nobody.assignee_id, nobody.unassigned) == (None, True)


def test_age_and_clock_are_moments() -> None:
    chosen = resolve(read(age="over-3-days", clock="soon", view="new"), book().causes, 1, NOW)
    assert chosen.created_until == NOW - timedelta(days=3)
    assert chosen.due_until == NOW + timedelta(hours=1)
    assert chosen.states == (State.NEW,)


@pytest.mark.parametrize(("ending", "fingerprint"), [("9f3c", None), (None, "a" * 32), ("9f3c", "a" * 32)])
def test_a_key_told_by_its_ending_or_by_its_fingerprint_is_told(ending: str | None, fingerprint: str | None) -> None:
    facts = dict.fromkeys(FACTS) | {"model": "m-1", "key_last4": ending, "key_fingerprint": fingerprint}
    assert untold(SimpleNamespace(**facts)) == ("client", "status_code", "error_text", "request_time", "request_id")
    bare = facts | {"key_last4": None, "key_fingerprint": None}
    assert "key" in untold(SimpleNamespace(**bare))
