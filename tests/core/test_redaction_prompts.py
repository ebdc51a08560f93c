"""Prompts go, the shape of the request stays."""

import json
import random

import pytest

from tests.core.redaction_cases import kinds
from tests.core.redaction_cases.redactor import clean

ASKED = "Draft a letter to Dr. Okafor about the biopsy"


def request(**fields: object) -> str:
    return json.dumps({"model": "gpt-4o", **fields}, ensure_ascii=False)


def test_content_becomes_its_length():
    text = request(messages=[{"role": "user", "content": ASKED}], stream=True)
    assert clean(text) == request(messages=[{"role": "user", "content": f"[hidden: {len(ASKED)} characters]"}], stream=True)


@pytest.mark.parametrize(
    "fields",
    [
        {"input": ASKED},
        {"input": [ASKED, ASKED]},
        {"input": [{"role": "user", "content": [{"type": "input_text", "text": ASKED}]}]},
        {"prompt": ASKED},
        {"system": ASKED, "messages": []},
        {"system": [{"type": "text", "text": ASKED}], "messages": []},
        {"contents": [{"role": "user", "parts": [{"text": ASKED}]}]},
        {"messages": [{"role": "assistant", "tool_calls": [{"function": {"name": "mail", "arguments": json.dumps({"body": ASKED})}}]}]},
        {
            "messages": [
                {"role": "assistant", "content": [{"type": "tool_use", "name": "mail", "input": {"body": ASKED, "to": {"name": ASKED}}}]}
            ]
        },
        {"instructions": ASKED},
        {"choices": [{"delta": {"content": ASKED}}]},
        {"messages": [{"role": "user", "content": 'he said "' + ASKED + '" \\ and \n left'}]},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_every_place_of_a_prompt_is_emptied_and_the_json_still_parses(fields):
    cleaned = clean(request(**fields))
    assert "Okafor" not in cleaned
    assert json.loads(cleaned)["model"] == "gpt-4o"


@pytest.mark.parametrize(
    "dress",
    [
        json.dumps,
        lambda text: json.dumps(json.dumps(text)),
        repr,
        lambda text: f"curl -d '{text}' https://gw.example.org",
        lambda text: text[: text.index("biopsy") + 3],
    ],
)
def test_a_request_inside_a_string_or_cut_short_is_emptied_too(dress):
    text = dress(request(messages=[{"role": "user", "content": ASKED}]))
    assert "Okafor" not in clean(text)
    assert "messages" in clean(text)


def test_a_broken_request_is_emptied_and_the_error_behind_it_stays():
    text = '{"messages":[{"role":"user","content":"' + ASKED + '"},{"role":"user","content":"' + ASKED + "\n\nHTTP 500 request id req_1"
    assert "Okafor" not in clean(text)


def test_structure_is_kept():
    cleaned = clean(
        request(
            messages=[
                {
                    "role": "user",
                    "content": [{"type": "text", "text": ASKED}, {"type": "image_url", "image_url": {"url": "https://x.example/a.png"}}],
                }
            ]
        )
    )
    content = json.loads(cleaned)["messages"][0]["content"]
    assert [part["type"] for part in content] == ["text", "image_url"]


@pytest.mark.parametrize(
    "text",
    [
        '{"error":{"message":"The model `gpt-9` does not exist","type":"invalid_request_error","code":"model_not_found"}}',
        "Content-Type: application/json\ncontent-length: 120",
        '{"content":null,"prompt_tokens":12,"completion_tokens":3}',
        "prompt is too long: 210000 tokens > 200000 maximum",
        "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
        '{"object":"list","data":[{"id":"gpt-4o","object":"model"}]}',
    ],
)
def test_errors_and_headers_that_only_speak_of_prompts_stay(text):
    assert clean(text) == text


def test_a_key_inside_a_prompt_goes_with_it():
    secret = f"sk-{kinds.mixed(random.Random(2), 48)}"
    assert secret[8:-4] not in clean(request(messages=[{"role": "user", "content": f"use {secret} please"}]))
