"""Timed work: when each job ran, what it came to, whether it is late; and a button that has one run now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, cast

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from app.core.job_times import JobBoard, JobEntry, is_overdue, job_times
from app.core.roles import Audience
from app.operations.job_runs import note_asked
from app.store.job_runs import last_runs
from app.web.access import for_audience
from app.web.admin.pages import blueprint
from app.web.context import person
from app.web.render import now

if TYPE_CHECKING:
    from app.store.models_jobs import JobRun

SILENT_AFTER = timedelta(minutes=5)  # some job is due every minute: after so long without one the worker is not there
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class JobRow:
    """One job as the page shows it."""

    name: str
    title: str
    times: str
    run: JobRun | None
    seconds: float | None
    next: datetime | None
    state: str  # ok, wait, fail, plain
    word: str
    waiting: bool


@blueprint.get("/jobs")
@for_audience(Audience.ADMIN)
def job_list() -> str:
    """Every job, and how the queue does."""
    board, runs = _board(), last_runs()
    waiting = board.waiting()
    newest = max((run.ended_at for run in runs.values()), default=None)
    rows = [_row(entry, runs.get(entry.name), waiting) for entry in board.entries]
    return render_template(
        "admin/jobs.html",
        rows=sorted(rows, key=lambda row: ("fail", "wait", "plain", "ok").index(row.state)),
        waiting=len(waiting),
        newest=newest,
        silent=newest is None or now() - newest > SILENT_AFTER,
        troubled=sum(1 for row in rows if row.state == "fail"),
    )


@blueprint.post("/jobs/runs")
@for_audience(Audience.ADMIN)
def run_job() -> Response:
    """Have a job run as soon as the worker can; asking twice changes nothing."""
    name, board = request.form.get("job", ""), _board()
    if name not in {entry.name for entry in board.entries}:
        abort(404)
    if board.ask(name):
        note_asked(name, person(), now())
        flash(_("It runs as soon as the worker gets to it."), "ok")
    else:
        flash(_("It waits in the queue already."), "info")
    return redirect(url_for("admin.job_list"), 303)


def _board() -> JobBoard:
    return cast("JobBoard", current_app.extensions["jobs"])


def _row(entry: JobEntry, run: JobRun | None, waiting: list[str]) -> JobRow:
    times = job_times(entry.when, now())
    late = is_overdue(times, run.started_at if run else None)
    state, word = _state(run, late=late)
    return JobRow(
        name=entry.name,
        title=_titles().get(entry.name, entry.name),
        times=_every(times.every),
        run=run,
        seconds=(run.ended_at - run.started_at).total_seconds() if run else None,
        next=times.next,
        state=state,
        word=word,
        waiting=entry.name in waiting,
    )


def _state(run: JobRun | None, *, late: bool) -> tuple[str, str]:
    """(kind of chip, word) of how a job stands."""
    if run is not None and run.error:
        return "fail", _("failed")
    if late:
        return "fail", _("overdue")
    return ("plain", _("never ran")) if run is None else ("ok", _("on time"))


def _every(length: timedelta | None) -> str:
    """How often, in words."""
    if length is None:
        return "–"
    if length < HOUR:
        return ngettext("every minute", "every %(num)s minutes", length // timedelta(minutes=1))
    if length < DAY:
        return ngettext("every hour", "every %(num)s hours", length // HOUR)
    return ngettext("every day", "every %(num)s days", length // DAY)


def _titles() -> dict[str, str]:
    """What each job does; one that is not listed is called by its name."""
    return {
        "send_messages": _("Send mail and webhooks"),
        "fetch_mail": _("Read mail that came in"),
        "send_digests": _("Send the morning digests"),
        "forget_mail": _("Forget old mail"),
        "rematch_waiting": _("Look for late log lines of tickets"),
        "escalate_clocks": _("Warn about clocks that run out"),
        "watch_spending": _("Compare spending with budgets"),
        "watch_for_incidents": _("Look for spikes"),
        "watch_for_slow_rises": _("Look for slow rises"),
        "watch_for_waste": _("Look for waste and risks"),
        "forget_failed_sign_ins": _("Forget failed sign-ins"),
        "forget_pictures": _("Forget attached pictures"),
        "pull_logs": _("Read the gateway's log"),
        "refresh_keys": _("Learn of new keys"),
        "count_by_key": _("Count the log by key"),
        "count_desk_hours": _("Count the desk's hours for reports"),
        "remind_of_review": _("Remind of the weekly review"),
        "publish_articles": _("Publish articles whose time has come"),
        "forget_flag_senders": _("Forget who flagged articles"),
        "forget_guest_acts": _("Forget what guests did"),
        "settle_outdated_words": _("Note outdated words that are gone"),
        "review_articles": _("Remind owners of articles"),
        "check_links": _("Check links to other sites"),
        "purge_logs": _("Forget old log records"),
        "scan_stored_texts": _("Read stored texts with today's redaction rules"),
    }
