"""Home and report: paste → likely cause and fix → solved, or a ticket."""

from __future__ import annotations

import re

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.diagnosis import UNKNOWN
from app.core.evidence import Evidence
from app.core.paste import Paste, read_paste
from app.core.roles import Audience
from app.operations import tickets as operations
from app.operations.answers_shown import note_shown
from app.operations.examine import Examination, examine, examine_without_log
from app.operations.spam import fold
from app.store import half_done
from app.web.access import for_audience
from app.web.context import log_store, person_or_none, redactor, rulebook, settings
from app.web.forms import article_number
from app.web.i18n import ui_language
from app.web.known_problems import known_problems
from app.web.portal.forms import LONGEST_PASTE, ReportForm, reader_zone, with_key_hash
from app.web.portal.guests import receive, remember
from app.web.portal.questions import asked_fields, evidence_meter, known_fields, next_question
from app.web.portal.told_fields import TOLD_FIELDS
from app.web.portal.views import CauseView, top_causes
from app.web.render import now, page_or_partial
from app.web.suggestions import suggested_articles

blueprint = Blueprint("portal", __name__)
WORTH_NAMING = 0.1
OWN_PAGE = re.compile(r"gd-[0-9a-f]{12}\Z")


@blueprint.get("/")
@for_audience(Audience.PUBLIC)
def home() -> str:
    """One box, and the ways in by symptom."""
    return render_template("portal/home.html", families=_families(), known_problems=known_problems())


@blueprint.get("/report")
@for_audience(Audience.PUBLIC)
def blank_report() -> Response:
    """The empty form, for those with nothing to paste; from an error page of this desk, with that page's id."""
    form = ReportForm(formdata=None)
    page = request.args.get("about", "")
    if OWN_PAGE.match(page):
        form.description.data = _("A page of this desk failed. Its id: %(page)s", page=page)
    return _report_page(form, Evidence(), None)


@blueprint.post("/report")
@for_audience(Audience.PUBLIC)
def read_report() -> Response:
    """Read a paste into the form: what was found, what was hidden, what it probably is. Stores nothing."""
    zone = reader_zone(request.form.get("time_zone"))
    text = request.form.get("text", "")[:LONGEST_PASTE]
    paste = read_paste(text, redactor(), rulebook().clients, rulebook().model_names, now().astimezone(zone))
    form = ReportForm(formdata=None)
    evidence = with_key_hash(paste.evidence, request.form.get("key_hash"))
    form.fill(evidence, zone)
    return _report_page(form, evidence, paste)


@blueprint.post("/report/check")
@for_audience(Audience.PUBLIC)
def check_report() -> Response:
    """Diagnose the form as it stands: the "check again" button, and htmx while typing. Stores nothing."""
    form = ReportForm()
    valid = form.validate()
    return _report_page(form, form.evidence(), None, 200 if valid else 422)


@blueprint.post("/report/solved")
@for_audience(Audience.PUBLIC)
def solved() -> Response:
    """Count that the suggestion solved it; no ticket is made."""
    cause = request.form.get("cause", "")
    known = cause if cause in rulebook().causes.causes else None
    operations.count_self_service(known, article_number(request.form.get("article")), solved=True, language=ui_language(), now=now())
    flash(_("Good to hear. No ticket was made."))
    return redirect(url_for("portal.home"), 303)


@blueprint.post("/tickets")
@for_audience(Audience.PUBLIC)
def file_ticket() -> Response:
    """File the report; a guest gets a secret link, shown once."""
    form = ReportForm()
    if not form.validate():
        return _report_page(form, form.evidence(), None, 422)
    try:
        return _file(form)
    except half_done.CANNOT_STORE:
        half_done.forget()
        form.form_errors.append(
            _("Nothing can be stored right now: the desk's disk is full, or its database does not answer. Send it again later.")
        )
        return _report_page(form, form.evidence(), None, 503)


