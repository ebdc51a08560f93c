"""More ways in which a text or a secret arrives dressed up, each with its undoing, so that what survives is seen."""

import base64
import binascii
import csv
import html
import io
import json
import quopri
import random
import re
import textwrap
import unicodedata
from collections.abc import Callable
from urllib.parse import quote_plus, unquote_plus

Rng = random.Random
Undo = Callable[[str], str]


def cut(value: str, width: int) -> list[str]:
    """`value` in pieces of `width`."""
    return [value[at : at + width] for at in range(0, len(value), width)]


def spaced(rng: Rng, value: str) -> str:
    """A blank every few characters, as people dictate and OCR reads."""
    return " ".join(cut(value, rng.choice([4, 8, 10])))


def tagged(rng: Rng, value: str) -> str:
    """HTML inside, from a highlighted search result or a web page's line breaks."""
    at = rng.randint(4, len(value) - 4)
    return value[:at] + rng.choice(["<wbr>", "<br/>", '<span class="hl">', "</b><b>", "<em>"]) + value[at:]


def linked(_rng: Rng, value: str) -> str:
    """A Markdown link around it."""
    return f"[{value}](https://gw.example.com/k)"


def bold(rng: Rng, value: str) -> str:
    """Emphasis of chats around it."""
    mark = rng.choice(["**", "__", "~~", "||", "*", "==", "<code>"])
    return f"{mark}{value}{mark.replace('<', '</')}"


def colours(rng: Rng, value: str) -> str:
    """256 colours and a terminal's hyperlink."""
    at = rng.randint(4, len(value) - 4)
    return f"\x1b[38;5;208m{value[:at]}\x1b[0;1m{value[at:]}\x1b[m\x1b[K"


def bidirectional(rng: Rng, value: str) -> str:
    """Marks of right-to-left text around and inside."""
    at = rng.randint(4, len(value) - 4)
    return f"\u2066{value[:at]}\u200e\u202c{value[at:]}\u2069"


def mathematical(_rng: Rng, value: str) -> str:
    """Monospaced letters of mathematics, from a "fancy text" keyboard."""
    return "".join(
        chr(0x1D670 + ord(char) - 65)
        if "A" <= char <= "Z"
        else chr(0x1D68A + ord(char) - 97)
        if "a" <= char <= "z"
        else chr(0x1D7F6 + ord(char) - 48)
        if char.isdigit() and char.isascii()
        else char
        for char in value
    )


def surrogates(rng: Rng, value: str) -> str:
    """The same in JSON, with surrogate pairs."""
    return json.dumps(mathematical(rng, value))[1:-1]


def soft_breaks(_rng: Rng, value: str) -> str:
    """Quoted-printable's soft line breaks."""
    return "=\n".join(cut(value, 20)).replace("_", "=5F")


