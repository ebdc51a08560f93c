"""What goes along when a ticket changes hands: the queues' checklists and own fields, and links to outside trackers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.hand_off_sheet import LONGEST_ADDRESS, QueueField
from app.core.roles import Audience
from app.operations import hand_off_sheet as operations
from app.operations.examine import evidence_of
from app.store import hand_off_sheets, tickets
from app.store.hand_off_rules import hand_off_book
from app.store.service_rules import service_book
from app.web.access import for_audience
from app.web.context import person, redactor
from app.web.desk.queue import blueprint
from app.web.evidence_words import field_labels
from app.web.render import now

if TYPE_CHECKING:
    from app.store.models import Ticket
    from app.store.models_desk import HandOff
    from app.store.models_hand_off import ChecklistAddition, TrackerLink

LONGEST_ASKED = 120


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a checklist. known: the ticket answers it; number: of one that staff added, which can be taken off."""

    id: str
    text: str
    known: bool
    fact: str | None
    number: int | None = None
    added_by: str = ""
    added_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FieldLine:
    """A queue's own field on a ticket."""

    field: QueueField
    code: str
    words: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything the page shows of it. missing: what the last hand-off left open and still nobody knows."""

    lists: Mapping[str, tuple[Line, ...]]
    missing: tuple[Line, ...]
    askable: tuple[tuple[str, str], ...]  # (fact, label) of what the ticket lacks and its queue's checklist does not ask for
    fields: tuple[FieldLine, ...]
    trackers: tuple[TrackerLink, ...]


@blueprint.post("/tickets/<int:number>/asked")
@for_audience(Audience.DESK)
def asked_again(number: int) -> Response:
    """Staff asked for something again: the queue's checklist has it from now on."""
    found = _ticket(number)
    fact, words = request.form.get("fact", ""), redactor().clean(" ".join(request.form.get("words", "").split())[:LONGEST_ASKED])
    queue = request.form.get("queue") or found.queue
    if queue not in service_book().queues or (fact and fact not in _labels()) or not (fact or words.strip()):
        flash(_("Say what had to be asked for again."), "fail")
        return _back(number, "hand-off")
    asked = operations.Asked(fact=fact) if fact else operations.Asked(words=words)
    fresh = operations.put_on_checklist(queue, asked, person(), now(), found)
    flash(_("The queue's checklist asks for it from now on.") if fresh else _("The queue's checklist asks for it already."), "ok")
    return _back(number, "hand-off")


@blueprint.post("/tickets/<int:number>/checklist/<int:line_id>/removal")
@for_audience(Audience.DESK)
def off_the_checklist(number: int, line_id: int) -> Response:
    """Take a line that staff added off its checklist."""
    _ticket(number)
    operations.take_off_checklist(hand_off_sheets.addition(line_id) or abort(404), person(), now())
    flash(_("The line was taken off the checklist."), "ok")
    return _back(number, "hand-off")


@blueprint.post("/tickets/<int:number>/fields")
@for_audience(Audience.DESK)
def keep_fields(number: int) -> Response:
    """Write the queue's own fields."""
    found, book = _ticket(number), hand_off_book()
    typed = {name: request.form[name].strip() for name in book.fields.keys() & request.form.keys()}
    read = {name: book.fields[name].read(value) for name, value in typed.items()}
    wanted = {name: code for name, code in read.items() if code is not None}
    if len(wanted) < len(read):
        flash(_("A field has a value that it cannot have."), "fail")
    elif operations.keep_values(found, wanted, person(), now()):
        flash(_("The fields were kept."), "ok")
    return _back(number, "queue-fields")


@blueprint.post("/tickets/<int:number>/trackers")
@for_audience(Audience.DESK)
def follow_outside(number: int) -> Response:
    """Link an entry of an outside tracker. Nothing is fetched from it."""
    address = redactor().clean(request.form.get("address", "").strip()[:LONGEST_ADDRESS])
    if operations.link_tracker(_ticket(number), address, redactor(), person(), now()) is None:
        titles = ", ".join(hand_off_book().tracker_titles.values())
        flash(_("That is no address of an entry in a tracker we know: %(titles)s.", titles=titles), "fail")
    return _back(number, "queue-fields")


