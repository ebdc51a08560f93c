"""A short run of the mutation fuzzer: what it promises for a hundred thousand mutants holds for these."""

from __future__ import annotations

import pytest

from benchmarks import fuzz_adapters
from benchmarks.fuzz_adapters import FORMATS, bodies, fuzz


def test_every_format_but_the_plain_table_has_samples() -> None:
    assert {name for name, _ in bodies()} == set(FORMATS)


def test_mutants_become_records_or_reasons_and_give_no_secret_away() -> None:
    counts = fuzz(1_500, seed=11)
    assert counts["record"] > 300
    assert counts["rejected"] > 300


def test_the_fuzzer_notices_a_secret_that_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fuzz_adapters, "PROBE", "gpt-4o")
    with pytest.raises(AssertionError, match="a planted secret"):
        fuzz(300, seed=11)
