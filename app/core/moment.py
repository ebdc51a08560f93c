"""When something happened, as people and logs write it: ISO, log lines, "昨天下午3点", "today 14:05", "10 minutes ago"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
NUMERALS = {
    "零": 0,
    "一": 1,
    "二": 2,
    "两": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
    "十": 10,
    "十一": 11,
    "十二": 12,
    "半": 0.5,
}
FUTURE = timedelta(minutes=10)  # clocks differ; what lies further ahead is not when it happened
OLDEST = timedelta(days=400)
TO_THE_SECOND, TO_THE_MINUTE, TO_THE_HOUR, TO_THE_PART, TO_THE_DAY = 5, 10, 40, 180, 720
ROUGH = 30

_ZONE = r"(?P<zone>Z(?![A-Za-z])|UTC|GMT|[+-][0-9]{2}:?[0-9]{2})?"
_CLOCK = r"(?P<h>[0-9]{1,2})[:：](?P<m>[0-9]{2})(?:[:：](?P<s>[0-9]{2})(?:[.,][0-9]{1,9})?)?"
_MONTH = "|".join(MONTHS)
STAMPS = (
    re.compile(
        rf"(?<![0-9])(?P<Y>20[0-9]{{2}})[-/.年](?P<M>[0-9]{{1,2}})[-/.月](?P<D>[0-9]{{1,2}})日?[T ,_]{{0,3}}(?:- )?{_CLOCK} ?{_ZONE}",
        re.IGNORECASE,
    ),
    re.compile(
        rf"(?<![0-9])(?P<D>[0-9]{{1,2}})[ /-](?P<Mon>{_MONTH})[a-z]{{0,6}}[ /-](?P<Y>20[0-9]{{2}})[ :,]{{1,3}}{_CLOCK} ?{_ZONE}",
        re.IGNORECASE,
    ),
    re.compile(
        rf"(?<![A-Za-z])(?P<Mon>{_MONTH})[a-z]{{0,6}} (?P<D>[0-9]{{1,2}}),? (?P<Y>20[0-9]{{2}})[ ,]{{1,3}}"
        rf"{_CLOCK} ?(?P<half>[ap]m)? ?{_ZONE}",
        re.IGNORECASE,
    ),
    re.compile(rf"(?<![A-Za-z])(?P<Mon>{_MONTH})[a-z]{{0,6}} +(?P<D>[0-9]{{1,2}}) {_CLOCK} ?(?P<half>[ap]m)?", re.IGNORECASE),
    re.compile(rf"(?<![0-9])(?<![0-9][-/])(?P<M>[0-9]{{1,2}})(?:[-/]|月)(?P<D>[0-9]{{1,2}})日? ?{_CLOCK} ?{_ZONE}"),
)
EPOCH = re.compile(
    r"[\"'](?:created|created_at|timestamp|time|ts|startTime)[\"'] ?: ?(?P<epoch>1[0-9]{9})(?:[0-9]{3}(?![0-9])|\.[0-9]{1,9}|(?![0-9]))"
)
NOT_THEN = re.compile(r"(?:expir|reset|renew|到期|过期|重置|恢复|until|retry[- _]after)[^\n]{0,24}$", re.IGNORECASE)
AGO = re.compile(
    r"(?P<n>[0-9]{1,3}|[一二两三四五六七八九十半]{1,2}) ?个?多?"
    r"(?P<unit>秒钟?|分钟|小时|钟头|天|s|secs?|seconds?|mins?|minutes?|hours?|hrs?|days?) ?(?:以前|之前|前|ago)",
    re.IGNORECASE,
)
JUST_NOW = re.compile(r"刚才|刚刚|刚发生|just now|a moment ago|right now", re.IGNORECASE)
DAY_WORD = re.compile(
    r"(?P<day>今天|今早|今晚|昨天|昨晚|昨日|前天|today|tonight|this (?:morning|afternoon|evening)|yesterday|last night)", re.IGNORECASE
)
PART_WORD = re.compile(
    r"(?P<part>凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|今早|今晚|昨晚|morning|noon|afternoon|evening|tonight|last night)",
    re.IGNORECASE,
)
CLOCKS = (
    re.compile(rf"(?<![0-9.:/+-])(?<![0-9][ T]){_CLOCK}(?![0-9:]) ?(?P<half>[ap]\.?m)?", re.IGNORECASE),
    re.compile(r"(?<![0-9.:$])(?P<h>[0-9]{1,2}) ?(?P<half>[ap]\.?m)(?![A-Za-z])", re.IGNORECASE),
    re.compile(
        r"(?<![0-9.第])(?P<h>[0-9]{1,2}|十[一二]?|[一二两三四五六七八九])[点时](?![数候间区])(?:钟|整)?(?:(?P<half_past>半)|(?P<m>[0-9]{1,2})分?)?"
    ),
)
DATE_ONLY = re.compile(
    r"(?<![0-9A-Za-z/_-])(?:(?P<Y>20[0-9]{2})年 ?)?(?P<M>[0-9]{1,2})月 ?(?P<D>[0-9]{1,2})[日号]?"
    r"|(?<![0-9A-Za-z/_-])(?P<Y2>20[0-9]{2})[-/](?P<M2>[0-9]{1,2})[-/](?P<D2>[0-9]{1,2})(?![0-9A-Za-z/_-])"
)
ABOUT = re.compile(r"大概|大约|左右|约|around|about|approx|roughly|~ ?[0-9]|ish(?![a-z])", re.IGNORECASE)
ZONES = (
    (
        re.compile(r"北京时间|中国时间|东八区|beijing time|china time|(?:UTC|GMT) ?\+ ?0?8(?![0-9])", re.IGNORECASE),
        timezone(timedelta(hours=8)),
    ),
    (re.compile(r"(?<![A-Za-z])(?:UTC|GMT)(?![A-Za-z+-]| ?[+-])"), UTC),
)
PARTS = {
    **dict.fromkeys(("凌晨",), 3),
    **dict.fromkeys(("清晨",), 6),
    **dict.fromkeys(("早上", "早晨", "今早", "morning"), 9),
    **dict.fromkeys(("上午",), 10),
    **dict.fromkeys(("中午", "noon"), 12),
    **dict.fromkeys(("下午", "afternoon"), 15),
    **dict.fromkeys(("傍晚", "evening"), 18),
    **dict.fromkeys(("晚上", "今晚", "昨晚", "tonight", "last night"), 20),
}
DAYS_BACK = {"昨天": 1, "昨晚": 1, "昨日": 1, "yesterday": 1, "last night": 1, "前天": 2}
UNITS = {"秒": 1, "s": 1, "分": 60, "m": 60, "小": 3600, "钟": 3600, "h": 3600, "天": 86400, "d": 86400}


@dataclass(frozen=True, slots=True)
class Moment:
    """A time in UTC and how far the true time may lie from it."""

    at: datetime
    tolerance_minutes: int


def read_moment(text: str, now: datetime) -> Moment | None:
    """When the failure in `text` happened. Times without a zone are in the zone of `now`; never raises."""
    here = now if now.tzinfo else now.replace(tzinfo=UTC)
    zone = next((zone for pattern, zone in ZONES if pattern.search(text)), here.tzinfo or UTC)
    local = here.astimezone(zone)
    for reader in (_stamped, _ago, _by_the_clock, _part_of_day, _dated, _just_now):
        moment = reader(text, local)
        if moment:
            return moment
    return None


def _stamped(text: str, now: datetime) -> Moment | None:
    """Take the latest full date and time in the text that is not ahead of us."""
    stamps = [stamp for stamp in _stamps(text, now) if now - OLDEST < stamp.at <= now + FUTURE]
    return max(stamps, key=lambda stamp: stamp.at, default=None)


def _stamps(text: str, now: datetime) -> Iterator[Moment]:
    for pattern in STAMPS:
        for found in pattern.finditer(text):
            if not NOT_THEN.search(text[max(0, found.start() - 40) : found.start()]):
                at = _at(found.groupdict(), now)
                if at:
                    yield Moment(at, TO_THE_SECOND if found["s"] else TO_THE_MINUTE)
    for found in EPOCH.finditer(text):
        yield Moment(datetime.fromtimestamp(int(found["epoch"]), UTC), TO_THE_SECOND)


def _ago(text: str, now: datetime) -> Moment | None:
    found = AGO.search(text)
    if not found:
        return None
    seconds = _number(found["n"]) * UNITS[found["unit"][0].lower()]
    return _moment(now - timedelta(seconds=seconds), max(TO_THE_MINUTE, int(seconds / 180)))


def _by_the_clock(text: str, now: datetime) -> Moment | None:
    """Read a time of day, with or without a word for the day; without one it was the latest such time."""
    for pattern in CLOCKS:
        for found in pattern.finditer(text):
            hour, minute = _hour_and_minute(found.groupdict(), _part_before(text, found.start()))
            if hour > 23 or minute > 59 or NOT_THEN.search(text[max(0, found.start() - 40) : found.start()]):
                continue
            at = now.replace(hour=hour, minute=minute, second=int(found.groupdict().get("s") or 0) % 60, microsecond=0)
            return _moment(_on_its_day(text, at, now), _clock_tolerance(text, found))
    return None


def _part_of_day(text: str, now: datetime) -> Moment | None:
    day, part = DAY_WORD.search(text), PART_WORD.search(text)
    if not part or (not day and part["part"].isascii()):
        return None
    at = now.replace(hour=PARTS[part["part"].lower()], minute=0, second=0, microsecond=0)
    return _moment(_on_its_day(text, at, now), TO_THE_PART)


def _dated(text: str, now: datetime) -> Moment | None:
    """Read a date, or only a word for the day, without a time."""
    at = now.replace(hour=12, minute=0, second=0, microsecond=0)
    date = _date(text, at)
    if date:
        return _moment(date, TO_THE_DAY)
    return _moment(_on_its_day(text, at, at), TO_THE_DAY) if DAY_WORD.search(text) else None


def _date(text: str, at: datetime) -> datetime | None:
    """Put the time `at` on the date the text names; None without a date in reach."""
    for found in DATE_ONLY.finditer(text):
        if NOT_THEN.search(text[max(0, found.start() - 40) : found.start()]):
            continue
        year, month, day = found["Y"] or found["Y2"], found["M"] or found["M2"], found["D"] or found["D2"]
        try:
            dated = at.replace(year=int(year or at.year), month=int(month), day=int(day))
        except ValueError:
            continue
        dated = dated.replace(year=dated.year - 1) if not year and dated > at + timedelta(days=1) and (month, day) != ("2", "29") else dated
        if abs(dated - at) < OLDEST:
            return dated
    return None


def _just_now(text: str, now: datetime) -> Moment | None:
    return _moment(now, ROUGH // 2) if JUST_NOW.search(text) else None


def _at(parts: dict[str, str | None], now: datetime) -> datetime | None:
    """Turn the parts of a stamp into UTC; None when they are no date."""
    month = parts.get("M") or (MONTHS.index(str(parts["Mon"])[:3].lower()) + 1 if parts.get("Mon") else 0)
    hour, minute = _hour_and_minute(parts, None)
    try:
        at = datetime(
            int(parts.get("Y") or now.year),
            int(month),
            int(parts["D"] or 0),
            hour,
            minute,
            int(parts.get("s") or 0),
            tzinfo=_zone(parts.get("zone"), now.tzinfo),
        )
        at = at.replace(year=at.year - 1) if not parts.get("Y") and at > now + FUTURE else at
        return at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _zone(written: str | None, otherwise: tzinfo | None) -> tzinfo:
    if not written:
        return otherwise or UTC
    if written[0] not in "+-":
        return UTC
    digits = written[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]) % 24, minutes=int(digits[2:]) % 60)
    return timezone(-offset if written[0] == "-" else offset)


def _hour_and_minute(parts: dict[str, str | None], part_of_day: str | None) -> tuple[int, int]:
    hour = int(_number(parts["h"] or "0"))
    minute = 30 if parts.get("half_past") else int(parts.get("m") or 0)
    half = (parts.get("half") or "").lower()[:1]
    afternoon = half == "p" or (part_of_day is not None and PARTS[part_of_day] >= 12)
    if afternoon and hour < 12:
        hour += 12
    return (0 if half == "a" and hour == 12 else hour), minute


def _part_before(text: str, position: int) -> str | None:
    """Find the word for a part of the day right before a clock time: 下午3点."""
    words = [found["part"].lower() for found in PART_WORD.finditer(text, max(0, position - 8), position)]
    return words[-1] if words else None


def _on_its_day(text: str, at: datetime, now: datetime) -> datetime:
    """Move the time `at` of today to the day the text names; without one it was the latest such time."""
    date = _date(text, at)
    if date and date <= now + FUTURE:
        return date
    day = DAY_WORD.search(text)
    if day:
        return at - timedelta(days=DAYS_BACK.get(day["day"].lower(), 0))
    return at - timedelta(days=1) if at > now + FUTURE else at


def _clock_tolerance(text: str, found: re.Match[str]) -> int:
    parts = found.groupdict()
    exact = TO_THE_SECOND if parts.get("s") else TO_THE_MINUTE if parts.get("m") or parts.get("half_past") else TO_THE_HOUR
    around = ABOUT.search(text, max(0, found.start() - 12), found.end() + 6)
    return max(exact, ROUGH) if around else exact


def _number(written: str) -> float:
    return float(written) if written.isascii() else float(NUMERALS.get(written, 0))


def _moment(local: datetime, tolerance: int) -> Moment:
    return Moment(local.astimezone(UTC), tolerance)
