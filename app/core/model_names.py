"""Model names as people write them, as gateways log them, and the family both belong to."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from app.core.edit_distance import distance, similarity

LONGEST_NAME = 120
CACHED_NAMES = 8192
DATE = re.compile(
    r"(?<![0-9])(?:20[0-9]{2}[-_ ]?[01][0-9][-_ ]?[0-3][0-9]|(?:2[0-9])?(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01]))(?![0-9])"
)
SPACES = re.compile(r"[\s_]+")
NO_PROGRAM = r"(?![-_. ]?(?:code|cli|studio|desktop|api|app|client|sdk)(?![A-Za-z0-9]))"  # "Claude Code" is no model
BARE_VERSION = "o[134](?:[-_ ](?:mini|pro))?|4o(?:[-_ ]?mini)?"
TOKEN = re.compile(r"[0-9]+[a-z](?![a-z0-9])|[0-9]+|[a-z]{2,}|[a-z][0-9]+|[a-z]|[\u4e00-\u9fff]+")
VERSION = re.compile(r"^(?:[0-9]+[a-z]?|[a-z][0-9]+)$")
BARE_DEFAULT, BARE_OTHER = 0.85, 0.5  # only the family was said: its everyday model, or any other of it
SHORTEST_MISSPELT = 5  # a word this long may carry one slip of the finger; in a shorter one every letter counts


@dataclass(frozen=True, slots=True)
class NameParts:
    """A name taken apart. text: the name tidied; words: letters only, family words included; version: number parts in order."""

    text: str
    tokens: tuple[str, ...]
    words: frozenset[str]
    version: tuple[str, ...]
    date: str | None
    family: str | None
    model: str | None  # canonical id when the name or an alias is known


@dataclass(frozen=True, slots=True)
class _Family:
    id: str
    phrases: tuple[frozenset[str], ...]
    kind: str
    default: str | None
    words: frozenset[str] = field(default_factory=frozenset)


class ModelNames:
    """Aliases and families; built from app/rules/models.toml."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._translate = sorted(data.get("translate", {}).items(), key=lambda pair: -len(pair[0]))
        self._neutral = frozenset(data.get("neutral", ()))
        self._tiers = frozenset(data.get("tiers", ()))
        self._modifiers = frozenset(data.get("modifiers", ()))
        self._makers = frozenset(data.get("makers", ()))
        self._families = tuple(_family(row) for row in data.get("family", ()))
        self._models = tuple(row["id"] for row in data.get("model", ()))
        self._vocabulary: frozenset[str] = frozenset()
        self._by_tokens: dict[tuple[str, ...], str] = {}
        for row in data.get("model", ()):
            for name in (row["id"], *row.get("aliases", ())):
                self._by_tokens.setdefault(self._tokens(name)[0], row["id"])
        self._vocabulary = self._known_words()
        self.parts = lru_cache(CACHED_NAMES)(self._parts)
        self._cached_agreement = lru_cache(CACHED_NAMES)(self._agreement)
        self._mention = self._mention_pattern()

    @property
    def names(self) -> tuple[str, ...]:
        """Every canonical name, in file order."""
        return self._models

    def agreement(self, said: str, logged: str) -> float:
        """How well a person's name fits a logged name: 1.0 same or alias, 0.0 another model."""
        return self._cached_agreement(said[:LONGEST_NAME], logged[:LONGEST_NAME])

    def family(self, name: str) -> str | None:
        """gpt, claude, gemini, deepseek, qwen, …; None when unknown."""
        return self.parts(name[:LONGEST_NAME]).family

    def kind(self, name: str) -> str | None:
        """Which request type the name implies: chat, image, video, audio, embedding; None when the family is unknown."""
        family = self.family(name)
        return next((known.kind for known in self._families if known.id == family), None)

    def canonical(self, name: str) -> str:
        """Name the known model without date and provider; an unknown name comes back tidied."""
        parts = self.parts(name[:LONGEST_NAME])
        return parts.model or parts.text

    def is_known(self, name: str) -> bool:
        """Whether the name or one of its aliases stands in the rules."""
        return self.parts(name[:LONGEST_NAME]).model is not None

    def mention(self, text: str) -> str | None:
        """Find the first model a text speaks of, as it is written there; a bare family word ("deepseek") only if nothing better comes."""
        vague: str | None = None
        for found in self._mention.finditer(text):
            name = found[0].strip(" -_.")
            if found["rest"] or found["bare"] or self.is_known(name):
                return name
            if name.lower() not in self._makers:
                vague = vague or name
        return vague

    def _agreement(self, said: str, logged: str) -> float:
        if said.strip().lower() == logged.strip().lower():
            return 1.0 if said.strip() else 0.0
        ours, theirs = self.parts(said), self.parts(logged)
        if not ours.tokens or not theirs.tokens:
            return 0.0
        if ours.model and ours.model == theirs.model:
            return 0.8 if ours.date and theirs.date and ours.date != theirs.date else 1.0
        if ours.family and theirs.family and ours.family != theirs.family:
            return 0.0
        if not ours.family and not theirs.family:
            return self._unknown_agreement(ours, theirs)
        fit = self._family_agreement(ours, theirs)
        return min(0.2, fit) if ours.model and theirs.model else fit

    def _unknown_agreement(self, ours: NameParts, theirs: NameParts) -> float:
        """Names of no known family: the share of equal words, or one misspelt letter."""
        another_kind = (ours.words ^ theirs.words) & self._modifiers
        another_version = ours.version and theirs.version and ours.version != theirs.version
        if another_kind or another_version:
            return 0.1
        left, right = ours.words | set(ours.version), theirs.words | set(theirs.version)
        overlap = len(left & right) / max(len(left | right), 1)
        return round(0.9 * max(overlap, similarity(ours.text, theirs.text) ** 4), 3)

    def _family_agreement(self, ours: NameParts, theirs: NameParts) -> float:
        """How well names of one family agree: every part that was said must be there; what was left out costs a little."""
        family_words = self._family_words(ours.family or theirs.family)
        left, right = ours.words - family_words, theirs.words - family_words
        if not left and not ours.version:
            return BARE_DEFAULT if theirs.model and theirs.model == self._default(theirs.family) else BARE_OTHER
        fit = _version_fit(ours.version, theirs.version) * (1.0 if ours.family and theirs.family else 0.5)
        fit *= 0.12 ** len((left ^ right) & self._modifiers)
        fit *= _tier_fit(left & self._tiers, right & self._tiers)
        strange = left - right - self._tiers - self._modifiers
        fit *= 0.7 ** len(strange)
        return round(fit, 3)

    def _parts(self, name: str) -> NameParts:
        tokens, date = self._tokens(name)
        words = frozenset(token for token in tokens if not VERSION.match(token))
        version = tuple(token for token in tokens if VERSION.match(token))
        held = frozenset(tokens)
        family = next((known.id for known in self._families if any(phrase <= held for phrase in known.phrases)), None)
        return NameParts(_tidy(name), tokens, words, version, date, family, self._by_tokens.get(tokens))

    def _tokens(self, name: str) -> tuple[tuple[str, ...], str | None]:
        """Plain words and numbers of a name in a settled order, and its date."""
        text = _tidy(name[:LONGEST_NAME]).replace("-", " ")
        for foreign, plain in self._translate:
            if foreign in text:
                text = text.replace(foreign, f" {plain} ")
        dated = DATE.search(text, 1) if len(text) > 1 else None
        if dated:
            text = f"{text[: dated.start()]} {text[dated.end() :]}"
        tokens = [self._mend(token) for token in TOKEN.findall(text)]
        return _settled(tokens, self._neutral), dated[0] if dated else None

    def _mend(self, word: str) -> str:
        """Turn a misspelt word into the known one; `v2` into 2."""
        if len(word) > 1 and word[0] == "v" and word[1].isdigit():
            return word[1:]
        if len(word) < SHORTEST_MISSPELT or word in self._vocabulary:
            return word
        return next(
            (known for known in sorted(self._vocabulary) if len(known) >= SHORTEST_MISSPELT and distance(word, known, 1) <= 1), word
        )

    def _known_words(self) -> frozenset[str]:
        words = {word for tokens in self._by_tokens for word in tokens}
        words |= {word for family in self._families for word in family.words}
        return frozenset(word for word in words | self._tiers | self._modifiers | self._neutral if word.isascii() and word.isalpha())

    def _family_words(self, family: str | None) -> frozenset[str]:
        return next((known.words for known in self._families if known.id == family), frozenset())

    def _default(self, family: str | None) -> str | None:
        return next((known.default for known in self._families if known.id == family), None)

    def _mention_pattern(self) -> re.Pattern[str]:
        """Match a family word (or its Chinese name), then any numbers, tiers and modifiers that follow it closely."""
        phrases = {" ".join(sorted(phrase)) for family in self._families for phrase in family.phrases}
        words = phrases | {foreign for foreign, _ in self._translate}
        heads = sorted((word for word in words if self._parts(word).family and not VERSION.match(word)), key=len, reverse=True)
        tails = sorted((word for word in self._tiers | self._modifiers | self._neutral if word.isalpha()), key=len, reverse=True)
        head = "|".join(re.escape(word).replace(r"\ ", "[-_ ]?") for word in heads)
        tail = rf"(?:v?[0-9][0-9a-z.]{{0,15}}|[kromv][0-9][0-9a-z.]{{0,7}}|{'|'.join(tails)})(?![a-zA-Z0-9])"
        named = rf"(?:text[-_])?(?:{head}){NO_PROGRAM}(?:(?P<rest>(?:[-_. ]?{tail})+)|(?![A-Za-z0-9]))"
        return re.compile(rf"(?<![A-Za-z0-9_./-])(?:{named}|(?P<bare>{BARE_VERSION})(?![A-Za-z0-9]))", re.IGNORECASE)


