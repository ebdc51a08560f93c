"""What a public reply must not tell, found with its place; what the user said themselves may be repeated."""

from __future__ import annotations

import pytest

from app.core.private_facts import find_private, names_of, segments
from tests.articles import book
from tests.conftest import NOW
from tests.log_records import a_record

NAMES = {"search-team": "group", "u-search": "owner", "search-prod": "alias", "azure-eu-2": "route"}


def kinds(text: str, said: str = "", own: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    marks = find_private(text, NAMES, book().gate.private, own, said)
    return [(mark.kind, text[mark.start : mark.end]) for mark in marks]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Your group Search-Team is full.", [("group", "Search-Team")]),
        ("请联系 u-search 处理", [("owner", "u-search")]),
        ("分组search-team已满", [("group", "search-team")]),
        ("It went to azure-eu-2.", [("route", "azure-eu-2")]),
        ("You have $12.40 left.", [("amount", "$12.40")]),
        ("还剩 50 元", [("amount", "50 元")]),
        ("渠道 #7 被禁用", [("route", "渠道 #7")]),
        ("See 5f0c6d1e-2b3a-4978-8796-a5b4c3d2e1f0 too", [("id", "5f0c6d1e-2b3a-4978-8796-a5b4c3d2e1f0")]),
    ],
)
def test_a_private_fact_is_found_where_it_stands(text: str, expected: list[tuple[str, str]]) -> None:
    assert kinds(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "The quota is used up. Ask the owner of the key.",
        "researchsearch-teams is another word",
        "Please wait 20 seconds and send at most 3 requests a minute.",
        "The model gpt-4o-2024-08-06 answers again since 2026-11-20 08:30 UTC.",
        "余额不足，请联系密钥负责人。",
    ],
)
def test_an_ordinary_answer_passes(text: str) -> None:
    assert kinds(text) == []


def test_what_the_user_said_and_their_own_id_may_be_repeated() -> None:
    mine = "5f0c6d1e2b3a49788796a5b4c3d2e1f0"
    assert kinds(f"You wrote $5; your request {mine}", said="I paid $5", own=(mine,)) == []


def test_the_text_can_be_shown_with_its_marks_and_nothing_is_lost() -> None:
    text = "Group search-team has $3."
    parts = segments(text, find_private(text, NAMES, book().gate.private, ()))
    assert "".join(part.text for part in parts) == text
    assert [(part.kind, part.text) for part in parts if part.kind] == [("group", "search-team"), ("amount", "$3.")] or [
        part.kind for part in parts if part.kind
    ] == ["group", "amount"]


def test_names_come_from_the_log_and_a_model_that_was_asked_for_is_none() -> None:
    at = int(NOW.timestamp() * 1000)
    record = a_record("r-1", started_at=at, group="search-team", owner="u-1", model_requested="gpt-4o", model_served="gpt-4o")
    assert names_of([record]) == {"search-team": "group", "u-1": "owner"}
