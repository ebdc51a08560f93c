"""Paste-to-fill: whatever a user has becomes evidence, and no key survives it."""

# ruff: noqa: E501 - pasted errors are as long as they are
from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.key_ref import fingerprint_of_key
from app.core.paste import Paste, read_paste
from app.core.redacted_text import RedactedText
from app.store.rulebook import load_rulebook

PEPPER = b"paste test pepper"
RULES = load_rulebook(PEPPER)
NOW = datetime(2026, 11, 20, 16, 30, tzinfo=timezone(timedelta(hours=8)))
KEY = "sk-" + hashlib.sha256(b"a made-up key for tests").hexdigest()[:48]
CALL_ID = "b7dffa06-1deb-4fea-a0ae-97b34e67f812"


def paste(text: str) -> Paste:
    return read_paste(text, RULES.redactor, RULES.clients, RULES.model_names, NOW)


CURL = f"""curl -i https://gw.example.com/v1/chat/completions?trace=1 \\
  -H "Authorization: Bearer {KEY}" -H "Content-Type: application/json" \\
  -d '{{"model": "gpt-4o-mini", "stream": true, "messages": [{{"role":"user","content":"hello"}}]}}'

HTTP/2 429
date: Fri, 20 Nov 2026 07:05:09 GMT
x-litellm-call-id: {CALL_ID}
retry-after: 20

{{"error":{{"message":"Rate limit reached","type":"throttling_error","param":null,"code":"429"}}}}
"""
PYTHON = """Traceback (most recent call last):
  File "/app/worker.py", line 88, in run
    r = client.chat.completions.create(model="claude-sonnet-4-5-20250929", stream=False)
  File "/usr/lib/python3.11/site-packages/openai/_base_client.py", line 1047, in request
    raise self._make_status_error_from_response(err.response) from None
openai.RateLimitError: Error code: 429 - {'error': {'message': '当前分组上游负载已饱和，请稍后再试 (request id: 20261120150509123456789AbCdEfGh)', 'type': 'new_api_error', 'code': None}}
"""
NODE = """AuthenticationError: 401 Incorrect API key provided: sk-****9f3c.
    at APIError.generate (/srv/app/node_modules/openai/core/error.js:41:20)
    at OpenAI.makeRequest (/srv/app/node_modules/openai/client.js:320:29) {
  status: 401,
  code: 'invalid_api_key',
  requestID: 'req_0123456789abcdef'
}"""
PRETTY = """{
  "error": {
    "message": "The model `gpt-5-turbo` does not exist or you do not have access to it.",
    "type": "invalid_request_error",
    "param": null,
    "code": "model_not_found"
  },
  "status": 404
}"""
NESTED = json.dumps({"detail": json.dumps({"error": {"message": "Insufficient Balance", "code": "402"}, "model": "deepseek-chat"})})
TRUNCATED = '{"error":{"message":"litellm.Timeout: APITimeoutError - Request timed out. Error_str: Request timed out. - timeout value=60.0, time taken=60.02 seconds\\n\\nLiteLLM: model group \'gemini-2.5-pro\' failed with the error above", "code": "408'
CHINESE = "昨天下午3点左右用樱桃 1.6.2 调 通义千问 max，一直报错 401，提示无效的令牌，密钥 sk-...9f3c，接口地址：https://gw.example.com/v1 ，流式也不行"
HAR = """{"request": {"method": "POST", "url": "https://gw.example.com/v1/images/generations",
  "headers": [{"name": "User-Agent", "value": "OpenAI/Python 1.109.1"}]},
 "response": {"status": 504, "statusText": "Gateway Time-out", "headers": [{"name": "x-request-id", "value": "abc123def456"}]},
 "startedDateTime": "2026-11-20T07:05:09.100Z", "time": 60012}"""

