"""Compare the error a person pasted with the one the gateway logged, whatever the client wrapped around it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_AMOUNT = r"(?<![\w.])\d+\.\d{2,}(?![\w.])"
_MOMENT = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?"
_MASK = r"[A-Za-z0-9_-]{0,12}(?:…|\.{3}|\*{2,}|•{2,})[A-Za-z0-9_-]{4}(?![A-Za-z0-9_-])"
_ALONE, _NOT_ON = r"(?<![0-9A-Za-z])", r"(?![0-9A-Za-z])"
_UUID = f"{_ALONE}[0-9a-fA-F]{{8}}(?:-[0-9a-fA-F]{{4}}){{3}}-[0-9a-fA-F]{{12}}{_NOT_ON}"
_HEX_ID = f"{_ALONE}[0-9a-fA-F]{{16,64}}{_NOT_ON}"
_NAMED_ID = f"{_ALONE}[A-Za-z]{{2,12}}[_-](?=[A-Za-z_-]{{0,40}}[0-9])[A-Za-z0-9]{{16,64}}{_NOT_ON}"
_NUMBER_ID = f"{_ALONE}[0-9]{{14,40}}{_NOT_ON}"
_ANY_ID = f"{_UUID}|{_HEX_ID}|{_NAMED_ID}|{_NUMBER_ID}"
_ID = re.compile(_ANY_ID)
_DETAIL = re.compile(f"{_MOMENT}|{_MASK}|{_AMOUNT}")
_PARTICULAR = re.compile(f"{_MOMENT}|{_MASK}|{_ANY_ID}|{_AMOUNT}")
_NOISE = re.compile(r"[^0-9a-z\u3400-\u9fff]+")
_CUT_ID = re.compile(r"id[: ]{1,3}([0-9A-Za-z-]{3,40})$")
_CUT_PARTICULAR = re.compile(r"^[0-9a-f ]{0,16}$")
_WORD = re.compile(r"[0-9a-z]+|[\u3400-\u9fff]")
_LONG_WORD = re.compile(r"[a-z]{5,}|[\u3400-\u9fff]{4}")
_HEAD = 10
_SHORTEST_RUN = 12
_CLOSE, _SOME = 0.75, 0.4
_TAIL = 4


@dataclass(frozen=True, slots=True)
class ErrorText:
    """A text made comparable. details: amounts, moments and key endings; ids: request ids and the like."""

    plain: str  # words only, particulars left out
    words: frozenset[str]
    details: frozenset[str]
    ids: frozenset[str]
    cut_id: str  # the beginning of an id at the very end of a cut text, or ""
    cut_detail: str  # the same of a figure


@lru_cache(maxsize=8192)
def read(text: str) -> ErrorText:
    """What of `text` can be compared."""
    plain = _NOISE.sub(" ", _PARTICULAR.sub(" ", text).lower()).strip()
    cut = _CUT_ID.search(text)
    details = [_detail(found.group()) for found in _DETAIL.finditer(text)]
    return ErrorText(
        plain=plain,
        words=frozenset(_WORD.findall(plain)),
        details=frozenset(details),
        ids=frozenset(found.group() for found in _ID.finditer(text)),
        cut_id=cut.group(1) if cut else "",
        cut_detail=details[-1] if details and text.endswith(details[-1]) else "",
    )


def similarity(said: ErrorText, logged: ErrorText) -> str:
    """verbatim, close, some or other: how much of the shorter text is in the longer one."""
    if _is_quoted(said.plain, logged.plain):
        return "verbatim"
    shorter = min(len(said.words), len(logged.words))
    shared = len(said.words & logged.words) / shorter if shorter else 0.0
    return "close" if shared >= _CLOSE else "some" if shared >= _SOME else "other"


def same_details(said: ErrorText, logged: ErrorText) -> str | None:
    """same, some or other: whether the figures of the text are the record's; None when one of them has none to compare.

    All of them: one figure is often the same in every message (the price of a request), and tells nothing.
    """
    if not said.details or not logged.details:
        return None
    shared = said.details & logged.details
    if said.cut_detail and any(detail.startswith(said.cut_detail) for detail in logged.details):
        shared |= {said.cut_detail}
    return "same" if len(shared) >= min(len(said.details), len(logged.details)) else "some" if shared else "other"


def fragments(text: str, limit: int = 6) -> tuple[str, ...]:
    """The longest words of a text: cheap to look for in a query, telling enough to prefer one row to another."""
    words = dict.fromkeys(_LONG_WORD.findall(read(text).plain))
    return tuple(sorted(words, key=len, reverse=True)[:limit])


def quoted_ids(text: str) -> frozenset[str]:
    """Everything in the text that may be the id of a request."""
    return read(text).ids


def _is_quoted(said: str, logged: str) -> bool:
    """Whether one holds the other, or `said` breaks off in the midst of `logged`."""
    if len(said) < _HEAD or len(logged) < _HEAD:
        return said == logged != ""
    if logged in said or said in logged:
        return True
    start = said.find(logged[:_HEAD])
    if start < 0:
        return False
    run = _common_prefix(said[start:], logged)
    return _weight(logged[:run]) >= _SHORTEST_RUN and _CUT_PARTICULAR.match(said[start + run :]) is not None


def _common_prefix(first: str, second: str) -> int:
    """How many characters both begin with."""
    for place, (one, other) in enumerate(zip(first, second, strict=False)):
        if one != other:
            return place
    return min(len(first), len(second))


def _weight(text: str) -> int:
    """Length, a Chinese character counting as two."""
    return len(text) + sum(character >= "\u3400" for character in text)


def _detail(text: str) -> str:
    """A mask says no more than its last four characters."""
    return text[-_TAIL:] if any(sign in text for sign in ("…", "...", "**", "••")) else text
