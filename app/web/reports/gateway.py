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

from app.core.key_slots import KeyCounts
from app.core.key_tally import Side
from app.core.metrics import Metric, add_up, gateway_metrics, key_metrics, share
from app.core.roles import Audience, sees_amounts
from app.core.rollups import Dimension, Figures
from app.core.spreadsheet import inert
from app.store import key_slots
from app.store.logs import Point, Total
from app.web.access import current_role, for_audience
from app.web.context import log_store, rulebook
from app.web.downloads import as_file
from app.web.i18n import ui_language
from app.web.reports.figures import Shown, shown, worded
from app.web.reports.span import HOUR, Span, asked_span, span_options
from app.web.rows_behind import log_rows, traffic_rows

blueprint = Blueprint("reports", __name__, url_prefix="/reports")
MOST_ROWS = 50
MICROS = 1_000_000
MOST_STATUSES = 1000  # pairs of status and class
HEADLINES = ("success_rate", "service_success_rate", "failures", "latency_p50", "latency_p95", "ttft_p50", "ttft_coverage")
MORE = ("interruption_rate", "latency_mean", "retries", "fallbacks", "charged_failures")
BY_KEY = ("failing_keys", "tries_again", "tries_again_failed")
PARTS = ("requests", "active", "side", "again", "again_failed")  # of what is counted by key
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
    keys: int  # distinct ones behind the failures
    success: str
    p95: str
    tokens: int
    amount: str


@blueprint.get("/")
@for_audience(Audience.DESK)
def gateway() -> str:
    """Traffic of a span by one dimension: a fixed number of look-ups in the roll-ups, whatever the traffic."""
    span, dimension = asked_span(), asked_dimension()
    store = log_store()
    series = store.series(Dimension.ALL, None, span.start, span.end, span.step)
    totals = store.totals(dimension, span.start, span.end, MOST_ROWS)
    problems = store.totals(Dimension.FAILURE, span.start, span.end, MOST_STATUSES)
    now_figures = add_up(point.figures for point in series)
    before = add_up(total.figures for total in store.totals(Dimension.ALL, span.before.start, span.before.end))
    keys = key_slots.counted(span.start, span.end, (*PARTS, "failure", "sides", dimension.value))
    keys_before = key_slots.counted(span.before.start, span.before.end, PARTS)
    metrics, metrics_before = all_metrics(now_figures, keys), all_metrics(before, keys_before) if before.requests else {}
    failing = keys.keys_behind(dimension.value)
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
        classes=_classes(problems, keys, span),
        sides=sides(keys, now_figures.error + now_figures.partial),
        uncounted=now_figures.requests - keys.requests(),
        rows=[_row(total, dimension, span, failing.get(total.value, 0)) for total in totals],
        with_amounts=sees_amounts(current_role()),
        csv_href=_csv_href(dimension, span),
    )


@blueprint.get("/gateway.csv")
@for_audience(Audience.DESK)
def gateway_csv() -> Response:
    """The table of the dimension chosen, with plain numbers."""
    span, dimension = asked_span(), asked_dimension()
    with_amounts = sees_amounts(current_role())
    text = io.StringIO()
    sheet = csv.writer(text)
    names = [*HEADLINES, *MORE, *(["cost"] if with_amounts else [])]
    failing = key_slots.counted(span.start, span.end, (dimension.value,)).keys_behind(dimension.value)
    sheet.writerow([dimension.value, "requests", *names, "failing_keys"])
    for total in log_store().totals(dimension, span.start, span.end, 1000):
        metrics = gateway_metrics(total.figures)
        numbers = [plain(metrics[name]) for name in names]
        sheet.writerow([inert(total.value), total.figures.requests, *numbers, failing.get(total.value, 0)])
    return as_file(text.getvalue(), f"gateway-{dimension.value}-{span.start:%Y%m%d}", "csv")


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


def asked_dimension() -> Dimension:
    """The dimension asked for; the model otherwise."""
    asked = request.args.get("by", "")
    return next((dimension for dimension in BY if dimension.value == asked), Dimension.MODEL)


def _more() -> tuple[str, ...]:
    return (*MORE, *BY_KEY, "cost") if sees_amounts(current_role()) else (*MORE, *BY_KEY)


