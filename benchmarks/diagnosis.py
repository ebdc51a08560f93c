"""How well and how fast the desk diagnoses.

    python benchmarks/diagnosis.py                    the cases under tests/cases, and the speed
    python benchmarks/diagnosis.py REPORTS.jsonl      labelled reports as well, with a five-fold cross-check

The cross-check asks how much of the score rests on phrases that were met in the reports themselves: for each fold of the
reports, every phrase that is found in that fold and in no other is switched off before the fold is diagnosed. It is done twice:
counting the project's own documented cases as another place where a phrase may be met, and not counting them.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from app.core.causes import CauseBook
from app.core.diagnosis import Diagnosis, diagnose
from app.core.diagnosis.reading import read_report
from app.core.evidence import Evidence
from app.core.signals import PHRASE_KINDS, TEXT_GROUPS, phrase_token
from app.store.rulebook import RULES_DIR, load_rulebook, read_rules

CASES = Path(__file__).resolve().parent.parent / "tests" / "cases"
COLLECTED = (
    "reported.jsonl",
    "reported-second.jsonl",
    "reported-third.jsonl",
    "reported-fourth.jsonl",
    "reported-fifth.jsonl",
    "reported-sixth.jsonl",
    "reported-seventh.jsonl",
    "reported-eighth.jsonl",
    "reported-ninth.jsonl",
)  # labelled before the rules saw them
FOLDS = 5
SURE = 0.8
REDACTOR = load_rulebook(b"benchmark").redactor


@dataclass(frozen=True, slots=True)
class Labelled:
    """A report and its true cause."""

    cause: str
    evidence: Evidence


def main() -> None:
    data = read_rules(RULES_DIR, "causes") | read_rules(RULES_DIR, "questions")
    book = CauseBook(data)
    documented = [*cases("documented.jsonl"), *cases("described.jsonl")]
    print(f"{len(book)} causes, {len(book.index.rules)} signals")
    print("own cases            ", summary(documented, book))
    for name in COLLECTED:
        print(f"{name:22}", summary(cases(name), book))
    for path in sys.argv[1:]:
        reports = labelled_reports(path)
        print("labelled reports     ", summary(reports, book))
        print("calibration          ", calibration(reports, book))
        print("five-fold, own cases count  ", cross_check(reports, data, documented))
        print("five-fold, strict           ", cross_check(reports, data, ()))
    print("speed                ", speed(documented, book))


def cases(name: str) -> list[Labelled]:
    """Read a case file of the project."""
    rows = map(json.loads, (CASES / name).read_text(encoding="utf-8").splitlines())
    return [Labelled(row["cause"], evidence_of(row, row["text"])) for row in rows]


def labelled_reports(path: str) -> list[Labelled]:
    """Read labelled reports {cause, client, model, status, error_text, gateway or gateway_or_provider}."""
    rows = map(json.loads, Path(path).read_text(encoding="utf-8").splitlines())
    return [
        Labelled(row["cause"], evidence_of({**row, "gateway": row.get("gateway_or_provider", row.get("gateway"))}, row["error_text"]))
        for row in rows
    ]


def evidence_of(row: dict[str, Any], text: str) -> Evidence:
    """Turn a row into evidence, redacted first as everywhere."""
    return Evidence(
        client=row.get("client"),
        model=row.get("model") or None,
        status_code=row.get("status"),
        error_text=REDACTOR.clean(text),
        gateway=row.get("gateway"),
    )


def summary(reports: Sequence[Labelled], book: CauseBook) -> str:
    """Say how often the first cause and the first three are right, and how often a sure answer is wrong."""
    told = [diagnose(report.evidence, book) for report in reports]
    return rates(reports, told)


def rates(reports: Sequence[Labelled], told: Sequence[Diagnosis]) -> str:
    """Count right answers."""
    pairs = list(zip(reports, told, strict=True))
    first = sum(answer.top.cause == report.cause for report, answer in pairs)
    three = sum(report.cause in [score.cause for score in answer.causes[:3]] for report, answer in pairs)
    sure = [answer.top.cause == report.cause for report, answer in pairs if answer.top.confidence >= SURE]
    wrong = 1 - sum(sure) / len(sure) if sure else 0.0
    return f"top-1 {first / len(pairs):.3f}  top-3 {three / len(pairs):.3f}  of {len(pairs)}; sure {len(sure)}, wrong when sure {wrong:.3f}"


def calibration(reports: Sequence[Labelled], book: CauseBook) -> str:
    """Set confidence beside the share of right answers, in steps of a fifth."""
    bins: dict[int, list[bool]] = {}
    for report in reports:
        top = diagnose(report.evidence, book).top
        bins.setdefault(min(4, int(top.confidence * 5)), []).append(top.cause == report.cause)
    return "  ".join(
        f"{number / 5:.1f}–{(number + 1) / 5:.1f}: {sum(hits) / len(hits):.2f} of {len(hits)}" for number, hits in sorted(bins.items())
    )


def cross_check(reports: Sequence[Labelled], data: dict[str, Any], documented: Iterable[Labelled]) -> str:
    """Diagnose each fold without the phrases that only it holds."""
    book = CauseBook(data)
    tokens = [phrases_of(report, book) for report in reports]
    elsewhere = set().union(*(phrases_of(report, book) for report in documented)) if documented else set()
    told: list[Diagnosis] = [Diagnosis((), (), (), 0.0)] * len(reports)
    off = 0
    for fold in range(FOLDS):
        inside = set().union(*(found for number, found in enumerate(tokens) if number % FOLDS == fold))
        outside = set().union(*(found for number, found in enumerate(tokens) if number % FOLDS != fold)) | elsewhere
        off += len(inside - outside)
        poorer = CauseBook(without_phrases(data, inside - outside))
        for number in range(fold, len(reports), FOLDS):
            told[number] = diagnose(reports[number].evidence, poorer)
    return f"{rates(reports, told)}; phrases switched off: {off}"


def phrases_of(report: Labelled, book: CauseBook) -> set[str]:
    """Name the phrases a report holds."""
    prefixes = tuple(f"{kind}=" for kind in (*PHRASE_KINDS, "code"))
    return {token for token in read_report(report.evidence, book).tokens if token.startswith(prefixes)}


def without_phrases(data: dict[str, Any], off: set[str]) -> dict[str, Any]:
    """Copy the rules without some phrases; a signal that loses all of a group goes as well."""
    poorer = []
    for cause in data["cause"]:
        signals = [kept for kept in (without(signal, off) for signal in cause.get("signal", ())) if kept]
        poorer.append({**cause, "signal": signals})
    return {**data, "cause": poorer}


def without(signal: dict[str, Any], off: set[str]) -> dict[str, Any] | None:
    """Copy a signal without some phrases."""
    kept = dict(signal)
    for key in (*TEXT_GROUPS, *PHRASE_KINDS[1:], "code"):
        if key in signal:
            kind = "text" if key in TEXT_GROUPS else key
            kept[key] = [phrase for phrase in signal[key] if phrase_token(kind, phrase) not in off]
            if not kept[key]:
                return None
    return kept


def speed(reports: Sequence[Labelled], book: CauseBook) -> str:
    """Measure diagnoses per second of processor time, on one core; the best of five rounds."""
    best = min(_seconds(reports, book) for _ in range(5))
    return f"{len(reports) / best:,.0f} diagnoses a second on one core, {best / len(reports) * 1e6:.0f} µs each"


def _seconds(reports: Sequence[Labelled], book: CauseBook) -> float:
    started = time.process_time()
    for report in reports:
        diagnose(report.evidence, book)
    return time.process_time() - started


if __name__ == "__main__":
    main()
