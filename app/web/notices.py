"""What the desk told a person: a page for everybody who has an account, and its count in the header."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.roles import Audience, admits
from app.operations.notices import open_notice, read_notices
from app.store import hand_offs, notices
from app.web.access import current_role, for_audience
from app.web.context import person, person_or_none
from app.web.desk.list_words import about_words, notice_words
from app.web.notice_pages import page_of
from app.web.numbers import whole_number
from app.web.render import now

if TYPE_CHECKING:
    from app.store.notices import Told

blueprint = Blueprint("notices", __name__, url_prefix="/notices")
PAGE = 50


@blueprint.get("/")
@for_audience(Audience.SIGNED_IN)
def page() -> str:
    """One's own notices, the newest first; the unread stand out."""
    before = whole_number(request.args.get("before"))
    found = notices.newest(person().id, PAGE + 1, before)
    shown = found[:PAGE]
    return render_template(
        "notices.html",
        told=shown,
        what=notice_words(),
        thing=_thing,
        unread=notices.unread(person().id),
        until=shown[0].id if shown else 0,
        first_page=before is None,
        older=url_for("notices.page", before=shown[-1].id) if len(found) > PAGE else "",
    )


@blueprint.get("/<int:number>")
@for_audience(Audience.SIGNED_IN)
def follow(number: int) -> Response:
    """The page of what one's own notice is about; from then on it is read."""
    found = hand_offs.notice(person().id, number) or abort(404)
    open_notice(found, now())
    return redirect(page_of(found.ticket_id, found.about, found.about_id), 303)


@blueprint.post("/read")
@for_audience(Audience.SIGNED_IN)
def read() -> Response:
    """All that was on the page counts as read."""
    read_notices(person(), whole_number(request.form.get("until")) or 0, now())
    flash(_("All of them count as read."), "ok")
    return redirect(url_for("notices.page"), 303)


@blueprint.app_template_global()
def unread_notices() -> str:
    """How many notices wait for the signed-in person, as the header shows it; empty for none."""
    reader = person_or_none()
    count = notices.unread(reader.id) if reader else 0
    return f"{notices.MOST_COUNTED}+" if count > notices.MOST_COUNTED else str(count or "")


def _thing(notice: Told) -> str:
    """What a notice is about, in words; titles for those who may read them now, whatever they were when they were told."""
    if notice.ticket_id is not None:
        return f"#{notice.ticket_id} {notice.title}" if admits(Audience.DESK, current_role()) else f"#{notice.ticket_id}"
    kind = about_words().get(notice.about or "", notice.about or "")
    is_named = notice.title and admits(Audience.STAFF, current_role())
    return f"{kind}: {notice.title}" if is_named else f"{kind} {notice.about_id}"
