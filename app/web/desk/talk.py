"""Talk on a ticket: replies that are checked before they go out, notes, drafts, presence and ready replies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response as FlaskResponse
from flask import abort, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response
from wtforms import HiddenField, TextAreaField
from wtforms.validators import Length

from app.core.roles import Audience
from app.operations import tickets as operations
from app.operations import writing as writing_operations
from app.operations.audit import record
from app.store import relations, tickets, writing
from app.web.access import for_audience
from app.web.context import log_store, person, redactor, rulebook
from app.web.desk.macros import macro_offers
from app.web.desk.playbook import checklist
from app.web.desk.queue import blueprint
from app.web.desk.ticket_page import LONGEST, Composing, NoteForm, ReplyForm, ticket_page
from app.web.desk.views import staff_ticket
from app.web.forms import RedactingForm, article_number
from app.web.i18n import ui_language
from app.web.numbers import whole_number
from app.web.render import now
from app.web.reply_check import private_parts

if TYPE_CHECKING:
    from app.store.models import Ticket


class DraftForm(RedactingForm):
    """What is being written, whatever it is."""

    body = TextAreaField(validators=[Length(max=LONGEST)])
    article_id = HiddenField()


@blueprint.post("/tickets/<int:number>/replies")
@for_audience(Audience.DESK)
def reply(number: int) -> Response:
    """Answer the user, in public, unless something came in between or the text tells what it must not."""
    found = _ticket(number)
    form = ReplyForm()
    if not form.validate():
        return ticket_page(found, Composing(reply=form, status=422))
    body, article = redactor().clean(form.body.data), article_number(form.article_id.data)
    seen = whole_number(form.seen.data)
    between = writing.words_since(number, seen, person().id) if seen is not None else ()
    marked = () if request.form.get("meant") == "1" else private_parts(found, body)
    if between or marked:
        writing_operations.keep_draft(number, "reply", body, person(), now(), article, seen or 0)
        return ticket_page(found, Composing(reply=form, between=between, marked=marked, status=409 if between else 422))
    if request.form.get("meant") == "1":
        record("meant", "reply", number, now(), person())
    operations.reply_as_staff(
        found, body, person(), now(), article, solve=request.form.get("wish") == "solve", files=form.files.attached, also=_also(number)
    )
    flash(_("Your reply was sent to the user."), "ok")
    return _back(number, "talk")


@blueprint.post("/tickets/<int:number>/notes")
@for_audience(Audience.DESK)
def note(number: int) -> Response:
    """Keep a private note."""
    found = _ticket(number)
    form = NoteForm()
    if not form.validate():
        return ticket_page(found, Composing(note=form, status=422))
    operations.add_note(found, redactor().clean(form.body.data), person(), now())
    flash(_("The note was saved. Only staff can read it."), "ok")
    return _back(number, "talk")


@blueprint.post("/tickets/<int:number>/drafts/<any(reply, note):kind>")
@for_audience(Audience.DESK)
def draft(number: int, kind: str) -> Response:
    """Keep what is being written."""
    found = _ticket(number)
    form = DraftForm()
    if not form.validate():
        abort(400)
    body, article = redactor().clean(form.body.data or ""), article_number(form.article_id.data)
    seen = whole_number(request.form.get("seen")) or 0
    writing_operations.keep_draft(found.id, kind, body, person(), now(), article, seen)
    if not request.headers.get("HX-Request"):
        return _back(number, kind)
    said = _("Draft saved") if body.strip() else ""
    return _part(render_template("desk/_draft.html", kind=kind, said=said, draft=None, ticket=found))


@blueprint.post("/tickets/<int:number>/drafts/<any(reply, note):kind>/removal")
@for_audience(Audience.DESK)
def drop_draft(number: int, kind: str) -> Response:
    """Throw a draft away."""
    writing_operations.drop_draft(_ticket(number).id, kind, person())
    return _back(number, kind)


@blueprint.post("/tickets/<int:number>/presence")
@for_audience(Audience.DESK)
def presence(number: int) -> Response:
    """A heartbeat; the answer says who else is here."""
    found, doing = _ticket(number), request.form.get("doing", "")
    writing_operations.be_there(number, person(), doing, now())
    newest = writing.newest_reply(number)
    others = writing.others(number, person().id, now())
    seen = whole_number(request.form.get("seen"))
    news = seen is not None and newest > seen
    return _part(render_template("desk/_presence.html", ticket=found, present=others, doing=doing, newest_reply=seen or newest, news=news))


@blueprint.get("/tickets/<int:number>/macros")
@for_audience(Audience.DESK)
def macros(number: int) -> Response:
    """Ready replies that have the words: the list alone for htmx, else the ticket's page with that list open."""
    found, language, words = _ticket(number), ui_language(), redactor().clean(request.args.get("q", "")[:80])
    if not request.headers.get("HX-Request"):
        page = ticket_page(found, Composing(sought=words))
        writing_operations.look_at(found, person(), now())
        return page
    view = staff_ticket(found, rulebook(), log_store(), language, now())
    offers = macro_offers(view, checklist(view, rulebook(), language), language, words)
    return _part(render_template("desk/_macros_list.html", ticket=found, offers=offers))


def _also(number: int) -> list[int]:
    """The tickets under this one, when the answer is for them as well."""
    return list(relations.pointing_to(number, "child")) if request.form.get("also") == "1" else []


def _ticket(number: int) -> Ticket:
    return tickets.by_id(number) or abort(404)


def _part(html: str) -> FlaskResponse:
    response = make_response(html)
    response.headers["Vary"] = "HX-Request"
    return response


def _back(number: int, anchor: str) -> Response:
    return redirect(url_for("desk.ticket", number=number, _anchor=anchor), 303)
