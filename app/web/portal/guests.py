"""What a guest's form carries besides the report: a field nobody sees and the signed moment it was given out."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from flask import request, session
from flask_babel import gettext as _
from itsdangerous import BadSignature, URLSafeSerializer

from app.core.report import Report
from app.core.spam import Filling, spam_signals
from app.operations import spam as operations
from app.web.context import settings
from app.web.render import now

if TYPE_CHECKING:
    from app.store.models import Ticket

TRAP = "company_slogan"  # a name that says nothing to a browser that fills forms by itself
OLDEST_STAMP = 24 * 3600
HARD_LIMIT = 5  # times the number from which on reports of one address are set aside
REPLIES_PER_HOUR = 60
OWN_KEPT = 3
VISITOR_BYTES = 12


@dataclass(frozen=True, slots=True)
class Reception:
    """How a guest's report is received.

    problem: why it is not taken, in words; again: the ticket it repeats; link: that ticket's token, if this browser filed it.
    """

    status: int = 200
    problem: str = ""
    signals: tuple[str, ...] = ()
    digest: str = ""
    again: Ticket | None = None
    link: str | None = None


def receive(report: Report) -> Reception:
    """Look at the sender and at how the form was filled; two counted queries, whatever was sent."""
    address, usual = request.remote_addr or "", settings().guest_tickets_per_hour
    count = operations.count_act("file", address, settings().pepper, now())
    if usual and count > usual * HARD_LIMIT:
        return Reception(
            429, _("Too many reports came from your address within an hour. Sign in, or send it later; your words are kept below.")
        )
    digest = operations.digest_of(report, _visitor(address), settings().pepper)
    again = operations.earlier_ticket(digest, now())
    if again:
        link = dict(session.get("filed", ())).get(digest[:16])
        told = _("You have sent this report within the last hour. If it is about another failure, add a word on what differs.")
        return Reception(409, told, digest=digest, again=again, link=link)
    filling = Filling(bool(request.form.get(TRAP)), _seconds(), settings().guest_fill_seconds, bool(usual) and count > usual)
    return Reception(signals=spam_signals(filling, report.evidence, report.description or ""), digest=digest)


def remember(ticket: Ticket, digest: str, token: str) -> None:
    """The same browser that sends the same again is led to its ticket."""
    operations.note_filed(ticket, digest, now())
    session["filed"] = [*session.get("filed", ()), [digest[:16], token]][-OWN_KEPT:]


def may_reply() -> bool:
    """Whether this address has not written too much within the hour."""
    return operations.count_act("reply", request.remote_addr or "", settings().pepper, now()) <= REPLIES_PER_HOUR


def guest_stamp() -> str:
    """The moment the form was given out, signed; one that the form carried already stays. From here on the browser is known again."""
    session.setdefault("visitor", secrets.token_urlsafe(VISITOR_BYTES))
    carried = request.form.get("stamp", "")
    return carried if _given_out(carried) else str(_signer().dumps(int(now().timestamp())))


def _visitor(address: str) -> str:
    """Who sends: this browser. One address is a whole office, where two people paste the same error within a minute of one another.

    Whoever begins anew for each report is another person here; how many reports one address may file bounds them.
    """
    return str(session.get("visitor") or address)


def _seconds() -> float | None:
    """How long the form was filled for; None without a stamp of ours, or with one of another day."""
    given = _given_out(request.form.get("stamp", ""))
    return (now() - given).total_seconds() if given else None


def _given_out(stamp: str) -> datetime | None:
    """When a stamp was given out, as long as it counts."""
    try:
        moment = datetime.fromtimestamp(int(_signer().loads(stamp)), now().tzinfo)
    except (BadSignature, ValueError, TypeError, OverflowError, OSError):
        return None
    return moment if 0 <= (now() - moment).total_seconds() <= OLDEST_STAMP else None


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(settings().secret_key, salt="form given out")
