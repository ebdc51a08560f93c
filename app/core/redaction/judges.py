"""Whether a value behind a name is the secret itself or only talks about it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from app.core.redaction.canonical import QUOTES
from app.core.redaction.labels import Label
from app.core.redaction.tied import ASSIGNED, Value
from app.core.redaction.values import CJK, MARKER, Values, is_code, is_key_form, is_object_id, is_random, is_word

_COOKIE = re.compile(rf"(?P<name>[A-Za-z0-9_.$%-]{{1,80}})=(?P<value>[^;\s{QUOTES}]{{1,4096}})")
_COOKIE_ATTRIBUTES = {"path", "domain", "expires", "max-age", "samesite", "secure", "httponly", "priority", "version"}
_NUMBER = re.compile(r"[0-9][0-9.,_-]{0,14}%?")
_MIXED = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z]).{6,}|(?=.*[A-Za-z0-9])(?=.*[!@#$^&*~?]).{6,}")
_CODE = re.compile(r"(?:(?:[A-Z]{1,2}-)?[0-9]{4,8}|[0-9]{3}-[0-9]{3})(?![A-Za-z0-9_-])")  # 481923, 481-923, G-20517
_COUNTED = re.compile(r" ?(?:秒|分|位|次|个|天|小时|seconds|minutes|times|digits|characters)")
UUID_DASHES = 4
LONGER_THAN_WORDS = 8
LONGER_THAN_NAMES = 36  # of models and hosts
_END = re.compile(r"[ ]{0,2}(?:[,.;!?)，。；！？、]|$|\n|and |but |并|但|请|谢)")


@dataclass(frozen=True, slots=True)
class Judge:
    """Decides by family and by how the value is tied to its name."""

    values: Values

    def secrets(self, label: Label, value: Value, text: str) -> Iterator[Value]:
        """The parts of `value` that are secret: none, all, or the values of a cookie header."""
        if label.family.judge == "cookie":
            yield from self._cookies(value, text)
        elif label.family.judge == "code" and (code := _CODE.match(value.text)) and not _COUNTED.match(text, value.start + code.end()):
            yield value.cut(code.end())
        else:
            value = _without_aside(_without_name(value))
            if not self._is_harmless(value) and self._is_secret(label, value, text):
                yield value

    def _is_harmless(self, value: Value) -> bool:
        text = value.text
        return (
            not any(map(str.isalnum, text))
            or self.values.is_nothing(text)
            or self.values.is_about(text)
            or bool(MARKER.match(text))
            or (is_code(text) and not value.quoted)
        )

    def _is_secret(self, label: Label, value: Value, text: str) -> bool:
        if label.family.judge == "password":
            return self._is_password(label, value, text)
        if label.family.judge == "code":
            told = value.kind in ASSIGNED or value.kind == "copula" or is_key_form(value.text)
            return told and _MIXED.fullmatch(value.text) is not None and self._is_password(label, value, text)
        if label.family.judge == "session":
            if value.kind not in ASSIGNED:
                return is_key_form(value.text) and not is_object_id(value.text)
            return len(value.text) >= 8 and is_random(value.text) and any(map(str.isdigit, value.text)) and not CJK.search(value.text)
        return self._is_key(label, value)

    def _is_password(self, label: Label, value: Value, text: str) -> bool:
        """Anything assigned; in a sentence, what is no plain word or ends the clause."""
        word = value.text
        counted = _NUMBER.fullmatch(word) and (CJK.match(text, value.end) or _COUNTED.match(text, value.end))  # 密码：8位以上
        if counted or CJK.search(word) or (" " in word and self._is_sentence(word)):
            return False
        mixed = _MIXED.fullmatch(word) is not None
        if value.kind in ASSIGNED:
            return mixed or not label.weight
        if label.weight or value.kind == "move":
            return mixed and (not label.weight or (value.kind == "copula" and len(word) >= LONGER_THAN_WORDS))
        if value.kind == "copula":
            return mixed or (len(word) >= 4 and not _NUMBER.fullmatch(word) and bool(_END.match(text, value.end)))
        apart = value.quoted or text[value.start - 1].isspace() or CJK.match(text[value.start - 1]) is not None
        return apart and word[0].isalnum() and mixed and not is_word(word)

    def _is_sentence(self, words: str) -> bool:
        """Several words that talk about a password."""
        parts = words.split()
        return any(self.values.is_about(part) for part in parts) or len(parts) > 6

    def _is_key(self, label: Label, value: Value) -> bool:
        word = value.text
        if " " in word or CJK.search(word) or _NUMBER.fullmatch(word) or len(word) < 6:
            return False
        if value.kind not in ASSIGNED:
            named = "=" in word.rstrip("=")  # it has a name of its own
            long = value.kind in {"copula", "below"} and len(word) >= LONGER_THAN_NAMES and is_random(word)
            return word[0].isalnum() and not named and (long or is_key_form(word) or (word.lower().startswith("sk-") and not is_word(word)))
        if label.weight == "provider":
            return is_key_form(word) and (word.isalnum() or word.count("-") == UUID_DASHES)
        if label.weight:
            return is_key_form(word) or (len(word) >= 12 and is_random(word) and any(map(str.isdigit, word)))
        return not is_word(word) or (value.kind == "sign" and len(word) >= 16)

    def _cookies(self, value: Value, text: str) -> Iterator[Value]:
        """Each value of a cookie header; names and attributes stay."""
        if value.kind not in ASSIGNED:
            return
        line_end = value.end if value.quoted else (text.find("\n", value.start) + 1 or len(text) + 1) - 1
        for found in _COOKIE.finditer(text, value.start, min(line_end, value.start + 8192)):
            if found["name"].lower() not in _COOKIE_ATTRIBUTES and not self.values.is_nothing(found["value"]):
                yield Value(found["value"], *found.span("value"), value.kind, quoted=False)


def _without_name(value: Value) -> Value:
    """What stands behind the vendor's name in `--api-key openai=…`."""
    name, sign, key = value.text.partition("=")
    at = value.start + len(name) + len(sign)
    return replace(value, text=key, start=at) if value.kind == "bare" and is_key_form(key) and is_word(name) else value


def _without_aside(value: Value) -> Value:
    """A key and the remark in brackets right behind it are no call."""
    key, bracket, _ = value.text.partition("(")
    return value.cut(len(key)) if bracket and is_key_form(key) else value
