"""How client programs show an error to their users, and what LiteLLM adds to it on the way."""

from __future__ import annotations

import json

from app.operations.demo.failures import Failure

SDK_CLASSES = {
    400: "BadRequestError",
    401: "AuthenticationError",
    403: "PermissionDeniedError",
    404: "NotFoundError",
    422: "UnprocessableEntityError",
    429: "RateLimitError",
}
TYPES = {401: "auth_error", 403: "key_model_access_denied", 422: "budget_exceeded", 429: "throttling_error"}
SHORTENED = 110


def shown(style: str, failure: Failure, message: str, model: str) -> str:
    """Write the error as a client of this style shows it."""
    body = {
        "message": _with_tail(failure, message, model),
        "type": TYPES.get(failure.seen, "invalid_request_error"),
        "param": None,
        "code": str(failure.seen),
    }
    sdk_class = SDK_CLASSES.get(failure.seen, "InternalServerError")
    compact = json.dumps({"error": body}, ensure_ascii=False, separators=(",", ":"))
    return {
        "python": f"openai.{sdk_class}: Error code: {failure.seen} - {{'error': {body!r}}}",
        "node": f"{sdk_class}: {failure.seen} {body['message']}\n    at APIError.generate (/app/node_modules/openai/core/error.js:72:20)",
        "claude": f"API Error: {failure.seen} {compact}",
        "codex": f"stream error: unexpected status {failure.seen}: {compact}; retrying 1/5 in 207ms…",
        "cherry": json.dumps({"message": body["message"], "status": failure.seen, "error": body}, ensure_ascii=False, indent=2),
        "dify": f"[openai_api_compatible] Error: API request failed with status code {failure.seen}: {compact}",
        "json": compact,
        "plain": message[:SHORTENED],
    }[style]


def _with_tail(failure: Failure, message: str, model: str) -> str:
    """Lengthen the message: the client's copy of a provider's error is longer than the logged one."""
    if failure.reach != "provider" or failure.id == "task_failed":
        return message.removeprefix(f"{failure.code}: ")
    return f"{message}\n\nLiteLLM: model group '{model}' failed with the error above. No fallback was attempted."
