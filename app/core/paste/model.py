"""Model a text is about, as it is written there."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.core.model_names import ModelNames

_NAME = r"(?P<name>[A-Za-z0-9\u4e00-\u9fff@][A-Za-z0-9._:/@+-]{1,80})"
_SENTENCES = (
    "Rate limit reached for|Request too large for|Tried to access|access to model|对于模型|模型名称?(?:是|为)?[:：]?|model_name[=:]|"
    "Received Model Group="
)
MODEL = (
    re.compile(rf"[\"']model(?:_name|Name|_id)?[\"']\s{{0,3}}:\s{{0,3}}[\"']{_NAME}[\"']"),
    re.compile(rf"(?<![A-Za-z_])model[:]? [`'\"]{_NAME}[`'\"]", re.IGNORECASE),
    re.compile(rf"model group [`'\"]?{_NAME}[`'\"]?", re.IGNORECASE),
    re.compile(rf"(?:{_SENTENCES})\s{{0,2}}[`'\"“]?{_NAME}", re.IGNORECASE),
    re.compile(rf"(?<![A-Za-z_])(?:model|--model|-m)(?:\s{{0,2}}[=:：]\s{{0,2}}|\s)[`'\"]?{_NAME}"),
    re.compile(r"模型[ :：是为]{0,2}[`'\"“]?(?P<name>[A-Za-z0-9][A-Za-z0-9._:/@+-]{1,80})"),
)
NO_MODEL = frozenset(
    (
        "to",
        "is",
        "not",
        "and",
        "for",
        "does",
        "in",
        "the",
        "name",
        "group",
        "error",
        "access",
        "you",
        "that",
        "with",
        "was",
        "has",
        "string",
        "unavailable",
        "none",
        "null",
        "i",
        "it",
        "at",
        "on",
        "this",
    )
)  # words that follow "model" in a sentence


def model(text: str, model_names: ModelNames) -> str | None:
    """Find the call name: in JSON, in an error's sentence, in an option; else a known name in the prose."""
    named = [name for pattern in MODEL for name in _names(pattern, text)]
    return next((name for name in named if model_names.family(name)), None) or next(iter(named), None) or model_names.mention(text)


def _names(pattern: re.Pattern[str], text: str) -> Iterator[str]:
    for found in pattern.finditer(text):
        name = found["name"].rstrip(".:/-")
        if name.lower() not in NO_MODEL and not name.startswith("http") and "***" not in name and len(name) > 1:
            yield name
