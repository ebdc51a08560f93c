"""LiteLLM's records become the desk's: every sample in tests/samples/litellm has its expected records beside it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.adapters.litellm import parse_line
from app.core.body import split_body
from app.core.fields import BadLine, FieldCleaner
from app.core.key_ref import fingerprint, fingerprint_of_key
from app.core.record import Origin, RedactedRecord
from tests.conftest import PEPPER
from tests.redactor import REDACTOR

SAMPLES = Path(__file__).parent.parent / "samples" / "litellm"
NAMES = sorted(path.name.removesuffix(".json") for path in SAMPLES.glob("*.json") if not path.name.endswith(".expected.json"))

VARYING = {"record_id", "key_fingerprint"}
DEFAULTS = {field.name: field.default for field in msgspec.structs.fields(RedactedRecord) if field.default is not msgspec.NODEFAULT}


def parsed(name: str) -> list[RedactedRecord]:
    clean = FieldCleaner(REDACTOR, PEPPER)
    return [parse_line(piece, clean) for _, piece in split_body((SAMPLES / f"{name}.json").read_bytes())]


def changed(name: str, **changes: Any) -> RedactedRecord:
    """The first record of a sample with top-level fields replaced, or merged where both are objects."""
    raw = json.loads((SAMPLES / f"{name}.json").read_text())[0]
    for field, value in changes.items():
        raw[field] = {**raw[field], **value} if isinstance(value, dict) and isinstance(raw[field], dict) else value
    return parse_line(json.dumps(raw).encode(), FieldCleaner(REDACTOR, PEPPER))


def told(record: RedactedRecord) -> dict[str, Any]:
    """What a record says beyond its defaults, as JSON has it."""
    fields = json.loads(msgspec.json.encode(msgspec.structs.asdict(record), enc_hook=str))
    plain_defaults = json.loads(msgspec.json.encode(DEFAULTS))
    return {name: value for name, value in fields.items() if name not in VARYING and value != plain_defaults.get(name, ...)}


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_becomes_its_expected_records(name: str) -> None:
    assert [told(record) for record in parsed(name)] == json.loads((SAMPLES / f"{name}.expected.json").read_text())


@pytest.mark.parametrize("name", NAMES)
def test_nothing_planted_in_a_sample_survives(name: str) -> None:
    kept = "\n".join(repr(record) for record in parsed(name))
    for planted in ("PLANTED", "Planted", "robin@", "203.0.113", "10.9.8", "inner", "gw.internal", "chatcmpl"):
        assert planted not in kept


def test_a_logged_hash_and_a_key_hashed_in_the_browser_meet_in_one_fingerprint() -> None:
    key = "sk-sample-key-for-tests-only-0001"
    assert (
        parsed("chat-ok")[0].key_fingerprint
        == fingerprint_of_key(PEPPER, key)
        == fingerprint(PEPPER, hashlib.sha256(key.encode()).hexdigest())
    )


def test_a_key_logged_raw_is_kept_as_fingerprint_and_tail_only() -> None:
    raw = "AIzaPlantedNotARealKey-000000000000000"
    record = parsed("key-logged-raw")[0]
    assert record.key_fingerprint == fingerprint_of_key(PEPPER, raw)
    assert record.key_last4 == "0000"
    assert raw not in repr(record)


def test_a_short_credential_shows_no_tail() -> None:
    record = changed(
        "key-logged-raw", metadata={"user_api_key_hash": "hunter2hunter2"}, error_information={"error_message": "bad key hunter2hunter2"}
    )
    assert record.key_last4 is None
    assert "hunter2" not in repr(record)


def test_the_master_key_has_a_name_but_no_fingerprint() -> None:
    record = parsed("master-key")[0]
    assert (record.key_alias, record.key_fingerprint, record.key_last4) == ("litellm_proxy_master_key", None, None)


def test_the_attempts_of_one_call_are_different_records_of_one_action() -> None:
    for name in ("retry-then-ok", "fallback-then-ok"):
        first, second = parsed(name)
        assert first.record_id != second.record_id
        assert first.action_id == second.action_id == first.request_id


def test_the_same_record_sent_again_has_the_same_identity() -> None:
    assert [record.record_id for record in parsed("chat-ok")] == [record.record_id for record in parsed("chat-ok")]


def test_repeated_provider_ids_do_not_join_different_calls() -> None:
    assert changed("chat-ok", litellm_call_id="another-call").record_id != parsed("chat-ok")[0].record_id


@pytest.mark.parametrize("missing", ["litellm_call_id", "startTime"])
def test_a_record_without_identity_or_time_is_refused_with_a_reason(missing: str) -> None:
    with pytest.raises(BadLine, match=missing):
        changed("chat-ok", **{missing: None, "id": None} if missing == "litellm_call_id" else {missing: None})


@pytest.mark.parametrize(
    "odd",
    [
        {"metadata": ["not", "an", "object"]},
        {"error_information": "text"},
        {"model_parameters": 7},
        {"hidden_params": None},
        {"request_tags": {"a": 1}},
        {"user_agent": ["x"]},
        {"model": {"deep": []}},
        {"response_cost": "free"},
        {"prompt_tokens": -1},
        {"endTime": "later"},
    ],
)
def test_an_odd_field_costs_only_itself(odd: dict[str, Any]) -> None:
    raw = json.loads((SAMPLES / "chat-ok.json").read_text())[0] | odd
    record = parse_line(json.dumps(raw).encode(), FieldCleaner(REDACTOR, PEPPER))
    assert record.request_id == raw["litellm_call_id"]


def test_a_provider_error_that_names_no_provider_request_is_still_the_providers() -> None:
    record = changed("bad-gateway-html", error_information={"llm_provider": ""})
    assert record.origin is Origin.PROVIDER


def test_a_numeric_code_wins_over_the_normalized_one() -> None:
    assert parsed("bad-gateway-html")[0].status_code == 502


def test_a_long_error_text_is_cut_but_never_inside_a_key() -> None:
    text = "word " * 1590 + "sk-" + "a1B2" * 20 + " tail"
    record = changed("balance-upstream", error_information={"error_message": text})
    assert record.error_message is not None
    assert len(record.error_message) <= 2000
    assert "a1B2a1B2" not in record.error_message


def test_an_error_text_with_halves_of_surrogates_and_zero_bytes_is_kept() -> None:
    raw = (SAMPLES / "balance-upstream.json").read_text().replace("Insufficient Balance", "Insufficient \\ud83d Bal\\u0000ance")
    record = parse_line(json.dumps(json.loads(raw)[0]).encode(), FieldCleaner(REDACTOR, PEPPER))
    assert record.error_message is not None
    assert "\0" not in record.error_message
    assert "Insufficient" in record.error_message


LEAF = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12)
JSON = st.recursive(LEAF, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3), max_leaves=6)
FIELDS = sorted(json.loads((SAMPLES / "stream-cut.json").read_text())[0])


@given(name=st.sampled_from(NAMES), changes=st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=4))
def test_a_mutated_record_becomes_a_record_or_a_reason(name: str, changes: dict[str, Any]) -> None:
    raw = json.loads((SAMPLES / f"{name}.json").read_text())[0] | changes
    assert "PLANTED" not in record_or_reason(json.dumps(raw).encode())


@given(name=st.sampled_from(NAMES), data=st.data())
def test_a_damaged_line_becomes_a_record_or_a_reason(name: str, data: st.DataObject) -> None:
    line = bytearray(json.dumps(json.loads((SAMPLES / f"{name}.json").read_text())[0]).encode())
    for _ in range(data.draw(st.integers(1, 4))):
        line[data.draw(st.integers(0, len(line) - 1))] = data.draw(st.integers(0, 255))
    assert record_or_reason(bytes(line))


def record_or_reason(line: bytes) -> str:
    """What the adapter makes of a line, as text; any other exception than BadLine fails the test."""
    try:
        return repr(parse_line(line, FieldCleaner(REDACTOR, PEPPER)))
    except BadLine as problem:
        return problem.reason
