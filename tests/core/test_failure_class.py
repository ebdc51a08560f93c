"""A failure's class is what its words say; its status speaks when they say nothing."""

from __future__ import annotations

import pytest

from app.core.failure_class import FailureClass, failure_class
from app.core.record import Outcome
from tests.log_records import a_record

SAID = [
    (401, "401_AUTHENTICATION_FAILED", "Authentication Error - Expired Key", FailureClass.AUTH),
    (401, None, None, FailureClass.AUTH),
    (400, None, "无效的令牌 (request id: x)", FailureClass.AUTH),
    (429, "429_RATE_LIMIT_EXCEEDED", "You exceeded your current quota, please check your plan and billing details.", FailureClass.BALANCE),
    (422, "429_BUDGET_EXCEEDED", "Budget has been exceeded! Team=a Current cost: 5", FailureClass.BALANCE),
    (400, "invalid_request_error", "DeepseekException - Insufficient Balance", FailureClass.BALANCE),
    (403, None, "预扣费额度失败, 用户剩余额度: 0", FailureClass.BALANCE),
    (402, None, None, FailureClass.BALANCE),
    (429, "429_RATE_LIMIT_EXCEEDED", "Rate limit reached for gpt-4o on requests per min", FailureClass.RATE_LIMIT),
    (429, None, "当前分组上游负载已饱和，请稍后再试", FailureClass.RATE_LIMIT),
    (404, "404_MODEL_NOT_FOUND", "The model `x` does not exist or you do not have access to it.", FailureClass.MODEL_NOT_FOUND),
    (400, "400_INVALID_REQUEST", "Invalid model name passed in model=x", FailureClass.MODEL_NOT_FOUND),
    (503, None, "当前分组 default 下对于模型 gpt-x 无可用渠道", FailureClass.MODEL_NOT_FOUND),
    (408, "408_UPSTREAM_TIMEOUT", "Request timed out.", FailureClass.TIMEOUT),
    (524, None, None, FailureClass.TIMEOUT),
    (400, "400_INVALID_REQUEST", "Task task_1 has status failed: generation was stopped", FailureClass.TASK_FAILED),
    (500, "500_PROVIDER_INTERNAL_ERROR", "The server had an error while processing your request", FailureClass.OTHER),
    (None, None, None, FailureClass.OTHER),
]


@pytest.mark.parametrize(("status", "code", "message", "expected"), SAID)
def test_a_failure_has_the_class_it_speaks_of(status: int | None, code: str | None, message: str | None, expected: FailureClass) -> None:
    record = a_record(outcome=Outcome.ERROR, status_code=status, error_code=code, error_message=message)
    assert failure_class(record) is expected


def test_a_success_has_none_and_a_client_that_left_has_no_cause() -> None:
    assert failure_class(a_record()) is None
    assert failure_class(a_record(outcome=Outcome.CANCELLED, status_code=401)) is FailureClass.OTHER


def test_a_task_that_failed_without_a_word_is_a_failed_task() -> None:
    assert failure_class(a_record(outcome=Outcome.ERROR, task_id="task_1")) is FailureClass.TASK_FAILED
