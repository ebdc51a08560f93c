"""An optional engine that searches for all first-pass literals at once: it may only say that a text holds none of them.

It is used when the package `hyperscan` is installed. What it searches for is never narrower than the first pass itself, so
that the result is the same with it and without it; only the time differs.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

WORTH_IT = 5_000  # texts asked about before the second or so that compiling takes is spent
_AHEAD = re.compile(r"\(\?!\[([^\]]*)\]\)")
_AROUND = re.compile(r"\(\?<[=!](?:[^()\\]|\\.)*\)")
_BEHIND_SIGN = re.compile(r"\(\?<=((?:[^()\\]|\\.)*)\)")
_REPEAT = re.compile(r"\{([0-9]+),[0-9]{2,}\}\??")


@dataclass(slots=True)
class Accelerator:
    """Compiled on its first busy day; until then, and without the package, it rules out nothing."""

    expressions: tuple[str, ...]
    _scan: Callable[[bytes], bool] | None = None
    _asked: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def rules_out(self, lowered: str) -> bool:
        """Whether the first pass would surely find nothing in a lower-case text."""
        if self._scan is not None:
            return self._is_empty(self._scan, lowered)
        self._asked += 1
        if self._asked == WORTH_IT:  # beside the work: whoever asks just now, a request perhaps, need not wait for it
            threading.Thread(target=self.compile, name="accelerator", daemon=True).start()
        return False

    def compile(self) -> bool:
        """Get ready; False when the package is not installed, or there is nothing to look for."""
        try:
            engine = import_module("hyperscan")
        except ImportError:
            return False
        if not self.expressions:
            return False
        self._scan = _scanner(engine, self.expressions)
        return True

    def _is_empty(self, scan: Callable[[bytes], bool], lowered: str) -> bool:
        if not self._lock.acquire(blocking=False):  # its working memory serves one thread at a time; the others do without
            return False
        try:
            return scan(lowered.encode())
        except UnicodeEncodeError:  # half of a surrogate pair
            return False
        finally:
            self._lock.release()


def expressions_for(
    anywhere: Mapping[str, str],
    starts: Mapping[str, str],
    signs: Iterable[tuple[str, str]],
    numbers: Iterable[tuple[str, str]],
) -> tuple[str, ...]:
    """The first pass in a dialect without look-arounds, nowhere narrower."""
    return (
        *(f"{re.escape(literal)}(?:{_loosened(tail)})" for literal, tail in anywhere.items()),
        *(f"(?:^|[^a-z0-9]){re.escape(_word(literal))}(?:{_loosened(tail)})" for literal, tail in starts.items()),
        *(expression for sign, rests in signs for expression in _of_sign(sign, rests)),
        *(f"(?:^|[^0-9a-z])[{first}](?:{_loosened(rest)})" for first, rest in numbers),
    )


def _word(literal: str) -> str:
    return literal if literal[0].isalnum() else literal[1:]


def _of_sign(sign: str, rests: str) -> Iterator[str]:
    """One expression for each alternative; what must stand before the sign comes with it."""
    for rest in rests.split("|"):
        before = _BEHIND_SIGN.match(rest)
        yield before[1] + _loosened(rest[before.end() :]) if before else re.escape(sign) + _loosened(rest)


def _loosened(pattern: str) -> str:
    """Without look-arounds and long counts; a class that must not follow becomes one that may."""
    return _REPEAT.sub(r"{\1,}", _AROUND.sub("", _AHEAD.sub(r"(?:[^\1]|$)", pattern)))


def _scanner(engine: Any, expressions: tuple[str, ...]) -> Callable[[bytes], bool]:
    """A function that tells whether none of the expressions is in a text."""
    database = engine.Database(mode=engine.HS_MODE_BLOCK)
    flags = engine.HS_FLAG_SINGLEMATCH | engine.HS_FLAG_UTF8 | engine.HS_FLAG_ALLOWEMPTY
    database.compile(
        expressions=[expression.encode() for expression in expressions],
        ids=list(range(len(expressions))),
        flags=[flags] * len(expressions),
    )
    scan, error = database.scan, engine.error

    def is_empty(text: bytes) -> bool:
        try:
            scan(text, match_event_handler=_stop)
        except error:  # stopped at the first match
            return False
        return True

    return is_empty


def _stop(*_match: object) -> bool:
    return True
