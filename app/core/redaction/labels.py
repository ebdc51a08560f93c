"""Where a text names a secret: `OPENAI_API_KEY`, `"apiKey"`, `密钥`, `Set-Cookie`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from app.core.redaction.canonical import canonical
from app.core.redaction.literals import any_of, with_tails
from app.core.redaction.rulefile import LabelFamily, RuleFile
from app.core.redaction.values import MARKER

FARTHEST = 64
LONGEST_NOUN = 4
GAPS = ("", " ", "_", "-", ".")  # between the words of a name
NAME = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-"
_ARN = re.compile(r"(?<![A-Za-z0-9])arn:[^\s\"']*$")  # a resource's address names its kind
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+")


@dataclass(frozen=True, slots=True)
class Label:
    """A name of a secret that ends at `end`.

    words: the whole name in lower case, split. weight: `bare` when it also names harmless things, `provider`
    when it is a vendor's name, `weak` when it hardly names a secret at all. plural: whether several values may follow.
    """

    family: LabelFamily
    end: int
    words: tuple[str, ...]
    weight: str
    plural: bool


@dataclass(frozen=True, slots=True)
class LabelFinder:
    """Finds names; built from the rule file. lengths: spellings a name may end in, and how long the last word of each is."""

    stems: re.Pattern[str]
    lengths: dict[str, int]
    families: dict[str, LabelFamily]
    suffix: re.Pattern[str]
    not_secret: frozenset[str]
    compound: frozenset[str]
    qualified: frozenset[str]
    counted: frozenset[str]
    alone: frozenset[str]
    bare: frozenset[str]
    providers: frozenset[str]

    @classmethod
    def of(cls, rules: RuleFile) -> LabelFinder:
        """The finder for these rules."""
        nouns = {canonical(noun).text: family for family in reversed(rules.families) for noun in (*family.nouns, *family.cjk)}
        suffix = any_of(rules.suffixes)
        spellings = dict(_spellings(nouns))
        return cls(
            stems=re.compile(
                with_tails({spelling: f"(?={tail})" if tail else "" for spelling, tail in _tails(spellings, rules.counted).items()})
            ),
            lengths=spellings,
            families={noun.lower().replace(" ", ""): family for noun, family in nouns.items()},
            suffix=re.compile(
                rf"(?:[_.-](?:{suffix}|[0-9]{{1,2}})(?![A-Za-z0-9]))*(?:s(?![A-Za-z0-9_]))?(?: ?#?[0-9](?=[ ]?[:=]))?", re.IGNORECASE
            ),
            not_secret=rules.not_secret,
            compound=rules.compound,
            qualified=rules.qualified,
            counted=rules.counted,
            alone=rules.alone,
            bare=rules.bare,
            providers=rules.providers,
        )

    @property
    def first_pass(self) -> dict[str, str]:
        """What names may end in, in lower case, each with what may follow it there."""
        return _tails(self.lengths, self.counted)

    def ends(self, lowered: str) -> list[tuple[int, int]]:
        """Where the last words of names stand in a lower-case text."""
        lengths = self.lengths
        return [(found.end() - lengths[found[0]], found.end()) for found in self.stems.finditer(lowered)]

    def label(self, text: str, start: int, end: int) -> Label | None:
        """The name whose last word is at text[start:end], unless that is part of another word or names something harmless."""
        stem = text[start:end]
        last = self.suffix.match(text, end).end()  # type: ignore[union-attr]  # it matches empty text too
        if _goes_on(text, stem, last) or MARKER.match(text, start) or (stem.lower() in self.counted and text[end : end + 1] in {"s", "S"}):
            return None
        if not _begins(text, start, stem, in_name=stem.lower() not in self.alone) and stem.lower() not in self.compound:
            return None
        left = text[max(0, start - FARTHEST) : start]
        name = _trailing_name(left)
        words = _split(name + stem)
        spaced = (*_words_before(left[: len(left) - len(name)]), *words) if len(words) < LONGEST_NOUN else words
        if left.endswith("</" + name) or _ARN.search(left) or self._is_harmless(spaced):
            return None
        family = self._family(spaced, stem)
        return Label(family, last, words, self._weight(words), text[last - 1] in "sS") if family else None

    def _weight(self, words: tuple[str, ...]) -> str:
        """What a single word weighs; nothing for longer names."""
        if len(words) > 1:
            return ""
        kinds = (("weak", self.qualified), ("provider", self.providers), ("bare", self.bare))
        return next((kind for kind, names in kinds if words[0] in names), "")

    def _is_harmless(self, spaced: tuple[str, ...]) -> bool:
        return any(" ".join(spaced[-length:]) in self.not_secret for length in (2, 3))

    def _family(self, words: tuple[str, ...], stem: str) -> LabelFamily | None:
        """The family of the longest noun that ends the name."""
        for length in range(min(len(words), LONGEST_NOUN), 0, -1):
            family = self.families.get("".join(words[-length:]))
            if family:
                return family
        return self.families.get(stem.lower().replace(" ", ""))


def _spellings(nouns: Iterable[str]) -> Iterator[tuple[str, int]]:
    """The last word of each noun; with the word before it where the last one alone says nothing (`session id`)."""
    telling = {noun.lower() for noun in nouns if " " not in noun}
    for noun in nouns:
        before, _, last = noun.lower().rpartition(" ") if noun.isascii() else ("", "", noun.lower())
        if last in telling:
            yield last, len(last)
        else:
            spelt = (f"{before.rpartition(' ')[2]}{gap}{last}" for gap in GAPS)
            yield from ((spelling, len(last)) for spelling in spelt if spelling not in telling)


def _tails(spellings: Iterable[str], counted: frozenset[str]) -> dict[str, str]:
    """What may follow each spelling where it ends a name."""
    end = "(?![a-z0-9])|[0-9]{1,2} ?[:=]"
    tails = {spelling: f"(?:{end})" if spelling in counted else rf"(?:s(?![a-z0-9_])|{end})" for spelling in spellings}
    return {spelling: tail if spelling.isascii() else "" for spelling, tail in tails.items()}


def _trailing_name(text: str) -> str:
    return text[len(text.rstrip(NAME)) :]


def _words_before(text: str) -> tuple[str, ...]:
    """Up to two words that stand before a name, one space apart."""
    if not text.endswith(" "):
        return ()
    first = _trailing_name(text[:-1])
    rest = text[: len(text) - 1 - len(first)]
    second = _trailing_name(rest[:-1]) if rest.endswith(" ") else ""
    return (*_split_name(second), *_split_name(first))


def _split_name(name: str) -> tuple[str, ...]:
    return _split(name) if name else ()


def _split(name: str) -> tuple[str, ...]:
    """`myApiKey` → my, api, key."""
    return tuple(word.lower() for word in _WORD.findall(name)) or (name.lower(),)


def _begins(text: str, start: int, stem: str, *, in_name: bool) -> bool:
    """Whether the stem starts a word: `apiKey` and `API_KEY` do, `monkey` does not. in_name: whether a capital is enough."""
    if start == 0 or not stem[0].isascii():
        return True
    before, first = text[start - 1], stem[0]
    apart = not (before.isascii() and (before.isalpha() or (before.isdigit() and not in_name)))
    return apart or (in_name and first.isupper() and (before.islower() or stem[1:2].islower()))


def _goes_on(text: str, stem: str, end: int) -> bool:
    """Whether the name continues behind the noun: `keyId`, `token_limit`, `tokenizer`."""
    if not stem[-1].isascii():
        return False
    after = text[end : end + 2]
    return bool(after) and (
        after[0].isascii() and (after[0].isalnum() or (after[0] in "_-." and after[1:].isalnum() and after[1:].isascii()))
    )
