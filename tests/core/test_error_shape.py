"""Every vendor prints an error in its own shape; each is read for what it says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.error_shape import parse_error

SHAPES = {
    "OpenAI": (
        '{"error":{"message":"Unsupported parameter","type":"invalid_request_error","param":"max_tokens","code":"unsupported_parameter"}}',
        {"code": "unsupported_parameter", "type": "invalid_request_error", "param": "max_tokens", "message": "Unsupported parameter"},
    ),
    "Anthropic": (
        '529 {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"req_011CSJE3dbZH"}',
        {"status_code": 529, "type": "overloaded_error", "message": "Overloaded", "request_ids": ("req_011CSJE3dbZH",)},
    ),
    "Google RPC": (
        '{"error":{"code":400,"message":"API key not valid.","status":"INVALID_ARGUMENT","details":[{"reason":"API_KEY_INVALID"}]}}',
        {"status_code": 400, "code": "API_KEY_INVALID", "message": "API key not valid."},
    ),
    "New API": (
        '{"error":{"code":"insufficient_user_quota","message":"用户额度不足 (request id: 20260101120000AbCdEf)","type":"new_api_error"}}',
        {"code": "insufficient_user_quota", "request_ids": ("20260101120000AbCdEf",)},
    ),
    "Azure": (
        "{'error': {'inner_error': {'code': 'ResponsibleAIPolicyViolation'}, 'code': 'content_filter', 'message': 'It was filtered'}}",
        {"code": "content_filter", "message": "It was filtered"},
    ),
    "DashScope": (
        '{"statusCode":400,"message":"enable_thinking must be set to false","code":"InvalidParameter","requestId":"cb57ead7-9455"}',
        {"status_code": 400, "code": "InvalidParameter", "request_ids": ("cb57ead7-9455",)},
    ),
    "MiniMax": (
        '{"base_resp":{"status_code":1008,"status_msg":"insufficient balance"}}',
        {"code": None, "message": "insufficient balance"},
    ),
    "FastAPI": ('{"detail":"Not Found"}', {"message": "Not Found"}),
    "LiteLLM": (
        'litellm.BadRequestError: {"error":{"message":"Budget has been exceeded!","type":"budget_exceeded","code":"400"}}',
        {"status_code": 400, "type": "budget_exceeded", "message": "Budget has been exceeded!"},
    ),
    "Python wrapper": (
        "openai.RateLimitError: Error code: 429 - {'error': {'message': 'slow', 'code': 'rate_limit_exceeded'}}",
        {"status_code": 429, "code": "rate_limit_exceeded", "message": "slow"},
    ),
    "JavaScript object": (
        "{ error: { message: \"bad\", code: 'invalid_request_body' } }",
        {"code": "invalid_request_body", "message": "bad"},
    ),
}


@pytest.mark.parametrize("vendor", SHAPES)
def test_the_shape_of_each_vendor_is_read(vendor: str) -> None:
    text, expected = SHAPES[vendor]
    shape = parse_error(text)
    assert {name: getattr(shape, name) for name in expected} == expected


def test_an_error_quoted_inside_another_gives_its_own_code() -> None:
    inner = '{\\"error\\":{\\"type\\":\\"authentication_error\\"}}'
    shape = parse_error(f'API Error (401 {{"error":{{"message":"Error from provider: {inner}","code":"provider_response_error"}}}})')
    assert "authentication_error" in shape.codes
    assert shape.status_code == 401


def test_a_text_that_is_cut_off_still_gives_what_came_before() -> None:
    shape = parse_error(
        '429 {"error": {"message": "Rate limit exceeded: free-models-per-day", "code": 429, "metadata": {"headers": {"X-Rate'
    )
    assert shape.message == "Rate limit exceeded: free-models-per-day"


def test_two_request_ids_are_both_kept_in_order() -> None:
    shape = parse_error("无效的令牌 (request id: 20260101aaaaaaaa1) (request id: 20260101bbbbbbbb2)")
    assert shape.request_ids == ("20260101aaaaaaaa1", "20260101bbbbbbbb2")


def test_a_web_page_is_noticed() -> None:
    assert parse_error("<html><head><title>504 Gateway Time-out</title></head></html>").is_html
    assert not parse_error('{"error": {"message": "a < b"}}').is_html


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("Please try again in 9.816s.", 9.816),
        ("please try again after 1 seconds", 1),
        ("Please retry after 86400 seconds", 86400),
        ("Retry-After: 30", 30),
        ("Please try again in 6m0s", 360),
        ('{"retryDelay": "34s"}', 34),
    ],
)
def test_the_stated_wait_is_read_in_seconds(text: str, seconds: float) -> None:
    assert parse_error(text).retry_after_seconds == pytest.approx(seconds)


def test_the_model_the_text_names_is_read() -> None:
    assert parse_error("The model `gpt-4o` does not exist").model == "gpt-4o"
    assert parse_error("当前分组 default 下对于模型 gpt-5.1-high 无可用渠道").model == "gpt-5.1-high"


def test_several_statuses_keep_the_outermost_first() -> None:
    assert parse_error("500: AzureException NotFoundError - Error code: 404 - {}").statuses == (500, 404)


@given(st.text(max_size=400))
def test_no_text_makes_the_parser_raise(text: str) -> None:
    parse_error(text)


@pytest.mark.parametrize("piece", ['"message":"', "{", "message: ", "Error code: ", '\\"', "request id: ", "try again in ", "model "])
def test_long_hostile_texts_are_read_to_the_end(piece: str) -> None:
    assert parse_error(piece * 20_000).request_ids == ()
