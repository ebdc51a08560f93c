"""A field of unknown type and origin made into a value that may be stored, or into nothing."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

from app.core.each_once import EachOnce
from app.core.key_ref import SHA256_HEX, KeyRef, fingerprint, fingerprint_of_key
from app.core.redacted_text import RedactedText
from app.core.redaction import Redactor

LONGEST_ID = 160
LONGEST_LABEL = 160
LONGEST_MESSAGE = 2_000
LONGEST_PAGE = 65_536  # characters of an error page that are looked at
LONGEST_ENVIRONMENT = 48
LONGEST_ERROR_CODE = 96
MOST_TAGS = 20
LONGEST_TAG = 64
LONGEST_NUMBER = 40
BEYOND_ANY_AMOUNT = 1e300  # infinity, or nearly
LARGEST_INT = 2**31 - 1
LARGEST_MICROS = 2**53
EARLIEST_MS = 946_684_800_000  # 2000-01-01
LATEST_MS = 4_102_444_800_000  # 2100-01-01

_READ_AHEAD = 4  # how many times the limit of a text the redactor gets to see
_TAIL_NEEDS = 20  # a shorter credential would show too much of itself in its last four characters
MEMO_SIZE = 5_000
_UNSEEN = "\0unseen"
_KEY_CHARACTERS = string.ascii_letters + string.digits + "_-.+/=~"
_ID = re.compile(rf"[\x21-\x7e]{{1,{LONGEST_ID}}}")
_HEX_ID = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_TAIL = re.compile(r"[A-Za-z0-9_-]{4}")
_LINE_ENDS = re.compile(r"[\x0b-\x0d\x85]+")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffd]+")
_SPACES = re.compile(r"\s+")
_CREDENTIAL = re.compile(r"(?<![A-Za-z0-9])(?=[A-Za-z0-9]*[a-z])(?=[A-Za-z0-9]*[A-Z])(?=[A-Za-z0-9]*[0-9])[A-Za-z0-9]{32,}")
_AGENT_COMMENT = re.compile(r"\([^()]{0,400}\)?")
_HTML_START = re.compile(r"<(?:!doctype|html|head|body)[\s>]", re.IGNORECASE)
_HTML_HIDDEN = re.compile(r"<(script|style)[\s>].*?(?:</\1>|\Z)", re.IGNORECASE | re.DOTALL)
_HTML_TAG = re.compile(r"<[^<>]{0,2000}>")

_TAG_SEPARATOR = re.compile(r"[,;|]")
_FLAGS = {"true": True, "t": True, "yes": True, "1": True, "false": False, "f": False, "no": False, "0": False}

Name = TypeVar("Name")
Value = TypeVar("Value")


class BadLine(Exception):
    """A line that cannot become a record. The reason never repeats what the line says."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotJson(BadLine):
    """A line that is not even JSON."""


class NotARequest(BadLine):
    """A line that is right and about something else than a request; nothing is lost by passing it over."""


class FieldCleaner:
    """Cleans the fields of one batch; what repeats (clients, models, keys) is cleaned once.

    It remembers raw values as long as it lives: make one per batch, keep none.
    """

    def __init__(self, redactor: Redactor, pepper: bytes) -> None:
        self._redactor = redactor
        self._pepper = pepper
        self._labels: dict[str, str | None] = {}
        self._messages: dict[str, RedactedText] = {}
        self._keys: dict[str, KeyRef] = {}
        self._columns: dict[Callable[..., Any], EachOnce[Any]] = {}

    def column(self, make: Callable[[FieldCleaner, object], Value], values: Sequence[object]) -> list[Value]:
        """Return `make(self, value)` of each value; what repeats is made once."""
        known: EachOnce[Value] | None = self._columns.get(make)
        if known is None:
            known = self._columns[make] = EachOnce(partial(make, self), MEMO_SIZE)
        return known.of(values)

    def label(self, value: object, limit: int = LONGEST_LABEL) -> str | None:
        """Return a short one-line text, redacted and cut; None when there is none."""
        if value is None:
            return None
        if not isinstance(value, str):
            return str(value) if type(value) is int and abs(value) < LARGEST_MICROS else None
        known = self._labels.get(value, _UNSEEN)
        text = _remember(self._labels, value, self._fresh_label(value)) if known is _UNSEEN else known
        return text if text is None or len(text) <= limit else text[:limit]

    def client(self, value: object) -> str | None:
        """Return a user agent without the comments that describe the machine: products and versions."""
        if isinstance(value, str) and "(" in value:
            value = _AGENT_COMMENT.sub(" ", value)
        return self.label(value)

    def message(self, value: object, hide: str = "") -> RedactedText | None:
        """Return an error text, redacted and cut. `hide` is a credential that may be repeated in it."""
        if not isinstance(value, str) or not value.strip():
            return None
        text = value.replace(hide, "…") if hide else value
        return self._messages.get(text) or _remember(self._messages, text, self._fresh_message(text))

    def identifier(self, value: object) -> str | None:
        """Return an id as it is when it looks like one; a key in its place becomes a pseudonym; None when unusable."""
        if not isinstance(value, str):
            return None
        if _HEX_ID.fullmatch(value):
            return value
        if not _ID.fullmatch(value):
            return None
        return value if self._redactor.clean(value) == value else f"hidden-{fingerprint_of_key(self._pepper, value)}"

    def identifiers(self, values: Sequence[object]) -> list[str | None]:
        """Return `identifier` of each value."""
        if values.count(None) == len(values):
            return [None] * len(values)
        return [value if type(value) is str and _HEX_ID.fullmatch(value) else self.identifier(value) for value in values]

    def key(self, value: object) -> KeyRef:
        """Return how a key is named here, from its SHA-256 or from the raw key itself."""
        if not isinstance(value, str) or not value.strip():
            return KeyRef()
        return self._keys.get(value) or _remember(self._keys, value, self._fresh_key(value.strip()))

    def person(self, value: object) -> str | None:
        """Return the name or number of an account. One that is an e-mail address is not kept."""
        return None if isinstance(value, str) and "@" in value else self.label(value)

    @staticmethod
    def tail(value: object) -> str | None:
        """Return the last four characters of a key, given alone; anything longer is not a tail."""
        return value if isinstance(value, str) and _TAIL.fullmatch(value) else None

    def tags(self, values: object) -> tuple[str, ...]:
        """Return up to twenty short tags, redacted; from a list, or from a text that separates them."""
        if isinstance(values, str) and values:
            values = [tag.strip(" []\"'") for tag in _TAG_SEPARATOR.split(values[:LONGEST_PAGE])]
        if not isinstance(values, list) or not values:
            return ()
        return tuple(tag for tag in (self.label(value, LONGEST_TAG) for value in values[:MOST_TAGS]) if tag)

    def _fresh_label(self, value: str) -> str | None:
        one_line = _SPACES.sub(" ", _printable(_cut_between_words(value, LONGEST_PAGE))).strip()
        return _CREDENTIAL.sub("…", str(self._redacted(one_line, LONGEST_LABEL))).strip() or None  # nobody names a thing so

    def _fresh_message(self, text: str) -> RedactedText:
        text = _cut_between_words(text, LONGEST_PAGE)
        if _HTML_START.search(text):
            text = html_text(text)
        return self._redacted(_printable(text).strip(), LONGEST_MESSAGE)

    def _fresh_key(self, value: str) -> KeyRef:
        if SHA256_HEX.match(value):
            return KeyRef(fingerprint=fingerprint(self._pepper, value))
        known = self._redactor.redact(value).keys
        last4 = value[-4:] if len(value) >= _TAIL_NEEDS and _TAIL.fullmatch(value[-4:]) else None
        return KeyRef(known[0].prefix if known else "", last4, fingerprint_of_key(self._pepper, value))

    def _redacted(self, text: str, limit: int) -> RedactedText:
        """Redact first and cut after, so that no cut makes a secret unrecognisable."""
        clean = self._redactor.clean(_cut_between_words(text, limit * _READ_AHEAD))
        return clean if len(clean) <= limit else self._redactor.clean(clean[:limit])


