"""Looking through the log: every engine finds what the filter wants, page after page, and says how far it came."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.log_filter import Cursor, LogFilter, Shown
from app.core.record import Outcome, RedactedRecord
from app.core.redacted_text import seal
from app.store import logs_find
from app.store.logs import LogStore
from tests.conftest import NOW
from tests.log_records import START, a_record

WORD = st.sampled_from([None, "a", "b", "A/1"])
FILTERS = st.builds(
    LogFilter,
    shown=st.sampled_from(list(Shown)),
    status_code=st.sampled_from([None, 200, 429]),
    since=st.sampled_from([None, START + 3]),
    until=st.sampled_from([None, START + 7]),
    model=WORD,
    client=WORD,
    key=WORD,
    group=WORD,
    text=st.sampled_from([None, "rate", "LIMIT rate", "100%_", "E_BUSY"]),
)


def some_records() -> list[RedactedRecord]:
    """Records that differ in every fact a filter may ask for; several at one moment."""
    outcomes, words = list(Outcome), ["a", "b", "A/1", None]
    return [
        a_record(
            f"r-{n}",
            started_at=START + n // 3,
            outcome=outcomes[n % 4],
            status_code=(200, 429)[n % 2],
            model_requested=words[n % 3],
            model_served=words[(n // 2) % 4],
            client=words[(n // 3) % 4],
            key_alias=words[(n // 5) % 4],
            group=words[(n // 7) % 4],
            error_message=(None, seal("Rate limit reached, 100%_ sure"), seal("rate"))[(n // 2) % 3],
            error_code=(None, "e_busy")[(n // 4) % 2],
        )
        for n in range(30)
    ]


def pages(store: LogStore, chosen: LogFilter, limit: int) -> Iterator[RedactedRecord]:
    cursor: Cursor | None = None
    while True:
        page = store.find(chosen, limit, cursor)
        yield from page.records
        if page.older is None:
            return
        assert cursor is None or page.older < cursor
        cursor = page.older


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chosen=FILTERS, limit=st.integers(1, 7))
def test_pages_are_what_the_filter_wants_newest_first(store: LogStore, chosen: LogFilter, limit: int) -> None:
    records = some_records()
    store.append("ndjson", records, [], NOW)
    wanted = sorted((one for one in records if chosen.wants(one)), key=lambda one: (one.started_at, one.record_id), reverse=True)
    assert [one.request_id for one in pages(store, chosen, limit)] == [one.request_id for one in wanted]


def test_a_search_says_how_far_it_came(store: LogStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs_find, "MOST_SCANNED", 4)
    store.append("ndjson", [a_record(f"r-{n}", started_at=START + n, group="rare" if n == 1 else "usual") for n in range(12)], [], NOW)
    chosen = LogFilter(shown=Shown.ALL, group="rare")
    first = store.find(chosen, 5)
    assert first.records == ()
    assert first.older is not None
    assert [one.request_id for one in pages(store, chosen, 5)] == ["r-1"]


@pytest.mark.parametrize("text", ["", "x", "-5", "5e3", "9" * 30, "²", "5-" + "g" * 32])
def test_a_cursor_that_is_none_is_read_as_none_or_as_a_moment(text: str) -> None:
    cursor = Cursor.read(text)
    assert cursor is None or cursor.record_id == ""
