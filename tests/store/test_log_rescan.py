"""Every log engine gives its records in pages to be read again, and takes corrected ones."""

from __future__ import annotations

from datetime import timedelta

from app.core.record import Outcome
from app.core.record_text import texts_of, with_clean_texts
from app.core.redacted_text import seal
from app.core.rollups import Dimension
from app.store.logs import LogStore
from tests.conftest import NOW
from tests.log_records import START, a_record


def test_every_record_comes_once_in_bounded_pages(store: LogStore) -> None:
    store.append("ndjson", [a_record(f"call-{n}") for n in range(25)], [], NOW)
    pages = list(store.walk(10))
    assert [len(page) for page in pages] == [10, 10, 5]
    assert sorted(record.request_id for page in pages for record in page) == sorted(f"call-{n}" for n in range(25))


def test_an_empty_log_has_no_page(store: LogStore) -> None:
    assert list(store.walk()) == []


def test_a_corrected_record_takes_the_place_of_the_stored_one_and_of_no_other(store: LogStore) -> None:
    first, second = a_record("one", owner="loud", tags=("a", "b"), cost_micros=12), a_record("two", owner="loud")
    store.append("ndjson", [first, second], [], NOW)
    quiet = with_clean_texts(first, {"loud": seal("quiet"), "b": seal("c")})
    store.replace(quiet)
    assert store.records([first.record_id, second.record_id]) == (quiet, second)
    assert (quiet.owner, quiet.tags, quiet.cost_micros, store.count()) == ("quiet", ("a", "c"), 12, 2)


def test_a_page_can_be_corrected_while_the_next_is_waited_for(store: LogStore) -> None:
    store.append("ndjson", [a_record(f"call-{n}", owner="loud") for n in range(7)], [], NOW)
    for page in store.walk(3):
        for record in page:
            store.replace(with_clean_texts(record, {"loud": seal("quiet")}))
    assert {record.owner for page in store.walk() for record in page} == {"quiet"}


def test_the_texts_of_a_record_are_its_words_and_not_its_own_marks() -> None:
    record = a_record("one", error_message="broken", key_prefix="sk-", key_last4="9f3c", tags=("x",))
    assert set(texts_of(record)) == {("request_id", "one"), ("action_id", "one"), ("error_message", "broken"), ("tags", "x")}


def test_a_label_of_purged_records_is_listed_and_its_figures_move_to_the_corrected_one(store: LogStore) -> None:
    records = [a_record(f"call-{n}", owner=owner, started_at=START + n) for n, owner in enumerate(("loud", "loud", "quiet"))]
    store.append("ndjson", records, [], NOW)
    assert store.kept_labels() == []
    purged = store.purge(NOW + timedelta(days=1), NOW + timedelta(days=1))
    assert purged == len(records)
    assert {(Dimension.OWNER, "loud"), (Dimension.OWNER, "quiet")} <= set(store.kept_labels())
    store.rename_kept(Dimension.OWNER, "loud", "quiet")
    assert (Dimension.OWNER, "loud") not in store.kept_labels()
    span = NOW - timedelta(days=1), NOW + timedelta(days=1)
    assert [(total.value, total.figures.requests) for total in store.totals(Dimension.OWNER, *span)] == [("quiet", 3)]


def test_a_label_that_stored_records_still_have_stays_theirs(store: LogStore) -> None:
    store.append("ndjson", [a_record("gone", owner="loud", outcome=Outcome.ERROR), a_record("here", owner="loud")], [], NOW)
    store.purge(None, NOW + timedelta(days=1))
    store.rename_kept(Dimension.OWNER, "loud", "quiet")
    span = NOW - timedelta(days=1), NOW + timedelta(days=1)
    assert {(total.value, total.figures.requests) for total in store.totals(Dimension.OWNER, *span)} == {("quiet", 1), ("loud", 1)}
    assert store.check_rollups() == ()
