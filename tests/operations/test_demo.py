"""The demonstration's data: repeatable, lifelike, and without a secret."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from app.core.adapters.litellm import parse_line
from app.core.fields import FieldCleaner
from app.core.record import Outcome
from app.core.ticket import ACTIVE, State
from app.operations.demo import demo_tickets, demo_traffic
from app.operations.demo.failures import CLIENT_LEFT, FAILURE, kind_of
from app.operations.demo.records import HIDDEN_TEXT
from app.operations.demo.tickets import STORIES
from app.operations.setup import DEMO_ACCOUNTS
from app.store.rulebook import load_rulebook

END = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
RECORDS = list(demo_traffic(7, END, requests=5000))
TICKETS = demo_tickets(7, RECORDS)
CLASSES = {
    "401": {"bad_key", "expired_key"},
    "balance": {"team_budget", "key_budget", "upstream_balance", "upstream_quota"},
    "429": {"provider_rpm", "provider_tpm", "key_rpm"},
    "model not found": {"unknown_model", "upstream_model"},
    "timeout": {"timeout", "stream_stall"},
    "task failed": {"task_failed"},
}
WORKED_ON = (State.OPEN, State.PENDING, State.ON_HOLD, State.SOLVED, State.CLOSED)
KEY_SHAPES = re.compile(r"sk-[A-Za-z0-9_-]{8,}|AIza[A-Za-z0-9_-]{20,}|Bearer [A-Za-z0-9._-]{12,}|[\w.]+@[\w-]+\.\w+")


def test_the_same_seed_gives_the_same_week_twice():
    again = list(demo_traffic(7, END, requests=5000))
    assert json.dumps(again) == json.dumps(RECORDS)
    assert demo_tickets(7, again) == TICKETS


def test_another_seed_gives_another_week():
    assert [record["id"] for record in demo_traffic(8, END, requests=50)] != [record["id"] for record in demo_traffic(7, END, requests=50)]


@pytest.mark.parametrize("name", CLASSES)
def test_every_class_of_failure_happens(name):
    assert sum(kind_of(record) in CLASSES[name] for record in RECORDS) >= 5


def test_every_failed_record_is_of_a_known_kind():
    kinds = {kind_of(record) for record in RECORDS if record["status"] == "failure"}
    assert None not in kinds
    assert kinds <= set(FAILURE)


def test_no_value_looks_like_a_key_an_address_or_a_prompt():
    for record in RECORDS:
        assert not KEY_SHAPES.search(json.dumps(record, ensure_ascii=False))
        assert record["messages"] == HIDDEN_TEXT or {message["content"] for message in record["messages"]} == {HIDDEN_TEXT}
    assert not KEY_SHAPES.search(repr(TICKETS))


def test_the_week_ends_now_and_is_as_long_as_asked():
    starts = [record["startTime"] for record in RECORDS]
    assert min(starts) >= (END - timedelta(days=7)).timestamp()
    assert max(record["endTime"] for record in RECORDS) <= END.timestamp()
    assert len({int(start // 86400) for start in starts}) >= 7


def test_few_keys_carry_most_of_the_traffic_and_nights_are_quiet():
    by_key = Counter(record["metadata"]["user_api_key_hash"] for record in RECORDS)
    busiest = sum(count for _, count in by_key.most_common(12))
    assert busiest > len(RECORDS) / 2
    by_hour = Counter(datetime.fromtimestamp(record["startTime"], UTC).hour for record in RECORDS)
    assert by_hour[7] > 4 * by_hour[20]


def test_a_retried_or_rescued_request_is_two_records_of_one_call():
    by_call: dict[str, list[dict]] = {}
    for record in RECORDS:
        by_call.setdefault(record["litellm_call_id"], []).append(record)
    pairs = [records for records in by_call.values() if len(records) == 2]
    assert any(first["model_group"] == second["model_group"] for first, second in pairs)
    assert any(first["model_group"] != second["model_group"] for first, second in pairs)
    assert all([record["status"] for record in pair] == ["failure", "success"] for pair in pairs)


def test_the_gateway_adapter_reads_every_record():
    rules = load_rulebook(b"demo test pepper")
    clean = FieldCleaner(rules.redactor, b"demo test pepper")
    read = [parse_line(json.dumps(record).encode(), clean) for record in RECORDS]
    assert len({record.record_id for record in read}) == len(RECORDS)
    assert {record.outcome for record in read} == set(Outcome)
    assert {"chat", "image", "video", "embedding"} <= {record.request_type for record in read}
    assert any(record.task_id for record in read)


def test_a_short_demonstration_works_too():
    assert list(demo_traffic(1, END, days=1, requests=200))


def test_tickets_are_in_both_languages_and_every_state():
    assert len(TICKETS) >= 40
    assert {ticket.language for ticket in TICKETS} == {"en", "zh"}
    assert {ticket.state for ticket in TICKETS} >= {State.NEW, *WORKED_ON}
    assert any(ticket.state in ACTIVE and ticket.assignee for ticket in TICKETS)


def test_a_ticket_is_about_a_real_line_or_about_none():
    by_call = {record["litellm_call_id"]: record for record in RECORDS}
    assert sum(not ticket.call_ids for ticket in TICKETS) >= 4
    for ticket in TICKETS:
        for call_id in ticket.call_ids:
            assert kind_of(by_call[call_id]) in {*FAILURE, CLIENT_LEFT}
            assert ticket.filed_at >= datetime.fromtimestamp(by_call[call_id]["startTime"], UTC)


def test_a_remembered_time_lies_within_its_tolerance():
    by_call = {record["litellm_call_id"]: record["startTime"] for record in RECORDS if kind_of(record)}
    for ticket in TICKETS:
        for call_id in ticket.call_ids:
            true = datetime.fromtimestamp(by_call[call_id], UTC)
            assert ticket.request_time is None or abs(ticket.request_time - true) <= timedelta(minutes=ticket.tolerance_minutes + 2)


def test_everybody_on_a_ticket_has_an_account():
    for ticket in TICKETS:
        people = {ticket.requester, ticket.assignee, *(word.by for word in (*ticket.replies, *ticket.notes))} - {None, "requester"}
        assert people <= {name for name, *_ in DEMO_ACCOUNTS}
        assert ticket.requester_name


def test_nothing_on_a_ticket_happens_before_it_or_after_now():
    for ticket in TICKETS:
        moments = [word.at for word in (*ticket.replies, *ticket.notes)]
        assert all(ticket.filed_at <= moment <= END for moment in moments)


def test_every_cause_named_is_a_cause_of_the_rules():
    causes = load_rulebook(b"x").causes.causes
    if not causes:
        pytest.skip("no causes yet")
    assert {story.cause for story in STORIES if story.cause} <= set(causes)
