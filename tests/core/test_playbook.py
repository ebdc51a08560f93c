"""Playbooks: every cause has one, facts fill the steps, and ready replies say nothing private."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from app.core.article_gate import ArticleGate
from app.core.clients import ClientBook
from app.core.evidence import Evidence
from app.core.key_ref import KeyRef
from app.core.log_context import KeyActivity, Neighbours
from app.core.playbook import FilledStep, Playbook, PlaybookBook, StepState, for_cause, reply_values
from app.core.playbook_check import SAMPLE, check_playbooks
from app.core.playbook_facts import FACTS, Sight, answer
from app.core.record import Origin, Outcome, RedactedRecord
from app.core.redacted_text import seal
from app.store.rulebook import RULES_DIR, read_rules
from tests.cause_book import CAUSES
from tests.redactor import REDACTOR

BOOK = PlaybookBook(read_rules(RULES_DIR, "playbooks"))
GATE = ArticleGate(read_rules(RULES_DIR, "articles"))
CLIENTS = ClientBook(read_rules(RULES_DIR, "clients"))
AT = 1_763_627_160_000
FAMILIES = {
    "auth-401": "key-invalid",
    "balance-402": "balance-insufficient",
    "refused-403": "waf-or-bot-block",
    "model-404": "model-not-found",
    "timeout-504": "timeout-upstream",
    "size-413": "context-length-exceeded",
    "rate-429": "rate-limit-rpm",
    "server-5xx": "upstream-saturated",
    "stream-200": "stream-interrupted",
    "task": "async-task-failed",
    "billing": "charged-but-failed",
    "network": "network-tls-proxy-dns",
    "browser": "cors-blocked",
}


def record(**changes: Any) -> RedactedRecord:
    facts: dict[str, Any] = {
        "record_id": "ab" * 16,
        "request_id": "r-1",
        "action_id": "r-1",
        "source": "litellm",
        "started_at": AT,
        "status_code": 429,
        "outcome": Outcome.ERROR,
        "origin": Origin.PROVIDER,
        "model_requested": "gpt-4o",
    }
    return RedactedRecord(**(facts | changes))


def steps(cause: str, sight: Sight, language: str = "en") -> dict[str, FilledStep]:
    playbook = BOOK.of(CAUSES[cause])
    assert playbook is not None
    return {step.id: step for step in BOOK.steps(playbook, CAUSES[cause], sight, language)}


def test_the_playbooks_in_force_have_no_fault() -> None:
    assert check_playbooks(BOOK, CAUSES, GATE, REDACTOR) == []


@pytest.mark.parametrize(("playbook", "cause"), FAMILIES.items())
def test_every_family_has_its_own_checklist(playbook: str, cause: str) -> None:
    found = BOOK.of(CAUSES[cause])
    assert found is not None
    assert found.id == playbook


def test_a_named_cause_wins_over_its_family() -> None:
    by_name = BOOK.of(CAUSES["key-ip-restricted"])
    assert by_name is not None
    assert (CAUSES["key-ip-restricted"].family, by_name.id) == ("auth", "refused-403")


def test_an_answer_that_the_browser_keeps_back_is_not_called_a_missing_connection() -> None:
    arrived = Sight(evidence=Evidence(client="LobeChat"), record=record(status_code=401))
    assert steps("network-tls-proxy-dns", arrived)["log-line"].state is StepState.CONTRADICTS
    assert steps("cors-blocked", arrived)["log-line"].state is StepState.DONE
    playbook = BOOK.of(CAUSES["cors-blocked"])
    assert playbook is not None
    said = " ".join(reply.text["en"] for reply in for_cause(playbook.replies, CAUSES["cors-blocked"]))
    assert "did not reach" not in said


def test_a_step_without_facts_waits_for_a_person() -> None:
    filled = steps("rate-limit-rpm", Sight(searched=False))
    assert {step.state for step in filled.values()} == {StepState.UNKNOWN}
    assert all(step.said == "" and step.otherwise == "" for step in filled.values())


def test_a_key_that_works_afterwards_contradicts_a_rejected_key() -> None:
    key = KeyActivity(total=12, ok=4, by_status={200: 4, 401: 8}, last_ok_at=AT + 600_000)
    step = steps("key-invalid", Sight(record=record(status_code=401), key=key))["key-works"]
    assert step.state is StepState.CONTRADICTS
    assert "10 min after the failure" in step.said
    assert step.otherwise


def test_a_key_answered_before_only_is_no_contradiction() -> None:
    key = KeyActivity(total=12, ok=4, by_status={401: 8}, last_ok_at=AT - 600_000)
    assert steps("key-invalid", Sight(record=record(), key=key))["key-works"].state is StepState.DONE


def test_many_keys_contradict_one_caller_being_too_fast() -> None:
    step = steps("rate-limit-rpm", Sight(neighbours=Neighbours(60, 30, 7, 900)))["others"]
    assert step.state is StepState.CONTRADICTS
    assert "7 keys" in step.said


@pytest.mark.parametrize(
    ("message", "told"), [("Please try again in 20s.", "short"), ("try again in 23h", "long"), ("Rate limit reached", "none")]
)
def test_the_wait_that_a_message_names_tells_whose_limit_it_is(message: str, told: str) -> None:
    found = answer("match.retry_after", Sight(record=record(error_message=seal(message))))
    assert found is not None
    assert found.answer == told


def test_amounts_are_told_as_levels() -> None:
    sight = Sight(record=record(balance_micros=-1_230_000, quota_micros=4_560_000))
    said = [step.said for step in steps("balance-insufficient", sight).values()]
    assert "The account's balance was used up then." in said
    assert "The key had an allowance left then." in said
    assert not any("23" in text or "56" in text for text in said)


def test_facts_are_told_in_both_languages() -> None:
    sight = Sight(evidence=Evidence(key=KeyRef("sk-", "9f3c")), record=record())
    for language in ("en", "zh"):
        said = steps("key-invalid", sight, language)["which-key"].said
        assert "9f3c" in said
        assert ("末尾" in said) == (language == "zh")


def test_a_switch_the_user_told_reads_as_a_word() -> None:
    assert steps("stream-interrupted", Sight(evidence=Evidence(stream=True)))["stream"].said == "The user says: yes"


def test_what_the_user_does_not_know_is_asked_and_done() -> None:
    step = steps("stream-interrupted", Sight(evidence=Evidence(unknown=frozenset({"stream"}))))["stream"]
    assert step.state is StepState.DONE


def test_steps_for_other_causes_of_the_family_are_left_out() -> None:
    assert "requested" in steps("rate-limit-tpm", Sight())
    assert "requested" not in steps("rate-limit-rpm", Sight())


def sights() -> list[Sight]:
    """Sights that between them give every fact something to say."""
    client = CLIENTS["cursor"]
    full = record(
        latency_ms=60_100, error_code="x", stream_end="upstream", completion_tokens=0, charged=True, task_id="t-1", request_type="video"
    )
    later = record(
        record_id="cd" * 16, action_id="r-2", model_served="gpt-4o-mini", outcome=Outcome.OK, charged=False, request_type="video"
    )
    key = KeyActivity(9, 2, {429: 4, 500: 3, 200: 2}, AT + 5_000, owner="u-1", group="g-1", recent=(full, later))
    evidence = Evidence(
        model="gpt-4o",
        status_code=500,
        key=KeyRef("sk-", "9f3c"),
        base_url="https://gw.example.com",
        error_text=seal("slow down"),
        request_time=datetime(2026, 11, 20, tzinfo=UTC),
    )
    one = Sight(
        evidence, msgspec.structs.replace(full, balance_micros=0, quota_micros=0), (full, later), key, Neighbours(60, 5, 2, 50), client
    )
    return [one, replace(one, record=None, attempts=(full,)), Sight()]


def test_every_fact_says_something_somewhere_and_every_sentence_fits_its_values() -> None:
    silent = set(FACTS)
    for sight in sights():
        for name in FACTS:
            for language in ("en", "zh"):
                if BOOK.say(name, sight, language):
                    silent.discard(name)
    assert silent == set()


def reply(reply_id: str) -> Any:
    return next(found for playbook in BOOK for found in playbook.replies if found.id == reply_id)


def test_a_ready_reply_names_what_is_known() -> None:
    text = BOOK.reply_text(reply("slow-down"), "en", reply_values(CAUSES["rate-limit-rpm"], "en", **SAMPLE))
    assert "2026-11-20 08:26 UTC" in text
    assert CAUSES["rate-limit-rpm"].user_advice["en"] in text
    assert SAMPLE["article_url"] in text
    assert "{{" not in text


def test_a_ready_reply_reads_well_without_what_is_not_known() -> None:
    text = BOOK.reply_text(reply("ask-rate"), "en", reply_values(CAUSES["rate-limit-rpm"], "en"))
    assert "your program" in text
    assert "More:" not in text
    assert "{{" not in text
    assert not text.endswith("\n")


def test_the_reply_of_the_next_cause_is_not_offered() -> None:
    playbook = BOOK.of(CAUSES["key-quota-exhausted"])
    assert playbook is not None
    assert "level-account" not in {found.id for found in for_cause(playbook.replies, CAUSES["key-quota-exhausted"])}


def broken(**changes: Any) -> list[str]:
    """Faults of the book with one playbook changed."""
    book = PlaybookBook(read_rules(RULES_DIR, "playbooks"))
    changed: Playbook = replace(book.playbooks["rate-429"], **changes)
    book.playbooks = {**book.playbooks, changed.id: changed}
    return check_playbooks(book, CAUSES, GATE, REDACTOR)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("You have $12.40 left.", "private fact: balances"),
        ("Ask about channel #12.", "private fact: routing"),
        ("It went to another deployment.", "private word 'deployment'"),
        ("Use sk-" + "Zy8x" * 10, "private fact: credentials"),
        ("Dear {{owner}}", "unknown variable owner"),
    ],
)
def test_a_reply_that_tells_something_private_is_a_fault(text: str, fault: str) -> None:
    first = BOOK.playbooks["rate-429"].replies[0]
    faults = broken(replies=(replace(first, text={"en": text, "zh": first.text["zh"]}),))
    assert any(fault in line for line in faults), faults


def test_missing_texts_facts_and_causes_are_faults() -> None:
    step = BOOK.playbooks["rate-429"].steps[0]
    assert any("no text in zh" in line for line in broken(title={"en": "Rate limits"}))
    assert any("unknown fact nothing" in line for line in broken(steps=(replace(step, fact="nothing"),)))
    assert any("unknown answer maybe" in line for line in broken(steps=(replace(step, against=frozenset({"maybe"})),)))
    assert any("must say what a contradiction means" in line for line in broken(steps=(replace(step, against=frozenset({"named"})),)))
    assert any("no playbook is for this cause" in line for line in broken(families=frozenset()))
    assert any("has no action" in line for line in broken(actions=()))
