"""How the desk does: tickets by cause, how long people waited, how many helped themselves."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

from flask import render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.desk_metrics import DeskFigures, Traffic, by_class, desk_metrics
from app.core.metrics import Metric
from app.core.roles import Audience
from app.core.rollups import Dimension
from app.store import key_slots
from app.store.desk_figures import Standing, desk_figures, standing
from app.web.access import for_audience
from app.web.context import log_store, rulebook
from app.web.downloads import as_file
from app.web.i18n import ui_language
from app.web.reports.figures import shown
from app.web.reports.gateway import blueprint, plain
from app.web.reports.span import Span, asked_span, span_options
from app.web.rows_behind import desk_rows

HELPED = (
    *("tickets", "first_response", "first_response_business", "resolution", "reopen_rate", "one_touch", "hand_offs"),
    *("satisfaction", "rating_response"),
)
WORKED = ("match_rate", "evidence", "evidence_handed", "next_action", "one_person", "citation_rate", "link_rate")
SPARED = ("self_service", "self_service_assumed", "repeat_rate", "tickets_per_requests", "tickets_per_keys")
KEPT = ("wording_removal", "converted", "single_owner", "approval_rate", "approval_time", "disputes", "disputes_failed_charge")


@blueprint.get("/desk")
@for_audience(Audience.DESK)
def desk() -> str:
    """The desk's own figures of a span beside those of the span before."""
    span = asked_span()
    now = standing()
    counted, before = _counted(span, now), _counted(span.before, now)
    metrics, earlier = _metrics(counted, span), _metrics(before, span.before) if before.filed else {}
    book, links = rulebook().metrics, desk_rows(span.start, span.end)
    query: dict[str, Any] = span.query
    return render_template(
        "reports/desk.html",
        span=span,
        span_options=span_options(),
        groups=[(title, anchor, shown(book, metrics, earlier, names, links)) for title, anchor, names in _groups()],
        tickets=counted.filed,
        class_bars=_class_bars(counted.by_cause),
        cause_bars=_cause_bars(counted.by_cause),
        converted=sorted(counted.converted.items()),
        csv_href=url_for("reports.desk_csv", **query),
    )


@blueprint.get("/desk.csv")
@for_audience(Audience.DESK)
def desk_csv() -> Response:
    """Every figure and every cause with plain numbers."""
    span = asked_span()
    counted = _counted(span, standing())
    text = io.StringIO()
    sheet = csv.writer(text)
    sheet.writerow(["figure", "value", "n"])
    metrics = _metrics(counted, span)
    for _title, _anchor, names in _groups():
        sheet.writerows([name, plain(metrics[name]), metrics[name].n] for name in names)
    sheet.writerows([f"tickets: {cause or 'none'}", tickets, tickets] for cause, tickets in sorted(counted.by_cause.items(), key=str))
    return as_file(text.getvalue(), f"desk-{span.start:%Y%m%d}", "csv")


def _groups() -> list[tuple[str, str, tuple[str, ...]]]:
    """(title, anchor, figures) of each part of the page."""
    return [
        (_("How people were helped"), "helped", HELPED),
        (_("How well we worked"), "worked", WORKED),
        (_("Who needed no person"), "spared", SPARED),
        (_("Kept true, and paid for"), "kept", KEPT),
    ]


def _counted(span: Span, now: Standing) -> DeskFigures:
    return desk_figures(span.start, span.end, {cause.id: cause.required for cause in rulebook().causes.causes.values()}, now)


def _metrics(counted: DeskFigures, span: Span) -> dict[str, Metric]:
    requests = sum(total.figures.requests for total in log_store().totals(Dimension.ALL, span.start, span.end))
    traffic = Traffic(requests, key_slots.counted(span.start, span.end, ("active",)).active())
    return desk_metrics(counted, traffic)


Bar = tuple[str, int, str, str]  # label, tickets, kind, address


def _class_bars(by_cause: Mapping[str | None, int]) -> list[Bar]:
    """Tickets by class, in the order of the rules, empty ones too."""
    metrics, language = rulebook().metrics, ui_language()
    class_of: dict[str | None, str] = {cause.id: metrics.class_of_family(cause.family) for cause in rulebook().causes.causes.values()}
    found = by_class(by_cause, class_of, tuple(metrics.rules["class_title"]))
    return [(metrics.class_title(each.name, language), each.tickets, "plain", "") for each in found]


def _cause_bars(by_cause: Mapping[str | None, int]) -> list[Bar]:
    """Tickets by cause, the most frequent first, each with the tickets behind it."""
    causes, language = rulebook().causes.causes, ui_language()
    ranked = sorted(((cause, tickets) for cause, tickets in by_cause.items() if cause in causes), key=lambda pair: -pair[1])
    return [(causes[cause or ""].title[language], tickets, "plain", _queue_href(cause)) for cause, tickets in ranked]


def _queue_href(cause: str | None) -> str:
    return url_for("desk.queue", view="all", cause=cause)
