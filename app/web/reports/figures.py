"""A figure as a page shows it: value with its unit, n, definition, and how it stood in the span before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import format_decimal, format_percent
from flask_babel import gettext as _

from app.core.metrics import Metric, MetricBook, differs
from app.web.i18n import ui_language

MICROS = 1_000_000
MINUTES_AN_HOUR, MINUTES_A_DAY = 60, 1440
MS_A_SECOND = 1000
STANDING = frozenset({"next_action"})  # of this moment, whatever the span: no change can be seen


@dataclass(frozen=True, slots=True)
class Shown:
    """One figure. value: as text, or a dash; before: the same for the span before; changed: by more than chance explains."""

    id: str
    title: str
    definition: str
    value: str
    n: int
    before: str
    changed: bool
    href: str = ""
    between: tuple[str, str] | None = None  # 95 % bounds


def shown(
    book: MetricBook,
    metrics: Mapping[str, Metric],
    before: Mapping[str, Metric],
    names: Sequence[str],
    links: Mapping[str, str] | None = None,
) -> list[Shown]:
    """Figures in the order of `names`, with links to the rows behind them."""
    language = ui_language()
    return [
        Shown(
            id=name,
            title=book.title(name, language),
            definition=book.definition(name, language),
            value=worded(metrics[name].value, book.unit(name)),
            n=metrics[name].n,
            before=worded(before[name].value, book.unit(name)) if name in before else "",
            changed=name in before and book.unit(name) == "share" and name not in STANDING and differs(metrics[name], before[name]),
            href=(links or {}).get(name, ""),
            between=_between(metrics[name], book.unit(name)),
        )
        for name in names
    ]


def _between(metric: Metric, unit: str) -> tuple[str, str] | None:
    """The bounds in words, where the figure has some."""
    return None if metric.low is None or metric.high is None else (worded(metric.low, unit), worded(metric.high, unit))


def worded(value: float | None, unit: str) -> str:
    """A value with its unit in the reader's language; a dash when it is not known or of too few cases."""
    if value is None:
        return "–"
    if unit == "share":
        return str(format_percent(value, "0.0 %" if ui_language() == "en" else "0.0%"))
    if unit == "ms":
        return (
            _("%(number)s s", number=format_decimal(round(value / MS_A_SECOND, 1)))
            if value >= MS_A_SECOND
            else _("%(number)s ms", number=round(value))
        )
    if unit == "money":
        dollars = round(value / MICROS, 2)
        return f"${format_decimal(dollars, '#,##0' if dollars == round(dollars) else '#,##0.00')}"
    if unit == "minutes":
        return _minutes(value)
    return str(format_decimal(round(value, 2 if unit == "number" else 0)))


def _minutes(value: float) -> str:
    """Minutes, hours or days, whichever reads best."""
    if value < 2 * MINUTES_AN_HOUR:
        return _("%(number)s min", number=round(value))
    if value < 2 * MINUTES_A_DAY:
        return _("%(number)s h", number=format_decimal(round(value / MINUTES_AN_HOUR, 1)))
    return _("%(number)s days", number=format_decimal(round(value / MINUTES_A_DAY, 1)))
