"""How the desk does: tickets by cause, how long people waited, how many helped themselves."""

from __future__ import annotations

from collections.abc import Mapping

from flask import render_template, url_for

from app.core.desk_metrics import by_class, desk_metrics
from app.core.roles import Audience
from app.store.desk_figures import desk_figures
from app.web.access import for_audience
from app.web.context import rulebook
from app.web.i18n import ui_language
from app.web.reports.figures import shown
from app.web.reports.gateway import blueprint
from app.web.reports.span import asked_span, span_options

FIGURES = ("tickets", "first_response", "resolution", "reopen_rate", "one_touch", "self_service", "link_rate", "match_rate", "satisfaction", "rating_response")


@blueprint.get("/desk")
@for_audience(Audience.DESK)
def desk() -> str:
    """The desk's own figures of a span beside those of the span before."""
    span = asked_span()
    counted, before = desk_figures(span.start, span.end), desk_figures(span.before.start, span.before.end)
    return render_template(
        "reports/desk.html",
        span=span,
        span_options=span_options(),
        figures=shown(rulebook().metrics, desk_metrics(counted), desk_metrics(before) if before.filed else {}, FIGURES, _links()),
        tickets=len(counted.filed),
        class_bars=_class_bars(counted.by_cause),
        cause_bars=_cause_bars(counted.by_cause),
    )


def _links() -> dict[str, str]:
    """The tickets behind a figure: those rated bad are what one can learn from."""
    return {"satisfaction": url_for("desk.queue", view="all", rating="bad")}


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
