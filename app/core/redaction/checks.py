"""Tests that a pattern cannot express: checksums, dates, ranges, and what a value is."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from datetime import date
from ipaddress import AddressValueError, IPv6Address

from app.core.redaction.values import Values, is_code, is_key_form, is_random, is_word

_CN_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CN_CHECK = "10X98765432"
_PORT_AND_PATH = re.compile(r"[0-9]{1,5}(?:/.*)?|(?:[0-9.]{7,15}:)?[0-9]{1,5}:[0-9]{1,5}(?:/(?:tcp|udp))?")
_PRODUCTS = "chrome|chromium|electron|edge|edg|firefox|safari|webkit|webview2|windows|android|ios|macos|java|jdk|openssl|nginx|openresty"
_VERSION_NAME = rf"version|(?<![a-z])ver|(?<![a-z])v|版本号?|release|build|oid|firmware|driver|{_PRODUCTS}"
_VERSION_WORD = re.compile(rf"(?i)(?:(?:{_VERSION_NAME})[\"']?[ :=]{{0,3}}[\"']?|(?<![A-Za-z0-9.])[a-z][a-z0-9_-]*/)$")
_ORDER_WORD = re.compile(r"(?i)(?:order|invoice|txn|transaction|trace|snowflake|seed|订单|单号|流水|交易号|编号)[^0-9]{0,8}$")
_SCHEMES = (  # first digits, lengths
    (re.compile(r"4"), {13, 16, 19}),
    (re.compile(r"5[0-9]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)"), {16}),
    (re.compile(r"3[47]"), {15}),
    (re.compile(r"3(?:0[0-5]|[689])"), {14, 16}),
    (re.compile(r"35"), {16}),
    (re.compile(r"6(?:2|011|4[4-9]|5)"), {16, 17, 18, 19}),
)
_SIGN = re.compile(r"[!@#$%^&*~?+]")
_CAPITALS = re.compile(r"(?=.*[a-z])(?=.*[A-Z].*[A-Z])(?=.*[0-9])[A-Za-z0-9_-]{9,}$")
_NO_HOST = re.compile(r"(?i)[0-9]+\.[0-9]|[0-9.]+x?\.(?:png|jpe?g|gif|webp|svg|js|mjs|cjs|ts|css|map|zip|tgz)$")  # pkg@1.2.3, logo@2x.png
_CALENDAR = re.compile(r"(?:19|20)[0-9]{2}[-./ ](?:0[1-9]|1[0-2])[-./ ]")
_URL_SAFE = str.maketrans("-_", "+/")
_NAMED = re.compile(rb"(?i)key|token|secret|passw|bearer|sk-")
SHORTEST_TOKEN = 16
Check = Callable[[re.Match[str], Values], bool]


def _random(found: re.Match[str], values: Values) -> bool:
    """A key's body reads like no word."""
    body = found["secret"][len(found.groupdict().get("prefix") or "") :]
    long_word = body.isalnum() and len(body) >= (24 if body.isupper() else 30)
    return (long_word or (is_random(body) and not is_word(body))) and not values.placeholder.fullmatch(body)


def _key(found: re.Match[str], values: Values) -> bool:
    """Not a mask or placeholder."""
    body = found["secret"][len(found.groupdict().get("prefix") or "") :]
    return not values.is_nothing(found["secret"]) and not values.is_nothing(body) and any(map(str.isalnum, body))


def _value(found: re.Match[str], values: Values) -> bool:
    """A password: anything but a placeholder, code or a port with a path."""
    value = found["secret"]
    return not (values.is_nothing(value) or _PORT_AND_PATH.fullmatch(value) or is_code(value))


def _mixed(found: re.Match[str], values: Values) -> bool:
    """A password that is no plain word."""
    return _value(found, values) and any(map(str.isdigit, found["secret"])) and any(map(str.isalpha, found["secret"]))


def _strong(found: re.Match[str], values: Values) -> bool:
    """A password with a letter, a digit and a sign in it, or one that reads like no word."""
    return _mixed(found, values) and (_SIGN.search(found["secret"]) is not None or _CAPITALS.match(found["secret"]) is not None)


