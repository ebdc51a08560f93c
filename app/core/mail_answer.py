"""What somebody wrote in an e-mail, without what they quoted and what their program signs with."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

LONGEST_LINE = 420  # of two lines, as far as they are looked at
NEAR_END = 8  # lines: a signature stands at the end
BLOCKS = frozenset({"p", "div", "br", "tr", "li", "ul", "ol", "table", "pre", "hr", "h1", "h2", "h3", "h4", "blockquote", "section"})
UNSEEN = frozenset({"head", "style", "script", "title", "template"})
VOID = frozenset({"br", "hr", "img", "meta", "link", "input", "area", "base", "col", "embed", "source", "track", "wbr"})
DEEPEST = 200


@dataclass(frozen=True, slots=True)
class LineRule:
    """A line with which a quoted part or a signature begins."""

    id: str
    pattern: re.Pattern[str]
    hits: Sequence[str]
    misses: Sequence[str]


class MailBook:
    """How quoted parts and signatures look; built from the parsed rule file."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.mark: Mapping[str, str] = data["mark"]
        self.quotes, self.signatures = _rules(data["quote"]), _rules(data["signature"])
        html = data["html"]
        self.tags, self.classes = frozenset(html["tags"]), frozenset(html["classes"])
        self.ids, self.after = frozenset(html["ids"]), frozenset(html["after"])

    def mark_line(self, language: str) -> str:
        """The line our e-mails begin with."""
        return f"-- {self.mark[language]} --"

    def answer(self, text: str) -> str:
        """The new part of a plain text."""
        lines = text.replace("\r\n", "\n").replace("\r", "\n").expandtabs(4).split("\n")
        kept = [line.rstrip() for line in _without_quoted(lines[: self._end(lines)])]
        return "\n".join(self._without_signature(kept)).strip()

    def answer_of_html(self, html: str) -> str:
        """The new part of an HTML text."""
        reader = _Reader(self)
        reader.feed(html)
        reader.close()
        return self.answer(reader.text)

    def _end(self, lines: Sequence[str]) -> int:
        """Where the quoted part begins."""
        marks = tuple(self.mark.values())
        for place, line in enumerate(lines):
            if any(mark in line for mark in marks):
                return place - self._leads_up(lines, place)
            following = lines[place + 1].strip() if place + 1 < len(lines) else ""
            here = line.strip().lstrip("> ")[:LONGEST_LINE]
            joined = f"{here} {following}"[:LONGEST_LINE]
            if here and any(rule.pattern.match(here) or rule.pattern.match(joined) for rule in self.quotes):
                return place
        return len(lines)

    def _leads_up(self, lines: Sequence[str], place: int) -> int:
        """How many lines directly above our mark belong to the quoted part: blank ones."""
        count = 0
        while count < place and not lines[place - 1 - count].strip(" >"):
            count += 1
        return count

    def _without_signature(self, lines: list[str]) -> list[str]:
        """Cut from the first signature line near the end on."""
        first = max(0, len(lines) - NEAR_END)
        for place in range(first, len(lines)):
            if any(rule.pattern.match(lines[place].strip()[:LONGEST_LINE]) for rule in self.signatures):
                return lines[:place]
        return lines


def check_mail(book: MailBook) -> list[str]:
    """Problems of the rule file: examples that do not hold, a language without a mark."""
    faults = [f"no mark in {language}" for language in ("en", "zh") if not book.mark.get(language)]
    for rule in (*book.quotes, *book.signatures):
        faults += [f"{rule.id}: needs hits and misses"] if not rule.hits or not rule.misses else []
        faults += [f"{rule.id}: does not match: {line}" for line in rule.hits if not rule.pattern.match(line)]
        faults += [f"{rule.id}: matches: {line}" for line in rule.misses if rule.pattern.match(line)]
    return faults


def _rules(items: Sequence[Mapping[str, Any]]) -> tuple[LineRule, ...]:
    return tuple(LineRule(item["id"], re.compile(item["pattern"]), item.get("hit", ()), item.get("miss", ())) for item in items)


def _without_quoted(lines: Sequence[str]) -> Iterator[str]:
    """Leave out lines quoted with `>`; a Python prompt that nobody quoted stays."""
    quoted = False
    for line in lines:
        quoted = line.startswith(">") and (quoted or not line.startswith(">>> "))
        if not quoted:
            yield line


class _Reader(HTMLParser):
    """The words of an HTML text, block by block, without quoted parts and signatures."""

    def __init__(self, book: MailBook) -> None:
        super().__init__(convert_charrefs=True)
        self._book, self._pieces = book, list[str]()
        self._open: list[tuple[str, bool]] = []  # (tag, whether it is left out)
        self._over = False

    @property
    def text(self) -> str:
        """What was read, spaces folded outside of `pre`."""
        return "\n".join(line.rstrip() for line in "".join(self._pieces).split("\n"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what is left out, and break the line before a block."""
        given = {name: value or "" for name, value in attrs}
        self._over = self._over or given.get("id", "") in self._book.after
        if tag in BLOCKS:
            self._pieces.append("\n")
        if tag not in VOID and len(self._open) < DEEPEST:
            self._open.append((tag, self._left_out(tag, given)))

    def handle_endtag(self, tag: str) -> None:
        """Close it, with what was left open inside."""
        for depth in range(len(self._open) - 1, -1, -1):
            if self._open[depth][0] == tag:
                del self._open[depth:]
                break
        if tag in BLOCKS and tag != "br":
            self._pieces.append("\n")

    def handle_data(self, data: str) -> None:
        """Words, where they count."""
        if self._over or any(left_out for _tag, left_out in self._open):
            return
        in_pre = any(tag == "pre" for tag, _left_out in self._open)
        folded = data if in_pre else re.sub(r"[ \t\r\n\xa0]+", " ", data)
        begins = not self._pieces or self._pieces[-1].endswith("\n")
        self._pieces.append(folded if in_pre or not begins else folded.lstrip())

    def _left_out(self, tag: str, given: Mapping[str, str]) -> bool:
        book = self._book
        by_name = tag in book.tags or tag in UNSEEN
        return by_name or given.get("id", "") in book.ids or not book.classes.isdisjoint(given.get("class", "").split())
