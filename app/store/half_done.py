"""What a failed request left half done, and failures that pass when one waits."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import OperationalError

from app.store.database import db
from app.store.logs import LogStoreBusy

CANNOT_STORE = (OperationalError, sqlite3.OperationalError, LogStoreBusy)  # the disk is full, the database away or locked

_log = logging.getLogger("gatedesk.store")


def forget() -> None:
    """Nothing of it is stored, and the next question to the database is answered again."""
    db.session.rollback()


@contextmanager
def may_stay_undone(what: str) -> Iterator[None]:
    """For what is stored along with reading: where nothing can be stored, on a full disk say, reading goes on all the same.

    What was to be stored goes to the application's log instead. `what` is codes and numbers, never text.
    """
    try:
        yield
    except OperationalError:
        forget()
        _log.error("not stored: %s", what)
