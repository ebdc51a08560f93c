"""Cases made of tickets: told alike when read again, and nothing private in them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.core.case import case_of, read_case
from app.core.diagnosis import diagnose
from app.core.evidence import Evidence
from app.core.key_ref import KeyRef
from app.core.record import Origin, Outcome, RedactedRecord
from app.core.rulebook import Rulebook
from app.settings import PROJECT_ROOT
from app.store.rulebook import load_rulebook
from tests.conftest import PEPPER

CONFIRMED = PROJECT_ROOT / "tests" / "cases" / "confirmed.jsonl"


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    return load_rulebook(PEPPER)


def evidence(rulebook: Rulebook, text: str, **facts: Any) -> Evidence:
    return Evidence(error_text=rulebook.redactor.clean(text), **facts)


def record(rulebook: Rulebook, **changes: Any) -> RedactedRecord:
    facts: dict[str, Any] = {
        "record_id": "ab" * 16, "request_id": "5f0c6d1e2b3a4978", "action_id": "a", "source": "litellm", "started_at": 1_763_627_160_000,
        "status_code": 429, "outcome": Outcome.ERROR, "origin": Origin.GATEWAY, "owner": "u-search", "group": "search-team",
        "key_alias": "search-prod", "balance_micros": -1_230_000,
        "error_message": rulebook.redactor.clean("Budget has been exceeded! Current cost: 12.34, Max budget: 10.0"),
    }  # fmt: skip
    return RedactedRecord(**(facts | changes))


def test_a_case_carries_nothing_private(rulebook: Rulebook) -> None:
    told = evidence(
        rulebook,
        "用户剩余额度: ＄0.012345 (request id: 2024052310260941388718971918754), user_id=48213, channel #12",
        client="my own script for Miller & Sons",
        model="gpt-4o",
        status_code=403,
        key=KeyRef("sk-", "9f3c", "ab" * 16),
        request_id="5f0c6d1e2b3a4978",
        base_url="https://llm.prod.internal/v1",
    )
    written = json.dumps(case_of(told, "balance-insufficient", record(rulebook), rulebook), ensure_ascii=False)
    for private in (
        "0.012345",
        "20240523",
        "48213",
        "#12",
        "Miller",
        "9f3c",
        "5f0c6d1e",
        "internal",
        "u-search",
        "search-",
        "12.34",
        "1230000",
    ):
        assert private not in written


def test_a_case_is_told_as_its_ticket_was(rulebook: Rulebook) -> None:
    message = "Rate limit reached for gpt-4o on requests per min (RPM): Limit 3, Used 3, Requested 1. Please try again in 20s."
    text = f"Error code: 429 - {{'error': {{'message': '{message}', 'code': 'rate_limit_exceeded'}}}}"
    told = evidence(rulebook, text, client="Cherry Studio", model="gpt-4o", status_code=429)
    case = case_of(told, "rate-limit-rpm", None, rulebook)
    again, context = read_case(json.loads(json.dumps(case)), rulebook)
    assert diagnose(again, rulebook.causes, context).top.cause == "rate-limit-rpm"
    assert (case["client"], case["status"], "log" in case) == ("Cherry Studio", 429, False)


def test_what_the_log_said_is_part_of_the_case(rulebook: Rulebook) -> None:
    case = case_of(
        evidence(rulebook, "Error 429", status_code=429), "team-budget-exceeded", record(rulebook, error_code="budget_exceeded"), rulebook
    )
    again, context = read_case(case, rulebook)
    assert context.ranking is not None
    assert context.ranking.matches[0].record.balance_micros == 0
    assert diagnose(again, rulebook.causes, context).top.cause == "team-budget-exceeded"


def confirmed() -> list[dict[str, Any]]:
    return [json.loads(line) for line in CONFIRMED.read_text(encoding="utf-8").splitlines()] if CONFIRMED.exists() else []


def test_every_confirmed_case_is_told_right(rulebook: Rulebook) -> None:
    wrong = []
    for case in confirmed():
        told, context = read_case(case, rulebook)
        top = diagnose(told, rulebook.causes, context).top.cause
        if top != case["cause"]:
            wrong.append((case["cause"], top, case["text"][:80]))
    assert wrong == []