@blueprint.post("/tickets/<int:number>/trackers/<int:link_id>/end")
@for_audience(Audience.DESK)
def follow_no_longer(number: int, link_id: int) -> Response:
    """The matter is not followed there any more."""
    found = _ticket(number)
    link = next((each for each in hand_off_sheets.trackers(number) if each.id == link_id), None)
    operations.unlink_tracker(found, link or abort(404), person(), now())
    return _back(number, "queue-fields")


def sheet(ticket: Ticket, handed: HandOff | None, language: str, happened: frozenset[str]) -> Sheet:
    """A ticket's checklists, fields and trackers; what its history never saw is not asked for. At most three queries."""
    values = hand_off_sheets.values(ticket.id) if "field" in happened else {}
    known = _known_facts(ticket) | values.keys()
    labels = _labels(language)
    lists = _lists(known, labels, language)
    own = lists.get(ticket.queue, ())
    asked = {line.fact for line in own}
    return Sheet(
        lists=lists,
        missing=tuple(line for line in lists.get(handed.queue, ()) if not line.known and line.id not in handed.checked) if handed else (),
        askable=tuple((fact, label) for fact, label in labels.items() if fact not in known and fact not in asked and _fits(fact, ticket)),
        fields=tuple(_field_lines(ticket, values, language)),
        trackers=tuple(hand_off_sheets.trackers(ticket.id)) if "tracker" in happened else (),
    )


def ticked(queue: str) -> tuple[str, ...]:
    """The lines of this queue's checklist that the hand-off form ticks."""
    given = set(request.form.getlist("line"))
    lines = [item.id for item in hand_off_book().items_of(queue)]
    lines += [_added_id(row) for row in hand_off_sheets.additions() if row.queue == queue]
    return tuple(line for line in lines if f"{queue}:{line}" in given)


def field_change(pair: str, language: str) -> tuple[str, str]:
    """A change of a queue's field as (field, value) in words."""
    name, _equals, code = pair.partition("=")
    field = hand_off_book().fields.get(name)
    return (field.title[language], field.words(code, language)) if field else (name, code)


def _lists(known: set[str], labels: Mapping[str, str], language: str) -> dict[str, tuple[Line, ...]]:
    """Every queue's checklist: the shipped lines, then those that staff added."""
    added = hand_off_sheets.additions()
    lists: dict[str, tuple[Line, ...]] = {}
    for queue in service_book():
        shipped = [Line(item.id, item.text[language], item.fact in known, item.fact) for item in hand_off_book().items_of(queue.id)]
        lists[queue.id] = (*shipped, *(_added(row, labels, known) for row in added if row.queue == queue.id))
    return lists


def _added(row: ChecklistAddition, labels: Mapping[str, str], known: set[str]) -> Line:
    text = labels.get(row.fact, row.fact) if row.fact else str(row.words)
    return Line(_added_id(row), text, row.fact in known, row.fact, row.id, row.added_by.display_name, row.created_at)


def _added_id(row: ChecklistAddition) -> str:
    return f"added-{row.id}"


def _known_facts(ticket: Ticket) -> set[str]:
    """The evidence the ticket has."""
    evidence = evidence_of(ticket)
    known = {name for name in field_labels() if name != "key" and getattr(evidence, name, None) is not None}
    return known | ({"key"} if ticket.key_last4 or ticket.key_fingerprint else set())


def _labels(language: str = "en") -> dict[str, str]:
    """Every fact a checklist can ask for, in words."""
    return field_labels() | {field.id: field.title[language] for field in hand_off_book().fields.values()}


def _fits(fact: str, ticket: Ticket) -> bool:
    """Whether a fact belongs to this ticket's queue: another queue's own field does not."""
    field = hand_off_book().fields.get(fact)
    return field is None or field.queue == ticket.queue


def _field_lines(ticket: Ticket, values: Mapping[str, str], language: str) -> list[FieldLine]:
    """The fields of the ticket's queue, and what another queue left behind."""
    shown = [field for field in hand_off_book().fields.values() if field.queue == ticket.queue or field.id in values]
    return [FieldLine(field, values.get(field.id, ""), field.words(values.get(field.id, ""), language)) for field in shown]


def _ticket(number: int) -> Ticket:
    return tickets.by_id(number) or abort(404)


def _back(number: int, anchor: str) -> Response:
    return redirect(url_for("desk.ticket", number=number, _anchor=anchor), 303)
