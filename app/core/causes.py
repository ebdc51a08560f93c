"""Causes as knowledge: what can have gone wrong, how it shows, what to do; built from app/rules/causes/*.toml."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import log
from typing import Any

from app.core.clients import Client
from app.core.questions import Question, read_question
from app.core.record import Origin
from app.core.signals import PHRASE_KINDS, CauseSignal, SignalIndex, SignalRule, phrases_of, read_signal

Texts = Mapping[str, str]
UNKNOWN_FAMILY = "unknown"
STATUS_REASONS_KEPT = 4096
NO_TEXT: Texts = {"en": "", "zh": ""}


@dataclass(frozen=True, slots=True)
class Example:
    """A report that must (hit) or must not (miss) be told as the cause it stands beside."""

    text: str
    status: int | None = None
    client: str | None = None
    model: str | None = None
    gateway: str | None = None


@dataclass(frozen=True, slots=True)
class Cause:
    """One cause; texts are by language (en, zh).

    family: auth, balance, rate, model, path, timeout, stream, server, task, network, edge, request, content, billing, unknown.
    prior: how many of some four hundred public reports had this cause. statuses: log-odds of each HTTP status (0: no answer).
    """

    id: str
    title: Texts
    definition: Texts
    user_advice: Texts
    staff_advice: Texts
    family: str
    layer: str
    origin: Origin
    who_acts: Texts
    retryable: str  # yes, no, after_wait, depends
    required: tuple[str, ...]  # evidence fields, domain vocabulary
    useful: tuple[str, ...]
    article: str  # slug of its main FAQ article
    confusable: Mapping[str, Texts]  # other cause id → what separates them, by language
    signals: tuple[SignalRule, ...]
    prior: float = 1.0
    wait: Texts = field(default_factory=lambda: NO_TEXT)
    statuses: Mapping[int, float] = field(default_factory=dict)
    hits: tuple[Example, ...] = ()
    misses: tuple[Example, ...] = ()
    usual_status: int = 0  # the status that fits best; 0 when no status speaks for the cause


@dataclass(frozen=True, slots=True)
class Vendor:
    """A model vendor: how its answers, its models and its name show in plain text; `resells`: it serves others' models too."""

    id: str
    text: tuple[str, ...]
    model: tuple[str, ...]
    name: tuple[str, ...]
    resells: bool = False


@dataclass(frozen=True, slots=True)
class Calibration:
    """How log-odds become confidence, and when the answer is `unknown`."""

    temperature: float
    other_status: float
    log_weight: float
    unknown_below: float
    ceiling: float
    famous_models: frozenset[str]


class CauseBook:
    """Every cause by id, in file order, with the families, questions and the compiled signals."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.causes: Mapping[str, Cause] = {item["id"]: _read_cause(item) for item in data.get("cause", ())}
        self.families: Mapping[str, Texts] = data.get("family", {})
        self.phrases: Mapping[str, Texts] = data.get("phrase", {})
        self.vendors: tuple[Vendor, ...] = tuple(
            Vendor(item["id"], tuple(item["text"]), tuple(item["model"]), tuple(item["name"]), item.get("resells", False))
            for item in data.get("vendor", ())
        )
        self.vendor_signs: tuple[tuple[str, Vendor], ...] = tuple((sign, vendor) for vendor in self.vendors for sign in vendor.text)
        self.calibration = _read_calibration(data.get("calibration", {}))
        self.questions: Mapping[str, Question] = {
            name: read_question(name, item, self._expand) for name, item in data.get("question", {}).items()
        }
        self.index = _index(data.get("cause", ()), self.causes)
        self.everyone: tuple[Cause, ...] = tuple(self.causes.values())
        self.status_reason = lru_cache(STATUS_REASONS_KEPT)(self._status_reason)
        self._by_status: dict[int, tuple[float, ...]] = {}
        self.numbers: Mapping[str, int] = {cause_id: number for number, cause_id in enumerate(self.causes)}
        self.priors: tuple[float, ...] = _priors(self.everyone)
        self.prior_reasons: tuple[CauseSignal, ...] = self._prior_reasons()
        self.answers: Mapping[str, tuple[Hashable, ...]] = {
            name: tuple(question.answer_of(cause.id, cause.usual_status) for cause in self.everyone)
            for name, question in self.questions.items()
        }

    def __getitem__(self, cause_id: str) -> Cause:
        """Look a cause up. Raises KeyError."""
        return self.causes[cause_id]

    def __contains__(self, cause_id: object) -> bool:
        """Tell whether the id names a cause."""
        return cause_id in self.causes

    def __iter__(self) -> Iterator[Cause]:
        """Go through the causes, in file order."""
        return iter(self.causes.values())

    def __len__(self) -> int:
        """Count the causes."""
        return len(self.causes)

    def family_title(self, family: str, language: str) -> str:
        """Name a family as pages do ("Rate limits"); by its own id when it has no title."""
        return self.families.get(family, {}).get(language, family)

    def question(self, field_name: str, language: str, client: Client | None = None) -> str:
        """Ask a person for an evidence field, with where its user finds it in `client` when that is known."""
        question = self.questions.get(field_name)
        return question.phrase(language, client) if question else field_name

    def status_weights(self, status: int) -> tuple[float, ...]:
        """Give every cause's weight of an HTTP status, in book order; `unknown` takes no side."""
        known = self._by_status.get(status)
        if known is None:
            other = self.calibration.other_status
            known = self._by_status[status] = tuple(
                0.0 if cause.family == UNKNOWN_FAMILY else cause.statuses.get(status, other) for cause in self.everyone
            )
        return known

    def _status_reason(self, number: int, statuses: tuple[int, ...]) -> CauseSignal:
        """Give the reason that the best fitting of some statuses is for a cause; reached through `status_reason`, which remembers it."""
        status = max(statuses, key=lambda value: self.status_weights(value)[number])
        weight = self.status_weights(status)[number]
        frames = self.phrases.get("status_fits" if weight > 0 else "status_unusual", NO_TEXT)
        sentence = {language: frame.format(status=status) for language, frame in frames.items()}
        return CauseSignal(f"{self.everyone[number].id}.status-{status}", weight, sentence)

    def _prior_reasons(self) -> tuple[CauseSignal, ...]:
        """Say per cause how common it is."""
        sentence = dict(self.phrases.get("prior", NO_TEXT))
        return tuple(CauseSignal(f"{cause.id}.prior", prior, sentence) for cause, prior in zip(self.everyone, self.priors, strict=True))

    def _expand(self, names: Sequence[str]) -> frozenset[str]:
        """Expand names of causes and families into cause ids."""
        return frozenset(cause.id for cause in self if cause.id in names or cause.family in names)


