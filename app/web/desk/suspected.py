"""Guests' tickets that look like spam: in no other list, released or discarded by a person, one or many at once."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from app.core.roles import Audience
from app.core.ticket import State
from app.operations import spam as operations
from app.store import guests
from app.web.access import for_audience
from app.web.context import log_store, person, rulebook
from app.web.desk.queue import blueprint
from app.web.numbers import whole_number
from app.web.render import now

SHOWN = (State.SUSPECTED, State.DISCARDED)


@blueprint.get("/suspected")
@for_audience(Audience.DESK)
def suspected() -> str:
    """The newest first, with what speaks for spam; the discarded ones on a list of their own."""
    state = State.DISCARDED if request.args.get("show") == State.DISCARDED else State.SUSPECTED
    before = whole_number(request.args.get("before"))
    rows = guests.set_aside(state, before)
    shown = rows[: guests.PAGE]
    return render_template(
        "desk/suspected.html",
        rows=shown,
        state=state,
        counts=guests.counts(),
        most=guests.MOST_COUNTED,
        words=signal_words(),
        address=_address,
        first_page=before is None,
        older=_address(state, shown[-1][0].id) if len(rows) > guests.PAGE else "",
    )


@blueprint.post("/suspected")
@for_audience(Audience.DESK)
def decide_suspected() -> Response:
    """Release or discard the chosen ones."""
    numbers = [number for typed in request.form.getlist("ticket") if (number := whole_number(typed))]
    wish = request.form.get("wish", "")
    if not numbers or wish not in {"release", "discard"}:
        flash(_("Choose tickets, and what to do with them."), "fail")
    elif wish == "release":
        done = operations.release(numbers, person(), rulebook(), log_store(), now())
        flash(ngettext("%(num)s ticket was released into the queue.", "%(num)s tickets were released into the queue.", done), "ok")
    else:
        done = operations.discard(numbers, person(), now())
        flash(
            ngettext(
                "%(num)s ticket was discarded. It can still be released.",
                "%(num)s tickets were discarded. They can still be released.",
                done,
            ),
            "ok",
        )
    return redirect(url_for("desk.suspected", show=State.DISCARDED if request.form.get("show") == State.DISCARDED else None), 303)


def signal_words() -> dict[str, str]:
    """What speaks for spam, in words."""
    return {
        "trapped": _("a field that people do not see was filled in"),
        "no_stamp": _("it did not come from our form"),
        "hurried": _("the form was sent faster than a person fills it"),
        "crowded": _("many reports came from the same address within an hour"),
        "links": _("several links and no fact of a failed request"),
    }


def _address(state: State, before: int | None = None) -> str:
    return url_for("desk.suspected", show=State.DISCARDED if state is State.DISCARDED else None, before=before)
