"""One plain spelling of error text, so that JSON, Python dicts, escapes and full-width signs read alike."""

from __future__ import annotations

MAX_LENGTH = 12_000
_ALIKE = str.maketrans(
    {
        **dict.fromkeys("\"'`“”‘’「」\\", None),
        **dict(zip("：，；！？。（）【】＄＝", ":,;!?.()[]$=", strict=True)),
    }
)
_SPELLINGS = (("\\n", " "), ("\\r", " "), ("\\t", " "), ("\\u003c", "<"), ("\\u003e", ">"))
_TIGHT = ((" :", ":"), (": ", ":"), (" =", "="), ("= ", "="))


def plain(text: str) -> str:
    """Write `text` in lower case with ASCII signs, without quotes and backslashes, with single spaces and one at both ends."""
    short = shorten(text)
    if "\\" in short:
        for escape, sign in _SPELLINGS:
            short = short.replace(escape, sign)
    words = " ".join(short.lower().translate(_ALIKE).split())
    for loose, tight in _TIGHT:
        words = words.replace(loose, tight)
    return f" {words} "


def shorten(text: str) -> str:
    """Keep the start and the end of a very long text; the middle of a stack trace says little."""
    if len(text) <= MAX_LENGTH:
        return text
    return f"{text[: MAX_LENGTH // 2]} … {text[-MAX_LENGTH // 2 :]}"
