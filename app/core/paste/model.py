"""Model a text is about, as it is written there."""

from __future__ import annotations

import re

from app.core.model_names import ModelNames

_NAME = r"(?P<name>[A-Za-z0-9\u4e00-\u9fff@][A-Za-z0-9._:/@+-]{1,80})"
_SENTENCES = (
    "Rate limit reached for|Request too large for|Tried to access|access to model|对于模型|模型名称?(?:是|为)?[:：]?|model_name[=:]|"
    "Received Model Group="
)
QUOTED = (
    re.compile(rf"[\"']model(?:_name|Name|_id)?[\"']\s{{0,3}}:\s{{0,3}}[\"']{_NAME}[\"']"),
    re.compile(rf"(?<![A-Za-z_])model(?:\s{{0,2}}[=:]\s{{0,2}}|:? )[`'\"]{_NAME}[`'\"]", re.IGNORECASE),
    re.compile(rf"model group [`'\"]{_NAME}[`'\"]", re.IGNORECASE),
)
LOOSE = (
    re.compile(rf"(?:{_SENTENCES})\s{{0,2}}[`'\"“]?{_NAME}", re.IGNORECASE),
    re.compile(rf"(?<![A-Za-z_])(?:model|--model|-m)(?:\s{{0,2}}[=:：]\s{{0,2}}|\s)[`'\"]?{_NAME}", re.IGNORECASE),
    re.compile(r"模型[ :：是为]{0,2}[`'\"“]?(?P<name>[A-Za-z0-9][A-Za-z0-9._:/@+-]{1,80})"),
)


def model(text: str, model_names: ModelNames) -> str | None:
    """Find the call name: quoted in JSON or an error's sentence, after a label; else a known name in the prose."""
    quoted = _names(QUOTED, text)
    loose = [name for name in _names(LOOSE, text) if model_names.family(name) or _looks_like_a_name(name)]
    known = next((name for name in (*quoted, *loose) if model_names.family(name)), None)
    return known or next(iter((*quoted, *loose)), None) or model_names.mention(text)


def _names(patterns: tuple[re.Pattern[str], ...], text: str) -> list[str]:
    names = (found["name"].rstrip(".:/-") for pattern in patterns for found in pattern.finditer(text))
    return [name for name in names if len(name) > 1 and not name.startswith("http") and "***" not in name and set(name.lower()) != {"x"}]


def _looks_like_a_name(word: str) -> bool:
    """Whether a word after "model" is a call name and not the next word of the sentence."""
    return any(letter.isdigit() for letter in word) or "-" in word
