"""Keep, remove and let expire the files of tickets."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta

from app.core.attachment import PICTURES_KEPT, Attached, Kind
from app.operations.audit import record
from app.store import attachments, users
from app.store.database import db
from app.store.journal import empty_journal
from app.store.models import Attachment, Reply, SignInFailure, Ticket, User

GUEST_UPLOADS = 20  # forms with files from one address in WINDOW: a whole office may share one
WINDOW = timedelta(minutes=15)


def attach(ticket: Ticket, files: Sequence[Attached], now: datetime, reply: Reply | None = None) -> None:
    """Keep the files of a report, or of a reply to it; the calling operation commits."""
    if files:
        db.session.flush()  # so that ticket and reply have their numbers
    for file in files:
        db.session.add(
            Attachment(
                ticket_id=ticket.id,
                reply_id=reply.id if reply else None,
                kind=file.kind,
                name=file.name,
                media_type=file.media_type,
                size=file.size,
                text=file.text,
                picture=file.picture,
                created_at=now,
                expires_at=now + PICTURES_KEPT if file.kind is Kind.IMAGE else None,
            )
        )


def admit_guest(address: str, pepper: bytes, now: datetime) -> bool:
    """Count a guest's sending of files; False when too many came from this address. It is counted as an HMAC, like sign-ins."""
    subject = hmac.new(pepper, f"upload {address}".encode(), hashlib.sha256).hexdigest()
    if users.failures_since(subject, now - WINDOW) >= GUEST_UPLOADS:
        return False
    db.session.add(SignInFailure(subject=subject, at=now))
    db.session.commit()
    return True


def remove(attachment: Attachment, actor: User, now: datetime) -> None:
    """Staff take a file away at once: it shows what nobody should see."""
    record("attachment_removed", "attachment", attachment.id, now, actor)
    db.session.delete(attachment)
    db.session.commit()
    empty_journal(db.engine)


def purge_expired(now: datetime) -> int:
    """Forget the pictures whose time is over; their names stay, so that the thread can be read. Returns how many."""
    over = attachments.expired(now)
    for attachment in over:
        attachment.picture = attachment.expires_at = None
        record("attachment_expired", "attachment", attachment.id, now, None)
    db.session.commit()
    if over:
        empty_journal(db.engine)
    return len(over)
