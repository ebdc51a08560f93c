"""Ways of spending that nobody meant are found in a day's requests; what is worth a word, the limits decide."""

from __future__ import annotations

import pytest

from app.core.record import RedactedRecord
from app.core.usage import find_waste, read_usage
from app.core.warning import Finding, WarningBook, is_reached
from app.store.rulebook import RULES_DIR, read_rules
from tests.log_records import a_record

BOOK = WarningBook(read_rules(RULES_DIR, "warnings"))


def requests(count: int, name: str = "", **changes: object) -> list[RedactedRecord]:
    usual = {"key_alias": "search-prod", "group": "search", "owner": "u-mia", "environment": "production", "cost_micros": 1000}
    return [a_record(f"{name}{changes}{n}", **(usual | changes)) for n in range(count)]


def found(*records: list[RedactedRecord], owners: dict[str, str] | None = None) -> dict[str, Finding]:
    usage = read_usage([record for part in records for record in part], owners or {})
    return {finding.rule: finding for finding in find_waste(usage, BOOK) if is_reached(BOOK.kinds[finding.rule], finding.facts)}


def test_ordinary_use_is_nothing_to_warn_of() -> None:
    assert found(requests(300), requests(2, request_type="image", cost_micros=40_000)) == {}


def test_videos_and_chat_in_one_group_are_told_with_their_share() -> None:
    mixed = found(requests(100), requests(12, request_type="video", cost_micros=700_000))["mixed-group"]
    assert (mixed.value, mixed.facts["costly"], mixed.facts["chat"], mixed.facts["kinds"]) == ("search", 12, 100, "video")
    assert mixed.facts["share"] == 99
    assert mixed.money == 8_400_000
    assert len(mixed.examples) == 5
    assert "mixed-group" not in found(requests(100), requests(12, request_type="video", group="video", cost_micros=700_000))


@pytest.mark.parametrize(
    ("alias", "environment", "told"),
    [
        ("search-test-2", "production", True), ("测试密钥", "生产", True), ("Sandbox 7", "Prod", True),
        ("contest-entry", "production", False), ("search-test-2", "staging", False), ("search-prod", "production", False),
        ("latest", "production", False),
    ],
)  # fmt: skip
def test_a_key_named_like_a_test_key_does_not_belong_in_production(alias: str, environment: str, told: bool) -> None:
    assert ("test-key-in-production" in found(requests(60, key_alias=alias, environment=environment))) is told


def test_one_key_of_many_programs_or_people_is_shared() -> None:
    programs = [requests(10, client=f"{name}/1.{n}") for n, name in enumerate(("Cursor", "curl", "OpenAI/Python", "CherryStudio"))]
    people = [requests(10, owner=f"u-{n}") for n in range(3)]
    versions = [requests(10, client=f"Cursor/1.{n}") for n in range(6)]
    assert found(*programs)["shared-key"].facts["clients"] == 4
    assert found(*people)["shared-key"].facts["owners"] == 3
    assert "shared-key" not in found(*versions)


def test_money_nobody_answers_for_is_told_unless_the_registry_knows_the_owner() -> None:
    nobodys = requests(30, owner=None)
    waste = found(nobodys, requests(30, "other", key_alias="x"))["ownerless-key"]
    assert (waste.facts["count"], waste.facts["share"], waste.money) == (30, 50, 30_000)
    [identity] = read_usage(nobodys, {}).keys
    assert "ownerless-key" not in found(nobodys, owners={identity: "u-mia"})
    assert "ownerless-key" not in found(requests(30, owner=None, cost_micros=None), requests(30, "other", key_alias="x"))
