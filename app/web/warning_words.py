"""What a warning says, in the reader's language; amounts only for those who may see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from flask import url_for

from app.store import desk_warnings
from app.web.context import rulebook
from app.web.i18n import ui_language
from app.web.rows_behind import log_rows

if TYPE_CHECKING:
    from app.store.models_warnings import DeskWarning


MICROS = 1_000_000
NAMELESS = "–"  # a key refused at the door, which nothing else tells of


@dataclass(frozen=True, slots=True)
class WarningView:
    """One warning as pages show it. money: as text, empty for those who may not see amounts and where there is none."""

    number: int
    title: str
    value: str
    sentence: str
    advice: str
    costs: bool
    since: datetime
    last_seen: datetime
    href: str
    rows_href: str
    money: str = ""


def standing_warnings(*, costs: bool, with_money: bool = False, limit: int = 20) -> list[WarningView]:
    """Warnings about money, or those about failures, that nobody dismissed."""
    return [warning_view(each, with_money=with_money) for each in desk_warnings.standing(rules_of(costs=costs), limit)]


def rules_of(*, costs: bool | None = None) -> Sequence[str]:
    """Kinds of warnings: about money, about failures, or all."""
    return [rule.id for rule in rulebook().warnings.kinds.values() if costs is None or rule.costs == costs]


def warning_view(found: DeskWarning, *, with_money: bool = False) -> WarningView:
    """One warning in words."""
    rule, language = rulebook().warnings.kinds[found.rule], ui_language()
    return WarningView(
        number=found.id,
        title=rule.title[language],
        value=str(found.value),
        sentence=rule.said(found.facts, language),
        advice=rule.advice[language],
        costs=rule.costs,
        since=found.started_at,
        last_seen=found.last_seen_at,
        href=url_for("desk.incident_warning", number=found.id),
        rows_href=_rows_href(found),
        money=f"${found.facts['money'] / MICROS:,.2f}" if with_money and "money" in found.facts else "",
    )


def _rows_href(found: DeskWarning) -> str:
    """The rows behind it, in the log."""
    narrowed = {}
    if found.value != NAMELESS:
        narrowed["group" if found.rule == "mixed-group" else "key"] = str(found.value).removeprefix("…")
    if found.rule != "retry-storm":
        narrowed["show"] = "all"
    return log_rows(found.started_at, found.last_seen_at, **narrowed)
