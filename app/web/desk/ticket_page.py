"""The ticket's page: strip, evidence, talk; with what the reader was writing and who else is here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flask import Response, make_response, render_template, request, url_for
from flask_babel import lazy_gettext
from wtforms import HiddenField, TextAreaField
from wtforms.validators import DataRequired, Length

from app.core.private_facts import Segment
from app.core.ticket import LEGAL_MOVES, State
from app.operations.note_edits import may_strike
from app.operations.tickets import note_private_read
from app.store import claims, hand_offs, relations, satisfaction, undo_steps, users, writing
from app.store.service_rules import service_book
from app.web.attachments import AttachmentsField, file_cards
from app.web.context import log_store, person, rulebook
from app.web.desk.clock_words import clock_lines
from app.web.desk.diagnosis import evidence_lines, since
from app.web.desk.disputes import dispute_view
from app.web.desk.knowledge import knowledge
from app.web.desk.macros import macro_offers, offer_count
from app.web.desk.playbook import ReplyOffer, checklist
from app.web.desk.sheets import sheet
from app.web.desk.timeline import CHIPS, chip_counts, chosen
from app.web.desk.told import local_time, told_rows
from app.web.desk.views import StaffTicket, staff_ticket
from app.web.desk.words import change_text, evidence_names
from app.web.forms import RedactingForm
from app.web.i18n import ui_language
from app.web.prose import rule_html
from app.web.render import now

if TYPE_CHECKING:
    from app.store.models import Reply, Ticket

LONGEST = 20_000


class ReplyForm(RedactingForm):
    """A public answer, possibly citing an article."""

    body = TextAreaField(lazy_gettext("Reply to user"), validators=[DataRequired(), Length(max=LONGEST)])
    article_id = HiddenField()
    seen = HiddenField()
    files = AttachmentsField()


class NoteForm(RedactingForm):
    """A private note."""

    body = TextAreaField(lazy_gettext("Private note"), validators=[DataRequired(), Length(max=LONGEST)])


@dataclass
class Composing:
    """What the reader is writing: the two forms, what came in between, what in the reply is private, and the ready reply looked for."""

    reply: ReplyForm = field(default_factory=lambda: ReplyForm(formdata=None))
    note: NoteForm = field(default_factory=lambda: NoteForm(formdata=None))
    between: Sequence[Reply] = ()
    marked: tuple[Segment, ...] = ()
    ready: str | None = None
    sought: str | None = None  # None: the list of ready replies stays closed, and is made when it is opened
    status: int = 200


def ticket_page(found: Ticket, composing: Composing) -> Response:
    """The page with its two composers."""
    language, me = ui_language(), person()
    view = staff_ticket(found, rulebook(), log_store(), language, now())
    plan = checklist(view, rulebook(), language)
    opened = composing.sought is not None or composing.ready is not None
    offers = macro_offers(view, plan, language, composing.sought or "") if opened else ()
    drafts = _restore(found, composing, offers)
    chip = request.args.get("talk", "all")
    chip = chip if chip in CHIPS else "all"
    page = render_template(
        "desk/ticket.html",
        view=view,
        plan=plan,
        offers=offers if composing.sought is not None else None,
        offer_count=offer_count(plan),
        needs=evidence_lines(view, rulebook(), language),
        since=since(view.diagnosed, rulebook(), language),
        ticket=found,
        composing=composing,
        drafts=drafts,
        reply_form=composing.reply,
        note_form=composing.note,
        newest_reply=max((entry.number for entry in view.timeline if entry.number), default=0),
        talk=chosen(view.timeline, chip),
        talk_chip=chip,  # not "chip": in the template that is the macro
        chips=chip_counts(view.timeline, opening=bool(found.error_text or found.description)),
        clocks=clock_lines(view.clocks),
        present=writing.others(found.id, me.id, now()),
        moves=sorted(LEGAL_MOVES[State(found.state)]),
        language=language,
        me=me,
        kept_answers=knowledge(found, view),
        **_care(found, view),
        **_words(found, view),
    )
    if composing.status != HTTPStatus.OK:
        note_private_read("ticket", found.id, me, now())
    return make_response(page, composing.status)


def _care(found: Ticket, view: StaffTicket) -> dict[str, Any]:
    """Who does what next, and what the ticket hangs together with."""
    happened = view.happened
    handed = hand_offs.hand_offs(found.id) if "next" in happened else ()  # each hand-off agrees on a next action
    return {
        "staff": [(user.id, user.display_name) for user in users.staff_names()],
        "action": hand_offs.next_action(found.id) if "next" in happened else None,
        "handed": handed[0] if handed else None,
        "queues": list(service_book()),
        "sheet": sheet(found, handed[0] if handed else None, ui_language(), happened),
        "related": view.related,
        "merge_steps": undo_steps.of_merges(found.id) if any(relation.kind == "merged" for relation, _other in view.related) else (),
        "followers": relations.followers(found.id),
        "tags": undo_steps.tags(found.id) if "tag" in happened else (),
        "disputes": [dispute_view(dispute) for dispute in claims.disputes_of(found.id)] if "dispute" in happened else (),
    }


def _words(found: Ticket, view: StaffTicket) -> dict[str, Any]:
    """What the template puts codes into words with."""
    language = ui_language()
    return {
        "files": file_cards(found.id, lambda file_id: url_for("desk.file", number=found.id, file_id=file_id), staff=True),
        "remove_file": lambda file_id: url_for("desk.remove_file", number=found.id, file_id=file_id),
        "causes": [(cause.id, cause.title[language]) for cause in rulebook().causes],
        "question": rulebook().causes.question,
        "advice": rule_html,
        "change_text": change_text,
        "may_strike": may_strike,
        "evidence_names": evidence_names(),
        "local_time": local_time(found),
        "told_rows": told_rows(found),
        "best": view.best,
        "rating": satisfaction.of_ticket(found.id) if "rating" in view.happened else None,
    }


def _restore(found: Ticket, composing: Composing, offers: Sequence[ReplyOffer]) -> dict[str, Any]:
    """Put a ready reply, or what was being written, into the empty boxes. Returns the drafts that were put there."""
    ready = next((offer for offer in offers if offer.id == composing.ready), None)
    if ready:
        box = composing.note if ready.note else composing.reply
        box.body.data = ready.text
        if not ready.note:
            composing.reply.article_id.data = ready.article_id
    drafts = writing.drafts(found.id, person().id)
    shown = {}
    for kind, form in (("reply", composing.reply), ("note", composing.note)):
        draft = drafts.get(kind)
        if draft and not form.body.data:
            form.body.data = draft.body
            shown[kind] = draft
            if kind == "reply":
                composing.reply.article_id.data = draft.article_id
    return shown
