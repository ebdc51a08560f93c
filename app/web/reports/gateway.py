"""The gateway's traffic: how much went well, how fast, what it cost; read from the hourly roll-ups only."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_babel import format_datetime
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.metrics import Metric, add_up, gateway_metrics
from app.core.roles import Audience, sees_amounts
from app.core.rollups import Dimension, Figures
from app.core.spreadsheet import inert
from app.store.logs import Point, Total
from app.web.access import current_role, for_audience
from app.web.context import log_store, rulebook
from app.web.i18n import ui_language
from app.web.reports.figures import Shown, shown, worded
from app.web.reports.span import HOUR, Span, asked_span, span_options

blueprint = Blueprint("reports", __name__, url_prefix="/reports")
MOST_ROWS = 50
HEADLINES = ("success_rate", "service_success_rate", "failures", "latency_p50", "latency_p95", "ttft_p50", "ttft_coverage")
MORE = ("interruption_rate", "latency_mean", "retries", "fallbacks", "charged_failures")
BY = (
    Dimension.MODEL,
    Dimension.GROUP,
    Dimension.ENVIRONMENT,
    Dimension.REQUEST_TYPE,
    Dimension.PROVIDER,
    Dimension.CLIENT,
    Dimension.OWNER,
)
# how a value of a dimension is asked for in the log; the client's version is not in a roll-up, and the filter goes by its beginning
LOG_FILTER = {dimension: dimension.value for dimension in BY}


@dataclass(frozen=True, slots=True)
class Row:
    """One value of the dimension chosen, with its figures as text; `amount` only for those who may see amounts."""

    value: str
    href: str
    requests: int
    failures: int
    success: str
    p95: str
    tokens: int
    amount: str


@blueprint.get("/")
@for_audience(Audience.DESK)
def gateway() -> str:
    """Traffic of a span by one dimension: a fixed number of look-ups in the roll-ups, whatever the traffic."""
    span, dimension = asked_span(), _dimension()
    store = log_store()
    series = store.series(Dimension.ALL, None, span.start, span.end, span.step)
    totals = store.totals(dimension, span.start, span.end, MOST_ROWS)
    problems = store.totals(Dimension.FAILURE, span.start, span.end, MOST_ROWS)
    now_figures = add_up(point.figures for point in series)
    before = add_up(total.figures for total in store.totals(Dimension.ALL, span.before.start, span.before.end))
    metrics, metrics_before = gateway_metrics(now_figures), gateway_metrics(before) if before.requests else {}
    return render_template(
        "reports/gateway.html",
        span=span,
        span_options=span_options(),
        dimension=dimension,
        dimension_options=dimension_options(),
        figures=now_figures,
        headlines=_shown(HEADLINES, metrics, metrics_before, span),
        more=_shown(_more(), metrics, metrics_before, span),
        columns=_columns(series, span),
        classes=_classes(problems, span),
        rows=[_row(total, dimension, span) for total in totals],
        with_amounts=sees_amounts(current_role()),
        csv_href=_csv_href(dimension, span),
    )


@blueprint.get("/gateway.csv")
@for_audience(Audience.DESK)
def gateway_csv() -> Response:
    """The table of the dimension chosen, with plain numbers."""
    span, dimension = asked_span(), _dimension()
    with_amounts = sees_amounts(current_role())
    text = io.StringIO()
    sheet = csv.writer(text)
    names = [*HEADLINES, *MORE, *(["cost"] if with_amounts else [])]
    sheet.writerow([dimension.value, "requests", *names])
    for total in log_store().totals(dimension, span.start, span.end, 1000):
        metrics = gateway_metrics(total.figures)
        sheet.writerow([inert(total.value), total.figures.requests, *(_plain(metrics[name]) for name in names)])
    response = Response(text.getvalue(), mimetype="text/csv")
    response.headers["Content-Disposition"] = f"attachment; filename=gateway-{dimension.value}-{span.start:%Y%m%d}.csv"
    return response


def dimension_options() -> list[tuple[str, str]]:
    """What the table can be split by."""
    titles = {
        Dimension.MODEL: _("model"),
        Dimension.GROUP: _("group"),
        Dimension.ENVIRONMENT: _("environment"),
        Dimension.REQUEST_TYPE: _("request type"),
        Dimension.PROVIDER: _("provider"),
        Dimension.CLIENT: _("client"),
        Dimension.OWNER: _("owner"),
    }
    return [(dimension.value, titles[dimension]) for dimension in BY]


def _dimension() -> Dimension:
    """The dimension asked for; the model otherwise."""
    asked = request.args.get("by", "")
    return next((dimension for dimension in BY if dimension.value == asked), Dimension.MODEL)


def _more() -> tuple[str, ...]:
    return (*MORE, "cost") if sees_amounts(current_role()) else MORE


def _shown(names: Sequence[str], metrics: dict[str, Metric], before: dict[str, Metric], span: Span) -> list[Shown]:
    """Figures with the rows behind them."""
    links = {"failures": logs_href(span), "interruption_rate": logs_href(span, show="partial")}
    return shown(rulebook().metrics, metrics, before, names, links)


def _columns(series: Sequence[Point], span: Span) -> list[tuple[str, int, int]]:
    """(label, requests, failures) of every step, empty ones too."""
    found = {point.start: point.figures for point in series}
    pattern = "MM-dd HH:mm" if span.step == HOUR else "MM-dd"
    rows = []
    for start in span.steps:
        figures = found.get(start, Figures())
        rows.append((format_datetime(start, pattern, rebase=False), figures.requests, figures.error + figures.partial))
    return rows


def _classes(problems: Sequence[Total], span: Span) -> list[tuple[str, int, str, str]]:
    """(title, failures, statuses, address) of each class of failures that occurred, the most frequent first."""
    book, language = rulebook().metrics, ui_language()
    counts: dict[str, dict[str, int]] = {}
    for total in problems:
        status, _space, name = total.value.partition(" ")
        counts.setdefault(name, {})[status] = total.figures.requests
    ranked = sorted(counts.items(), key=lambda pair: -sum(pair[1].values()))
    return [
        (book.class_title(name, language), sum(statuses.values()), _statuses(statuses), _class_href(statuses, span))
        for name, statuses in ranked
    ]


def _statuses(statuses: dict[str, int]) -> str:
    """`429 × 31, 200 × 2`: what these failures looked like."""
    return ", ".join(f"{status} × {count}" for status, count in sorted(statuses.items(), key=lambda pair: -pair[1]))


def _class_href(statuses: dict[str, int], span: Span) -> str:
    """The rows behind a class, where one status says it all."""
    [*one] = statuses
    return logs_href(span, status=one[0]) if len(one) == 1 and one[0].isdecimal() else logs_href(span)


def _row(total: Total, dimension: Dimension, span: Span) -> Row:
    metrics = gateway_metrics(total.figures)
    return Row(
        value=total.value,
        href=logs_href(span, show="all", **{LOG_FILTER[dimension]: total.value}) if total.value else "",
        requests=total.figures.requests,
        failures=total.figures.error + total.figures.partial,
        success=worded(metrics["success_rate"].value, "share"),
        p95=worded(metrics["latency_p95"].value, "ms"),
        tokens=total.figures.prompt_tokens + total.figures.completion_tokens,
        amount=worded(metrics["cost"].value, "money"),
    )


def logs_href(span: Span, **values: str) -> str:
    """The log rows of the span."""
    times = {"since": f"{span.start:%Y-%m-%dT%H:%M}", "until": f"{span.end:%Y-%m-%dT%H:%M}"}
    query: dict[str, Any] = {**times, **values}
    return url_for("logs.recent", **query)


def _csv_href(dimension: Dimension, span: Span) -> str:
    query: dict[str, Any] = {"by": dimension.value, **span.query}
    return url_for("reports.gateway_csv", **query)


def _plain(metric: Metric) -> float | str:
    """A number for a sheet: money in US dollars; nothing where there is none."""
    if metric.value is None:
        return ""
    return round(metric.value / 1_000_000, 6) if metric.id == "cost" else round(metric.value, 6)
