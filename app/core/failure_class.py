"""Which of the desk's classes a failed request belongs to. The status is not the cause: code and message speak first."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache

from app.core.record import Outcome, RedactedRecord


class FailureClass(StrEnum):
    """The six classes people ask for, and the rest."""

    AUTH = "auth"  # 401: the key is missing, wrong, expired or switched off
    BALANCE = "balance"  # 402: the account, team or key has no money or allowance left
    RATE_LIMIT = "rate_limit"  # 429
    MODEL_NOT_FOUND = "model_not_found"  # no such model, or none that serves it
    TIMEOUT = "timeout"
    TASK_FAILED = "task_failed"  # an asynchronous job that was accepted and failed
    OTHER = "other"


# in this order: the first class with a word in the error speaks. Lower case; a wording is listed under what it means,
# whatever status gateways send it with (no money comes as 400, 402, 403, 422 and 429)
_WORDS: tuple[tuple[FailureClass, tuple[str, ...]], ...] = (
    (
        FailureClass.TASK_FAILED,
        (
            *("task_failed", "task failed", "task has failed", "status failed", "job failed", "generation failed", "generation_failed"),
            *("batch_expired", "get_task_error", "video_generation_failed", "任务失败", "生成失败", "任务执行失败"),
        ),
    ),
    (
        FailureClass.BALANCE,
        (
            *("insufficient balance", "insufficient_balance", "insufficient_quota", "insufficient quota", "insufficient_user_quota"),
            *("insufficient credit", "insufficient funds", "exceeded your current quota", "budget_exceeded", "budget has been exceeded"),
            *("exceededbudget", "billing_hard_limit", "billing hard limit", "credit balance is too low", "arrearage", "out of credits"),
            *("payment required", "billing_not_active", "token_quota", "token quota", "quota is not enough", "pre-consume", "pre_consume"),
            *("余额", "欠费", "额度不足", "额度已用", "预扣费", "配额已用"),
        ),
    ),
    (
        FailureClass.MODEL_NOT_FOUND,
        (
            *("model_not_found", "model not found", "modelnotfound", "invalid model name", "unknown model", "no such model"),
            *("model_not_exist", "deploymentnotfound", "invalid_model", "not a valid model", "call listmodels", "no available channel"),
            *("模型不存在", "无效的模型", "未找到模型", "无可用渠道"),
        ),
    ),
    (
        FailureClass.TIMEOUT,
        (
            *("timeout", "timed out", "time-out", "deadline exceeded", "deadline_exceeded", "response_time_exceeded", "error code: 524"),
            *("超时", "响应时间超过"),
        ),
    ),
    (
        FailureClass.RATE_LIMIT,
        (
            *("rate_limit", "rate limit", "ratelimit", "too many requests", "too_many_requests", "throttl", "slow_down", "tokens per min"),
            *("requests per min", "限流", "请求过于频繁", "负载已饱和", "频率"),
        ),
    ),
    (
        FailureClass.AUTH,
        (
            *("invalid_api_key", "invalid api key", "incorrect api key", "authentication_failed", "authentication_error"),
            *("authentication error", "invalid_token", "expired key", "token_not_found_in_db", "无效的令牌", "令牌无效", "令牌已过期"),
        ),
    ),
)
_STATUSES = {
    401: FailureClass.AUTH,
    402: FailureClass.BALANCE,
    404: FailureClass.MODEL_NOT_FOUND,
    408: FailureClass.TIMEOUT,
    429: FailureClass.RATE_LIMIT,
    504: FailureClass.TIMEOUT,
    522: FailureClass.TIMEOUT,
    524: FailureClass.TIMEOUT,
}
_MODEL_GONE = ("does not exist", "不存在")


def failure_class(record: RedactedRecord) -> FailureClass | None:
    """The class of a failed or broken request; None for a success. A client that went away is OTHER."""
    if record.outcome is Outcome.OK:
        return None
    if record.outcome is Outcome.CANCELLED:
        return FailureClass.OTHER
    return _of_error(record.error_code or "", record.error_message or "", record.status_code, record.task_id is not None)


@lru_cache(maxsize=4096)
def _of_error(code: str, message: str, status: int | None, has_task: bool) -> FailureClass:
    """Words first, then the status, then what remains: an accepted task that failed for no stated reason."""
    text = f"{code}\n{message}".lower()
    for name, words in _WORDS:
        if any(word in text for word in words):
            return name
    if "model" in text and any(word in text for word in _MODEL_GONE):
        return FailureClass.MODEL_NOT_FOUND
    if status in _STATUSES:
        return _STATUSES[status]
    return FailureClass.TASK_FAILED if has_task else FailureClass.OTHER
