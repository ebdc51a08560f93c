"""Parse an error as vendors, gateways and client wrappers print it, whole or broken, into one shape."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.core.plain_text import shorten

# A field of JSON, of a Python or JavaScript object, or of a log line; values may be cut off at the end of the text.
FIELD = re.compile(
    r"""(?<![A-Za-z0-9_])["']?(?P<name>error_code|errorCode|ErrorCode|errorType|error_type|statusCode|status_code|status|code|type|param|model|message|error_msg|status_msg|msg|detail|reason|finish_reason|finishReason|stop_reason|description)["']?
        \s{0,3}(?:[:=：]|=>)\s{0,3}
        (?:"(?P<double>(?:[^"\\]|\\.){0,4000})(?:"|$)|'(?P<single>(?:[^'\\]|\\.){0,4000})(?:'|$)|(?P<bare>-?[A-Za-z0-9_][A-Za-z0-9_.:-]{0,80}))""",
    re.VERBOSE,
)
STATUS = re.compile(
    r"""(?:error\s?code|status[_\s]?code|statuscode|http(?:/[0-9.]{1,3})?(?:\s?status)?|status|api\s?error|error|状态码|错误码|返回码|\bcode)["']?[\s:：=(\[-]{0,6}["']?(?P<said>[1-5][0-9]{2})(?![0-9.])
      |^\W{0,4}(?P<first>[1-5][0-9]{2})(?![0-9.])
      |(?<![0-9.])(?P<named>[45][0-9]{2})\s(?:Bad\sRequest|Unauthorized|Payment\sRequired|Forbidden|Not\sFound|Method\sNot|Not\sAcceptable|Request\s(?:Entity|Timeout)|Payload\sToo|Unprocessable|Too\sMany|Internal\sServer|Bad\sGateway|Service\s(?:Temporarily\s)?Unavailable|Gateway\sTime|\(|status\scode)
      |(?:报错|错误|出错|失败|返回|提示|出现|显示)\s?(?:了|码|代码|状态|状态码|为|是)?[\s:：]{0,3}(?P<told>[45][0-9]{2})(?![0-9.]|\s?(?:次|条|个|秒|元|毫秒|分钟|ms|s\b|字|token))
      |\[(?P<boxed>[45][0-9]{2})\]
      |\|\s(?P<logged>[2-5][0-9]{2})\s\|""",
    re.VERBOSE | re.IGNORECASE,
)
REQUEST_ID = re.compile(
    r"""(?:request[ _-]?id|requestid|x-request-id|trace[ _-]?id|(?<![a-z])tid|cf-ray|log[ _-]?id)["']?\s{0,2}[:：=]?\s{0,2}["']?
        (?P<id>[A-Za-z0-9][A-Za-z0-9_-]{7,79})""",
    re.VERBOSE | re.IGNORECASE,
)
HTML = re.compile(r"<(?:html|head|body|title|center|h1|h2|meta|script|div)[\s>]|<!doctype html", re.IGNORECASE)
WAIT = re.compile(
    r"""(?:retry[ _-]?after(?:[ _-]?(?:seconds|ms))?|try\sagain\s(?:in|after)|retry\s(?:in|after)|retrydelay|resets?_in_seconds
          |reset\s(?:in|after)|wait|请在|等待)["']?[\s:：=]{0,4}["']?
        (?:(?P<hours>[0-9]{1,4})\s?h(?:ours?)?\s?)?
        (?:(?P<minutes>[0-9]{1,5})\s?m(?:in(?:utes?)?)?(?![a-z])\s?)?
        (?:(?P<number>[0-9]{1,9}(?:\.[0-9]{1,6})?)\s?(?P<unit>ms|milliseconds|sec|second|s|min|minute|hour|h|day|d|秒|分钟|小时|天)?)?""",
    re.VERBOSE | re.IGNORECASE,
)
MODEL = re.compile(
    r"""(?:the\smodel|model|deployment|模型|for\smodel|requests?\sto)\s{0,2}[:：]?\s{0,2}[`'"]?
        (?P<model>[A-Za-z][A-Za-z0-9]{0,20}[-/.0-9][A-Za-z0-9._:/-]{0,60})""",
    re.VERBOSE | re.IGNORECASE,
)
WAIT_SIGNS = ("retry", "again", "reset", "wait", "请在", "等待")  # one of them is in whatever WAIT finds
THREE_DIGITS = re.compile("[1-5][0-9]{2}")
DIGIT = re.compile("[0-9]")
UNIT_SECONDS = {
    "ms": 0.001,
    "milliseconds": 0.001,
    "min": 60,
    "minute": 60,
    "分钟": 60,
    "hour": 3600,
    "h": 3600,
    "小时": 3600,
    "day": 86400,
    "d": 86400,
    "天": 86400,
}
CODE_FIELDS = frozenset(
    {
        "code",
        "type",
        "error_code",
        "errorcode",
        "errortype",
        "error_type",
        "reason",
        "status",
        "finish_reason",
        "finishreason",
        "stop_reason",
    }
)
MESSAGE_FIELDS = frozenset({"message", "error_msg", "status_msg", "msg", "detail", "description"})
EMPTY = frozenset({"", "null", "none", "undefined", "error", "true", "false", "nil"})
DULL_CODES = frozenset(
    {
        "invalid_request_error",
        "api_error",
        "error",
        "badrequest",
        "bad_response_status_code",
        "upstream_error",
        "new_api_error",
        "one_api_error",
        "openai_error",
    }
)
WRAPPER = re.compile(
    r"""^(?:\s{0,3}(?:api\serror|error\scode|error|exception|openai\.[A-Za-z]{2,30}Error|[A-Za-z]{2,30}Error|http|status\scode)\s{0,2}[:：]?\s{0,2})?
        [(\[]?[1-5][0-9]{2}[)\]]?[\s:：-]{0,4}""",
    re.VERBOSE | re.IGNORECASE,
)
LONGEST_CODE = 80


