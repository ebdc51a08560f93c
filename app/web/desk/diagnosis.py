"""The diagnosis beyond its first look: evidence per cause, what changed since, diagnosing again, ticking steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.causes import Cause
from app.core.diagnosis.asking import completeness, missing_fields
from app.core.diagnosis_change import DiagnosisChange
from app.core.roles import Audience
from app.core.rulebook import Rulebook
from app.operations import diagnosis as operations
from app.operations.examine import evidence_of
from app.operations.playbooks import tick_step
from app.store import tickets
from app.web.access import for_audience
from app.web.context import log_store, person, rulebook
from app.web.desk.playbook import checklist
from app.web.desk.queue import blueprint
from app.web.desk.views import StaffTicket, staff_ticket
from app.web.evidence_words import field_labels
from app.web.i18n import ui_language
from app.web.render import now

if TYPE_CHECKING:
    from app.store.models import Ticket, TicketDiagnosis

EVIDENCE_FOR = 3


@dataclass(frozen=True, slots=True)
class EvidenceLine:
    """How much of what a cause needs is there, and what is missing: (label, how to ask for it in the ticket's language)."""

    title: str
    share: float
    present: int
    needed: int
    missing: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ShiftLine:
    """A cause's share before and now, in words."""

    title: str
    before: float | None
    after: float | None
    moved: bool


@dataclass(frozen=True, slots=True)
class Since:
    """Whether newer rules are in force than the ticket was diagnosed with, and what the last diagnosis changed."""

    rules_changed: bool
    shifts: tuple[ShiftLine, ...]
    gained: tuple[str, ...]
    lost: tuple[str, ...]


@blueprint.post("/tickets/<int:number>/diagnosis")
@for_audience(Audience.DESK)
def diagnose_again(number: int) -> Response:
    """Diagnose with today's rules; the older diagnosis stays."""
    change = operations.diagnose_again(_ticket(number), person(), rulebook(), log_store(), now())
    flash(_("Diagnosed again. Nothing changed.") if change is None or change.same else _("Diagnosed again. See what changed."), "ok")
    return redirect(url_for("desk.ticket", number=number, _anchor="diagnosis"), 303)


@blueprint.post("/tickets/<int:number>/steps")
@for_audience(Audience.DESK)
def tick(number: int) -> Response:
    """Tick a step of the playbook off, or take that back."""
    found = _ticket(number)
    cause = rulebook().causes[found.cause] if found.cause else None
    playbook = rulebook().playbooks.of(cause) if cause else None
    if playbook is None:
        abort(400)
    try:
        tick_step(found, playbook, request.form.get("step", ""), person(), now(), done=request.form.get("done") == "1")
    except KeyError:
        abort(400)
    if request.headers.get("HX-Request"):
        return _playbook_part(found)
    return redirect(url_for("desk.ticket", number=number, _anchor="playbook"), 303)


def evidence_lines(view: StaffTicket, rulebook: Rulebook, language: str) -> tuple[EvidenceLine, ...]:
    """What each of the likely causes still needs; of a confirmed cause, what that one needs."""
    confirmed = (view.cause,) if view.cause and view.ticket.cause_confirmed_at else ()
    causes = confirmed or tuple(line.cause for line in view.causes[:EVIDENCE_FOR])
    return tuple(_evidence_line(cause, view.ticket, rulebook, language) for cause in causes)


def since(rows: Sequence[TicketDiagnosis], rulebook: Rulebook, language: str) -> Since:
    """What happened between the last two diagnoses (the newest first), and whether a newer one is due."""
    change = operations.last_change(rows)
    told = change is not None and not change.same and rows[0].rulebook_digest != rows[1].rulebook_digest
    sentences = {signal.id: signal.sentence[language] for cause in rulebook.causes for signal in cause.signals} if told else {}
    return Since(
        rules_changed=bool(rows) and rows[0].rulebook_digest != rulebook.digest,
        shifts=_shift_lines(change, rulebook, language) if change and told else (),
        gained=tuple(sentences.get(name, name) for name in change.gained) if change and told else (),
        lost=tuple(sentences.get(name, name) for name in change.lost) if change and told else (),
    )


def _evidence_line(cause: Cause, ticket: Ticket, rulebook: Rulebook, language: str) -> EvidenceLine:
    """What one cause needs, and how to ask for what is missing."""
    evidence, labels = evidence_of(ticket), field_labels()
    client = rulebook.clients.recognise(ticket.client)
    missing = missing_fields(evidence, cause)
    return EvidenceLine(
        title=cause.title[language],
        share=completeness(evidence, cause),
        present=len(cause.required) - len(missing),
        needed=len(cause.required),
        missing=tuple((labels.get(name, name), rulebook.causes.question(name, ticket.language, client)) for name in missing),
    )


def _shift_lines(change: DiagnosisChange, rulebook: Rulebook, language: str) -> tuple[ShiftLine, ...]:
    """The shifts with titles; a cause that the rules no longer know keeps its id."""
    return tuple(
        ShiftLine(
            title=rulebook.causes[shift.cause].title[language] if shift.cause in rulebook.causes else shift.cause,
            before=shift.before,
            after=shift.after,
            moved=shift.moved,
        )
        for shift in change.shifts
    )


def _playbook_part(found: Ticket) -> Response:
    """The playbook alone, for a page that is already open."""
    language = ui_language()
    view = staff_ticket(found, rulebook(), log_store(), language, now())
    response = make_response(render_template("desk/_playbook.html", plan=checklist(view, rulebook(), language), ticket=found))
    response.headers["Vary"] = "HX-Request"
    return response


def _ticket(number: int) -> Ticket:
    """The ticket, or 404."""
    return tickets.by_id(number) or abort(404)
