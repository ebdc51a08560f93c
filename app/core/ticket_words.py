"""Words of tickets for the search index: Chinese as pairs of characters, Latin as whole words; queries as phrases; hits marked."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from app.core.search_text import IS_CJK, PIECE, SEPARATOR, normalise

LONGEST_TEXT = 20_000  # characters of one text that are indexed
LONGEST_QUERY = 300
MOST_PHRASES = 12
LONGEST_TOKEN = 64
SHORTEST_PREFIX = 3
EXCERPT = 180


@dataclass(frozen=True, slots=True)
class Phrase:
    """Tokens that stand next to one another; `prefix`: the last may go on."""

    tokens: tuple[str, ...]
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of an excerpt; `hit`: it is what was looked for."""

    text: str
    hit: bool


def index_tokens(text: str) -> list[str]:
    """Every token of a text in order, letters and digits only. A Chinese run gives its pairs and its last character."""
    return [token for piece in PIECE.findall(normalise(text[:LONGEST_TEXT])) for token in _tokens(piece)]


def query_phrases(query: str) -> tuple[Phrase, ...]:
    """What a query asks for: all of these."""
    pieces = PIECE.findall(normalise(query[:LONGEST_QUERY]))[:MOST_PHRASES]
    return tuple(_phrase(piece, last=place == len(pieces) - 1) for place, piece in enumerate(pieces))


def excerpt(text: str, query: str, length: int = EXCERPT) -> tuple[Piece, ...]:
    """The part of a text around the first thing found, with every find marked; plain text in, plain text out."""
    flat = " ".join(text.split())
    words = _sought(query)
    folded = _folded(flat)
    places = [at for word in words if (at := folded.find(word)) >= 0]
    start = max(0, min(places, default=0) - length // 3)
    shown = flat[start : start + length]
    pieces = list(_marked(shown, _folded(shown), words))
    lead = [Piece("… ", False)] if start else []
    tail = [Piece(" …", False)] if start + length < len(flat) else []
    return (*lead, *pieces, *tail)


def _tokens(piece: str) -> Iterator[str]:
    if IS_CJK.match(piece):
        yield from (piece[at : at + 2] for at in range(len(piece)))
    else:
        yield from (part[:LONGEST_TOKEN] for part in SEPARATOR.split(piece) if part)


def _phrase(piece: str, *, last: bool) -> Phrase:
    """One run of the query. A single Chinese character is the beginning of a pair."""
    if IS_CJK.match(piece):
        return Phrase((piece,), prefix=True) if len(piece) == 1 else Phrase(tuple(piece[at : at + 2] for at in range(len(piece) - 1)))
    tokens = tuple(_tokens(piece))
    return Phrase(tokens, prefix=last and tokens[-1].isalpha() and len(tokens[-1]) >= SHORTEST_PREFIX)


@lru_cache(maxsize=16)  # one search marks dozens of texts
def _sought(query: str) -> Sequence[str]:
    """The runs of a query as they would stand in a text, longest first."""
    return sorted(dict.fromkeys(PIECE.findall(normalise(query[:LONGEST_QUERY]))), key=len, reverse=True)


class _Folds(dict[int, str]):
    """Character → its form in a query, worked out once."""

    def __missing__(self, code: int) -> str:
        folded = unicodedata.normalize("NFKC", chr(code)).casefold()
        self[code] = folded if len(folded) == 1 else chr(code)
        return self[code]


_FOLDS = _Folds()


def _folded(text: str) -> str:
    """The text in the form of a query, character for character, so that places agree."""
    return text.translate(_FOLDS)


def _marked(shown: str, folded: str, words: Sequence[str]) -> Iterator[Piece]:
    """The text cut where something sought begins and ends."""
    done = 0
    for start, end in _found(folded, words):
        if start > done:
            yield Piece(shown[done:start], False)
        yield Piece(shown[start:end], True)
        done = end
    if done < len(shown):
        yield Piece(shown[done:], False)


def _found(folded: str, words: Sequence[str]) -> list[tuple[int, int]]:
    """Where the words stand; what touches or overlaps is one place."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(span for word in words for span in _spans(folded, word)):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _spans(folded: str, word: str) -> Iterator[tuple[int, int]]:
    at = folded.find(word)
    while at >= 0:
        yield at, at + len(word)
        at = folded.find(word, at + len(word))
