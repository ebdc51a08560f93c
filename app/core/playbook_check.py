"""Check the playbooks: every cause has one, every text has both languages, and no ready reply tells what is private."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from itertools import chain

from app.core.article_gate import ArticleGate
from app.core.causes import Cause, CauseBook, Texts
from app.core.evidence import Evidence
from app.core.playbook import Playbook, PlaybookBook, ReadyReply, Step, coverage, for_cause, reply_values, variables_of
from app.core.playbook_facts import FACTS, TOLD
from app.core.redaction import Redactor

LANGUAGES = ("en", "zh")
VARIABLES = frozenset({"client", "model", "status", "request_time", "article_url", "cause", "advice"})
RECEIVERS = frozenset({"engineering", "billing", "key_owner"})
SAMPLE = {
    "client": "Cherry Studio",
    "model": "gpt-4o",
    "status": "429",
    "request_time": "2026-11-20 08:26 UTC",
    "article_url": "https://help.example.com/kb/en/balance-or-quota",
}
EVIDENCE_FIELDS = frozenset(field.name for field in fields(Evidence))
LONGEST_LABEL = 30  # what may stand beside a variable that can be missing: the line is left out with it


def check_playbooks(book: PlaybookBook, causes: CauseBook, gate: ArticleGate, redactor: Redactor) -> list[str]:
    """List everything wrong, in plain sentences; empty when all is well."""
    return [
        *(f"{cause}: no playbook is for this cause" for cause in coverage(book, causes)),
        *_fact_faults(book),
        *_repeated_ids(book),
        *chain.from_iterable(_playbook_faults(playbook, book, causes) for playbook in book),
        *chain.from_iterable(_cause_faults(cause, book) for cause in causes),
        *chain.from_iterable(_public_faults(reply, cause, book, gate, redactor) for cause in causes for reply in _replies(book, cause)),
    ]


def _fact_faults(book: PlaybookBook) -> Iterator[str]:
    """Find facts without sentences, and sentences without facts."""
    for name in {*FACTS, "told"} ^ book.facts.keys():
        yield f"the fact {name} is known to the code or to the sentences only"
    for name, answers in book.facts.items():
        for answer, texts in answers.items():
            yield from _missing_languages(f"the fact {name}, {answer}", texts)
    for name, texts in (*book.words.items(), *book.spans.items(), *book.missing.items()):
        yield from _missing_languages(name, texts)


def _repeated_ids(book: PlaybookBook) -> Iterator[str]:
    """Find replies of one id: an address names a reply by it."""
    seen: set[str] = set()
    for playbook in book:
        for reply in playbook.replies:
            if reply.id in seen:
                yield f"{playbook.id}: the reply id {reply.id} is used twice"
            seen.add(reply.id)


def _playbook_faults(playbook: Playbook, book: PlaybookBook, causes: CauseBook) -> Iterator[str]:
    """Find what one playbook lacks or names wrongly."""
    for where, texts in _texts(playbook):
        yield from _missing_languages(f"{playbook.id}: {where}", texts)
    for cause_id in frozenset(chain.from_iterable(_limits(playbook))):
        if cause_id not in causes or book.of(causes[cause_id]) is not playbook:
            yield f"{playbook.id}: a part is for {cause_id}, which is not this playbook's"
    for step in playbook.steps:
        yield from _step_faults(playbook.id, step, book)
    for handover in playbook.handovers:
        if handover.to not in RECEIVERS:
            yield f"{playbook.id}: a handover to {handover.to}"
        yield from (f"{playbook.id}: a handover names the unknown fact {name}" for name in handover.facts if not _is_fact(name))


def _step_faults(playbook_id: str, step: Step, book: PlaybookBook) -> Iterator[str]:
    """Find unknown facts and answers, and contradictions without a word on what they mean."""
    where = f"{playbook_id}: the step {step.id}"
    if step.fact is not None and not _is_fact(step.fact):
        yield f"{where} names the unknown fact {step.fact}"
    answers = book.facts.get("told" if (step.fact or "").startswith(TOLD) else step.fact or "", {})
    for answer in step.against - answers.keys():
        yield f"{where} names the unknown answer {answer}"
    if bool(step.against) != all(step.otherwise.get(language) for language in LANGUAGES):
        yield f"{where} must say what a contradiction means, and only then"


def _cause_faults(cause: Cause, book: PlaybookBook) -> Iterator[str]:
    """Find causes whose playbook has no step, no action, no reply or no handover for them."""
    playbook = book.of(cause)
    if playbook is None:
        return
    for name, parts in (("step", playbook.steps), ("action", playbook.actions), ("reply", playbook.replies)):
        if not any(not part.only or cause.id in part.only for part in parts):
            yield f"{cause.id}: {playbook.id} has no {name} for this cause"


def _public_faults(reply: ReadyReply, cause: Cause, book: PlaybookBook, gate: ArticleGate, redactor: Redactor) -> Iterator[str]:
    """Find what must not be said in public, in the reply as its reader would see it."""
    for language in LANGUAGES:
        where = f"the reply {reply.id} ({language}, {cause.id})"
        text = reply.text.get(language, "")
        for name in variables_of(text) - VARIABLES:
            yield f"{where} uses the unknown variable {name}"
        yield from (f"{where}: the line {line!r} goes when its variable is missing" for line in _fragile(text, book.missing))
        filled = book.reply_text(reply, language, reply_values(cause, language, **SAMPLE))
        yield from (f"{where} tells a private fact: {problem.rule}" for problem in gate.private_problems("reply", filled, redactor))
        clean = redactor.clean(filled)
        if redactor.public_view(clean) != filled:
            yield f"{where} holds what a requester's view would hide"
        yield from (f"{where} holds the private word {word!r}" for word in book.private_words if word in text.lower())


def _fragile(text: str, missing: Mapping[str, Texts]) -> Iterator[str]:
    """Find lines that say more than a label beside a variable that may be missing."""
    for line in text.split("\n"):
        optional = variables_of(line) - missing.keys() - {"cause", "advice"}
        rest = line
        for name in optional:
            rest = rest.replace("{{" + name + "}}", "")
        if optional and len(rest) > LONGEST_LABEL:
            yield line


def _texts(playbook: Playbook) -> Iterator[tuple[str, Texts]]:
    """Every text of a playbook with where it stands."""
    yield "title", playbook.title
    yield from ((f"the step {step.id}", step.text) for step in playbook.steps)
    yield from (("an action", action.text) for action in playbook.actions)
    yield from ((f"the handover to {handover.to}", handover.text) for handover in playbook.handovers)
    for reply in playbook.replies:
        yield from ((f"the reply {reply.id}", texts) for texts in (reply.title, reply.text, reply.safety))


def _limits(playbook: Playbook) -> Iterator[frozenset[str]]:
    """Give the causes that parts of the playbook are limited to."""
    yield from (step.only for step in playbook.steps)
    yield from (action.only for action in playbook.actions)
    yield from (reply.only for reply in playbook.replies)
    yield from (handover.only for handover in playbook.handovers)


def _replies(book: PlaybookBook, cause: Cause) -> tuple[ReadyReply, ...]:
    playbook = book.of(cause)
    return for_cause(playbook.replies, cause) if playbook else ()


def _missing_languages(where: str, texts: Texts) -> Iterator[str]:
    return (f"{where} has no text in {language}" for language in LANGUAGES if not texts.get(language, "").strip())


def _is_fact(name: str) -> bool:
    return name in FACTS or (name.startswith(TOLD) and name.removeprefix(TOLD) in EVIDENCE_FIELDS)
