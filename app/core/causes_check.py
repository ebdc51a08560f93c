"""Check the causes as knowledge: every text in both languages, every example told right, every link alive."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from app.core.causes import Cause, CauseBook, Example, Texts
from app.core.diagnosis import UNKNOWN, diagnose
from app.core.evidence import Evidence
from app.core.redacted_text import RedactedText

LANGUAGES = ("en", "zh")
LAYERS = frozenset({"client", "network", "edge", "gateway_auth", "gateway_quota", "routing", "provider", "stream", "billing", "task"})
RETRYABLE = frozenset({"yes", "no", "after_wait", "depends"})
Clean = Callable[[str], RedactedText]


def check_causes(book: CauseBook, article_slugs: Collection[str], clean: Clean) -> list[str]:
    """List everything wrong with the causes, in plain sentences; empty when all is well. `clean` redacts an example."""
    return [fault for cause in book for fault in _faults(cause, book, article_slugs, clean)] + list(_book_faults(book))


def _faults(cause: Cause, book: CauseBook, article_slugs: Collection[str], clean: Clean) -> Iterator[str]:
    """Find what is wrong with one cause."""
    yield from _text_faults(cause)
    yield from _word_faults(cause, book)
    if cause.article not in article_slugs:
        yield f"{cause.id}: no article {cause.article}"
    yield from _example_faults(cause, book, clean)


def _text_faults(cause: Cause) -> Iterator[str]:
    """Find texts that lack a language."""
    texts: dict[str, Texts] = {
        "title": cause.title,
        "definition": cause.definition,
        "user_advice": cause.user_advice,
        "staff_advice": cause.staff_advice,
        "who_acts": cause.who_acts,
        **{f"confusable.{other}": text for other, text in cause.confusable.items()},
        **{signal.id: signal.sentence for signal in cause.signals},
    }
    for name, text in texts.items():
        for language in LANGUAGES:
            if not text.get(language, "").strip():
                yield f"{cause.id}: {name} has no text in {language}"
    if cause.retryable == "after_wait" and not all(cause.wait.get(language) for language in LANGUAGES):
        yield f"{cause.id}: retryable after a wait, and no wait is named"


def _word_faults(cause: Cause, book: CauseBook) -> Iterator[str]:
    """Find words outside the vocabulary: family, layer, retryable, evidence fields, other causes."""
    if cause.family not in book.families:
        yield f"{cause.id}: unknown family {cause.family}"
    if cause.layer not in LAYERS:
        yield f"{cause.id}: unknown layer {cause.layer}"
    if cause.retryable not in RETRYABLE:
        yield f"{cause.id}: unknown retryable {cause.retryable}"
    for name in (*cause.required, *cause.useful):
        if name not in book.questions:
            yield f"{cause.id}: no question for the evidence field {name}"
    for other in cause.confusable:
        if other not in book:
            yield f"{cause.id}: confusable with the unknown cause {other}"
    for signal in cause.signals:
        if signal.patterns and not any(token.startswith("text=") for token in signal.needs[0]):
            yield f"{cause.id}: {signal.id} has a pattern without a phrase that guards it"


def _example_faults(cause: Cause, book: CauseBook, clean: Clean) -> Iterator[str]:
    """Find examples that are told as another cause, and causes without examples."""
    if not cause.hits or not cause.misses:
        yield f"{cause.id}: needs at least one hit and one miss"
    for example in cause.hits:
        told = _told(example, book, clean)
        if told != cause.id:
            yield f"{cause.id}: the hit {example.text[:60]!r} is told as {told}"
    for example in cause.misses:
        if _told(example, book, clean) == cause.id:
            yield f"{cause.id}: the miss {example.text[:60]!r} is told as it"


def _told(example: Example, book: CauseBook, clean: Clean) -> str:
    """Diagnose an example."""
    evidence = Evidence(
        client=example.client,
        model=example.model,
        status_code=example.status,
        error_text=clean(example.text),
        gateway=example.gateway,
    )
    return diagnose(evidence, book).top.cause


def _book_faults(book: CauseBook) -> Iterator[str]:
    """Find what the book as a whole lacks."""
    if UNKNOWN not in book:
        yield "there is no cause for what cannot be told"
    for family, title in book.families.items():
        if any(not title.get(language) for language in LANGUAGES):
            yield f"the family {family} has no title in both languages"
    for name, question in book.questions.items():
        if any(not text.get(language) for text in (question.ask, question.where) for language in LANGUAGES):
            yield f"the question {name} is not asked in both languages"
