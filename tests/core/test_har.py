"""HAR files keep names, sizes, structure and what tells requests apart; values go."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.core.har import MOST_ITEMS, NotHar, looks_like_har, redact_har
from tests.redactor import REDACTOR
from tests.uploads import har

WORDS = "quarterly merger memo, 机密 words"


def shown(text: str | bytes) -> dict[str, Any]:
    """The one entry of a redacted file."""
    clean = redact_har(text.decode() if isinstance(text, bytes) else text, REDACTOR)
    return json.loads(clean)["log"]["entries"][0]


def with_answer(**response: Any) -> dict[str, Any]:
    return shown(json.dumps({"log": {"entries": [{"request": {}, "response": response}]}}))["response"]


def test_no_value_stays_anywhere() -> None:
    assert "merger" not in redact_har(har(WORDS).decode(), REDACTOR)


def test_names_and_sizes_stay() -> None:
    request = shown(har(WORDS))["request"]
    hidden = f"[hidden: {len(WORDS)} characters]"
    assert {"name": "Authorization", "value": hidden} in request["headers"]
    assert request["cookies"] == [{"name": "session", "value": hidden}]
    assert request["queryString"] == [{"name": "key", "value": hidden}]
    assert request["postData"]["params"] == [{"name": "password", "value": hidden}]
    assert request["url"] == "https://gw.example.com/v1/chat/completions?key=…"


def test_a_bodys_structure_stays_without_its_words() -> None:
    request = shown(har(WORDS))["request"]
    hidden = f"[hidden: {len(WORDS)} characters]"
    assert request["postData"]["text"] == f"[hidden: {request['bodySize']} characters]"
    assert request["_structure"] == {"model": "gpt-4o", "messages": [{"role": "user", "content": hidden}], "user": hidden, "n": 1}


def test_what_tells_one_request_from_another_stays() -> None:
    entry = shown(har("5f0c6d1e2b3a49788796a5b4c3d2e1f0"))
    assert {"name": "x-request-id", "value": "5f0c6d1e2b3a49788796a5b4c3d2e1f0"} in entry["response"]["headers"]
    assert {"name": "retry-after", "value": "20"} in entry["response"]["headers"]
    assert {"name": "Content-Type", "value": "application/json"} in entry["request"]["headers"]
    assert (entry["startedDateTime"], entry["time"], entry["response"]["status"]) == ("2026-11-20T08:26:00.120Z", 312.5, 401)


def test_the_error_of_a_failed_answer_stays_redacted() -> None:
    error = {"message": "Incorrect API key provided: sk-" + "aB3d" * 12, "type": "invalid_request_error", "code": "invalid_api_key"}
    failed = with_answer(status=401, content={"text": json.dumps({"error": error})})
    assert failed["_errorText"] == error | {"message": "Incorrect API key provided: sk-…aB3d"}
    assert "_errorText" not in with_answer(status=200, content={"text": json.dumps({"error": error})})


@pytest.mark.parametrize("body", ["data: {...}\n\n", "{broken", "<html>502</html>", "[1", '"words"', ""])
def test_a_body_that_is_no_json_leaves_its_size(body: str) -> None:
    answer = with_answer(status=502, content={"text": body})
    assert (answer["content"]["text"], answer["_structure"]) == (f"[hidden: {len(body)} characters]", None)


def test_long_lists_and_deep_nests_are_cut() -> None:
    many = with_answer(content={"text": json.dumps({"list": list(range(1000))})})["_structure"]["list"]
    assert many == [*range(MOST_ITEMS), {"more": 1000 - MOST_ITEMS}]
    deep = with_answer(content={"text": "[" * 200 + "]" * 200})["_structure"]
    assert len(json.dumps(deep)) < 200


def test_long_numbers_go_and_short_ones_stay() -> None:
    body = {"phone": 13800138000, "max_tokens": 4096, "temperature": 0.7, "stream": True, "stop": None}
    assert with_answer(content={"text": json.dumps(body)})["_structure"] == {**body, "phone": "[number]"}


def test_opaque_parts_of_an_address_go_and_ids_stay() -> None:
    request = {"url": "https://u:p@h.example/t/Zy8xQ2wE4rT6yU8iO0pA1sD3/v1/5f0c6d1e-2b3a-4978-8796-a5b4c3d2e1f0/x?a=1&b=2#frag"}
    entry = shown(json.dumps({"log": {"entries": [{"request": request}]}}))
    assert entry["request"]["url"] == "https://h.example/t/…/v1/5f0c6d1e-2b3a-4978-8796-a5b4c3d2e1f0/x?a=…&b=…"


@pytest.mark.parametrize("text", ["", "{", '{"log": 1}', '{"log": {"entries": 5}}', "[]", '{"log": {"entries": [' + "[" * 100_000])
def test_what_is_no_har_is_refused(text: str) -> None:
    with pytest.raises(NotHar):
        redact_har(text, REDACTOR)


@pytest.mark.parametrize(
    "entry", [{}, {"request": 1}, {"request": {"headers": 5, "url": 5, "postData": []}}, {"response": {"headers": [1, {"name": 2}]}}]
)
def test_strange_entries_do_not_break_it(entry: dict[str, Any]) -> None:
    assert shown(json.dumps({"log": {"entries": [entry]}}))["request"]["url"] is None


def test_a_har_is_known_by_name_or_by_its_beginning() -> None:
    assert looks_like_har("page.HAR", "")
    assert looks_like_har("page.json", '{"log": {"version": "1.2", "entries": []}}')
    assert not looks_like_har("page.json", '{"catalogue": 1}')


def test_redacting_twice_changes_nothing() -> None:
    once = redact_har(har(WORDS).decode(), REDACTOR)
    assert REDACTOR.clean(once) == once
