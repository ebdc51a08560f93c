"""Facts without a column: kept as numbers, flags and ids, and read back as they were."""

from __future__ import annotations

from app.core.evidence import Evidence
from app.core.told_facts import read_told_facts, told_facts

KNOWN = frozenset({"new-api", "own"})


def test_what_was_told_comes_back() -> None:
    facts = {"elapsed_seconds": 61.5, "retry_after_seconds": 20, "gateway": "new-api", "via_proxy": False, "charged": True}
    assert told_facts(Evidence(**facts), KNOWN) == facts
    assert read_told_facts(facts) == facts


def test_a_gateway_in_the_reader_s_own_words_is_not_kept() -> None:
    assert told_facts(Evidence(gateway="llm.internal.example"), KNOWN) == {}


def test_what_is_of_another_kind_is_left_out() -> None:
    assert read_told_facts({"elapsed_seconds": "soon", "charged": "yes", "prompt": "hello", "via_proxy": True}) == {"via_proxy": True}
    assert read_told_facts(None) == {}
