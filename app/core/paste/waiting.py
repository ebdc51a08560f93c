"""Spans of time a text states: how long to wait, how long it took."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from app.core.moment import TO_THE_MINUTE, read_moment

SCALE = {"ms": 0.001, "毫秒": 0.001, "µs": 0.000001}
_SPAN = (
    r"(?:(?P<d>[0-9]{1,3}) ?(?:days?|d|天) ?)?(?:(?P<h>[0-9]{1,4}) ?(?:hours?|h|小时) ?)?"
    r"(?:(?P<m>[0-9]{1,5}) ?(?:minutes?|mins?|m|分钟?)(?![a-z]) ?)?"
    r"(?:(?P<s>[0-9]{1,7}(?:\.[0-9]{1,6})?) ?(?P<unit>ms|seconds?|secs?|s|毫秒|秒)(?![a-z]))?"
)
_TOOK = (
    "time taken ?=?|elapsed|took|耗时|用时|等了|超过|timed out after|latency|response[_ ]time|duration|"
    "(?<!retry )(?<!again )(?<!reset )(?<!retrying )after"
)
RETRY_HEADER = re.compile(
    r"retry[-_]after(?P<ms>-ms)?[\"']?\s{0,3}[:=：]?\s{0,3}[\"']?(?P<n>[0-9]{1,7}(?:\.[0-9]{1,3})?)(?![0-9:-])", re.IGNORECASE
)
RETRY_DATE = re.compile(
    r"retry-after[\"']?\s{0,3}:\s{0,3}[\"']?(?P<date>[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} 20[0-9]{2} [0-9:]{8} GMT)", re.IGNORECASE
)
RETRY_SPAN = re.compile(
    rf"(?:(?:again|retry|resets?|retrying) ?(?:in|after)|请(?:在|等待)?|reset after) {{0,2}}(?=[0-9]){_SPAN}", re.IGNORECASE
)
RESET_AT = re.compile(
    r"(?:resetAt|reset_at|resets? (?:at|on)|重置时间|恢复时间)[\"']?\s{0,3}[:=：]?\s{0,3}[\"']?(?P<when>[^\"'\n,}]{8,40})", re.IGNORECASE
)
ELAPSED = re.compile(
    rf"(?:{_TOOK})[\"']?\s{{0,2}}[:=：]?\s{{0,2}}(?:(?:about|around|约|大概) ?)?(?=[0-9]){_SPAN}",
    re.IGNORECASE,
)
GIN_TIME = re.compile(r"\[GIN\][^\n]{0,60}?\| {0,8}(?P<s>[0-9]{1,5}(?:\.[0-9]{1,9})?)(?P<unit>ms|s|µs)")


def retry_after_seconds(text: str, at: datetime) -> float | None:
    """How long the answer says to wait, counted from `at`."""
    header = RETRY_HEADER.search(text)
    if header:
        return float(header["n"]) / (1000 if header["ms"] else 1)
    span = next(filter(None, (_seconds(found) for found in RETRY_SPAN.finditer(text))), None)
    return span or _until_reset(text, at)


def elapsed_seconds(text: str) -> float | None:
    """How long the request took before it failed, where the text says so."""
    spans = (_seconds(found) for pattern in (GIN_TIME, ELAPSED) for found in pattern.finditer(text))
    return next((seconds for seconds in spans if seconds), None)


def _seconds(found: re.Match[str]) -> float | None:
    parts = found.groupdict()
    seconds = float(parts.get("s") or 0) * SCALE.get(parts.get("unit") or "", 1.0)
    minutes = int(parts.get("m") or 0) + 60 * int(parts.get("h") or 0) + 1440 * int(parts.get("d") or 0)
    return round(seconds + 60 * minutes, 6) or None


def _until_reset(text: str, at: datetime) -> float | None:
    """Seconds from `at` to the moment the text names for the reset."""
    dated, named = RETRY_DATE.search(text), RESET_AT.search(text)
    if dated:
        try:
            return _positive((parsedate_to_datetime(dated["date"]) - at).total_seconds())
        except ValueError:
            return None
    moment = read_moment(named["when"], at + timedelta(days=300)) if named else None
    return _positive((moment.at - at).total_seconds()) if moment and moment.tolerance_minutes <= TO_THE_MINUTE else None


def _positive(seconds: float) -> float | None:
    return seconds if seconds > 0 else None
