"""One plain spelling of error text, so that JSON, Python dicts, escapes and full-width signs read alike."""

from __future__ import annotations

MAX_LENGTH = 12_000
_ALIKE = str.maketrans({
    '"': "'", "`": "'", "“": "'", "”": "'", "‘": "'", "’": "'", "「": "'", "」": "'",
    "：": ":", "，": ",", "；": ";", "！": "!", "？": "?", "。": ".", "（": "(", "）": ")", "【": "[", "】": "]", "＄": "$", "＝": "=", "\\": None,
})  # fmt: skip


def plain(text: str) -> str:
    """Lower case, one kind of quote, ASCII punctuation, no backslashes, single spaces; a space at both ends."""
    unbroken = text.replace("\\n", " ").replace("\\r", " ").replace("\\t", " ").replace("\\u003c", "<").replace("\\u003e", ">")
    return f" {' '.join(shorten(unbroken).lower().translate(_ALIKE).split())} "


def shorten(text: str) -> str:
    """The start and the end of a very long text; the middle of a stack trace says little."""
    if len(text) <= MAX_LENGTH:
        return text
    return f"{text[: MAX_LENGTH // 2]} … {text[-MAX_LENGTH // 2 :]}"