CASES = [
    (CURL, {"status_code": 429, "model": "gpt-4o-mini", "client": "curl", "request_id": CALL_ID, "stream": True, "base_url": "https://gw.example.com/v1",
            "request_type": "chat", "retry_after_seconds": 20.0, "gateway": "litellm", "request_time": datetime(2026, 11, 20, 7, 5, 9, tzinfo=UTC)}),
    (PYTHON, {"status_code": 429, "model": "claude-sonnet-4-5-20250929", "client": "openai-python", "stream": False, "gateway": "new-api",
              "request_id": "20261120150509123456789AbCdEfGh"}),
    (NODE, {"status_code": 401, "client": "openai-node", "request_id": "req_0123456789abcdef"}),
    (PRETTY, {"status_code": 404, "model": "gpt-5-turbo"}),
    (NESTED, {"status_code": 402, "model": "deepseek-chat"}),
    (TRUNCATED, {"status_code": 408, "model": "gemini-2.5-pro", "elapsed_seconds": 60.02, "gateway": "litellm"}),
    (CHINESE, {"status_code": 401, "model": "通义千问 max", "client": "cherry-studio", "client_version": "1.6.2", "stream": True,
               "base_url": "https://gw.example.com/v1", "request_time": datetime(2026, 11, 19, 7, tzinfo=UTC), "tolerance_minutes": 40}),
    (HAR, {"status_code": 504, "client": "openai-python", "client_version": "1.109.1", "request_id": "abc123def456", "request_type": "image"}),
    ('API Error: 401 {"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"},"request_id":"req_011CSJE3dbZHXiaePRdWE3B1"} · Please run /login',
     {"status_code": 401, "client": "claude-code", "request_id": "req_011CSJE3dbZHXiaePRdWE3B1"}),
    ("stream disconnected before completion: stream closed before response.completed", {"client": "codex-cli", "stream": True, "status_code": None}),
    ("[GIN] 2026/11/20 - 15:05:27 | 429 | 94.358928ms | POST /v1/embeddings", {"status_code": 429, "elapsed_seconds": 0.094359, "request_type": "embedding"}),
    ("503 当前分组 default 下对于模型 gpt-5 无可用渠道 (request id: 2025082215093026624875464905761)", {"status_code": 503, "model": "gpt-5", "gateway": "one-api"}),
    ("可灵 v2 视频任务失败，任务ID：task_8f2c1d77aa01，扣费了，没开代理", {"model": "可灵 v2", "task_id": "task_8f2c1d77aa01", "request_type": "video", "charged": True, "via_proxy": False}),
    ("Video video_68f2a9c4d1e0 stuck for 2 hours, model sora-2", {"task_id": "video_68f2a9c4d1e0", "model": "sora-2", "request_type": "video"}),
    ("Rate limit reached for gpt-4o in organization on requests per min (RPM): Limit 500, Used 500, Requested 1. Please try again in 6m0s.",
     {"model": "gpt-4o", "status_code": None, "retry_after_seconds": 360.0}),
    ('{"code":429,"message":"daily limit","resetAt":"2026-11-20T16:00:00Z","timestamp":"2026-11-20T08:00:00Z"}', {"status_code": 429, "retry_after_seconds": 28800.0}),
    ("User-Agent: claude-cli/2.0.31 (external, cli)\nPOST /v1/messages", {"client": "claude-code", "client_version": "2.0.31", "request_type": "chat"}),
    ("500: AzureException NotFoundError - Error code: 404 - {'error': {'code': 'DeploymentNotFound'}}", {"status_code": 500}),
    ("<html><head><title>504 Gateway Time-out</title></head><body><center><h1>504 Gateway Time-out</h1></center>", {"status_code": 504}),
    ("Please check https://platform.openai.com/docs/guides/error-codes/api-errors", {"base_url": None}),
    ("RateLimitError: 429 Rate limit reached\n    at APIError.generate (/app/node_modules/openai/core/error.js:72:20)", {"status_code": 429, "client": "openai-node"}),
    ("I pay 429 dollars for 500 users", {"status_code": None, "model": None, "client": None}),
    ("please continue, the cursor moves", {"client": None}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), CASES, ids=[text[:40] for text, _ in CASES])
def test_a_paste_becomes_evidence(text, expected):
    evidence = paste(text).evidence
    assert {name: getattr(evidence, name) for name in expected} == expected


def test_a_full_key_becomes_a_reference_and_is_gone():
    found = paste(CURL)
    assert found.evidence.key.last4 == KEY[-4:]
    assert found.evidence.key.fingerprint == fingerprint_of_key(PEPPER, KEY)
    assert KEY not in repr(found)
    assert found.findings


@pytest.mark.parametrize(
    ("text", "mask"),
    [
        ("key sk-...9f3c fails", "sk-…9f3c"),
        ("Incorrect API key provided: sk-****9f3c.", "sk-…9f3c"),
        ("my key sk-ant-api03-…YTiT", "sk-ant-…YTiT"),
        ("Your api key: ****fcc2 is invalid", "…fcc2"),
        ("密钥尾号 9f3c", "…9f3c"),
        ("litellm.AuthenticationError: OpenAIException - Incorrect API key provided: sk-upst****ream", ""),
        ("no key here...", ""),
    ],
)
def test_a_masked_key_is_recognised_unless_it_is_the_gateways_own(text, mask):
    assert paste(text).evidence.key.mask == mask


def test_an_empty_paste_says_nothing():
    assert paste("  \n").evidence.error_text is None


def test_the_error_text_is_redacted_text():
    assert isinstance(paste(PYTHON).evidence.error_text, RedactedText)


@settings(deadline=None)
@given(st.text(max_size=400))
def test_no_text_breaks_the_reader(text):
    assert paste(text).evidence.tolerance_minutes > 0


PIECES = [
    "HTTP/1.1 ",
    "429",
    "model",
    "`",
    '"',
    "：",
    "request id: ",
    "sk-",
    "https://",
    "/v1/",
    "{",
    "\\",
    "昨天",
    "3点",
    " ",
    "\n",
    "retry-after: ",
    "12s",
    "***",
    "...",
    "a1b2",
    "[::1]",
    "%",
]


@settings(deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_no_mix_of_telling_pieces_breaks_the_reader(text):
    paste(text)


REPORTS = Path(__file__).resolve().parents[3] / "shared" / "reports" / "dev.jsonl"


@pytest.mark.skipif(not REPORTS.exists(), reason="the report collection is not here")
def test_most_status_codes_in_collected_reports_are_found_and_few_are_wrong():
    reports = [json.loads(line) for line in REPORTS.read_text("utf-8").splitlines()]
    stated = [report for report in reports if report["status"] and str(report["status"]) in report["error_text"]]
    read = [(paste(report["error_text"]).evidence.status_code, report["status"]) for report in stated]
    assert sum(found == true for found, true in read) / len(read) >= 0.9
    assert sum(found not in {None, true} for found, true in read) / len(read) <= 0.05
