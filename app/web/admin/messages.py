"""What could not be sent, and what came in and was not taken: why, never what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.roles import Audience
from app.operations import outbox as operations
from app.store import inbox, outbox, users
from app.web.access import for_audience
from app.web.admin.pages import blueprint
from app.web.context import person
from app.web.render import now

if TYPE_CHECKING:
    from app.store.models_mail import OutMessage

LOOKED_BACK = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that was given up, as the page shows it."""

    id: int
    channel: str
    kind: str
    reader: str
    ticket_id: int | None
    attempts: int
    error: str | None
    at: datetime


@blueprint.get("/messages")
@for_audience(Audience.ADMIN)
def messages() -> str:
    """Messages that were given up, counts by state, and what came in without being taken."""
    return render_template(
        "admin/messages.html",
        dead=_shown(outbox.dead()),
        counts=outbox.counts(),
        refused=inbox.reasons_since(now() - LOOKED_BACK),
        taken=inbox.outcomes_since(now() - LOOKED_BACK),
        reason_words=reason_words(),
    )


@blueprint.post("/messages/<int:number>")
@for_audience(Audience.ADMIN)
def settle_message(number: int) -> Response:
    """Try a message that was given up again, or drop it."""
    message = outbox.by_id(number)
    if message is None or message.state != "dead":
        abort(404)
    if request.form.get("wish") == "drop":
        operations.drop(message, person(), now())
        flash(_("The message was dropped."), "ok")
    else:
        operations.try_again(message, person(), now())
        flash(_("The message is sent again within a minute."), "ok")
    return redirect(url_for("admin.messages"), 303)


def reason_words() -> dict[str, str]:
    """Why something that came in was not taken."""
    return {
        "unknown_sender": _("the sender is neither the ticket's requester nor staff"),
        "no_ticket": _("it names no ticket, and new tickets by e-mail are off"),
        "automatic": _("an automatic answer"),
        "own": _("one of our own came back"),
        "rate": _("too many within an hour"),
        "empty": _("nothing was left after quoted parts were cut"),
        "too_large": _("too large"),
        "unreadable": _("no e-mail that can be read"),
        "unknown_bounce": _("a bounce of no message of ours"),
    }


def _shown(dead: Sequence[OutMessage]) -> list[DeadLetter]:
    """For whom each was, by account or endpoint; a guest has no name."""
    readers = {user.id: user.display_name for user in users.by_ids([message.user_id for message in dead if message.user_id])}
    endpoints = {endpoint.id: str(endpoint.label) for endpoint in outbox.webhooks()}
    return [
        DeadLetter(
            id=message.id,
            channel=message.channel,
            kind=message.kind,
            reader=readers.get(message.user_id or 0) or endpoints.get(message.webhook_id or 0) or _("guest"),
            ticket_id=message.ticket_id,
            attempts=message.attempts,
            error=message.error,
            at=message.done_at or message.created_at,
        )
        for message in dead
    ]