def _credential(found: re.Match[str], values: Values) -> bool:
    """What stands behind Bearer, unless it is prose."""
    value = found["secret"].rstrip(".:=-")
    return not (values.is_nothing(value) or is_word(value) or is_code(found.string[found.start("secret") : found.end("secret") + 2]))


def _basic(found: re.Match[str], values: Values) -> bool:
    """Base64 of `user:password`, or long enough to be."""
    value = found["secret"]
    if values.is_nothing(value) or is_word(value):
        return False
    try:
        data = base64.b64decode(value.replace("-", "+").replace("_", "/") + "=" * (-len(value) % 4))
    except (binascii.Error, ValueError):
        data = b""
    return b":" in data or (len(value) >= SHORTEST_TOKEN and is_random(value))


def _encoded(found: re.Match[str], _values: Values) -> bool:
    """Base64 of settings that name a key or a password, or of a key itself."""
    value = found["secret"].translate(_URL_SAFE).rstrip("=")
    data = base64.b64decode(value[: len(value) - len(value) % 4])
    return data.startswith(b"sk-") or _NAMED.search(data) is not None


def _email(found: re.Match[str], _values: Values) -> bool:
    """Addresses of machines are not personal; `git@host` is an ssh address."""
    local = found["secret"].split("@")[0].lower()
    return local not in {"git", "noreply", "no-reply", "donotreply", "mailer-daemon"} and not _NO_HOST.match(found["domain"])


def _digits(found: re.Match[str]) -> str:
    return re.sub(r"[^0-9Xx]", "", found["secret"]).upper()


def _luhn(digits: str) -> bool:
    """The card checksum."""
    doubled = [int(d) * (1 + i % 2) for i, d in enumerate(reversed(digits))]
    return sum(n - 9 if n > 9 else n for n in doubled) % 10 == 0


def _card(found: re.Match[str], _values: Values) -> bool:
    digits = _digits(found)
    known = any(first.match(digits) and len(digits) in lengths for first, lengths in _SCHEMES)
    return (
        known and _luhn(digits) and len(set(digits)) > 1 and not _ORDER_WORD.search(found.string, max(0, found.start() - 16), found.start())
    )


def _cn_id(found: re.Match[str], _values: Values) -> bool:
    digits = _digits(found)
    try:
        date(int(digits[6:10]), int(digits[10:12]), int(digits[12:14]))
    except ValueError:
        return False
    return _CN_CHECK[sum(int(d) * w for d, w in zip(digits, _CN_WEIGHTS, strict=False)) % 11] == digits[17]


def _phone(found: re.Match[str], _values: Values) -> bool:
    digits = _digits(found)
    return 7 <= len(digits) <= 15 and not _CALENDAR.match(found["secret"])


def _international(found: re.Match[str], _values: Values) -> bool:
    digits = _digits(found)
    return 8 <= len(digits) <= 15 and not _CALENDAR.match(found["secret"])


def _ipv4(found: re.Match[str], _values: Values) -> bool:
    """Not a version, not this machine."""
    before = found.string[max(0, found.start() - 24) : found.start()]
    address = found["keep"] + found["secret"]
    if address.startswith(("127.", "0.")) or address == "255.255.255.255":
        return False
    return _VERSION_WORD.search(before) is None or re.match(r":[0-9]{2,5}", found.string[found.end() : found.end() + 6]) is not None


def _ipv6(found: re.Match[str], _values: Values) -> bool:
    value = found["secret"]
    if re.fullmatch(r"[0-9]{1,2}(?::[0-9]{2}){1,3}", value) or value.count(":") < 2:
        return False
    try:
        address = IPv6Address(value)
    except (AddressValueError, ValueError):
        return False
    return not (address.is_loopback or address.is_unspecified or address.is_link_local) and sum(map(str.isalnum, value)) > 4


CHECKS: dict[str, Check] = {
    "": _key,
    "random": lambda found, values: _key(found, values) and _random(found, values),
    "value": _value,
    "mixed": _mixed,
    "strong": _strong,
    "credential": _credential,
    "basic": _basic,
    "encoded": _encoded,
    "email": _email,
    "card": _card,
    "cn_id": _cn_id,
    "phone": _phone,
    "international": _international,
    "ipv4": _ipv4,
    "ipv6": _ipv6,
}
KEY_FORM = is_key_form
