"""Words of queries and articles: Chinese by single and double characters, Latin by stems and whole codes, both by concept."""

from __future__ import annotations

import difflib
import heapq
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

CJK = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3040-\u30ff"
PIECE = re.compile(rf"[{CJK}]+|[a-z0-9]+(?:[_.\-/'][a-z0-9]+)*")
IS_CJK = re.compile(rf"[{CJK}]")
SEPARATOR = re.compile(r"[_.\-/']")
LONGEST_QUERY = 1_000  # characters: more says no more about the problem
MOST_QUERY_TERMS = 160
SHORTEST_STEM = 3
SHORTEST_TYPO = 5  # letters: shorter words have too many neighbours
CLOSE = 0.84
DOUBLE = 2
LONGEST_TERM = 64
CONCEPT = "~"

WORD_WEIGHT = 1.0
CODE_WEIGHT = 1.6  # insufficient_quota, gpt-4o, 429: a code is rarely there by chance
CONCEPT_WEIGHT = 1.2
SINGLE_WEIGHT = 0.4

FIELD_WEIGHTS: Mapping[str, float] = {"title": 3.0, "keywords": 4.0, "causes": 2.5, "summary": 1.6, "body": 1.0}
USUAL_LENGTH: Mapping[str, float] = {"title": 8, "keywords": 40, "causes": 12, "summary": 30, "body": 500}
SATURATION = 1.2
LENGTH_SHARE = 0.5
PART_SHARE = 0.4  # what meeting next to nothing of the query leaves of a score
MOST_WORDS = 6


@dataclass(frozen=True, slots=True)
class TextHit:
    """How well an article's text answers a query, and the query's words it was found by, best first."""

    score: float
    words: tuple[str, ...]


def normalise(text: str) -> str:
    """Full width to half width, lower case, one kind of apostrophe."""
    return unicodedata.normalize("NFKC", text).casefold().replace("\u2019", "'")


def has_cjk(text: str) -> bool:
    """Whether any character is Chinese (or kana)."""
    return bool(IS_CJK.search(text))


def stem(word: str) -> str:
    """A light English stem: plural, -ed, -ing and a final e go; codes with digits stay as they are."""
    if len(word) <= SHORTEST_STEM or not word.isalpha():
        return word
    for suffix in ("ing", "ed", "es", "s"):
        if word.endswith(suffix) and len(word) - len(suffix) >= SHORTEST_STEM and not word.endswith("ss"):
            word = word.removesuffix(suffix)
            break
    if len(word) > SHORTEST_STEM and word[-1] == word[-2] and word[-1] not in "lse":
        return word[:-1]
    return word.removesuffix("e") if len(word) > SHORTEST_STEM else word


def units(text: str) -> list[str]:
    """`text` as the smallest parts a phrase is made of: one Chinese character, or one Latin stem."""
    found: list[str] = []
    for piece in PIECE.findall(normalise(text)):
        found += list(piece) if IS_CJK.match(piece) else [stem(part) for part in SEPARATOR.split(piece)]
    return found


def terms(text: str) -> Counter[str]:
    """Every term of `text` with its count: double characters, single characters, stems, whole codes."""
    counts: Counter[str] = Counter()
    for piece in PIECE.findall(normalise(text)):
        counts.update(_cjk_terms(piece) if IS_CJK.match(piece) else _latin_terms(piece))
    return counts


def spoken(query: str, found: Iterable[str]) -> tuple[str, ...]:
    """The words of `query` that index terms stand for, as they were typed; neighbouring double characters join."""
    wanted = frozenset(found)
    words: list[str] = []
    for piece in PIECE.findall(normalise(query[:LONGEST_QUERY])):
        words += _spoken_cjk(piece, wanted) if IS_CJK.match(piece) else [piece] * bool(wanted.intersection(_latin_terms(piece)))
    return tuple(dict.fromkeys(words))


