"""A field that no record ever had comes with what to change at the gateway; the advice itself is checked."""

from __future__ import annotations

from typing import Any

import pytest

from app.core.source_hints import SourceHints, check_hints
from app.store.formats import load_formats, load_hints
from app.store.logs import WATCHED_FIELDS

HINTS = load_hints()
GOOD = {"id": "a", "source": "new_api", "fields": ["ttft_ms"], "en": "Set it.", "zh": "请设置。"}


def test_missing_failures_name_the_gateways_setting() -> None:
    (hint,) = HINTS.for_source("new_api", ("error_code", "error_message", "client"))
    assert "ERROR_LOG_ENABLED=true" in hint.text("en")
    assert "ERROR_LOG_ENABLED=true" in hint.text("zh_Hans_CN")
    assert hint.text("en") != hint.text("zh_Hans_CN")


def test_no_advice_is_given_while_one_of_its_fields_was_filled_or_for_another_source() -> None:
    assert HINTS.for_source("new_api", ("error_message",)) == ()
    assert HINTS.for_source("ndjson", WATCHED_FIELDS) == ()


def test_the_advice_in_force_holds() -> None:
    assert check_hints(HINTS, load_formats(500_000), WATCHED_FIELDS) == []


@pytest.mark.parametrize(("changes", "problem"), [
    ({"source": "newapi"}, "there is no source newapi"),
    ({"fields": ["ttft"]}, "a record has no field ttft"),
    ({"fields": ["started_at"]}, "nobody watches the field started_at"),
    ({"fields": []}, "names no field"),
    ({"zh": "Set it."}, "needs advice in both languages"),
    ({"en": " "}, "needs advice in both languages"),
])  # fmt: skip
def test_wrong_advice_is_named(changes: dict[str, Any], problem: str) -> None:
    assert check_hints(SourceHints({"hint": [GOOD | changes]}), {"new_api"}, WATCHED_FIELDS) == [f"a: {problem}"]


def test_an_id_used_twice_is_named() -> None:
    assert check_hints(SourceHints({"hint": [GOOD, GOOD]}), {"new_api"}, WATCHED_FIELDS) == ["a: the id is used twice"]
