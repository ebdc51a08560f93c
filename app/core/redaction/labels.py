"""Where a text names a secret: `OPENAI_API_KEY`, `"apiKey"`, `密钥`, `Set-Cookie`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.core.redaction.rulefile import LabelFamily, RuleFile
from app.core.redaction.values import MARKER

FARTHEST = 64
SHORT_NOUN = 3  # `sk`, `sid`: these stand alone, or any base64 would name secrets
_NAME_LEFT = re.compile(r"[A-Za-z0-9_.-]*$")
_SPACED_LEFT = re.compile(r"(?:[A-Za-z0-9_.-]+ ){0,2}[A-Za-z0-9_.-]*$")
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+")


@dataclass(frozen=True, slots=True)
class Label:
    """A name of a secret at text[start:end]. words: the whole name in lower case, split."""

    family: LabelFamily
    start: int
    end: int
    words: tuple[str, ...]

    @property
    def is_bare(self) -> bool:
        """A single common word that also names harmless things."""
        return len(self.words) == 1 and self.words[0] in {
            "key",
            "auth",
            "sig",
            "signature",
            "ak",
            "sk",
            "pat",
            "credential",
            "session",
            "sid",
            "token",
        }


@dataclass(frozen=True, slots=True)
class LabelFinder:
    """Finds names; built from the rule file."""

    pattern: re.Pattern[str]
    families: dict[str, LabelFamily]
    suffix: re.Pattern[str]
    not_secret: frozenset[str]
    compound: frozenset[str]

    @classmethod
    def of(cls, rules: RuleFile) -> LabelFinder:
        """The finder for these rules."""
        nouns = {noun: family for family in reversed(rules.families) for noun in (*family.nouns, *family.cjk)}
        ordered = sorted(nouns, key=len, reverse=True)
        pattern = "|".join(re.escape(noun).replace(r"\ ", "[ _.-]?") for noun in ordered)
        suffix = "|".join(sorted(map(re.escape, rules.suffixes), key=len, reverse=True))
        return cls(
            pattern=re.compile(f"(?:{pattern})", re.IGNORECASE),
            families={_squeezed(noun): family for noun, family in nouns.items()},
            suffix=re.compile(rf"(?:[_.-](?:{suffix}|[0-9]{{1,2}})(?![A-Za-z0-9]))*(?:s(?![A-Za-z0-9_]))?(?: ?#?[0-9](?=[ ]?[:=]))?", re.IGNORECASE),
            not_secret=rules.not_secret,
            compound=rules.compound,
        )

    def find(self, text: str, start: int) -> Label | None:
        """The next name of a secret from `start` on."""
        for found in self.pattern.finditer(text, start):
            label = self._label(text, found)
            if label:
                return label
        return None

    def all(self, text: str) -> Iterator[Label]:
        """Every name of a secret."""
        for found in self.pattern.finditer(text):
            label = self._label(text, found)
            if label:
                yield label

    def _label(self, text: str, found: re.Match[str]) -> Label | None:
        """The name around a noun, unless the noun is part of another word or names something harmless."""
        if MARKER.match(text, found.start()):
            return None
        end = self.suffix.match(text, found.end()).end()  # type: ignore[union-attr]  # it matches empty text too
        if _goes_on(text, found, end) or not (_begins(text, found) or _squeezed(found[0]) in self.compound):
            return None
        left = text[max(0, found.start() - FARTHEST) : found.start()]
        name = _NAME_LEFT.search(left)[0]  # type: ignore[index]  # it matches empty text too
        if left[: len(left) - len(name)].endswith("</"):
            return None
        spaced = _split(_SPACED_LEFT.search(left)[0] + found[0])  # type: ignore[index]
        if any(" ".join(spaced[-length:]) in self.not_secret for length in (2, 3)):
            return None
        return Label(self.families[_squeezed(found[0])], found.start() - len(name), end, _split(name + found[0]))


def _squeezed(noun: str) -> str:
    """One spelling for `api key`, `api_key` and `API-Key`."""
    return re.sub(r"[ _.-]", "", noun).lower()


def _split(name: str) -> tuple[str, ...]:
    """`myApiKey` → my, api, key."""
    return tuple(word.lower() for word in _WORD.findall(name)) or (name,)


def _begins(text: str, found: re.Match[str]) -> bool:
    """Whether the noun starts a word: `apiKey` and `API_KEY` do, `monkey` does not."""
    if found.start() == 0 or not found[0][0].isascii():
        return True
    before, first = text[found.start() - 1], found[0][0]
    return not (before.isascii() and before.isalpha()) or (before.islower() and first.isupper() and len(found[0]) > SHORT_NOUN)


def _goes_on(text: str, found: re.Match[str], end: int) -> bool:
    """Whether the name continues behind the noun: `keyId`, `token_limit`, `tokenizer`."""
    if not found[0][-1].isascii():
        return False
    after = text[end : end + 2]
    return bool(after) and (
        after[0].isascii() and (after[0].isalnum() or (after[0] in "_-." and after[1:].isalnum() and after[1:].isascii()))
    )
