"""The audit page: every change and every private read, narrowed by the address, page by page, or as a file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, cast

from flask import Flask, Response, current_app, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from app.core.audit import NOBODY, AuditFilter, AuditLine, audit_csv, audit_ndjson, cursor_after, read_cursor
from app.core.roles import Audience
from app.operations.log_export import note_export
from app.store import users
from app.store.audit import find
from app.store.rulebook import RULES_DIR, read_rules
from app.web.access import for_audience
from app.web.admin.pages import blueprint
from app.web.context import person, redactor
from app.web.downloads import as_file
from app.web.i18n import ui_language
from app.web.numbers import whole_number
from app.web.render import now

PAGE = 100
MOST_EXPORTED = 200_000
LINES_AT_ONCE = 2_000
OBJECT = re.compile(r"[A-Za-z0-9._/-]{1,64}\Z")
DAYS = (1, 7, 30, 90, 365)


@dataclass(frozen=True, slots=True)
class Line:
    """One act in the reader's words; url: where the thing is, if it has a page."""

    at: datetime
    who: str
    login: str
    action: str
    kind: str
    object_id: str
    before: str
    after: str
    url: str
    is_read: bool  # before: the page that led there


@blueprint.get("/audit")
@for_audience(Audience.ADMIN)
def audit() -> str:
    """The newest acts that fit the filter."""
    chosen, cursor = _asked(), read_cursor(request.args.get("after", ""))
    found = find(chosen, PAGE + 1, cursor)
    shown, query = found[:PAGE], _query()
    older: dict[str, Any] = {**query, "after": str(cursor_after(shown[-1]))} if len(found) > PAGE else {}
    return render_template(
        "admin/audit.html",
        lines=[_line(line) for line in shown],
        query=query,
        older=url_for("admin.audit", **older) if older else "",
        first_page=cursor is None,
        people=_people(),
        actions=_options("action", _("any act")),
        kinds=_options("kind", _("any thing")),
        days=[("", _("ever")), *((str(days), ngettext("%(num)s day", "%(num)s days", days)) for days in DAYS)],
    )


@blueprint.get("/audit.<any(csv,ndjson):file_type>")
@for_audience(Audience.ADMIN)
def export_audit(file_type: str) -> Response:
    """What the filter shows, as a file, read page after page while it is sent; that it was taken out is in the audit as well."""
    note_export(file_type, person(), now(), "audit")
    lines = _all_lines(cast("Flask", current_app._get_current_object()), _asked())  # type: ignore[attr-defined]  # noqa: SLF001 - it outlives the request
    rows = audit_csv(lines) if file_type == "csv" else audit_ndjson(lines)
    return as_file(rows, f"audit-{now():%Y%m%d-%H%M}", file_type)


def _all_lines(app: Flask, chosen: AuditFilter) -> Iterator[AuditLine]:
    """Page after page, up to a bound; read while the file is sent, when the request is over."""
    cursor, given = None, 0
    while given < MOST_EXPORTED:
        with app.app_context():
            found = find(chosen, LINES_AT_ONCE, cursor)
        yield from found
        given += len(found)
        if len(found) < LINES_AT_ONCE:
            return
        cursor = cursor_after(found[-1])


def _query() -> dict[str, str]:
    """The filter as it stands in the address; nonsense is left out."""
    given = {name: request.args.get(name, "").strip() for name in ("actor", "action", "kind", "object", "days")}
    fits = {
        "actor": given["actor"] == "none" or whole_number(given["actor"]) is not None,
        "action": given["action"] in _book()["action"],
        "kind": given["kind"] in _book()["kind"],
        "object": bool(OBJECT.match(given["object"])) and redactor().clean(given["object"]) == given["object"],
        "days": given["days"] in {str(days) for days in DAYS},
    }
    return {name: value for name, value in given.items() if value and fits[name]}


def _asked() -> AuditFilter:
    """The filter as the store takes it."""
    query = _query()
    actor = query.get("actor")
    return AuditFilter(
        actor=NOBODY if actor == "none" else whole_number(actor),
        action=query.get("action", ""),
        kind=query.get("kind", ""),
        object_id=query.get("object", ""),
        since=now() - timedelta(days=int(query["days"])) if "days" in query else None,
    )


def _people() -> list[tuple[str, str]]:
    """Whose acts can be asked for."""
    accounts = [(str(user.id), f"{user.display_name} ({user.name})") for user in users.everyone()]
    return [("", _("anybody")), ("none", _("a guest or the desk")), *accounts]


def _options(what: str, any_of_them: str) -> list[tuple[str, str]]:
    """The codes of acts or things with their words, by their words."""
    named = sorted(((code, words[ui_language()]) for code, words in _book()[what].items()), key=lambda pair: pair[1])
    return [("", any_of_them), *named]


def _line(line: AuditLine) -> Line:
    return Line(
        at=line.at,
        who=line.called or _("a guest or the desk"),
        login=line.actor or "",
        action=_word("action", line.action),
        kind=_word("kind", line.kind),
        object_id=line.object_id,
        before=line.before or "",
        after=line.after or "",
        url=_address(line),
        is_read=line.action == "read",
    )


def _word(what: str, code: str) -> str:
    """A code in words; the code where there are none."""
    words = _book()[what].get(code)
    return str(words[ui_language()]) if words else code.replace("_", " ")


def _address(line: AuditLine) -> str:
    """The page of what an act was done to."""
    number = whole_number(line.object_id)
    pages = {"ticket": "desk.ticket", "key": "desk.key", "incident": "desk.incident"}
    return url_for(pages[line.kind], number=number) if number and line.kind in pages else ""


@cache
def _book() -> dict[str, Any]:
    """What acts and things are called."""
    return read_rules(RULES_DIR, "audit")
