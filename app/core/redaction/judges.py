"""Whether a value behind a name is the secret itself or only talks about it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.core.redaction.canonical import QUOTES
from app.core.redaction.labels import Label
from app.core.redaction.values import CJK, MARKER, Values, is_code, is_key_form, is_random, is_word

_COOKIE = re.compile(rf"(?P<name>[A-Za-z0-9_.$%-]{{1,80}})=(?P<value>[^;\s{QUOTES}]{{1,4096}})")
_COOKIE_ATTRIBUTES = {"path", "domain", "expires", "max-age", "samesite", "secure", "httponly", "priority", "version"}
_NUMBER = re.compile(r"[0-9][0-9.,_]{0,14}%?")
_MIXED = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z]).{6,}|(?=.*[A-Za-z0-9])(?=.*[!@#$^&*~?]).{6,}")
_END = re.compile(r"[ ]{0,2}(?:[,.;!?)，。；！？、]|$|\n|and |but |并|但|请|谢)")
ASSIGNED = frozenset({"sign", "pair", "named"})


@dataclass(frozen=True, slots=True)
class Value:
    """What stands behind a name. kind: how it is tied to it (sign, pair, named, copula, below, bare)."""

    text: str
    start: int
    end: int
    kind: str
    quoted: bool

    def cut(self, length: int) -> Value:
        """Its first `length` characters."""
        return Value(self.text[:length], self.start, self.start + length, self.kind, self.quoted)

    def __repr__(self) -> str:
        return f"Value({self.start}, {self.end}, {self.kind})"


@dataclass(frozen=True, slots=True)
class Judge:
    """Decides by family and by how the value is tied to its name."""

    values: Values

    def secrets(self, label: Label, value: Value, text: str) -> Iterator[Value]:
        """The parts of `value` that are secret: none, all, or the values of a cookie header."""
        if label.family.judge == "cookie":
            yield from self._cookies(value, text)
        elif not self._is_harmless(value) and self._is_secret(label, value, text):
            yield value

    def _is_harmless(self, value: Value) -> bool:
        text = value.text
        return (
            not text
            or self.values.is_nothing(text)
            or self.values.is_about(text)
            or bool(MARKER.match(text))
            or (is_code(text) and not value.quoted)
        )

    def _is_secret(self, label: Label, value: Value, text: str) -> bool:
        if label.family.judge == "password":
            return self._is_password(value, text)
        if label.family.judge == "session":
            return value.kind in ASSIGNED and len(value.text) >= 8 and not is_word(value.text) and not CJK.search(value.text)  # noqa: PLR2004
        return self._is_key(label, value)

    def _is_password(self, value: Value, text: str) -> bool:
        """Anything assigned; in a sentence, what is no plain word or ends the clause."""
        word = value.text
        if CJK.search(word) or (" " in word and self._is_sentence(word)):
            return False
        if _NUMBER.fullmatch(word) and CJK.match(text, value.end):
            return False  # 密码：8位以上
        if value.kind in ASSIGNED:
            return True
        if value.kind == "copula":
            return bool(_MIXED.fullmatch(word)) or (len(word) >= 4 and not _NUMBER.fullmatch(word) and bool(_END.match(text, value.end)))  # noqa: PLR2004
        apart = value.quoted or text[value.start - 1].isspace() or CJK.match(text[value.start - 1]) is not None
        return apart and word[0].isalnum() and _MIXED.fullmatch(word) is not None and not is_word(word)

    def _is_sentence(self, words: str) -> bool:
        """Several words that talk about a password."""
        parts = words.split()
        return any(self.values.is_about(part) for part in parts) or len(parts) > 6  # noqa: PLR2004 - longer than a pass phrase

    def _is_key(self, label: Label, value: Value) -> bool:
        word = value.text
        if " " in word or CJK.search(word) or _NUMBER.fullmatch(word) or len(word) < 6:  # noqa: PLR2004 - shorter than any key
            return False
        if value.kind not in ASSIGNED:
            return word[0].isalnum() and is_key_form(word)
        if label.is_bare:
            return is_key_form(word) or (len(word) >= 12 and is_random(word))  # noqa: PLR2004
        return not is_word(word) or (value.kind == "sign" and len(word) >= 16)  # noqa: PLR2004 - a master key made of words

    def _cookies(self, value: Value, text: str) -> Iterator[Value]:
        """Each value of a cookie header; names and attributes stay."""
        if value.kind not in ASSIGNED:
            return
        line_end = value.end if value.quoted else (text.find("\n", value.start) + 1 or len(text) + 1) - 1
        for found in _COOKIE.finditer(text, value.start, min(line_end, value.start + 8192)):
            if found["name"].lower() not in _COOKIE_ATTRIBUTES and not self.values.is_nothing(found["value"]):
                yield Value(found["value"], *found.span("value"), value.kind, quoted=False)
