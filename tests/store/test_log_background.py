"""What a bounded search by time left out is known by a sample, so that the matcher can tell the usual from the rare."""

from __future__ import annotations

from app.core.matching import search_hints
from app.store import logs_candidates, logs_probes
from app.store.logs import LogStore
from tests.conftest import NOW
from tests.matching import CLIENTS, MODELS, a_failure, a_report


def background(store: LogStore):
    report = a_report()
    return store.candidates(report, 1, search_hints(report, CLIENTS, MODELS)).background


def fill(store: LogStore, count: int, spread: float) -> None:
    """`count` problems, evenly within `spread` minutes on both sides."""
    records = [a_failure(f"r{n}", minutes=(n / count * 2 - 1) * spread) for n in range(count)]
    store.append("ndjson", records, (), NOW)


def test_a_search_that_took_everything_has_no_background(store):
    fill(store, 40, 20)
    assert background(store).total == 0


def test_a_full_search_brings_a_sample_spread_over_the_window_and_the_number_of_all(store, monkeypatch):
    monkeypatch.setattr(logs_candidates, "TAKEN_NEAR", 50)
    monkeypatch.setattr(logs_probes, "SAMPLED", 20)
    fill(store, 200, 20)
    found = background(store)
    times = sorted(record.started_at for record in found.records)
    assert found.total == 200
    assert 15 <= len(times) <= 25
    assert (times[-1] - times[0]) / 60_000 > 30


def test_where_the_scan_is_cut_the_number_is_estimated_from_the_span_it_covered(store, monkeypatch):
    monkeypatch.setattr(logs_candidates, "TAKEN_NEAR", 50)
    monkeypatch.setattr(logs_probes, "SCANNED_PER_SIDE", 60)
    fill(store, 240, 20)
    total = background(store).total
    assert 230 <= total <= 290  # the window reaches 22.5 minutes on each side; 120 rows cover 10