def concatenated(rng: Rng, value: str) -> str:
    """A literal put together from pieces."""
    glue = rng.choice(['" + "', '" +\n    "', '"\n    "', '" . "', "' + '", '" & "', '" .. "', '" ~ "', "' || '", '" "'])
    return glue.join(cut(value, max(8, len(value) // 2)))


def logged(rng: Rng, value: str) -> str:
    """Wrapped, each line with the log's or the quotation's prefix."""
    glue = rng.choice(["\n| ", "\ngw-1  | ", "\n> > ", "\n>> ", "\n# ", "\n//  ", "\n + ", "\n  12 | ", "\n13: ", "\n│ "])
    return glue.join(cut(value, 24))


def based(_rng: Rng, value: str) -> str:
    """A whole header in Base64."""
    return base64.b64encode(f"Authorization: Bearer {value}".encode()).decode()


def hexed(_rng: Rng, value: str) -> str:
    """The octets as hex, after the label."""
    return value.encode().hex()


def html_hex(rng: Rng, value: str) -> str:
    """Entities in hex."""
    return "".join(f"&#x{ord(char):X};" if rng.random() < 0.3 or not char.isalnum() else char for char in value)


def braces(rng: Rng, value: str) -> str:
    r"""`\u{73}` as some languages write it, `\U00000073` as others."""
    form = rng.choice(["\\u{{{:x}}}", "\\U{:08x}", "\\{:03o}"])
    if form.startswith("\\{"):
        return "".join(form.format(ord(char)) if not char.isalnum() else char for char in value)
    return "".join(form.format(ord(char)) if not char.isalnum() or rng.random() < 0.15 else char for char in value)


def _no_blanks(text: str) -> str:
    return re.sub(r"\s+", "", text)


def _no_tags(text: str) -> str:
    return re.sub(r"<[^<>]*>", "", text)


def _joined(text: str) -> str:
    return re.sub(r"""["'][\s+.&~|]*["']""", "", text)


def _unlogged(text: str) -> str:
    return re.sub(r"\n[ \w-]*[|>#/+:│][|>#/+:│ ]*", "", text)


def _unbraced(text: str) -> str:
    text = re.sub(r"\\u\{([0-9a-f]+)\}|\\U([0-9a-f]{8})", lambda found: chr(int(found[1] or found[2], 16)), text)
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), text)


def _decoded(text: str) -> str:
    """`text` and what its runs of Base64 say."""
    said = []
    for run in re.findall(r"[A-Za-z0-9+/]{8,}={0,2}", text):
        for skip in range(4):
            part = run[skip:].rstrip("=")
            part = part[: len(part) // 4 * 4]
            try:
                said.append(base64.b64decode(part).decode("latin-1"))
            except binascii.Error:
                continue
    return "\n".join([text, *said])


def _unhexed(text: str) -> str:
    return text + "".join(bytes.fromhex(run[: len(run) // 2 * 2]).decode("latin-1") for run in re.findall(r"[0-9a-f]{8,}", text))


def _unquoted(text: str) -> str:
    return quopri.decodestring(text.encode()).decode(errors="replace")


def _plain_letters(text: str) -> str:
    return unicodedata.normalize("NFKC", json.loads('"' + re.sub(r'(?<!\\)"|[\n\r\t]|\\(?!u)', " ", text) + '"'))


OF_VALUES: dict[str, tuple[Callable[[Rng, str], str], Undo]] = {
    "spaced": (spaced, _no_blanks),
    "tagged": (tagged, _no_tags),
    "linked": (linked, str),
    "bold": (bold, str),
    "colours": (colours, lambda text: re.sub(r"\x1b\[[0-9;]*[mK]", "", text)),
    "bidirectional": (bidirectional, str),
    "mathematical": (mathematical, str),
    "surrogates": (surrogates, _plain_letters),
    "soft-breaks": (soft_breaks, _unquoted),
    "concatenated": (concatenated, _joined),
    "logged": (logged, _unlogged),
    "based": (based, _decoded),
    "hexed": (hexed, _unhexed),
    "html-hex": (html_hex, html.unescape),
    "braces": (braces, _unbraced),
}


def _csv(text: str) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([["time", "message", "level"], ["10:02", text, "error"]])
    return out.getvalue()


def _each(prefix: Callable[[int], str]) -> Callable[[str], str]:
    return lambda text: "\n".join(prefix(number) + line for number, line in enumerate(text.split("\n"), 11))


def _table(text: str) -> str:
    rows = "\n".join(f"| {line.replace('|', chr(92) + '|')} |" for line in text.split("\n"))
    return f"| log |\n|---|\n{rows}"


def _box(text: str) -> str:
    """A terminal's box, long lines wrapped into it."""
    lines = [piece for line in text.split("\n") for piece in (textwrap.wrap(line, 60) or [""])]
    return "\n".join(["╭" + "─" * 62 + "╮", *(f"│ {line:<60} │" for line in lines), "╰" + "─" * 62 + "╯"])


OF_DOCUMENTS: dict[str, tuple[Callable[[str], str], Undo]] = {
    "quoted-printable": (lambda text: quopri.encodestring(text.encode()).decode(), _unquoted),
    "xml-attribute": (lambda text: f'<entry level="ERROR" message="{html.escape(text)}" thread="12"/>', html.unescape),
    "html-page": (
        lambda text: f"<p>报错：</p><pre><code>{html.escape(text).replace(chr(10), '<br>')}</code></pre>",
        lambda text: html.unescape(_no_tags(text)),
    ),
    "csv": (_csv, lambda text: text.replace('""', '"')),
    "compose-log": (_each(lambda _: "gateway-1  | "), _unlogged),
    "numbered": (_each(lambda number: f"{number:4}\t"), str),
    "numbered-bar": (_each(lambda number: f"{number:>4} | "), _unlogged),
    "diff": (_each(lambda number: "+" if number % 3 else "-"), str),
    "nested-mail": (_each(lambda _: "> > > "), str),
    "stamped": (_each(lambda number: f"2026-03-11T10:02:{number}Z stderr F "), str),
    "syslog": (_each(lambda number: f"Mar 11 10:02:{number} gw1 gateway[812]: "), str),
    "query": (lambda text: f"https://gw.example.com/error?from=app&message={quote_plus(text)}", unquote_plus),
    "go-json": (
        lambda text: json.dumps({"time": "10:02", "msg": text}).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"),
        str,
    ),
    "ascii-json": (lambda text: json.dumps({"a": [text]}).replace("/", "\\/"), lambda text: text.replace("\\/", "/")),
    "bytes-repr": (lambda text: f"raw body: {text.encode()!r}", str),
    "yaml-block": (lambda text: "event:\n  level: error\n  text: |-\n" + textwrap.indent(text, "    "), str),
    "table": (_table, str),
    "box": (_box, lambda text: re.sub(r" *│\n│ ", "", text)),
    "comment": (_each(lambda _: "# "), str),
    "java-comment": (lambda text: "/*\n" + _each(lambda _: " * ")(text) + "\n */", str),
}
