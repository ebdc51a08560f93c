"""What a value is: hidden already, a placeholder, code, a word, or random enough to be a secret."""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.core.redaction.rulefile import RuleFile

HIDDEN = "[hidden]"
LONGEST_JUDGED = 512
SHORTEST_KEY = 20
FULL_TOKEN = 43  # 32 octets in Base64
MARKER = re.compile(
    r"\[hidden(?:: [0-9]{1,9} characters)?\]|\[(?:phone|number)\]|key:[0-9a-f]{8}(?!-?[0-9a-f])|\*\*\*@[A-Za-z0-9.\[\]-]+"
    r"|[A-Za-z0-9_./-]{0,18}…[A-Za-z0-9_-]{0,4}(?![A-Za-z0-9_-])"
)
MASK = re.compile(
    r"[A-Za-z0-9_./-]{0,18}?(?:…|\.{3,}|\*{2,}|•{2,}|·{3,}|#{4,})(?:[A-Za-z0-9_-]{0,8}|@[A-Za-z0-9.-]{3,60})"
    r"|[A-Za-z0-9_-]{0,12}?(?:x{4,}|X{4,})[A-Za-z0-9]{0,4}"
)
_VISIBLE = re.compile(r"[A-Za-z0-9]")
_KEBAB = re.compile(r"[A-Za-z][a-z]*(?:[-_. /][A-Za-z]?[a-z]*)*|[A-Z]+(?:[-_. ][A-Z]+)*")
_CODE = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*(?:\.[A-Za-z_$][A-Za-z0-9_$]*)*[(\[]|(?:await|new|f|lambda|self|this|os|process)[ .]")
_SEPARATORS = re.compile(r"[-_./+=~:]")
_KINDS = re.compile(r"[0-9]+|[A-Z]+|[^0-9A-Z]+")
CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
_OBJECT = re.compile(r"[a-z]{2,12}[-_]|(?:19|20)[0-9]{12,20}[A-Za-z0-9]{0,12}$|/")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T_ ][0-9:.]+(?:Z|[+-][0-9:]{2,6})?")
FORMS = re.compile(r"[0-9a-fA-F]{32}|[0-9a-fA-F]{40}|[0-9a-fA-F]{64}|[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")


@dataclass(frozen=True, slots=True)
class Values:
    """Judges single values by the rule file's lists."""

    placeholder: re.Pattern[str]
    about: frozenset[str]

    @classmethod
    def of(cls, rules: RuleFile) -> Values:
        """The judge for these rules."""
        return cls(re.compile("|".join(f"(?:{_numbered(p, n)})" for n, p in enumerate(rules.placeholders)), re.IGNORECASE), rules.about)

    def is_nothing(self, value: str) -> bool:
        """Whether `value` hides nothing: a mask, a marker of ours, or a placeholder."""
        if len(value) > LONGEST_JUDGED:
            return False
        return is_hidden(value) or is_mask(value) or self.placeholder.fullmatch(value.strip()) is not None

    def is_about(self, value: str) -> bool:
        """Whether `value` is a word said about a secret ("my password is wrong")."""
        return value.lower().strip(".,;:!?*_-") in self.about


def _numbered(pattern: str, number: int) -> str:
    """Give back references of one pattern their own group inside the alternation."""
    return pattern.replace("(.)\\1", f"(?P<same{number}>.)(?P=same{number})")


def is_hidden(value: str) -> bool:
    """Whether nothing readable is left once our own markers are taken out."""
    return MARKER.search(value) is not None and not _VISIBLE.search(MARKER.sub("", value))


def is_mask(value: str) -> bool:
    """`sk-...9f3c`, `138****4915`: someone hid this already."""
    return MASK.fullmatch(value) is not None


def is_word(value: str) -> bool:
    """Letters only, read as words: `invalid-api-key`, `Development`."""
    return _KEBAB.fullmatch(value) is not None


def is_code(value: str) -> bool:
    """A call, an index or an expression."""
    return _CODE.match(value) is not None


def is_random(value: str) -> bool:
    """Whether letters and digits change so often that nobody wrote it as words."""
    body = _SEPARATORS.sub("", value)
    if len(body) >= 30 and len(body) == len(value):
        return True
    changes = changes_in(body)
    return changes >= 3 and changes * 7 >= len(body)


def is_key_form(value: str) -> bool:
    """Hex of 32, 40 or 64 digits, a UUID, or 20 and more letters and digits as mixed as only chance makes them."""
    if FORMS.fullmatch(value) or (len(value) == FULL_TOKEN and changes_in(value) * 4 >= FULL_TOKEN and any(map(str.isdigit, value))):
        return True
    if len(value) < SHORTEST_KEY or _TIME.fullmatch(value) or not is_random(value):
        return False
    by_chance = changes_in(value) * 5 >= len(value) * 2  # measured on keys, paths and model names
    return by_chance or (value.isalnum() and any(map(str.isdigit, value)))


def is_object_id(value: str) -> bool:
    """An object's or a request's id, to judge by how it begins."""
    return FORMS.fullmatch(value) is None and _OBJECT.match(value) is not None


def changes_in(body: str) -> int:
    """How often neighbours differ in kind (lower, upper, digit)."""
    return max(0, len(_KINDS.findall(body, 0, LONGEST_JUDGED)) - 1)