@dataclass(frozen=True, slots=True)
class ErrorShape:
    """What an error text says structurally; None where it does not say.

    request_ids: every id found, in order; two or more mean that an upstream gateway spoke.
    statuses: every HTTP status the text shows, in order; status_code is the first, the outermost.
    codes: every code, type, reason and state in lower case, in order; code and type are those that say most.
    """

    status_code: int | None = None
    code: str | None = None
    type: str | None = None
    param: str | None = None
    message: str = ""
    request_ids: tuple[str, ...] = ()
    is_html: bool = False
    retry_after_seconds: float | None = None
    model: str | None = None
    statuses: tuple[int, ...] = ()
    codes: tuple[str, ...] = ()


def parse_error(text: str) -> ErrorShape:
    """Read `text`; never raises, linear time."""
    whole = shorten(text)
    lower = whole.lower()
    unescaped = whole.replace('\\"', '"').replace('\\"', '"').replace("\\'", "'") if "\\" in whole else whole
    fields = [pair for pair in _fields(unescaped) if pair[1].lower() not in EMPTY]
    statuses = tuple(dict.fromkeys(_statuses(unescaped)))
    codes = tuple(dict.fromkeys(value.lower() for name, value in fields if _is_code(name, value)))
    return ErrorShape(
        status_code=statuses[0] if statuses else None,
        code=_telling(fields, ("code", "error_code", "errorcode", "errortype", "reason", "status")),
        type=_telling(fields, ("type", "error_type")),
        param=next((value for name, value in fields if name == "param"), None),
        message=_message(fields, whole),
        request_ids=_request_ids(unescaped) if "id" in lower or "ray" in lower else (),
        is_html="<" in whole and bool(HTML.search(whole)),
        retry_after_seconds=_wait(unescaped) if any(sign in lower for sign in WAIT_SIGNS) else None,
        model=next((value for name, value in fields if name == "model"), None) or _model(unescaped),
        statuses=statuses,
        codes=codes,
    )


def _is_code(name: str, value: str) -> bool:
    """Tell whether a field carries an error code; a "status code" that is no HTTP status is one of the vendor's own."""
    if name in {"status_code", "statuscode"}:
        return value.isdigit() and len(value) > len("503")
    return name in CODE_FIELDS and len(value) <= LONGEST_CODE


def _fields(text: str) -> Iterator[tuple[str, str]]:
    """Give every known field with its value, outermost first; a quoted value that holds fields is searched as well."""
    for found in FIELD.finditer(text):
        value = found["double"] if found["double"] is not None else found["single"] if found["single"] is not None else found["bare"]
        yield found["name"].lower(), value.strip()
        if len(value) > 20 and (":" in value or "：" in value):
            yield from _inner_fields(value)


def _inner_fields(value: str) -> Iterator[tuple[str, str]]:
    """Give the fields inside a message that quotes another error; one level is enough, as quotes do not nest deeper unescaped."""
    for found in FIELD.finditer(value):
        yield found["name"].lower(), (found["double"] or found["single"] or found["bare"] or "").strip()


def _request_ids(text: str) -> tuple[str, ...]:
    """Give every request id, in order."""
    return tuple(dict.fromkeys([found["id"] for found in REQUEST_ID.finditer(text) if DIGIT.search(found["id"])]))


def _statuses(text: str) -> Iterator[int]:
    """Give the HTTP statuses a text shows, in order."""
    if not THREE_DIGITS.search(text):
        return
    for found in STATUS.finditer(text):
        yield int(found["said"] or found["first"] or found["named"] or found["told"] or found["boxed"] or found["logged"])


def _telling(fields: list[tuple[str, str]], names: tuple[str, ...]) -> str | None:
    """Choose the value that says most: the last one that is not a general word, else the last one."""
    values = [value for name, value in fields if name in names and not value.isspace()]
    telling = [value for value in values if value.lower() not in DULL_CODES and not (value.isdigit() and len(value) == 3)]
    return telling[-1] if telling else values[-1] if values else None


def _message(fields: list[tuple[str, str]], text: str) -> str:
    """Choose the innermost message; the text without its wrapper when it has no message field."""
    messages = [value for name, value in fields if name in MESSAGE_FIELDS and len(value) > 1]
    return messages[-1] if messages else WRAPPER.sub("", text, count=1).strip()


def _wait(text: str) -> float | None:
    """Read how long the text says to wait, in seconds."""
    for found in WAIT.finditer(text):
        if found["hours"] or found["minutes"] or found["number"]:
            rest = float(found["number"] or 0) * UNIT_SECONDS.get((found["unit"] or "").lower(), 1)
            return float(found["hours"] or 0) * 3600 + float(found["minutes"] or 0) * 60 + rest
    return None


def _model(text: str) -> str | None:
    """Find the model the text names."""
    found = MODEL.search(text)
    return found["model"].rstrip(".:,") if found else None
