"""Proves every redaction rule by the hits and misses beside it, and tells which rules overlap."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.core.redacted_text import seal
from app.core.redaction.engine import Engine
from app.core.redaction.examples import Example, expand
from app.core.redaction.public_view import PublicView

SEEDS = range(3)
SEVERITIES = frozenset({"low", "medium", "high", "critical"})


@dataclass(frozen=True, slots=True)
class RuleReport:
    """What a check found. overlaps: pairs of rules that both claim an example of the first."""

    rules: int
    problems: tuple[str, ...]
    overlaps: tuple[tuple[str, str], ...]


def check_redaction_rules(rules: Mapping[str, Any]) -> RuleReport:
    """Check every rule of a parsed rule file."""
    engine = Engine.of(rules, b"check")
    entries = [*rules["shape"], *rules["label"], rules["prose"], rules["prompts"]]
    problems = [*_form(rules), *(problem for entry in entries for problem in _examples(entry, engine))]
    problems += [problem for entry in rules["fact"] for problem in _facts(entry, PublicView.of(rules))]
    overlaps = {(entry["id"], other) for entry in entries for other in _others(entry, engine)}
    return RuleReport(len(entries) + len(rules["fact"]), tuple(problems), tuple(sorted(overlaps)))


def _form(rules: Mapping[str, Any]) -> Iterator[str]:
    """What every rule must carry."""
    seen: set[str] = set()
    for entry in (*rules["shape"], *rules["label"], rules["prose"], rules["prompts"], *rules["fact"]):
        name = entry["id"]
        if name in seen:
            yield f"{name}: the id is used twice"
        seen.add(name)
        if not entry["label"].get("en") or not entry["label"].get("zh"):
            yield f"{name}: needs a label in both languages"
        if not entry.get("hits") or not entry.get("misses"):
            yield f"{name}: needs hits and misses"
        if "shown" not in entry and entry.get("severity") not in SEVERITIES:
            yield f"{name}: severity must be one of {', '.join(sorted(SEVERITIES))}"
    for entry in rules["shape"]:
        if not any(entry.get(way) for way in ("heads", "signs", "numbers")):
            yield f"{entry['id']}: needs heads, signs or numbers for the first pass"
        if any(head != head.lower() for head in entry.get("heads", ())):
            yield f"{entry['id']}: heads are lower case"


def _examples(entry: Mapping[str, Any], engine: Engine) -> Iterator[str]:
    """Hits that this rule does not claim or that stay readable, and misses that something hides."""
    for number, hit in enumerate(entry["hits"], start=1):
        for seed in SEEDS:
            example = expand(hit, seed)
            if entry["id"] not in _rules_for(engine, example.text):
                yield f"{entry['id']}: hit {number} is not found by this rule"
                break
            if example.left_in(engine.redact(example.text).text):
                yield f"{entry['id']}: hit {number} is still readable"
                break
    for number, miss in enumerate(entry["misses"], start=1):
        text = expand(miss).text
        if engine.redact(text).text != text:
            yield f"{entry['id']}: miss {number} is changed by {', '.join(sorted(_rules_for(engine, text)))}"


def _facts(entry: Mapping[str, Any], view: PublicView) -> Iterator[str]:
    """The same for gateway facts, which are hidden from a text that is already redacted."""
    for number, hit in enumerate(entry["hits"], start=1):
        example = expand(hit)
        shown = view.of_text(seal(example.text))
        if entry["shown"] not in shown or _fact_left(example, shown):
            yield f"{entry['id']}: hit {number} is not hidden"
    for number, miss in enumerate(entry["misses"], start=1):
        if view.of_text(seal(expand(miss).text)) != expand(miss).text:
            yield f"{entry['id']}: miss {number} is changed"


def _fact_left(example: Example, shown: str) -> bool:
    """Facts are short: they must be gone, not only in part."""
    return any(shown.count(secret) >= example.text.count(secret) for secret in example.secrets)


def _others(entry: Mapping[str, Any], engine: Engine) -> set[str]:
    """Which other rules claim an example of this one."""
    claimed: set[str] = set()
    for hit in entry["hits"]:
        claimed |= _rules_for(engine, expand(hit).text)
    return claimed - {entry["id"]}


def _rules_for(engine: Engine, text: str) -> set[str]:
    """All rules that want something of `text` hidden, whichever speaks in the end."""
    return {candidate.rule for candidate in engine.candidates(text)}
