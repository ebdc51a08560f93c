"""Masked keys in a text: `sk-...9f3c`, `sk-****9f3c`, "尾号 9f3c"."""

from __future__ import annotations

import re

from app.core.key_ref import KeyRef

MASKED = re.compile(
    r"(?<![A-Za-z0-9_.-])(?P<prefix>[A-Za-z][A-Za-z0-9_-]{0,23}?)(?:…|\.{3,6}|\*{2,40}|•{2,40})(?P<last4>[A-Za-z0-9_-]{4})(?![A-Za-z0-9_*-]|\.[A-Za-z0-9])"
)
STARRED = re.compile(r"(?<![A-Za-z0-9*•…_-])(?:\*{3,40}|•{3,40}|…)(?P<last4>[A-Za-z0-9_-]{4})(?![A-Za-z0-9_*-])")
_ENDS = "ending (?:in|with)|ends (?:in|with)|尾号|后四位|末四位|结尾"
ENDING = re.compile(
    rf"(?:key|密钥|令牌|token)[^\n]{{0,16}}?(?:{_ENDS})[是为:： ]{{0,3}}(?P<last4>[A-Za-z0-9_-]{{4}})(?![A-Za-z0-9_-])", re.IGNORECASE
)
PUBLIC_PREFIX = re.compile(r"^(?:[A-Za-z]{2,4}[-_](?:(?:ant|or|proj|admin|svcacct|lf|sp)-)?(?:v1-)?|AIza)")
UPSTREAM = re.compile(r"[A-Za-z]{2,30}Exception(?: -|:)|Received openai error|Error from provider", re.IGNORECASE)


def mask_in(text: str) -> KeyRef | None:
    """Find the first masked key of the user; a mask inside a provider's own complaint is the gateway's key, not theirs."""
    for pattern in (MASKED, STARRED, ENDING):
        for found in pattern.finditer(text):
            if UPSTREAM.search(text, max(0, found.start() - 160), found.start()):
                continue
            return _ref(found)
    return None


def _ref(found: re.Match[str]) -> KeyRef:
    """Keep the public part of the prefix only: `sk-Ab…9f3c` shows two letters of the key itself."""
    public = PUBLIC_PREFIX.match(found.groupdict().get("prefix") or "")
    return KeyRef(prefix=public[0] if public else "", last4=found["last4"])
