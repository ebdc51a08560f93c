"""A requester's ticket: by secret link or as its signed-in owner; anybody else's is not there (404)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from app.core.roles import Audience
from app.core.ticket import ACTIVE, State
from app.operations import tickets as operations
from app.operations.accounts import hash_token
from app.store import attachments, links, tickets
from app.web.access import for_audience
from app.web.attachments import AttachmentsField, file_cards, text_download
from app.web.context import log_store, person, person_or_none, redactor, rulebook, settings
from app.web.forms import RedactingForm
from app.web.i18n import ui_language
from app.web.portal.guests import may_reply
from app.web.portal.mail_box import mail_box
from app.web.portal.pages import blueprint
from app.web.portal.published import published_since
from app.web.portal.views import rating_view, requester_ticket
from app.web.render import now
from app.web.suggestions import articles_for_cause

if TYPE_CHECKING:
    from app.store.models import Ticket


class AnswerForm(RedactingForm):
    """The requester's word."""

    body = TextAreaField(lazy_gettext("Your answer"), validators=[DataRequired(), Length(max=20_000)])
    files = AttachmentsField()


@blueprint.get("/t/<token>")
@for_audience(Audience.REQUESTER)
def follow(token: str) -> Response:
    """A guest's ticket behind its secret link."""
    return _page(ticket_behind(token), AnswerForm(), url_for("portal.answer", token=token), token)


@blueprint.post("/t/<token>")
@for_audience(Audience.REQUESTER)
def answer(token: str) -> Response:
    """A guest answers, says it is solved, or reopens."""
    return _act(ticket_behind(token), url_for("portal.follow", token=token), token)


@blueprint.get("/t/<token>/files/<int:file_id>")
@for_audience(Audience.REQUESTER)
def linked_file(token: str, file_id: int) -> Response:
    """A text file of a guest's ticket."""
    return text_download(attachments.one_of_ticket(ticket_behind(token).id, file_id), staff=False)


@blueprint.get("/tickets")
@for_audience(Audience.SIGNED_IN)
def my_tickets() -> str:
    """The signed-in person's own tickets."""
    return render_template("portal/my_tickets.html", tickets=tickets.all_of_requester(person().id))


@blueprint.get("/tickets/<int:number>")
@for_audience(Audience.SIGNED_IN)
def own_ticket(number: int) -> Response:
    """One of the person's own tickets."""
    return _page(own_or_404(number), AnswerForm(), url_for("portal.answer_own", number=number), None)


@blueprint.post("/tickets/<int:number>")
@for_audience(Audience.SIGNED_IN)
def answer_own(number: int) -> Response:
    """The signed-in requester answers, says it is solved, or reopens."""
    return _act(own_or_404(number), url_for("portal.own_ticket", number=number), None)


@blueprint.get("/tickets/<int:number>/files/<int:file_id>")
@for_audience(Audience.SIGNED_IN)
def own_file(number: int, file_id: int) -> Response:
    """A text file of the person's own ticket."""
    return text_download(attachments.one_of_ticket(own_or_404(number).id, file_id), staff=False)


def ticket_behind(token: str) -> Ticket:
    """The ticket of a link that was neither revoked nor has run out; the same 404 for every other token."""
    return links.ticket_behind(hash_token(token), now() - timedelta(days=settings().link_days)) or abort(404)


def own_or_404(number: int) -> Ticket:
    """The person's own ticket, or 404."""
    return tickets.of_requester(number, person().id) or abort(404)


def _act(ticket: Ticket, back: str, token: str | None) -> Response:
    """Carry out the button that was pressed."""
    form = AnswerForm()
    wish = request.form.get("wish", "answer")
    if wish == "solved":
        if State(ticket.state) in ACTIVE:
            operations.set_state(ticket, State.SOLVED, None, now())
        flash(_("Thank you. You can reopen the ticket here at any time."))
        return redirect(back, 303)
    if wish == "reopen" and not form.body.data:
        operations.reopen(ticket, person_or_none(), now())
        flash(_("The ticket is open again."))
        return redirect(back, 303)
    if not form.validate():
        return make_response(_page(ticket, form, back, token), 422)
    if person_or_none() is None and not may_reply():
        form.form_errors.append(_("Too many answers came from your address within an hour. Your words are kept below: send them later."))
        return make_response(_page(ticket, form, back, token), 429)
    operations.reply_as_requester(ticket, redactor().clean(form.body.data), person_or_none(), now(), form.files.attached)
    flash(_("Your answer was added."))
    return redirect(back, 303)


def _page(ticket: Ticket, form: AnswerForm, action: str, token: str | None) -> Response:
    """The requester's page, from the requester's view of the ticket alone."""
    view = requester_ticket(ticket, rulebook(), log_store(), ui_language())
    articles = articles_for_cause(ticket.cause, limit=2) if ticket.cause else []
    link = url_for("portal.follow", token=token, _external=True) if token else None
    files = file_cards(ticket.id, lambda file_id: _file_address(ticket, token, file_id), staff=False)
    response = make_response(
        render_template(
            "portal/ticket.html",
            ticket=view,
            form=form,
            action=action,
            link=link,
            mail=mail_box(ticket, token),
            link_action=url_for("portal.replace_link", token=token) if token else None,
            articles=articles,
            since=published_since(ticket),
            files=files,
            filed=request.args.get("filed"),
            rating=rating_view(ticket, _rating_address(ticket, token), now()),
        )
    )
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _rating_address(ticket: Ticket, token: str | None) -> str:
    """Where this reader says how the help was."""
    return url_for("portal.rate", token=token) if token else url_for("portal.rate_own", number=ticket.id)


def _file_address(ticket: Ticket, token: str | None, file_id: int) -> str:
    """Where this reader opens a file: by the same door as the ticket."""
    if token:
        return url_for("portal.linked_file", token=token, file_id=file_id)
    return url_for("portal.own_file", number=ticket.id, file_id=file_id)
