"""Ways in which a secret arrives that is not spelt plainly."""

import json
import random
from collections.abc import Callable

Rng = random.Random
INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad"


def invisible(rng: Rng, value: str) -> str:
    """Zero-width characters between the letters, as web pages add them."""
    return "".join(char + (rng.choice(INVISIBLE) if rng.random() < 0.3 else "") for char in value[:-1]) + value[-1]


def full_width(_rng: Rng, value: str) -> str:
    """Typed with a Chinese input method in full-width mode."""
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in value)


def percent(rng: Rng, value: str) -> str:
    """Percent-encoded, some or all of it."""
    part = rng.choice([0.2, 1.0])
    return "".join(f"%{ord(char):02X}" if not char.isalnum() or rng.random() < part else char for char in value)


def percent_twice(_rng: Rng, value: str) -> str:
    """Encoded twice on its way through two redirects."""
    return "".join(char if char.isalnum() else f"%25{ord(char):02X}" for char in value)


def unicode_escapes(rng: Rng, value: str) -> str:
    r"""`\u0073k-…` as some JSON writers put it."""
    return "".join(f"\\u{ord(char):04x}" if not char.isalnum() or rng.random() < 0.15 else char for char in value)


def hex_escapes(rng: Rng, value: str) -> str:
    r"""`\x73k-…`."""
    return "".join(f"\\x{ord(char):02x}" if rng.random() < 0.2 else char for char in value)


def entities(rng: Rng, value: str) -> str:
    """HTML entities."""
    return "".join(f"&#{ord(char)};" if not char.isalnum() or rng.random() < 0.15 else char for char in value)


def wrapped(rng: Rng, value: str) -> str:
    """Broken over lines by a terminal or a mail program."""
    width = rng.choice([20, 24, 32, 38])
    glue = rng.choice(["\n", "\n    ", "\n> ", "\r\n", "\n  "])
    return glue.join(value[at : at + width] for at in range(0, len(value), width))


def continued(rng: Rng, value: str) -> str:
    """A shell continuation in the middle."""
    cut = rng.randint(6, max(7, len(value) - 6))
    return f"{value[:cut]}\\\n{rng.choice(['', '  '])}{value[cut:]}"


def markdown_escapes(_rng: Rng, value: str) -> str:
    r"""`sk\_live\_…` as editors escape it."""
    return value.replace("_", "\\_").replace("-", "\\-")


def dashes(_rng: Rng, value: str) -> str:
    """Typographic hyphens from a word processor."""
    return value.replace("-", "\u2011")


def look_alikes(_rng: Rng, value: str) -> str:
    """A few Cyrillic letters that look the same."""
    return value.translate(str.maketrans("aeopcx", "аеорсх"))


def coloured(rng: Rng, value: str) -> str:
    """Terminal colours in the middle."""
    cut = rng.randint(4, len(value) - 4)
    return f"{value[:cut]}\x1b[1;31m{value[cut:]}\x1b[0m"


OF_VALUES: dict[str, Callable[[Rng, str], str]] = {
    "invisible": invisible,
    "full-width": full_width,
    "percent": percent,
    "percent-twice": percent_twice,
    "unicode-escapes": unicode_escapes,
    "hex-escapes": hex_escapes,
    "entities": entities,
    "wrapped": wrapped,
    "continued": continued,
    "markdown": markdown_escapes,
    "dashes": dashes,
    "look-alikes": look_alikes,
    "coloured": coloured,
}
OF_DOCUMENTS: dict[str, Callable[[str], str]] = {
    "json-string": lambda text: json.dumps({"level": "error", "msg": text}, ensure_ascii=False),
    "json-in-json": lambda text: json.dumps({"log": json.dumps({"msg": text}, ensure_ascii=False)}, ensure_ascii=False),
    "fence": lambda text: f"这是我的配置：\n```bash\n{text}\n```\n谢谢",
    "quoted-mail": lambda text: "\n".join(f"> {line}" for line in text.split("\n")),
    "python-repr": lambda text: f"Exception: {text!r}",
    "crlf": lambda text: text.replace("\n", "\r\n"),
}
