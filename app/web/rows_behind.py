"""Where the rows behind a figure are listed: the span's tickets by what the figure counts them by, the log's lines, other lists."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import url_for

from app.core.ticket_query import MINUTE

BY_FILING = (
    *("tickets", "first_response", "first_response_business", "reopen_rate", "one_touch", "hand_offs", "evidence", "repeat_rate"),
    *("tickets_per_requests", "tickets_per_keys"),
)
BY_SOLVING = ("resolution", "link_rate", "rating_response")
EVERY_LINE = ("success_rate", "service_success_rate", "latency_p50", "latency_p95", "latency_mean", "cost")


def desk_rows(start: datetime, end: datetime) -> dict[str, str]:
    """Figure of the desk → its rows, of the span where the figure has one."""
    return {
        **dict.fromkeys(BY_FILING, _tickets("filed", start, end)),
        **dict.fromkeys(BY_SOLVING, _tickets("solved", start, end)),
        "satisfaction": _tickets("solved", start, end, rating="bad"),
        "match_rate": _tickets("filed", start, end, match="confirmed"),
        "next_action": url_for("desk.queue", view="active", next="missing"),
        "disputes": url_for("desk.dispute_list"),
        "disputes_failed_charge": url_for("desk.dispute_list"),
        "approval_rate": url_for("reports.approval_list"),
        "approval_time": url_for("reports.approval_list"),
    }


def traffic_rows(start: datetime, end: datetime) -> dict[str, str]:
    """Figure of the gateway → the log's lines, or the keys."""
    return {
        **dict.fromkeys(EVERY_LINE, log_rows(start, end, show="all")),
        **dict.fromkeys(("failures", "tries_again", "tries_again_failed", "charged_failures"), log_rows(start, end)),
        "interruption_rate": log_rows(start, end, show="partial"),
        "failing_keys": url_for("desk.key_list"),
    }


def log_rows(start: datetime, end: datetime, **narrowed: str) -> str:
    """The log's lines of a span; without more, those that failed."""
    asked: dict[str, Any] = {"since": f"{start:{MINUTE}}", "until": f"{end:{MINUTE}}", **narrowed}
    return url_for("logs.recent", **asked)


def _tickets(what: str, start: datetime, end: datetime, **narrowed: str) -> str:
    """Tickets filed, or solved, within the span."""
    asked: dict[str, Any] = {"view": "all", f"{what}_from": f"{start:{MINUTE}}", f"{what}_until": f"{end:{MINUTE}}", **narrowed}
    return url_for("desk.queue", **asked)
