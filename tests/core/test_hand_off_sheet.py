"""Checklists, queue fields and trackers are data: what they take, what they refuse, and what their check notices."""

from __future__ import annotations

import copy

import pytest

from app.core.hand_off_sheet import HandOffBook, check_hand_off
from app.store.hand_off_rules import hand_off_book
from app.store.rulebook import RULES_DIR, read_rules

QUEUES = ("support", "engineering", "billing")
FACTS = ("client_version", "request_id", "request_time")


def test_each_queue_has_a_checklist_and_the_two_others_fields_of_their_own() -> None:
    book = hand_off_book()
    assert all(book.items_of(queue) for queue in QUEUES)
    assert [field.id for field in book.fields_of("billing")] == ["order_time", "payment_kind", "code_state"]
    assert {"severity", "component", "reproduced"} == {field.id for field in book.fields_of("engineering")}
    assert book.fields_of("support") == ()


@pytest.mark.parametrize(
    ("field", "typed", "kept"),
    [
        ("payment_kind", "alipay", "alipay"),
        ("payment_kind", "paid 49.90 by card 4111", None),
        ("payment_kind", "", ""),
        ("order_time", "2026-11-20T16:30", "2026-11-20T16:30"),
        ("order_time", "2026-11-20T16:30+08:00", "2026-11-20T08:30"),
        ("order_time", "order 20261120-7781", None),
    ],
)
def test_a_field_keeps_a_choice_or_a_moment_and_never_words(field: str, typed: str, kept: str | None) -> None:
    assert hand_off_book().fields[field].read(typed) == kept


def test_an_address_of_a_known_tracker_becomes_its_short_name_without_query() -> None:
    found = hand_off_book().tracked("https://example.atlassian.net/browse/PROJ-123?token=abc#comment")
    assert found is not None
    assert (found.shown, found.address) == ("PROJ-123", "https://example.atlassian.net/browse/PROJ-123")


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)//browse/PROJ-1", "https://a:b@example.atlassian.net/browse/PROJ-1", "https://example.com/PROJ-1", "PROJ-1", ""],
)
def test_any_other_address_is_refused(address: str) -> None:
    assert hand_off_book().tracked(address) is None


def test_the_check_notices_unknown_names_missing_words_and_false_examples() -> None:
    data = copy.deepcopy(read_rules(RULES_DIR, "hand_off"))
    assert check_hand_off(HandOffBook(data), QUEUES, FACTS) == []
    data["item"][0] |= {"queues": ["kitchen"], "fact": "shoe_size", "text": {"en": "x"}}
    data["field"][0]["choices"] = []
    data["tracker"][0]["hit"][0]["shown"] = "other"
    data["tracker"][1]["miss"] = []
    faults = "\n".join(check_hand_off(HandOffBook(data), QUEUES, FACTS))
    for word in ("kitchen", "shoe_size", "no words in zh", "0 choices", "is read as", "needs hits and misses"):
        assert word in faults
