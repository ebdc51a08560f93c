"""Ids a text quotes: of the request, of an asynchronous task."""

from __future__ import annotations

import re

_ID = r"(?P<id>[A-Za-z0-9][A-Za-z0-9_.:-]{7,127})"
_IS = r"[\"'`]?\s{0,3}[:=：是为]\s{0,3}[\"'`]?"
_WITH_DIGIT = "(?=[A-Za-z_.:-]{0,60}[0-9])"
REQUEST_ID = (  # the most telling first
    re.compile(rf"x-litellm-call-id{_IS}{_ID}", re.IGNORECASE),
    re.compile(rf"x-oneapi-request-id{_IS}{_ID}", re.IGNORECASE),
    re.compile(rf"(?<![A-Za-z-])(?:request|请求|trace)[ _]?id(?:{_IS}|\s[\"'`]?){_WITH_DIGIT}{_ID}", re.IGNORECASE),
    re.compile(rf"(?<![A-Za-z])x-(?:request|trace)-id{_IS}{_ID}", re.IGNORECASE),
    re.compile(rf"(?:^|[\n\"'{{ ])request-id{_IS}{_ID}", re.IGNORECASE),
    re.compile(r"(?<![A-Za-z0-9_])(?P<id>req_[A-Za-z0-9]{8,64})"),
    re.compile(rf"cf-ray{_IS}{_ID}", re.IGNORECASE),
)
TASK_ID = (
    re.compile(
        rf"(?:task|video|batch|任务)[ _-]?(?:id|号|编号)?{_IS}(?=[A-Za-z_-]{{0,40}}[0-9])(?P<id>[A-Za-z0-9][A-Za-z0-9_=-]{{5,127}})",
        re.IGNORECASE,
    ),
    re.compile(r"(?<![A-Za-z0-9_])(?P<id>(?:task|video|batch|cgt)[_-](?=[A-Za-z_-]{0,60}[0-9])[A-Za-z0-9_=-]{6,127})"),
    re.compile(rf"(?<![A-Za-z])tid{_IS}(?P<id>[A-Za-z0-9_-]{{6,64}})"),
)


def request_id(text: str) -> str | None:
    """Find the id the gateway knows the request by; of several in one sentence the last, which the nearest gateway added."""
    for pattern in REQUEST_ID:
        found = [match["id"].rstrip(".:-") for match in pattern.finditer(text)]
        if found:
            return found[-1]
    return None


def task_id(text: str) -> str | None:
    """Find the id of an asynchronous task."""
    return next((found["id"] for pattern in TASK_ID for found in pattern.finditer(text)), None)
