"""A log filter in an address: read from the query string, and written back into links."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from flask import request

from app.core.log_filter import LONGEST_WORD, WORDS, Cursor, LogFilter, Shown
from app.web.context import redactor

MASK_SIGNS = "…*"  # `sk-…9f3c` and `****9f3c` mean the tail
HIGHEST_STATUS = 599


def asked_filter() -> LogFilter:
    """The filter the request's address names."""
    return read_filter(request.args)


def read_filter(given: Mapping[str, str]) -> LogFilter:
    """The filter an address's query names; nonsense in it is ignored."""
    return LogFilter(
        shown=_shown(given.get("show", "")),
        status_code=_status(given.get("status", "")),
        since=_moment(given.get("since", "")),
        until=_moment(given.get("until", "")),
        text=str(redactor().clean(" ".join(given.get("text", "").split())[:LONGEST_WORD])) or None,
        **_words(given),
    )


def asked_cursor() -> Cursor | None:
    """The place to go on from."""
    return Cursor.read(request.args.get("before", ""))


def query_of(chosen: LogFilter) -> dict[str, str]:
    """The query string's values that name this filter; what is not set is left out."""
    query = {"show": chosen.shown.value} if chosen.shown is not Shown.PROBLEMS else {}
    if chosen.status_code is not None:
        query["status"] = str(chosen.status_code)
    moments = {"since": chosen.since, "until": chosen.until}
    words = chosen.words | ({"text": chosen.text} if chosen.text else {})
    return query | {name: local_minute(moment) for name, moment in moments.items() if moment is not None} | words


def local_minute(moment: int | None) -> str:
    """Epoch milliseconds as a datetime-local field shows them, in UTC; empty for None."""
    return "" if moment is None else datetime.fromtimestamp(moment / 1000, UTC).strftime("%Y-%m-%dT%H:%M")


def _words(given: Mapping[str, str]) -> Mapping[str, str]:
    """The words of the filter, redacted: somebody may paste a whole key into the field for its tail."""
    typed = {name: str(redactor().clean(given.get(name, "")[:LONGEST_WORD].strip())) for name in WORDS}
    return {name: _tail(word) if name == "key" else word for name, word in typed.items() if word}


def _tail(word: str) -> str:
    """What follows the mask, or the word itself: an alias."""
    for sign in MASK_SIGNS:
        word = word.rpartition(sign)[2] or word
    return word


def _shown(word: str) -> Shown:
    return Shown(word) if word in set(Shown) else Shown.PROBLEMS


def _status(typed: str) -> int | None:
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) <= 3 and int(typed) <= HIGHEST_STATUS else None


def _moment(typed: str) -> int | None:
    """A time as datetime-local fields send it, taken as UTC."""
    try:
        moment = datetime.fromisoformat(typed)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return int(aware.timestamp() * 1000) if aware.year >= 1970 else None