def whole(value: object, low: int = 0, high: int = LARGEST_INT) -> int | None:
    """Return a whole number from low to high, also from a float or digits; else None."""
    if value is None:
        return None
    if type(value) is int:
        return value if low <= value <= high else None
    amount = number(value)
    return round(amount) if amount is not None and low <= amount <= high else None


def micros(value: object) -> int | None:
    """Return USD, a number or a decimal string, as integer micro-USD; else None."""
    amount = None if value is None else number(value)
    return round(amount * 1_000_000) if amount is not None and abs(amount) <= LARGEST_MICROS / 1_000_000 else None


def micros_of_units(value: object, units_per_usd: float) -> int | None:
    """Return an amount counted in a gateway's own unit as integer micro-USD; else None."""
    amount = None if value is None else number(value)
    return micros(amount / units_per_usd) if amount is not None else None


def flag(value: object) -> bool | None:
    """Return a boolean, also from the words databases and Python write for one; anything else is unknown."""
    if isinstance(value, bool) or value is None:
        return value
    return _FLAGS.get(value.strip().lower()) if isinstance(value, str) and len(value) <= LONGEST_NUMBER else None


def moment_from_seconds(value: object) -> int | None:
    """Return epoch seconds as epoch milliseconds when they lie in this century; else None."""
    amount = number(value)
    if amount is None or not EARLIEST_MS <= amount * 1000 < LATEST_MS:
        return None
    return round(amount * 1000)


def moment_from_iso(value: object) -> int | None:
    """Return an ISO 8601 time as epoch milliseconds; without a zone it is UTC; else None."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        stamp = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
    return round(stamp * 1000) if EARLIEST_MS <= stamp * 1000 < LATEST_MS else None


def as_written(value: object) -> str:
    """Write a fact of an identity the same whether it came from JSON or from a table of texts."""
    return "" if value is None else str(value)


def html_text(text: str) -> str:
    """Return the words of an HTML error page, without its markup."""
    return _SPACES.sub(" ", _HTML_TAG.sub(" ", _HTML_HIDDEN.sub(" ", text))).strip()


def number(value: object) -> float | None:
    """Return a finite number, also from a decimal string."""
    if isinstance(value, str):
        if len(value) > LONGEST_NUMBER:
            return None
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if abs(value) < BEYOND_ANY_AMOUNT else None


def _printable(text: str) -> str:
    """Leave out what cannot be printed. A space in its place would cut a key in two that then looks like none."""
    return _CONTROLS.sub("", _LINE_ENDS.sub(" ", text))


def _cut_between_words(text: str, limit: int) -> str:
    """Cut to the limit and drop the last run of key characters, which the cut may have halved."""
    return text if len(text) <= limit else text[:limit].rstrip(_KEY_CHARACTERS)


def _remember(memo: dict[Name, Value], name: Name, value: Value) -> Value:
    """Remember a value; a full memory starts afresh."""
    if len(memo) >= MEMO_SIZE:
        memo.clear()
    memo[name] = value
    return value
