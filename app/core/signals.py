"""Signals: conditions on what a report says, each with a weight and the sentence that explains it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from operator import add
from typing import Any

from app.core.plain_text import plain

WORD_SIGNS = frozenset("0123456789abcdefghijklmnopqrstuvwxyz_")
RUN = 3
NAMES_KEPT = 2048
TEXT_GROUPS = ("text", "with_text", "and_text")
EXACT_KINDS = ("code", "status", "fact")
PHRASE_KINDS = ("text", "client", "gateway", "model_text")


@dataclass(frozen=True, slots=True)
class CauseSignal:
    """One reason: the signal's id, its weight (log-odds), and the sentence by language. Negative: against."""

    id: str
    weight: float
    sentence: dict[str, str]


@dataclass(frozen=True, slots=True)
class SignalRule:
    """One condition for or against a cause, and the reason it gives.

    needs: groups of tokens, each group must meet what the report says; unless: tokens that forbid it.
    patterns: linear-time regular expressions over the plain text, any of which must be found.
    """

    cause: str
    reason: CauseSignal
    needs: tuple[frozenset[str], ...]
    unless: frozenset[str]
    patterns: tuple[re.Pattern[str], ...]

    @property
    def id(self) -> str:
        """The reason's id."""
        return self.reason.id

    @property
    def weight(self) -> float:
        """The reason's weight."""
        return self.reason.weight

    @property
    def sentence(self) -> dict[str, str]:
        """The reason in words, by language."""
        return self.reason.sentence

    def holds(self, tokens: set[str], text: str) -> bool:
        """Tell whether the report meets this condition."""
        if not self.unless.isdisjoint(tokens):
            return False
        for group in self.needs:
            if group.isdisjoint(tokens):
                return False
        return not self.patterns or any(pattern.search(text) for pattern in self.patterns)


class Phrase:
    """A phrase to look for; a bar at an end of its source means that a word ends there."""

    __slots__ = ("bare", "ends", "starts", "token")

    def __init__(self, kind: str, source: str) -> None:
        self.token = phrase_token(kind, source)
        self.starts, self.ends = source.startswith("|"), source.endswith("|")
        edge = " " if source.startswith(" ") else ""
        self.bare = edge + plain(source.strip("|")).strip() + (" " if source.endswith(" ") else "")

    def is_in(self, text: str) -> bool:
        """Tell whether `text` holds the phrase, at a word's edge where the phrase asks for it."""
        at = text.find(self.bare)
        while at >= 0:
            before, after = text[at - 1 : at], text[at + len(self.bare) : at + len(self.bare) + 1]
            if not (self.starts and before in WORD_SIGNS) and not (self.ends and after in WORD_SIGNS):
                return True
            at = text.find(self.bare, at + 1)
        return False


def phrase_token(kind: str, source: str) -> str:
    """Name the token that says "this phrase was found"."""
    return f"{kind}={source}"


class PhraseFinder:
    """Many phrases looked for in one go.

    Each phrase is filed under its rarest run of three characters, so that of some thousands only those are tried
    whose run the text has. Shorter phrases are tried one by one, or are a run of one or two characters themselves.
    """

    def __init__(self, phrases: Sequence[Phrase]) -> None:
        runs = Counter(run for phrase in phrases for run in _runs(phrase.bare))
        self._edged = {phrase.token: phrase for phrase in phrases if phrase.starts or phrase.ends}
        short = [phrase for phrase in phrases if len(phrase.bare) < RUN]
        self._short_latin = [(phrase.bare, phrase.token) for phrase in short if phrase.bare.isascii()]
        self._short_other: dict[str, list[str]] = {}
        for phrase in short:
            if not phrase.bare.isascii():
                self._short_other.setdefault(phrase.bare, []).append(phrase.token)
        self._filed: dict[str, list[tuple[str, str]]] = {}
        for phrase in phrases:
            if len(phrase.bare) >= RUN:
                rarest = min(_runs(phrase.bare), key=lambda run: (runs[run], run))
                self._filed.setdefault(rarest, []).append((phrase.bare, phrase.token))
        self._pairs, self._runs = frozenset(self._short_other), frozenset(self._filed)

    def find(self, text: str) -> list[str]:
        """Give the tokens of the phrases that the plain `text` holds."""
        found = [token for bare, token in self._short_latin if bare in text]
        if not text.isascii():
            for short in self._pairs.intersection(chain(text, map(add, text, text[1:]))):
                found += self._short_other[short]
        filed = self._filed
        for run in self._runs.intersection(map(add, map(add, text, text[1:]), text[2:])):
            for bare, token in filed[run]:
                if bare in text:
                    found.append(token)
        edged = self._edged
        return [token for token in found if token not in edged or edged[token].is_in(text)] if edged else found


