"""Codes of the log and of a ticket's history, in the reader's words."""

from __future__ import annotations

from functools import lru_cache

from flask_babel import gettext as _
from flask_babel import ngettext

from app.core.record import Outcome, RedactedRecord
from app.store.service_rules import service_book
from app.web.context import rulebook
from app.web.desk.sheets import field_change
from app.web.dispute_words import dispute_outcome_words
from app.web.i18n import ui_language
from app.web.kept_words import said_once


def field_names() -> dict[str, str]:
    """The log's field names as labels."""
    return {
        "request_id": _("Request id"),
        "source": _("Source"),
        "attempt": _("Attempt"),
        "request_type": _("Request type"),
        "endpoint": _("Endpoint"),
        "client": _("Client"),
        "model_requested": _("Model asked for"),
        "model_served": _("Model that answered"),
        "provider": _("Provider"),
        "status_code": _("Status code"),
        "outcome": _("Outcome"),
        "origin": _("Side of the failure"),
        "error_code": _("Error code"),
        "key_alias": _("Key alias"),
        "owner": _("Owner"),
        "group": _("Group"),
        "environment": _("Environment"),
        "prompt_tokens": _("Prompt tokens"),
        "completion_tokens": _("Completion tokens"),
        "latency_ms": _("Took, ms"),
        "ttft_ms": _("First token after, ms"),
        "stream": _("Streaming"),
        "stream_end": _("Stream ended by"),
        "retries": _("Retries"),
        "fallback_from": _("Fallback from"),
        "fallback_reason": _("Fallback because"),
        "charged": _("Charged"),
        "task_id": _("Task id"),
        "tags": _("Tags"),
    }


def outcome_sentence(attempts: tuple[RedactedRecord, ...]) -> str:
    """What the request came to, in one sentence."""
    last = attempts[-1]
    if last.outcome is Outcome.OK and len(attempts) > 1:
        failed = sum(record.outcome is not Outcome.OK for record in attempts)
        return str(
            ngettext("Answered in the end, after %(num)s failed attempt", "Answered in the end, after %(num)s failed attempts", failed)
        )
    return {
        Outcome.OK: _("Answered"),
        Outcome.ERROR: _("Failed with status %(status)s", status=last.status_code or "–"),
        Outcome.PARTIAL: _("The stream broke after it had begun"),
        Outcome.CANCELLED: _("The client went away before the end"),
    }[last.outcome]


def change_text(code: str) -> str:
    """`state:new→open` as a sentence."""
    return _change_text(code, ui_language())


@lru_cache(maxsize=4_096)  # a page has dozens, mostly the same few
def _change_text(code: str, language: str) -> str:  # the texts are in the page's language: one entry for each
    what, _colon, rest = code.partition(":")
    before, _arrow, after = rest.partition("→")
    states = state_names()
    sentences = {
        "state": _("moved the ticket from %(before)s to %(after)s", before=states.get(before, before), after=states.get(after, after)),
        "assignee": _("assigned it to %(after)s", after=after or _("nobody")),
        "cause": _("set the cause to %(after)s", after=_cause_title(after)),
        "match": _decision_text(after.partition(":")[0]),
        "rematch": _("looked for log lines again"),
        "diagnosis": _("diagnosed it again with newer rules"),
        "evidence": _("corrected the evidence"),
        "link": _("revoked the secret link"),
        "queue": _("moved it to the queue %(after)s", after=_queue_title(after, language) if what == "queue" else ""),
        "next": _("said that the next action is done") if after == "done" else _("agreed on the next action for %(after)s", after=after),
        "undo": _("took a step back"),
        "article": _("said that article %(number)s resolved it", number=after)
        if after
        else _("took article %(number)s off it", number=before),
        "reference": _("linked article %(number)s to it", number=after),
        "checklist": _("worked on a checklist for it"),
        "note_edit": _("edited private note %(number)s", number=after.partition(" ")[2]),
        "note_strike": _("struck out private note %(number)s", number=after.partition(" ")[2]),
        "note_restore": _("took up private note %(number)s again", number=after.partition(" ")[2]),
        "tag": _("added the tag %(tag)s", tag=after),
        "untag": _("removed the tag %(tag)s", tag=before),
        "repeat": _("received the same report from the same sender again"),
        "spam": _("set it aside as probable spam"),
        "rating": _("the requester rated the help: %(after)s", after=_("good") if after == "good" else _("bad")),
        "dispute": _dispute_text(after),
        "field": _field_text(before, after),
        "tracker": _("linked an entry of an outside tracker") if after else _("took the link to an outside tracker off"),
        **_relation_texts(after),
    }
    return sentences.get(what, code)


def _field_text(before: str, after: str) -> str:
    """What was written into a queue's own field."""
    name, value = field_change(after or before, ui_language())
    if after:
        return _("wrote %(name)s: %(value)s", name=name, value=value)
    return _("emptied %(name)s", name=name)


def _dispute_text(after: str) -> str:
    """What was done to a dispute."""
    if after == "claimed":
        return _("wrote down that a charge is disputed")
    if after == "closed":
        return _("closed the dispute")
    outcomes: dict[str, str] = {outcome.value: text for outcome, text in dispute_outcome_words().items()}
    return _("decided the dispute: %(after)s", after=outcomes.get(after, after))


def _decision_text(after: str) -> str:
    """What was decided on a log line."""
    if after == "undecided":
        return _("took the decision on a log line back")
    decisions = {"confirmed": _("confirmed"), "rejected": _("rejected")}
    return _("decided on a log line: %(after)s", after=decisions.get(after, after))


def _queue_title(queue: str, language: str) -> str:
    """The queue as people call it; the id when the service rules no longer know it."""
    known = service_book().queues.get(queue)
    return known.title[language] if known else queue


def _relation_texts(other: str) -> dict[str, str]:
    """What was done to the relations of tickets."""
    return {
        "merged": _("merged it into ticket %(number)s", number=other),
        "merged_here": _("merged ticket %(number)s into it", number=other),
        "child": _("put it under ticket %(number)s", number=other),
        "child_here": _("put ticket %(number)s under it", number=other),
        "related": _("linked it to ticket %(number)s", number=other),
        "related_here": _("linked ticket %(number)s to it", number=other),
        "split": _("split it from ticket %(number)s", number=other),
        "split_here": _("split ticket %(number)s off", number=other),
        "unchild": _("took it from under ticket %(number)s", number=other),
        "unrelated": _("ended the link to ticket %(number)s", number=other),
        "unsplit": _("ended the link to ticket %(number)s", number=other),
    }


@said_once
def state_names() -> dict[str, str]:
    """A ticket's states as words in a sentence."""
    return {
        "new": _("new"),
        "open": _("open"),
        "pending": _("waiting for user"),
        "on_hold": _("on hold"),
        "solved": _("solved"),
        "closed": _("closed"),
        "suspected": _("suspected spam"),
        "discarded": _("discarded as spam"),
    }


def _cause_title(cause: str) -> str:
    """The cause as people call it; the id when the rules no longer know it."""
    causes = rulebook().causes
    return causes[cause].title[ui_language()] if cause in causes else cause


@said_once
def evidence_names() -> dict[str, str]:
    """The facts a report can hold, as words in a sentence."""
    return {
        "client": _("client"),
        "model": _("model"),
        "status_code": _("status code"),
        "error_text": _("error text"),
        "key": _("key"),
        "request_time": _("time"),
        "request_id": _("request id"),
    }
