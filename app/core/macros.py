"""Replies that fit any cause, with variables, in both languages, each with what its sender makes sure of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.core.causes import Texts
from app.core.playbook import ReadyReply, variables_of
from app.core.search_text import normalise

KINDS = ("first", "ask", "wait", "hand_off", "solved", "no")
VARIABLES = frozenset({"client", "model", "status", "request_time", "article_url", "cause", "advice", "number", "agent", "gateway"})
LONGEST_SENTENCE = 40  # words; what is read in a hurry is short


@dataclass(frozen=True, slots=True)
class Macro:
    """A ready reply of one kind; words: what else it is looked for by."""

    kind: str
    reply: ReadyReply
    words: tuple[str, ...]
    note: bool = False  # for colleagues, not for the user


class MacroBook:
    """Every macro, in file order; built from rules/macros.toml."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.macros: tuple[Macro, ...] = tuple(_read(item) for item in data.get("macro", ()))
        self.kinds: Mapping[str, Texts] = data.get("kind", {})

    def __iter__(self) -> Iterator[Macro]:
        """Go through the macros."""
        return iter(self.macros)


def fits(query: str, *texts: str) -> bool:
    """Whether every word of the query stands in one of the texts."""
    everything = normalise("\n".join(texts))
    return all(word in everything for word in normalise(query).split())


def check_macros(book: MacroBook) -> list[str]:
    """Problems of the rule file: languages, unknown variables, unknown kinds, ids twice, sentences nobody reads."""
    faults: list[str] = []
    seen: set[str] = set()
    for macro in book:
        faults += [f"{macro.reply.id}: {fault}" for fault in _faults(macro, book)]
        if macro.reply.id in seen:
            faults.append(f"{macro.reply.id}: this id is there twice")
        seen.add(macro.reply.id)
    return faults


def _faults(macro: Macro, book: MacroBook) -> Iterator[str]:
    reply = macro.reply
    if macro.kind not in book.kinds:
        yield f"there is no kind {macro.kind}"
    for language in ("en", "zh"):
        if not all(texts.get(language, "").strip() for texts in (reply.title, reply.text, reply.safety)):
            yield f"no title, text or safety note in {language}"
            continue
        unknown = variables_of(reply.text[language]) - VARIABLES
        if unknown:
            yield f"unknown variables {', '.join(sorted(unknown))} in {language}"
    if variables_of(reply.text["en"]) != variables_of(reply.text["zh"]):
        yield "the two languages use different variables"
    if any(len(sentence.split()) > LONGEST_SENTENCE for sentence in _sentences(reply.text["en"])):
        yield "a sentence is too long"


def _sentences(text: str) -> Sequence[str]:
    return text.replace("?", ".").replace("\n\n", ".").split(".")


def _read(item: Mapping[str, Any]) -> Macro:
    reply = ReadyReply(item["id"], item["title"], item["text"], item["safety"], frozenset())
    return Macro(item["kind"], reply, tuple(item.get("words", ())), bool(item.get("note")))
