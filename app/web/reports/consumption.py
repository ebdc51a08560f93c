"""What each day cost, by group, environment, model or kind of request: charges and refunds apart, days of the report's time zone."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import render_template, url_for
from flask_babel import format_date
from werkzeug.wrappers import Response

from app.core.report_days import ReportDay, report_days, runs
from app.core.roles import Audience
from app.core.rollups import Dimension, Figures
from app.core.spreadsheet import inert
from app.web.access import for_audience
from app.web.context import log_store, settings
from app.web.downloads import as_file
from app.web.reports.figures import worded
from app.web.reports.gateway import MICROS, asked_dimension, blueprint, dimension_options
from app.web.reports.span import Span, asked_span, span_options
from app.web.rows_behind import log_rows

MOST_COLUMNS = 5  # values with a column of their own
Spent = Mapping[ReportDay, Mapping[str, Figures]]


@dataclass(frozen=True, slots=True)
class DayRow:
    """A day as the page shows it; amounts as text. net: in whole dollars, for the picture."""

    label: str
    href: str
    requests: int
    charged: str
    refunded: str
    net: str
    dollars: int
    values: tuple[str, ...]


@blueprint.get("/consumption")
@for_audience(Audience.AMOUNTS)
def consumption() -> str:
    """Day by day, the costliest values in columns."""
    span, dimension = asked_span(), asked_dimension()
    spent = spent_by_day(span, dimension)
    top = costliest(spent)
    rows = [_row(day, by_value, top) for day, by_value in spent.items()]
    charged, refunded = _money(figures for by_value in spent.values() for figures in by_value.values())
    query: dict[str, Any] = {"by": dimension.value, **span.query}
    return render_template(
        "reports/consumption.html",
        span=span,
        span_options=span_options(),
        dimension=dimension,
        dimension_options=dimension_options(),
        zone=settings().time_zone,
        top=top,
        rows=rows,
        day_bars=[(row.label, row.dollars, "plain", row.href) for row in rows],
        total=(worded(charged, "money"), worded(refunded, "money"), worded(charged - refunded, "money")),
        csv_href=url_for("reports.consumption_csv", **query),
    )


@blueprint.get("/consumption.csv")
@for_audience(Audience.AMOUNTS)
def consumption_csv() -> Response:
    """Every day and value, with plain numbers in US dollars."""
    span, dimension = asked_span(), asked_dimension()
    text = io.StringIO()
    sheet = csv.writer(text)
    sheet.writerow(["day", dimension.value, "requests", "prompt_tokens", "completion_tokens", "charged", "refunded", "net"])
    for day, by_value in spent_by_day(span, dimension).items():
        for value, figures in sorted(by_value.items()):
            counts = (figures.requests, figures.prompt_tokens, figures.completion_tokens)
            amounts = (figures.cost_micros / MICROS, figures.refund_micros / MICROS, net(figures) / MICROS)
            sheet.writerow([day.day.isoformat(), inert(value), *counts, *amounts])
    return as_file(text.getvalue(), f"consumption-{dimension.value}-{span.start:%Y%m%d}", "csv")


def spent_by_day(span: Span, dimension: Dimension) -> dict[ReportDay, dict[str, Figures]]:
    """Day → value → figures; days without a request too."""
    days = report_days(span.start.date(), (span.end - timedelta(seconds=1)).date(), settings().time_zone)
    spent: dict[ReportDay, dict[str, Figures]] = {day: {} for day in days}
    for run in runs(days):
        began = {day.start: day for day in run}
        for point in log_store().series(dimension, None, run[0].start, run[-1].end, run[0].end - run[0].start):
            spent[began[point.start]][point.value] = point.figures
    return spent


def costliest(spent: Spent) -> list[str]:
    """The values that cost most in the whole span."""
    sums: dict[str, int] = {}
    for by_value in spent.values():
        for value, figures in by_value.items():
            sums[value] = sums.get(value, 0) + net(figures)
    return sorted((value for value, micros in sums.items() if micros > 0), key=lambda value: (-sums[value], value))[:MOST_COLUMNS]


def net(figures: Figures) -> int:
    """Less refunds, in micro-USD."""
    return figures.cost_micros - figures.refund_micros


def _money(many: Iterable[Figures]) -> tuple[int, int]:
    """Charges and refunds of several figures; the rest of them would cost time to add up."""
    amounts = [(figures.cost_micros, figures.refund_micros) for figures in many]
    return sum(charged for charged, _refunded in amounts), sum(refunded for _charged, refunded in amounts)


def _row(day: ReportDay, by_value: Mapping[str, Figures], top: list[str]) -> DayRow:
    charged, refunded = _money(by_value.values())
    return DayRow(
        label=format_date(day.day, "MM-dd"),
        href=log_rows(day.start, day.end, show="all"),
        requests=sum(figures.requests for figures in by_value.values()),
        charged=worded(charged, "money"),
        refunded=worded(refunded, "money"),
        net=worded(charged - refunded, "money"),
        dollars=max(0, round((charged - refunded) / MICROS)),
        values=tuple(worded(net(by_value[value]), "money") if value in by_value else "–" for value in top),
    )