def family_title(book: CauseBook, family: str, language: str) -> str:
    """Name a family of causes as pages do."""
    return book.family_title(family, language)


def question(book: CauseBook, field_name: str, language: str, client: Client | None = None) -> str:
    """Ask a person for an evidence field."""
    return book.question(field_name, language, client)


def _read_cause(item: Mapping[str, Any]) -> Cause:
    """Read a cause of a rule file. Raises KeyError when something it needs is missing."""
    statuses = {int(status): float(weight) for status, weight in item.get("statuses", {}).items()}
    return Cause(
        id=item["id"],
        title=item["title"],
        definition=item["definition"],
        user_advice=item["user_advice"],
        staff_advice=item["staff_advice"],
        family=item["family"],
        layer=item["layer"],
        origin=Origin(item["origin"]),
        who_acts=item["who_acts"],
        retryable=item["retryable"],
        required=tuple(item["required"]),
        useful=tuple(item.get("useful", ())),
        article=item["article"],
        confusable=item.get("confusable", {}),
        signals=tuple(read_signal(item["id"], signal) for signal in item.get("signal", ())),
        prior=float(item["prior"]),
        wait=item.get("wait", NO_TEXT),
        statuses=statuses,
        hits=tuple(Example(**example) for example in item.get("hit", ())),
        misses=tuple(Example(**example) for example in item.get("miss", ())),
        usual_status=max(statuses, key=statuses.__getitem__) if max(statuses.values(), default=0.0) > 0 else 0,
    )


def _read_calibration(item: Mapping[str, Any]) -> Calibration:
    """Read the calibration of the rule files, with neutral values for a book without one."""
    return Calibration(
        temperature=item.get("temperature", 1.0),
        other_status=item.get("other_status", 0.0),
        log_weight=item.get("log_weight", 1.0),
        unknown_below=item.get("unknown_below", 0.0),
        ceiling=item.get("ceiling", 1.0),
        famous_models=frozenset(item.get("famous_models", ())),
    )


def _index(items: Sequence[Mapping[str, Any]], causes: Mapping[str, Cause]) -> SignalIndex:
    """Compile all signals of all causes."""
    phrases: dict[str, set[str]] = {kind: set() for kind in PHRASE_KINDS}
    for item in items:
        for signal in item.get("signal", ()):
            for kind, found in phrases_of(signal).items():
                phrases[kind] |= found
    return SignalIndex([signal for cause in causes.values() for signal in cause.signals], phrases)


def _priors(causes: Sequence[Cause]) -> tuple[float, ...]:
    """Give the log-share of each cause among all reports."""
    total = sum(cause.prior for cause in causes) or 1.0
    return tuple(log(cause.prior / total) for cause in causes)
