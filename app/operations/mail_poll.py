"""Take what lies unread in the desk's mailbox."""

from __future__ import annotations

import logging
from datetime import datetime

from app.core.mail_message import LARGEST
from app.operations.mail_in import Desk, receive
from app.store import imap
from app.store.database import db

log = logging.getLogger("gatedesk.mail")


def poll(desk: Desk, now: datetime) -> int:
    """Take every unread message and mark it as read; one that fails stays unread for the next time. Returns how many were taken."""
    taken = 0
    with imap.mailbox(desk.settings.mail_imap_url) as server:
        for number in imap.unread(server):
            became = _take(imap.fetch(server, number, LARGEST), desk, now)
            if became:
                imap.mark_read(server, number)
            taken += became not in {"", "refused", "known"}
    return taken


def _take(raw: bytes, desk: Desk, now: datetime) -> str:
    """What became of a message; nothing when it failed: the others go on."""
    try:
        return receive(raw, desk, now)
    except Exception as error:  # noqa: BLE001 - the type alone: the words may quote the message
        db.session.rollback()
        log.error("an e-mail could not be taken: %s", type(error).__name__)  # noqa: TRY400 - for the same reason
        return ""
