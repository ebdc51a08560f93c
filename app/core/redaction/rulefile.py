"""The redaction rules as typed values, read from the parsed rule file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.core.redaction.canonical import ESCAPED_QUOTES

RANKS = {"pem": 1, "hash": 1, "key": 2, "secret": 3, "label": 4, "prose": 5, "email": 6, "phone": 6, "hidden": 6, "ip": 6, "ip6": 6}
PROMPT_RANK = 0


@dataclass(frozen=True, slots=True)
class Shape:
    """A rule that finds by form alone. order: its place in the file, which settles ties.

    inside: whether a head stands further inside the match; otherwise every match begins with one.
    """

    id: str
    label: str
    heads: tuple[str, ...]
    behind: str
    glued: bool
    inside: bool
    signs: Mapping[str, str]
    numbers: Mapping[str, str]
    lead: re.Pattern[str] | None
    find: re.Pattern[str]
    show: str
    check: str
    lengths: frozenset[int]
    order: int

    @property
    def rank(self) -> int:
        """Lower wins where two findings overlap."""
        return RANKS[self.show]


@dataclass(frozen=True, slots=True)
class LabelFamily:
    """A family of names a secret goes by, and how its values are judged."""

    id: str
    label: str
    judge: str
    nouns: tuple[str, ...]
    cjk: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Prose:
    """A random-looking run named as a secret in a sentence."""

    id: str
    label: str
    reach: int
    noun: re.Pattern[str]
    after: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class PromptNames:
    """Names whose values are prompts or answers."""

    id: str
    label: str
    strong: tuple[str, ...]
    weak: tuple[str, ...]
    witness: tuple[str, ...]
    structural: frozenset[str]
    free: frozenset[str]
    calls: tuple[str, ...]
    told: tuple[str, ...]
    harmless: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class RuleFile:
    """Everything the redactor knows."""

    shapes: tuple[Shape, ...]
    families: tuple[LabelFamily, ...]
    prose: Prose
    prompts: PromptNames
    suffixes: frozenset[str]
    compound: frozenset[str]
    qualified: frozenset[str]
    counted: frozenset[str]
    alone: frozenset[str]
    bare: frozenset[str]
    providers: frozenset[str]
    not_secret: frozenset[str]
    hash_names: frozenset[str]
    placeholders: tuple[str, ...]
    about: frozenset[str]
    mail: Mapping[str, tuple[str, ...]]


def read_rule_file(rules: Mapping[str, Any]) -> RuleFile:
    """Typed rules. Raises KeyError or re.error on a broken file."""
    labels = rules["labels"]
    return RuleFile(
        shapes=tuple(_shape(entry, order) for order, entry in enumerate(rules["shape"])),
        families=tuple(_family(entry) for entry in rules["label"]),
        prose=_prose(rules["prose"], labels["not_secret"]),
        prompts=_prompts(rules["prompts"]),
        suffixes=frozenset(labels["suffixes"]),
        compound=frozenset(labels["compound"]),
        qualified=frozenset(labels["qualified"]),
        counted=frozenset(labels["counted"]),
        alone=frozenset(labels["alone"]),
        bare=frozenset(labels["bare"]),
        providers=frozenset(labels["providers"]),
        not_secret=frozenset(labels["not_secret"]),
        hash_names=frozenset(labels["hash_names"]),
        placeholders=tuple(rules["placeholders"]["patterns"]),
        about=frozenset(rules["placeholders"]["about"]),
        mail={name: tuple(values) for name, values in rules["mail"].items()},
    )


def _shape(entry: Mapping[str, Any], order: int) -> Shape:
    return Shape(
        id=entry["id"],
        label=entry["label"]["en"],
        heads=tuple(entry.get("heads", ())),
        behind=_also_escaped(entry.get("behind", "")),
        glued=entry.get("glued", False),
        inside=entry.get("inside", False),
        signs=entry.get("signs", {}),
        numbers=entry.get("numbers", {}),
        lead=re.compile(entry["lead"]) if "lead" in entry else None,
        find=re.compile(_also_escaped(entry["find"])),
        show=entry["show"],
        check=entry.get("check", ""),
        lengths=frozenset(entry.get("lengths", ())),
        order=order,
    )


def _also_escaped(pattern: str) -> str:
    """The pattern, with quotes that are escaped inside a string counting as quotes in its character classes."""
    return pattern.replace("\"'", f"\"'{ESCAPED_QUOTES}").replace("'\"", f"'\"{ESCAPED_QUOTES}")


def _family(entry: Mapping[str, Any]) -> LabelFamily:
    return LabelFamily(entry["id"], entry["label"]["en"], entry["judge"], tuple(entry["nouns"]), tuple(entry["cjk"]))


def _prose(entry: Mapping[str, Any], not_secret: list[str]) -> Prose:
    names = [re.escape(name).replace(r"\ ", "[ _-]?") for name in not_secret]
    noun = f"(?P<harmless>{'|'.join((*names, *entry['harmless']))})|(?P<secret>{'|'.join(entry['secret'])})"
    return Prose(entry["id"], entry["label"]["en"], entry["reach"], re.compile(noun), re.compile(entry["after"]))


def _prompts(entry: Mapping[str, Any]) -> PromptNames:
    return PromptNames(
        id=entry["id"],
        label=entry["label"]["en"],
        strong=tuple(entry["strong"]),
        weak=tuple(entry["weak"]),
        witness=tuple(entry["witness"]),
        structural=frozenset(entry["structural"]),
        free=frozenset(entry["free"]),
        calls=tuple(entry["calls"]),
        told=tuple(entry["told"]),
        harmless=frozenset(entry.get("harmless", ())),
    )
