"""One page per ticket: evidence, diagnosis, talk; and what staff can do there."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response
from wtforms import HiddenField, TextAreaField
from wtforms.validators import DataRequired, Length

from app.core.roles import Audience
from app.core.ticket import LEGAL_MOVES, IllegalMove, State
from app.operations import tickets as operations
from app.store import tickets, users
from app.web.access import for_audience
from app.web.attachments import AttachmentsField, file_cards
from app.web.context import log_store, person, redactor, rulebook
from app.web.desk.diagnosis import evidence_lines, since
from app.web.desk.playbook import checklist
from app.web.desk.queue import blueprint
from app.web.desk.views import staff_ticket
from app.web.desk.words import change_text, evidence_names
from app.web.forms import RedactingForm, article_number
from app.web.i18n import ui_language
from app.web.numbers import whole_number
from app.web.render import now

if TYPE_CHECKING:
    from app.store.models import Ticket

WIDEST = 8


class ReplyForm(RedactingForm):
    """A public answer, possibly citing an article."""

    body = TextAreaField(lazy_gettext("Reply to user"), validators=[DataRequired(), Length(max=20_000)])
    article_id = HiddenField()
    files = AttachmentsField()


class NoteForm(RedactingForm):
    """A private note."""

    body = TextAreaField(lazy_gettext("Private note"), validators=[DataRequired(), Length(max=20_000)])


@blueprint.get("/tickets/<int:number>")
@for_audience(Audience.DESK)
def ticket(number: int) -> Response:
    """The diagnosis page; opening it is an audited private read."""
    found = _ticket(number)
    operations.note_private_read("ticket", number, person(), now())
    return _page(found, ReplyForm(formdata=None), NoteForm(formdata=None), request.args.get("reply"))


@blueprint.post("/tickets/<int:number>/replies")
@for_audience(Audience.DESK)
def reply(number: int) -> Response:
    """Answer the user, in public."""
    found = _ticket(number)
    form = ReplyForm()
    if not form.validate():
        return make_response(_page(found, form, NoteForm(formdata=None)), 422)
    article = article_number(form.article_id.data)
    solve = request.form.get("wish") == "solve"
    operations.reply_as_staff(found, redactor().clean(form.body.data), person(), now(), article, solve=solve, files=form.files.attached)
    flash(_("Your reply was sent to the user."), "ok")
    return _back(number, "talk")


@blueprint.post("/tickets/<int:number>/notes")
@for_audience(Audience.DESK)
def note(number: int) -> Response:
    """Keep a private note."""
    found = _ticket(number)
    form = NoteForm()
    if not form.validate():
        return make_response(_page(found, ReplyForm(formdata=None), form), 422)
    operations.add_note(found, redactor().clean(form.body.data), person(), now())
    flash(_("The note was saved. Only staff can read it."), "ok")
    return _back(number, "talk")


@blueprint.post("/tickets/<int:number>/state")
@for_audience(Audience.DESK)
def state(number: int) -> Response:
    """Move the ticket."""
    target = request.form.get("state", "")
    if target not in set(State):
        abort(400)
    try:
        operations.set_state(_ticket(number), State(target), person(), now())
    except IllegalMove:
        flash(_("The ticket cannot go there from its present state."), "fail")
    return _back(number)


@blueprint.post("/tickets/<int:number>/assignee")
@for_audience(Audience.DESK)
def assignee(number: int) -> Response:
    """Give the ticket to a colleague, to oneself, or back to the queue."""
    wanted = request.form.get("assignee", "")
    chosen = next((user for user in users.staff() if str(user.id) == wanted), None)
    if wanted and chosen is None:
        abort(400)
    operations.assign(_ticket(number), chosen, person(), now())
    return _back(number)


@blueprint.post("/tickets/<int:number>/cause")
@for_audience(Audience.DESK)
def cause(number: int) -> Response:
    """Say what it was; a person's word stands."""
    wanted = request.form.get("cause", "")
    if wanted not in rulebook().causes.causes:
        abort(400)
    operations.confirm_cause(_ticket(number), wanted, person(), rulebook(), now())
    flash(_("The cause was set."), "ok")
    return _back(number, "diagnosis")


@blueprint.post("/tickets/<int:number>/matches/<int:match_id>")
@for_audience(Audience.DESK)
def decide(number: int, match_id: int) -> Response:
    """Confirm or reject a log line, or take that back."""
    found = _ticket(number)
    match = tickets.match(number, match_id) or abort(404)
    wish = request.form.get("decision", "")
    decision = wish if wish in {"confirmed", "rejected"} else None
    operations.decide_match(found, match, decision, person(), rulebook(), log_store(), now())
    return _back(number, "matches")


@blueprint.post("/tickets/<int:number>/matches")
@for_audience(Audience.DESK)
def look_again(number: int) -> Response:
    """Match and diagnose anew, in a wider window if asked."""
    widen = min(whole_number(request.form.get("widen")) or 1, WIDEST)
    operations.look_again(_ticket(number), person(), rulebook(), log_store(), now(), widen)
    return _back(number, "matches")


@blueprint.post("/tickets/<int:number>/link")
@for_audience(Audience.DESK)
def link(number: int) -> Response:
    """Revoke the requester's secret links."""
    operations.revoke_links(_ticket(number), person(), now())
    flash(_("The secret link no longer works."), "ok")
    return _back(number)


def _ticket(number: int) -> Ticket:
    """The ticket, or 404."""
    return tickets.by_id(number) or abort(404)


def _back(number: int, anchor: str | None = None) -> Response:
    """To the ticket's page."""
    return redirect(url_for("desk.ticket", number=number, _anchor=anchor), 303)


def _page(found: Ticket, reply_form: ReplyForm, note_form: NoteForm, ready_reply: str | None = None) -> Response:
    """The diagnosis page with its two composers; `ready_reply` names the playbook's reply to begin with."""
    language = ui_language()
    view = staff_ticket(found, rulebook(), log_store(), language)
    plan = checklist(view, rulebook(), language)
    chosen = plan.reply(ready_reply) if plan else None
    if chosen:
        reply_form.body.data, reply_form.article_id.data = chosen.text, chosen.article_id
    return make_response(
        render_template(
            "desk/ticket.html",
            view=view,
            plan=plan,
            needs=evidence_lines(view, rulebook(), language),
            since=since(found, rulebook(), language),
            ticket=found,
            files=file_cards(found.id, lambda file_id: url_for("desk.file", number=found.id, file_id=file_id), staff=True),
            remove_file=lambda file_id: url_for("desk.remove_file", number=found.id, file_id=file_id),
            reply_form=reply_form,
            note_form=note_form,
            staff=users.staff(),
            moves=sorted(LEGAL_MOVES[State(found.state)]),
            causes=rulebook().causes.causes,
            question=rulebook().causes.question,
            language=language,
            me=person(),
            change_text=change_text,
            evidence_names=evidence_names(),
            local_time=_local_time(found),
        )
    )


def _local_time(found: Ticket) -> str:
    """The failure's time on the requester's clock, with the zone's name; empty when either is unknown."""
    try:
        zone = ZoneInfo(found.time_zone or "")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ""
    return f"{found.request_time.astimezone(zone):%H:%M} {zone.key}" if found.request_time else ""
