"""Assembles the documents: every wording with several fillings, plain and obfuscated."""

import random
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache

from tests.core.redaction_cases import (
    kinds,
    obfuscations,
    obfuscations_blind,
    vendors,
    wordings,
    wordings_abroad,
    wordings_blind,
    wordings_blind_again,
    wordings_blind_people,
    wordings_field,
    wordings_later,
)

SLOT = re.compile(r"\{\{|\}\}|\{(\w+)\}")
WINDOW = 6
HARMLESS = kinds.HARMLESS | vendors.HARMLESS
GROUPS = {
    name: getattr(module, name)
    for module in (wordings, wordings_later, wordings_abroad, wordings_field, wordings_blind, wordings_blind_people, wordings_blind_again)
    for name in sorted(vars(module))
    if name.isupper()
}


@dataclass(frozen=True)
class Document:
    """A text, the secrets in it as they would be used, and what must stay."""

    name: str
    text: str
    secrets: tuple[tuple[str, str], ...]
    keeps: tuple[str, ...]
    undo: Callable[[str], str] = str


@cache
def documents(seed: int = 20261124) -> tuple[Document, ...]:
    """All documents, always the same ones for one seed."""
    return tuple(_all(random.Random(seed)))


def _all(rng: random.Random) -> Iterator[Document]:
    for group, of_group in GROUPS.items():
        for number, wording in enumerate(of_group):
            yield from _variants(rng, f"{group.lower()}-{number}", wording, group)


def _variants(rng: random.Random, name: str, wording: str, group: str) -> Iterator[Document]:
    for round_ in range(4 if group in {"KEYS", "SECRETS"} else 2):
        yield _filled(rng, f"{name}-plain-{round_}", wording)
    for _ in range(2):
        dress = rng.choice(sorted(obfuscations.OF_DOCUMENTS))
        yield _dressed(_filled(rng, f"{name}-{dress}", wording), dress)
    if group in {"KEYS", "SECRETS"}:
        for spelling in sorted(obfuscations.OF_VALUES):
            yield _filled(rng, f"{name}-{spelling}", wording, obfuscations.OF_VALUES[spelling])
        for spelling, (dress, undo) in sorted(obfuscations_blind.OF_VALUES.items()):
            yield replace(_filled(rng, f"{name}-{spelling}", wording, dress), undo=undo)
    if group.startswith("BLIND"):
        for dress in rng.sample(sorted(obfuscations_blind.OF_DOCUMENTS), 2):
            yield _dressed_anew(_filled(rng, f"{name}-{dress}", wording), dress)


def _dressed(document: Document, dress: str) -> Document:
    return Document(document.name, obfuscations.OF_DOCUMENTS[dress](document.text), document.secrets, document.keeps)


def _dressed_anew(document: Document, dress: str) -> Document:
    put_on, undo = obfuscations_blind.OF_DOCUMENTS[dress]
    return Document(document.name, put_on(document.text), document.secrets, document.keeps, undo)


def _filled(rng: random.Random, name: str, wording: str, spelling: Callable[[random.Random, str], str] | None = None) -> Document:
    """One wording with every slot filled."""
    secrets: list[tuple[str, str]] = []
    keeps: list[str] = []

    def fill(found: re.Match[str]) -> str:
        slot = found[1]
        if slot is None:
            return found[0][0]
        if slot in HARMLESS:
            keeps.append(HARMLESS[slot](rng))
            return keeps[-1]
        if slot in vendors.UNCOUNTED:
            return vendors.UNCOUNTED[slot](rng)
        kind, value = secret_of(rng, slot if slot in vendors.VENDORS else slot.rstrip("2"))
        secrets.append((kind, value))
        return spelling(rng, value) if spelling else value

    return Document(name, SLOT.sub(fill, wording), tuple(secrets), tuple(keeps))


def secret_of(rng: random.Random, slot: str) -> tuple[str, str]:
    """A secret for a slot, with its kind."""
    if slot == "key":
        kind = rng.choice(sorted(kinds.PREFIXED))
        return kind, kinds.PREFIXED[kind](rng)
    if slot == "secret":
        kind = rng.choice(sorted(kinds.UNMARKED))
        return kind, kinds.UNMARKED[kind](rng)
    if slot == "hash":
        return slot, kinds.hexes(rng, 64)
    if slot in vendors.VENDORS:
        return slot, vendors.VENDORS[slot](rng)
    if slot in kinds.PERSONAL:
        return slot, kinds.PERSONAL[slot](rng)
    return slot, {"password": kinds.password, "cookie": kinds.cookie, "pem": kinds.pem, "prompt": kinds.prompt}[slot](rng)


def body(kind: str, value: str) -> str:
    """What of a secret must not be read afterwards: all but the public prefix class and the last four."""
    if kind in {"cn_mobile", "phone", "card", "cn_id"}:
        return re.sub(r"\D", "", value)[:-1]
    if kind == "email":
        return value.partition("@")[0]
    if kind in {"ip4", "ip6", "prompt", "password", "weak", "otp"}:
        return value
    if len(value) >= 20:
        return value[8:-4].replace("\n", "")
    return value[3:-4] if len(value) >= 12 else value


def plain(text: str) -> str:
    """`text` with the spellings undone that the documents use, to find secrets that survive in disguise."""
    text = "".join(char for char in unicodedata.normalize("NFKC", text) if unicodedata.category(char) != "Cf")
    text = re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), text)
    text = re.sub(r"\\x([0-9a-f]{2})", lambda found: chr(int(found[1], 16)), text)
    text = re.sub(r"%(?:25)?([2-7][0-9A-F])", lambda found: chr(int(found[1], 16)), text)
    text = re.sub(r"&#(\d+);", lambda found: chr(int(found[1])), text)
    text = re.sub(r"\x1b\[[0-9;]*m", "", text).translate(str.maketrans("аеорсх\u2010", "aeopcx-"))
    return re.sub(r"\\?\r?\n(?:> ?)*[ \t]*", "", text).replace("\\", "")


def survivors(document: Document, redacted: str) -> list[str]:
    """The kinds of the document's secrets of which six characters in a row are still readable."""
    left = []
    outside = document.text
    for _, value in document.secrets:
        outside = outside.replace(value, "\0")
    for kind, value in document.secrets:
        core = body(kind, value)
        step = 1 if len(core) < 400 else 3
        length = len(core) if kind in {"ip4", "ip6"} else min(WINDOW, len(core))
        pieces = {core[at : at + length] for at in range(0, len(core) - length + 1, step)}
        for shown in (
            redacted,
            plain(redacted),
            document.undo(redacted),
            re.sub(r"\D", "", redacted) if kind in {"cn_mobile", "phone", "card", "cn_id"} else "",
        ):
            if any(piece in shown and piece not in outside for piece in pieces):
                left.append(kind)
                break
    return left


def damaged(document: Document, redacted: str) -> list[str]:
    """What had to stay and is gone."""
    return [keep for keep in document.keeps if keep in document.text and redacted.count(keep) < document.text.count(keep)]