def _family(row: Mapping[str, Any]) -> _Family:
    phrases = tuple(frozenset(phrase.split()) for phrase in row["phrases"])
    return _Family(row["id"], phrases, row["kind"], row.get("default"), frozenset(word for phrase in phrases for word in phrase))


def _tidy(name: str) -> str:
    """Lower case, half width, without provider path and free-tier mark."""
    text = unicodedata.normalize("NFKC", name).strip().lower().split(":", 1)[0]
    return SPACES.sub("-", text.rstrip("/").rsplit("/", 1)[-1])


def _settled(tokens: Iterable[str], neutral: frozenset[str]) -> tuple[str, ...]:
    """Words in alphabetical order, then numbers as they stand: people turn words around, never digits."""
    kept = [token for token in tokens if token not in neutral]
    words = sorted({token for token in kept if not VERSION.match(token)})
    return (*words, *(token for token in kept if VERSION.match(token)))


def _version_fit(said: tuple[str, ...], logged: tuple[str, ...]) -> float:
    """1 equal, less when left out, little when one begins the other, next to nothing when they differ."""
    if said == logged:
        return 1.0
    if not said:
        return 0.8
    if not logged:
        return 0.4
    shorter = min(len(said), len(logged))
    if said[:shorter] == logged[:shorter]:
        return 0.5 if len(said) < len(logged) else 0.35
    return 0.05


def _tier_fit(said: frozenset[str], logged: frozenset[str]) -> float:
    if said == logged:
        return 1.0
    if said < logged:
        return 0.9
    return 0.3 if logged < said else 0.05