def _runs(text: str) -> set[str]:
    """Cut a text into its runs of three characters."""
    return {text[at : at + RUN] for at in range(len(text) - RUN + 1)}


class SignalIndex:
    """Every signal, arranged so that one pass over a report's tokens finds those that hold."""

    def __init__(self, rules: Sequence[SignalRule], phrases: Mapping[str, Iterable[str]]) -> None:
        self.rules = tuple(rules)
        self._finders = {kind: PhraseFinder([Phrase(kind, source) for source in sorted(sources)]) for kind, sources in phrases.items()}
        self.named = lru_cache(NAMES_KEPT)(self._named)
        self._by_trigger: dict[str, list[int]] = {}
        for number, rule in enumerate(self.rules):
            for token in rule.needs[0]:
                self._by_trigger.setdefault(token, []).append(number)

    def phrases_in(self, kind: str, text: str) -> list[str]:
        """Give the tokens of the phrases of `kind` that the plain `text` holds."""
        return self._finders[kind].find(text)

    def _named(self, kind: str, name: str) -> tuple[str, ...]:
        """Give the tokens of the phrases in a name; reached through `named`, as the same few names come again and again."""
        return tuple(self.phrases_in(kind, plain(name)))

    def that_hold(self, tokens: set[str], text: str) -> list[SignalRule]:
        """Give the signals that the report meets, in rule order."""
        numbers: set[int] = set()
        for token in tokens:
            triggered = self._by_trigger.get(token)
            if triggered:
                numbers.update(triggered)
        rules = self.rules
        return [rules[number] for number in sorted(numbers) if rules[number].holds(tokens, text)]


def read_signal(cause: str, data: Mapping[str, Any]) -> SignalRule:
    """Read a signal of a rule file. Raises KeyError when it lacks id, weight, sentence or any condition."""
    needs = [frozenset(phrase_token("text", phrase) for phrase in data[key]) for key in TEXT_GROUPS if key in data]
    needs += [frozenset(exact_token(kind, value) for value in data[kind]) for kind in EXACT_KINDS if kind in data]
    needs += [frozenset(phrase_token(kind, phrase) for phrase in data[kind]) for kind in PHRASE_KINDS[1:] if kind in data]
    if not needs:
        raise KeyError(f"signal {cause}.{data['id']} has no condition")
    return SignalRule(
        cause=cause,
        reason=CauseSignal(f"{cause}.{data['id']}", float(data["weight"]), {"en": data["en"], "zh": data["zh"]}),
        needs=tuple(needs),
        unless=_unless(data),
        patterns=tuple(re.compile(source) for source in data.get("pattern", ())),
    )


def _unless(data: Mapping[str, Any]) -> frozenset[str]:
    """Name the tokens that forbid a signal: `without_text`, `without_fact`, `without_client`, …."""
    phrases = {phrase_token(kind, phrase) for kind in PHRASE_KINDS for phrase in data.get(f"without_{kind}", ())}
    return frozenset(phrases | {exact_token(kind, value) for kind in EXACT_KINDS for value in data.get(f"without_{kind}", ())})


def exact_token(kind: str, value: str | int) -> str:
    """Name the token of an error code, a status or a fact."""
    return f"{kind}={value}"


def phrases_of(data: Mapping[str, Any]) -> dict[str, set[str]]:
    """List the phrases a signal of a rule file looks for, by kind."""
    phrases = {kind: {*data.get(kind, ()), *data.get(f"without_{kind}", ())} for kind in PHRASE_KINDS}
    for key in TEXT_GROUPS:
        phrases["text"] |= set(data.get(key, ()))
    return phrases
