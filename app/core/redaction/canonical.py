"""The canonical copy that rules read: escapes decoded, look-alikes folded, invisible characters dropped.

Quotes that are escaped inside a string become private-use characters, one pair per depth, so that a
rule can find the quote that closes a value and is not misled by quotes inside the value.
"""

from __future__ import annotations

import html
import re
import unicodedata

from app.core.redaction.view import View, ViewBuilder

DEEPEST_QUOTE = 8
ESCAPED_QUOTES = "\ue000-\ue00f"  # chr(0xE000 + 2 * depth) for a double quote, one more for a single one
QUOTES = f"\"'`{ESCAPED_QUOTES}"
_INVISIBLE = {0x34F, 0x61C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B, 0x180C, 0x180D, 0x180E, 0x3164, 0xFFA0, *range(0xFE00, 0xFE10)}
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2043\u207b\u208b\ufe58\ufe63\uff0d"
_DOUBLE_QUOTES = "\u201c\u201d\u201e\u201f\u300c\u300d\u300e\u300f\u2033\uff02\u00ab\u00bb"
_SINGLE_QUOTES = "\u2018\u2019\u201a\u201b\u2032\uff07"
_CONFUSABLES = dict(
    zip(
        "аеосрхукѕіјһвмнтАВЕКМНОРСТХУЅІЈαοινρυκΑΒΕΖΗΙΚΜΝΟΡΤΥΧİ",
        "aeocpxyksijhbmhtABEKMHOPCTXYSIJaoivpukABEZHIKMNOPTYXI",
        strict=True,
    )
)
_KEPT = "\u2026"  # the ellipsis of our own masks
_CONTROL = {"n": "\n", "r": "", "t": "\t", "b": "", "f": "", "a": "", "v": ""}


def is_canonical(text: str) -> bool:
    """Whether there is nothing to rewrite."""
    if "\\" in text or "%" in text or "&" in text or "\r" in text or "\x1b" in text or "<" in text:
        return _SIGN.search(text) is None
    return text.isascii() or _UNCOMMON.search(text) is None or _FOLDED.keys().isdisjoint(text)


def canonical(text: str) -> View:
    """The canonical view of `text`; the text itself when there is nothing to rewrite."""
    if is_canonical(text):
        return View(text)
    builder = ViewBuilder(text)
    at = 0
    for sign in _SIGN.finditer(text):
        start = sign.start()
        if start < at:
            continue
        if text[start] > "\x7f":
            plain, end = _FOLDED.get(text[start]), start + 1
        else:
            plain, end = _decoded_at(text, start)
        if plain is not None:
            builder.copy(at, start)
            builder.rewrite(start, end, plain)
            at = end
    builder.copy(at, len(text))
    return builder.build()


def _decoded_at(text: str, start: int) -> tuple[str | None, int]:
    """What begins at `start` decoded, and where it ends; nothing when it is no escape at all."""
    found = SPECIAL.match(text, start)
    return (_decode(found), found.end()) if found else (None, start)


def _decode(found: re.Match[str]) -> str:
    """What one escape, entity or odd character stands for."""
    kind = found.lastgroup
    body = found[0]
    if kind == "percent":
        char = _percent(body)
        return "_" if char in "@/:?#" and _is_in_password(found) else char
    if kind == "entity":
        return "".join(_fold(char) for char in html.unescape(body))
    if kind == "octets":
        data = bytes(int(code, 16) for code in _CODES.findall(body))
        return "".join(map(_fold, data.decode("utf-8", "replace")))
    if kind == "code":
        return _fold(_character(body))
    if kind in {"return", "row"}:
        return "\n"
    return _backslashes(body) if kind == "escape" else ""


def _character(body: str) -> str:
    r"""What `\u0073`, `\x73`, `\u{73}`, `\U00000073`, `\163` or a pair of surrogates stands for."""
    codes = [int(code, 8 if code[0] in "0123" and len(code) == OCTAL_DIGITS else 16) for code in _CODES.findall(body)]
    high, low = codes[0], codes[-1]
    code = 0x10000 + ((high - 0xD800) << 10) + low - 0xDC00 if len(codes) > 1 else high
    return chr(code) if code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF else "\ufffd"


def _percent(body: str) -> str:
    """`%2D`, `%252D` and UTF-8 sequences."""
    data = bytes(int(code, 16) for code in re.findall(r"%(?:25)*([0-9A-Fa-f]{2})", body))
    return "".join(_fold(char) for char in data.decode("utf-8", "replace"))