def _file(form: ReportForm) -> Response:
    """File the report of somebody signed in, or of a guest."""
    author = person_or_none()
    if author is None:
        return _file_as_guest(form)
    opened = operations.open_ticket(form.report(), author, rulebook(), log_store(), now(), form.files.attached)
    flash(_("Your ticket is filed."))
    return redirect(url_for("portal.own_ticket", number=opened.ticket.id), 303)


def _file_as_guest(form: ReportForm) -> Response:
    """File a guest's report, fold it into the ticket it repeats, or say why not and keep what was typed."""
    report = form.report()
    reception = receive(report)
    if reception.again:
        fold(reception.again, now())
    if reception.link:
        flash(_("You have filed this already; here is the ticket."))
        return redirect(url_for("portal.follow", token=reception.link), 303)
    if reception.problem:
        form.form_errors.append(reception.problem)
        return _report_page(form, form.evidence(), None, reception.status)
    contact = form.contact.data if settings().sends_mail else None
    opened = operations.open_ticket(
        report, None, rulebook(), log_store(), now(), form.files.attached, contact=contact, suspicion=reception.signals
    )
    remember(opened.ticket, reception.digest, opened.token or "")
    return redirect(url_for("portal.follow", token=opened.token, filed=1), 303)


def _report_page(form: ReportForm, evidence: Evidence, paste: Paste | None, status: int = 200) -> Response:
    """The form with what is known, what is worth asking, and the likely cause; htmx gets the likely cause alone."""
    examination = _examine(evidence)
    empty = evidence == Evidence()
    causes = [] if empty else top_causes(examination.diagnosis, rulebook(), ui_language())
    if paste and not empty:
        note_shown(now())
    response = page_or_partial(
        "portal/report.html",
        "portal/_verdict.html",
        form=form,
        found=known_fields(evidence),
        in_sheet=_in_sheet(),
        carried=_carried(form, evidence),
        not_known=sorted(evidence.unknown),
        asked=asked_fields(examination.diagnosis, evidence, rulebook(), ui_language()),
        findings=paste.findings if paste else (),
        causes=causes,
        others=_others(causes),
        needs=evidence_meter(examination.diagnosis, rulebook()),
        told_fields=TOLD_FIELDS,
        next_question=next_question(examination.diagnosis, evidence, rulebook(), ui_language()),
        articles=[] if empty else suggested_articles(examination.diagnosis, evidence, limit=3),
        client_names=rulebook().clients.choices(),
        known_problems=known_problems(evidence, examination.diagnosis),
    )
    response.status_code = status
    return response


def _carried(form: ReportForm, evidence: Evidence) -> list[str]:
    """Answers given beside a question, which the sheet in the reader's browser has no field for; the next part must keep them."""
    found = known_fields(evidence)
    return [name for name in TOLD_FIELDS if name not in _in_sheet() and (name in found or form[name].errors)]


def _in_sheet() -> list[str]:
    """Facts without a permanent field that the sheet in the reader's browser shows, as it says itself."""
    return request.form.get("shown", "").split(",")


def _others(causes: list[CauseView]) -> list[CauseView]:
    """Causes worth naming beside the first; all of them when none may be said first."""
    rest = causes[1:] if causes and causes[0].likely else causes
    return [cause for cause in rest if cause.known and cause.confidence >= WORTH_NAMING]


def _examine(evidence: Evidence) -> Examination:
    """With the log when the report names a request or a key exactly; a tail proves nothing and opens nothing."""
    if evidence.request_id or evidence.key.fingerprint:
        return examine(evidence, rulebook(), log_store(), now())
    return examine_without_log(evidence, rulebook())


def _families() -> list[tuple[str, str, str]]:
    """(family id, title, usual statuses) of the causes people come with, for "what are you seeing?"."""
    book, language = rulebook().causes, ui_language()
    families = (family for family in book.families if family != UNKNOWN)
    return [(family, book.family_title(family, language), book.families[family].get("codes", "")) for family in families]