class Lexicon:
    """Concepts (words that mean the same) and words that say nothing; built from app/rules/synonyms.toml."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.examples: tuple[Sequence[Sequence[str]], Sequence[Sequence[str]]] = (data.get("hits", ()), data.get("misses", ()))
        self._concepts: dict[tuple[str, ...], list[str]] = {}
        for concept in data.get("concept", ()):
            for term in concept["terms"]:
                self._concepts.setdefault(tuple(units(term)), []).append(concept["id"])
        self._stop = frozenset(tuple(units(word)) for word in data.get("stop", ()))
        self._words = frozenset(word for phrase in (*self._concepts, *self._stop) for word in phrase if word.isascii() and word.isalpha())
        self._longest = max((len(phrase) for phrase in (*self._concepts, *self._stop)), default=0)

    def concepts(self, text: str) -> Counter[str]:
        """The concepts `text` speaks of, with how often."""
        found: Counter[str] = Counter()
        for phrase in _phrases(units(text), self._longest):
            found.update(self._concepts.get(phrase, ()))
        return found

    def query_terms(self, query: str) -> dict[str, float]:
        """What to look for, with the weight of each term."""
        query = " ".join([query[:LONGEST_QUERY], *self._mended(query[:LONGEST_QUERY])])
        weights = {term: _term_weight(term) for term in _without_needless_singles(terms(self._meaningful(query)))}
        weights |= {CONCEPT + concept: CONCEPT_WEIGHT for concept in self.concepts(query)}
        return dict(list(weights.items())[:MOST_QUERY_TERMS])

    def document_terms(self, fields: Mapping[str, str]) -> dict[str, float]:
        """Term → impact of an article: per field, counts saturate and long fields dilute."""
        impacts: dict[str, float] = {}
        for name, text in fields.items():
            counts = terms(text)
            dilution = SATURATION * (1 - LENGTH_SHARE + LENGTH_SHARE * counts.total() / USUAL_LENGTH[name])
            counts.update({CONCEPT + concept: count for concept, count in self.concepts(text).items()})
            for term, count in counts.items():
                impacts[term] = impacts.get(term, 0.0) + FIELD_WEIGHTS[name] * count / (count + dilution)
        return {term: round(impact, 4) for term, impact in impacts.items()}

    def _mended(self, query: str) -> list[str]:
        """What mistyped Latin words were probably meant to be; a guess adds to the query, it replaces nothing."""
        strange = {word for word in units(query) if len(word) >= SHORTEST_TYPO and word.isascii() and word.isalpha()} - self._words
        guesses = (
            difflib.get_close_matches(word, [known for known in self._words if known[0] == word[0]], 1, CLOSE)
            for word in sorted(strange, key=query.find)
        )
        return [guess for found in guesses for guess in found]

    def _meaningful(self, query: str) -> str:
        """The query without stop words; the whole query when nothing else is in it."""
        kept = [" ".join(self._keep(PIECE.findall(part))) for part in normalise(query).split()]
        return " ".join(part for part in kept if part) or query

    def _keep(self, pieces: Iterable[str]) -> list[str]:
        kept: list[str] = []
        for piece in pieces:
            if IS_CJK.match(piece):
                kept += self._cut_stop_phrases(piece)
            elif (stem(piece),) not in self._stop:
                kept.append(piece)
        return kept

    def _cut_stop_phrases(self, run: str) -> list[str]:
        """A Chinese run, split where stop phrases stand; longest phrase first."""
        kept, position = [""], 0
        while position < len(run):
            length = next(
                (
                    size
                    for size in range(min(self._longest, len(run) - position), 0, -1)
                    if tuple(run[position : position + size]) in self._stop
                ),
                0,
            )
            if length:
                kept.append("")
            else:
                kept[-1] += run[position]
            position += length or 1
        return [part for part in kept if part]


def rank_texts(
    wanted: Mapping[str, float], postings: Iterable[tuple[str, int, float]], found_in: Mapping[str, int], total: int, limit: int = 60
) -> dict[int, TextHit]:
    """Article id → how well its text answers, best first: rare terms count more, and so does meeting more of the query.

    postings: (term, article id, impact); found_in: term → number of articles that have it.
    """
    worth = {term: weight * rarity(found_in.get(term, 0), total) for term, weight in wanted.items()}
    gains: dict[int, dict[str, float]] = {}
    for term, article_id, impact in postings:
        gains.setdefault(article_id, {})[term] = worth[term] * impact
    whole = sum(worth.values()) or 1.0
    scores = {article_id: _score(gain, worth, whole) for article_id, gain in gains.items()}
    best = heapq.nsmallest(limit, scores, key=lambda article_id: (-scores[article_id], article_id))
    return {article_id: TextHit(scores[article_id], _best_words(gains[article_id])) for article_id in best}


def rarity(found_in: int, total: int) -> float:
    """Inverse document frequency, never negative."""
    return math.log(1 + (total - found_in + 0.5) / (found_in + 0.5))


def _score(gain: Mapping[str, float], worth: Mapping[str, float], whole: float) -> float:
    covered = sum([worth[term] for term in gain]) / whole
    return sum(gain.values()) * (PART_SHARE + (1 - PART_SHARE) * covered)


def _best_words(gain: Mapping[str, float]) -> tuple[str, ...]:
    return tuple(heapq.nlargest(MOST_WORDS, (term for term in gain if not term.startswith(CONCEPT)), key=lambda term: gain[term]))


def _spoken_cjk(run: str, wanted: frozenset[str]) -> list[str]:
    """The parts of a Chinese run that wanted terms cover."""
    covered = [run[place] in wanted for place in range(len(run))]
    for start in range(len(run) - 1):
        if run[start : start + DOUBLE] in wanted:
            covered[start : start + DOUBLE] = [True, True]
    return "".join(character if kept else " " for character, kept in zip(run, covered, strict=True)).split()


def _cjk_terms(run: str) -> Iterable[str]:
    yield from run
    yield from (run[start : start + 2] for start in range(len(run) - 1))


def _latin_terms(piece: str) -> Iterable[str]:
    parts = SEPARATOR.split(piece)
    if len(parts) > 1:
        yield piece[:LONGEST_TERM]
    yield from (stem(part)[:LONGEST_TERM] for part in parts)


def _without_needless_singles(counts: Mapping[str, int]) -> list[str]:
    """Single Chinese characters are looked for only where they stand alone in the query."""
    doubled = {character for term in counts if len(term) == DOUBLE and IS_CJK.match(term) for character in term}
    return [term for term in counts if term not in doubled]


def _term_weight(term: str) -> float:
    if IS_CJK.match(term):
        return SINGLE_WEIGHT if len(term) == 1 else WORD_WEIGHT
    return CODE_WEIGHT if not term.isalpha() else WORD_WEIGHT


def _phrases(parts: Sequence[str], longest: int) -> Iterable[tuple[str, ...]]:
    """Every run of 1 … longest neighbouring units."""
    for start in range(len(parts)):
        for size in range(1, min(longest, len(parts) - start) + 1):
            yield tuple(parts[start : start + size])
