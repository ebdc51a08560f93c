"""The redaction rules a browser can be sure of, in JavaScript's dialect: forms are masked with them before they are sent."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from app.core.redaction.rulefile import RANKS
from app.core.redaction.values import MARKER, MASK

CHECKS = frozenset({"", "random", "credential", "value", "basic"})  # those that static/redact.js knows
TOKEN = re.compile(
    r"\\.|\[\^?(?:\\.|[^\]\\])+\]|\(\?P<(?P<name>\w+)>|\(\?P=(?P<same>\w+)\)|\((?:\?(?:i:|:|<?[=!]))?(?!\?)|\(\?|\)|.", re.DOTALL
)
QUANTIFIERS = frozenset("*+?}")
ONLY_PYTHON = frozenset({r"\A", r"\Z", r"\a"})


class NotInJavaScript(ValueError):
    """A pattern that the other dialect cannot say."""


def browser_rules(rules: Mapping[str, Any]) -> dict[str, Any]:
    """What static/redact.js needs: patterns of what hides nothing, and the rules in the order in which they win."""
    shapes = sorted((entry for entry in rules["shape"] if _is_sure(entry)), key=lambda entry: RANKS[entry["show"]])
    nothing = (MASK.pattern, f"(?:{MARKER.pattern})+", *rules["placeholders"]["patterns"])
    return {"nothing": [javascript(pattern) for pattern in nothing], "rules": list(_exported(shapes))}


def javascript(pattern: str) -> str:
    """The same pattern in JavaScript. Raises NotInJavaScript."""
    pieces: list[str] = []
    folds = [False]  # for each open group: whether letters stand for both cases
    before = ""
    for found in TOKEN.finditer(pattern):
        piece = found[0]
        if piece in ONLY_PYTHON or (piece == "+" and before in QUANTIFIERS) or piece == "(?":
            raise NotInJavaScript
        if piece.startswith("("):
            folds.append(folds[-1] or piece == "(?i:")
        pieces.append(_said(found, folded=folds[-1]))
        if piece == ")" or found["same"]:
            folds.pop()
        before = piece
    return "".join(pieces)


def _exported(shapes: list[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    for entry in shapes:
        try:
            find = javascript(entry["find"])
        except NotInJavaScript:
            continue
        yield {
            "id": entry["id"],
            "label": entry["label"],
            "heads": entry.get("heads", []),
            "find": find,
            "show": entry["show"],
            "check": entry.get("check", ""),
        }


def _is_sure(entry: Mapping[str, Any]) -> bool:
    """Whether the rule is meant for the browser, and its test is one that the script knows."""
    return bool(entry.get("browser")) and entry.get("check", "") in CHECKS


def _said(found: re.Match[str], *, folded: bool) -> str:
    """One piece in the other dialect."""
    piece = found[0]
    if found["name"]:
        return f"(?<{found['name']}>"
    if found["same"]:
        return rf"\k<{found['same']}>"
    if piece == "(?i:":
        return "(?:"
    if folded and piece.startswith("["):
        return _folded_class(piece)
    return f"[{piece.lower()}{piece.upper()}]" if folded and piece.isascii() and piece.isalpha() else piece


def _folded_class(piece: str) -> str:
    """`[a-c]` as `[a-cA-C]`."""
    body = piece[1:-1]
    if re.search(r"\\[A-Za-z]", body):
        raise NotInJavaScript
    return f"[{body}{body.removeprefix('^').swapcase()}]"
