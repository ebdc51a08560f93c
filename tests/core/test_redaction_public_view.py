"""A requester's view of an error: without money, ids, groups, channels, model lists and internal hosts."""

import pytest

from tests.core.redaction_cases.redactor import redactor


def public(text: str) -> str:
    return str(redactor().public_view(redactor().clean(text)))


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("Budget has been exceeded! Current cost: 12.34, Max budget: 10.0", ["12.34", "10.0"]),
        ("user quota is not enough, user id 4711, remaining quota: $0.0312", ["4711", "0.0312"]),
        ("预扣费额度失败, 用户[18]剩余额度: ＄0.123456, 需要预扣费额度: ＄0.500000", ["0.123456", "0.500000"]),
        ("当前分组 vip-内测 下对于模型 gpt-4o 无可用渠道", ["vip-内测"]),
        ("no available channel for model gpt-4o under group enterprise-a", ["enterprise-a"]),
        ("channel #17 returned status 401", ["17"]),
        ("渠道ID：23 被自动禁用", ["23"]),
        ("Rate limit reached for gpt-4o in organization org-a1B2c3D4e5F6g7H8 on tokens per min", ["org-a1B2c3D4e5F6g7H8"]),
        ("This key can only access models=['gpt-4o', 'internal-llama']. Tried to access gpt-5", ["internal-llama"]),
        ("Cannot connect to host vllm-0.models.svc.cluster.local:8000", ["vllm-0"]),
        ("upstream http://10.20.30.40:8000/v1 refused", ["10.20.30"]),
        ("team_id=core-platform over limit", ["core-platform"]),
    ],
)
def test_gateway_facts_are_hidden(text, gone):
    assert [fact for fact in gone if fact in public(text)] == []


@pytest.mark.parametrize(
    "text",
    [
        "Rate limit reached for gpt-4o on requests per min (RPM): Limit 500, Used 500, Requested 1",
        "The model `gpt-9` does not exist or you do not have access to it.",
        "This model's maximum context length is 128000 tokens. However, you requested 131072 tokens",
        "request id: 202611514496255582EbPfxS8K",
        "无可用渠道，请稍后重试",
        "429 Too Many Requests, retry-after: 20, cf-ray: 0cbfa3e4f606e6f4-SJC",
    ],
)
def test_what_a_user_needs_to_act_stays(text):
    assert public(text) == text


def test_the_view_of_a_view_is_the_same():
    text = "user_id=42 group=vip channel #7 quota: $1.20 models=['a','b'] host=a.internal"
    once = redactor().public_view(redactor().clean(text))
    assert redactor().public_view(once) == once