def all_metrics(figures: Figures, keys: KeyCounts) -> dict[str, Metric]:
    """Every figure of a span: those of the roll-ups, and those of the hours counted by key."""
    tried, failures = keys.tries(), figures.error + figures.partial
    return gateway_metrics(figures) | key_metrics(failures, tried.again, tried.failed, keys.failing(), keys.active())


def _shown(names: Sequence[str], metrics: dict[str, Metric], before: dict[str, Metric], span: Span) -> list[Shown]:
    """Figures with the rows behind them."""
    return shown(rulebook().metrics, metrics, before, names, traffic_rows(span.start, span.end))


def _columns(series: Sequence[Point], span: Span) -> list[tuple[str, int, int]]:
    """(label, requests, failures) of every step, empty ones too."""
    found = {point.start: point.figures for point in series}
    pattern = "MM-dd HH:mm" if span.step == HOUR else "MM-dd"
    rows = []
    for start in span.steps:
        figures = found.get(start, Figures())
        rows.append((format_datetime(start, pattern, rebase=False), figures.requests, figures.error + figures.partial))
    return rows


def sides(keys: KeyCounts, failures: int) -> list[tuple[str, int, str, int]]:
    """(side, failures, share of all, distinct keys) of each side failures lie on, in a fixed order."""
    found, words = keys.by_side(), side_words()
    told = [(words[side], *found[side]) for side in Side if side in found]
    return [(word, count, worded(share("side", count, failures).value, "share"), distinct) for word, count, distinct in told]


def side_words() -> dict[Side, str]:
    """Whose side, in words."""
    return {
        Side.USER: _("the caller's"),
        Side.QUOTA: _("quota: no money, or too many requests"),
        Side.GATEWAY: _("the gateway's or the network's"),
        Side.PROVIDER: _("the provider's"),
        Side.UNKNOWN: _("not known"),
    }


def _classes(problems: Sequence[Total], keys: KeyCounts, span: Span) -> list[tuple[str, int, int, str, str]]:
    """(title, failures, keys, statuses, address) of each class of failures that occurred, the most frequent first."""
    book, language = rulebook().metrics, ui_language()
    distinct = keys.keys_behind("failure")
    counts: dict[str, dict[str, int]] = {}
    for total in problems:
        status, _space, name = total.value.partition(" ")
        failures = total.figures.error + total.figures.partial  # a client that went away is no failure
        if failures:
            counts.setdefault(name, {})[status] = failures
    ranked = sorted(counts.items(), key=lambda pair: -sum(pair[1].values()))
    return [
        (book.class_title(name, language), sum(statuses.values()), distinct.get(name, 0), _statuses(statuses), _class_href(statuses, span))
        for name, statuses in ranked
    ]


def _statuses(statuses: dict[str, int]) -> str:
    """`429 × 31, 200 × 2`: what these failures looked like."""
    return ", ".join(f"{status} × {count}" for status, count in sorted(statuses.items(), key=lambda pair: -pair[1]))


def _class_href(statuses: dict[str, int], span: Span) -> str:
    """The rows behind a class, where one status says it all."""
    [*one] = statuses
    return log_rows(span.start, span.end, status=one[0]) if len(one) == 1 and one[0].isdecimal() else log_rows(span.start, span.end)


def _row(total: Total, dimension: Dimension, span: Span, keys: int) -> Row:
    metrics = gateway_metrics(total.figures)
    return Row(
        value=total.value,
        href=log_rows(span.start, span.end, show="all", **{LOG_FILTER[dimension]: total.value}) if total.value else "",
        requests=total.figures.requests,
        failures=total.figures.error + total.figures.partial,
        keys=keys,
        success=worded(metrics["success_rate"].value, "share"),
        p95=worded(metrics["latency_p95"].value, "ms"),
        tokens=total.figures.prompt_tokens + total.figures.completion_tokens,
        amount=worded(metrics["cost"].value, "money"),
    )


def _csv_href(dimension: Dimension, span: Span) -> str:
    query: dict[str, Any] = {"by": dimension.value, **span.query}
    return url_for("reports.gateway_csv", **query)


def plain(metric: Metric) -> float | str:
    """A number for a sheet: money in US dollars; nothing where there is none."""
    if metric.value is None:
        return ""
    return round(metric.value / MICROS, 6) if metric.id == "cost" else round(metric.value, 6)
