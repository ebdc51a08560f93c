"""HTTP status a text states, wherever tools, vendors and people put it; never a number that only looks like one."""

from __future__ import annotations

import re

_CODE = r"(?P<code>[1-5][0-9]{2})(?![0-9]|\.[0-9])"
_REASONS = (
    "Too Many Requests|Unauthorized|Forbidden|Not Found|Bad Request|Payment Required|Bad Gateway|Service Unavailable|Gateway Time-?out|"
    "Internal Server Error|Request Timeout|(?:Client|Server) Error|Unprocessable|Payload Too Large|Request Entity Too Large|错误|报错|error"
)
_LEAD = "HTTP|API Error|failed|失败|ChatGPT error|status|error|报错?|返回|出现|提示|遇到|get|got|returned|returns|收到"
_LABEL = r"(?:error|status|response|http|返回|状态)[ _-]?(?:code|status|码)|错误码|状态码|错误代码|状态错误|code"
HTTP_LINE = re.compile(rf'HTTP/[0-9.]{{1,3}}"? {_CODE}')
STATUS = (
    HTTP_LINE,
    re.compile(rf"(?:{_LABEL})[\"'`]?(?: is| was| of|是|为)?\s{{0,2}}[:：=\[(]?\s{{0,2}}[\"']?{_CODE}", re.IGNORECASE),
    re.compile(rf"[\"'](?:status|statusCode|status_code|code|http_status)[\"']\s{{0,3}}:\s{{0,3}}[\"']?{_CODE}"),
    re.compile(rf"(?<![A-Za-z0-9])(?:{_LEAD})[ :：(（\[]{{1,3}}{_CODE}", re.IGNORECASE),
    re.compile(rf"(?<=[a-z])Error:? [\[(]?{_CODE}(?=[\])\s]|$)"),
    re.compile(rf"(?:报错?|返回|出现|提示|遇到|收到)了?{_CODE}"),
    re.compile(rf"\[GIN\](?: |[^\n]{{0,40}}?\| {{0,3}}){_CODE}"),
    re.compile(rf"(?<=[a-z])/[a-z_]{{3,20}}:? {_CODE}(?=\s|$)"),
    re.compile(rf"[(（]{_CODE}[)）]"),
    re.compile(rf"(?:^|[\n\"'])[\s\W]{{0,6}}{_CODE}(?=\s{{0,2}}(?:[{{:：,-]|$|[0-9]?[A-Za-z\u4e00-\u9fff\"(]))"),
    re.compile(rf"(?<![A-Za-z0-9.:/-])\[?{_CODE}\]?[ :：-]{{0,2}}(?:{_REASONS})", re.IGNORECASE),
)
SDK_STATUS = {
    "RateLimitError": 429, "AuthenticationError": 401, "PermissionDeniedError": 403, "NotFoundError": 404, "BadRequestError": 400,
    "UnprocessableEntityError": 422, "InternalServerError": 500, "ConflictError": 409,
}  # fmt: skip
SDK_CLASS = re.compile(rf"(?<![A-Za-z])(?:openai|anthropic)\.(?P<name>{'|'.join(SDK_STATUS)})(?![A-Za-z])")
FIRST_ERROR = 400


def status_code(text: str) -> int | None:
    """Find the first error code stated, else the one an SDK's exception stands for, else the code of an HTTP line."""
    found = sorted((match.start("code"), int(match["code"])) for pattern in STATUS for match in pattern.finditer(text))
    stated = next((code for _, code in found if code >= FIRST_ERROR), None)
    if stated:
        return stated
    sdk, line = SDK_CLASS.search(text), HTTP_LINE.search(text)
    return SDK_STATUS[sdk["name"]] if sdk else int(line["code"]) if line else None
