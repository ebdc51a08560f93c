"""Where the log comes from: what each source sent, how late, what was refused, and what it never says."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.roles import Audience
from app.core.source_fields import Gap, gaps
from app.operations.batches import roll_back
from app.store.logs import LogStoreBusy, SourceHealth
from app.store.rulebook import RULES_DIR, read_rules
from app.web.access import for_audience
from app.web.admin.pages import blueprint
from app.web.context import log_store, person
from app.web.i18n import ui_language
from app.web.render import now

BATCHES_SHOWN = 20


@dataclass(frozen=True, slots=True)
class SourceView:
    """One source as the page shows it."""

    health: SourceHealth
    gaps: tuple[Gap, ...]


@blueprint.get("/sources")
@for_audience(Audience.ADMIN)
def sources() -> str:
    """Every source, the latest seen first, and the latest batches."""
    views = [
        SourceView(health, gaps(_field_book(), health.source, health.never_filled, ui_language())) for health in log_store().sources(now())
    ]
    return render_template("admin/sources.html", sources=views, batches=log_store().batches(BATCHES_SHOWN))


@blueprint.post("/batches/<int:number>/rollback")
@for_audience(Audience.ADMIN)
def rollback_batch(number: int) -> Response:
    """What the batch brought goes out again; the form says so before, and asks."""
    if request.form.get("confirm") != "yes":
        abort(400)
    try:
        removed = roll_back(number, person(), log_store(), now())
    except LogStoreBusy:
        flash(_("The log is being written; try again in a moment."), "fail")
    else:
        flash(_("%(count)s records were taken out again.", count=removed), "ok")
    return redirect(url_for("admin.sources"), 303)


@cache
def _field_book() -> dict[str, Any]:
    """The names of fields and the settings that fill them."""
    return read_rules(RULES_DIR, "source_fields")