def _is_in_password(found: re.Match[str]) -> bool:
    """Whether an encoded delimiter belongs to the password of an address: `://user:p%40ss@host`."""
    before = found.string[max(0, found.start() - LONGEST_AUTHORITY) : found.start()]
    return _AUTHORITY.search(before) is not None and _TO_HOST.match(found.string, found.end()) is not None


def _backslashes(body: str) -> str:
    r"""`\n`, `\"`, `\/`, `\_` behind any number of backslashes."""
    char, count = body[-1], len(body) - 1
    if char in "\"'":
        return _quote(char, (count ^ (count + 1)).bit_length() - 1)
    if char in _CONTROL:
        return _CONTROL[char]
    return char if not char.isspace() else ""


def _quote(char: str, depth: int) -> str:
    """A quote behind backslashes; depth 0 means that the backslashes escape each other."""
    return chr(0xE000 + 2 * min(depth, DEEPEST_QUOTE - 1) + (char == "'")) if depth else char


def _fold(char: str) -> str:
    """The plain form of one character."""
    return _FOLDED.get(char, char)


def _plain_form(char: str) -> str:
    """How `char` is read by rules: nothing, an ASCII look-alike, or its compatibility form."""
    if ord(char) in _INVISIBLE or unicodedata.category(char) == "Cf" or 0xE000 <= ord(char) <= 0xE00F:
        return ""
    if char in _CONFUSABLES:
        return _CONFUSABLES[char]
    for chars, plain in ((_DASHES, "-"), (_DOUBLE_QUOTES, '"'), (_SINGLE_QUOTES, "'"), (_KEPT, _KEPT), ("\u2028\u2029\u0085", "\n")):
        if char in chars:
            return plain
    return unicodedata.normalize("NFKC", char)


def _folded_characters() -> dict[str, str]:
    """Every non-ASCII character that rules read as something else."""
    # Ideographs and Hangul syllables have no other form and are left out.
    codes = (
        *range(0x80, 0x3400),
        *range(0xA000, 0xAC00),
        *range(0xD7A4, 0xD800),
        *range(0xE000, 0x10000),
        *range(0x1D400, 0x1D800),
        *range(0x1F100, 0x1F200),
        *range(0xE0000, 0xE0200),
    )
    pairs = ((char, _plain_form(char)) for char in map(chr, codes))
    return {char: plain for char, plain in pairs if plain != char}


_CODES = re.compile(r"(?<=[uUx{\\])[0-9A-Fa-f]+")
OCTAL_DIGITS = 3
LONGEST_AUTHORITY = 200
_AUTHORITY = re.compile(r"://[^\s/@\"'<>]*:[^\s/@\"'<>]*$")
_TO_HOST = re.compile(r"[^\s/@\"'<>]{0,200}@")


_FOLDED = _folded_characters()
SPECIAL = re.compile(
    r"(?P<octets>(?<!\\)(?:\\{1,8}x[89A-Fa-f][0-9A-Fa-f]){2,32})"
    r"|(?P<code>(?<!\\)\\+(?:u\{[0-9A-Fa-f]{1,6}\}|u[dD][89abAB][0-9A-Fa-f]{2}\\+u[dD][c-fC-F][0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}"
    r"|U[0-9A-Fa-f]{8}|x[0-9A-Fa-f]{2}|[01][0-7]{2}))"
    r"|(?P<join>\\\r?\n[ \t]*)"
    r"|(?P<escape>(?<!\\)\\+(?:[^A-Za-z0-9\s\\]|[nrtbfav]))"
    r"|(?P<percent>%(?:25)*[2-7][0-9A-Fa-f]|%(?:25)*0[AaDd9]|(?:%(?:25)*[89A-Fa-f][0-9A-Fa-f])+)"
    r"|(?P<entity>&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|quot|amp|apos|lt|gt|nbsp|shy|zwj|zwnj|equals|colon|hyphen|lowbar|period);"
    r")"
    r"|(?P<row><br ?/?>)"
    r"|(?P<return>\r\n?)"
    r"|(?P<ansi>\x1b\[[0-9;]{0,16}[A-Za-z]|<wbr ?/?>)"
)
# Scanned with one class each, inside the basic plane: alternatives and astral ranges are many times slower.
_COMMON = "\u3001\u3002\u4e00-\u9fff"  # never folded
_UNCOMMON = re.compile(f"[^\0-\x7f{_COMMON}]")
_SIGN = re.compile(rf"[^\0-\x0c\x0e-\x1a\x1c-$'-;=-\[\]-\x7f{_COMMON}](?:(?<![<%&])|(?<=<)(?=w?br)|(?<=%)(?=[0-9A-Fa-f])|(?<=&)(?=[#a-z]))")
