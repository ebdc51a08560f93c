"""The application log: one line per answer and per failure, to standard error; never an address, a body or an exception's words."""

from __future__ import annotations

import logging
from types import TracebackType

from app.core.redaction import Redactor

FORMAT = "%(asctime)s %(name)s %(levelname)s %(message)s"
OURS = ("gatedesk", "huey")  # written by a handler of the desk
GUESTS = ("_granian", "granian.access", "werkzeug", "app")  # have handlers of their own, which come and go
QUIET = ("PIL", "MARKDOWN")  # below a warning they tell what they read


class RedactingFilter(logging.Filter):
    """Redacts every message as it will be written; of an exception it leaves type and place."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self._redactor = redactor

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record through, with nothing secret in it for any handler that follows."""
        record.msg, record.args = str(self._redactor.clean(_message(record))), None
        record.exc_info = record.exc_text = record.stack_info = None
        return True


def init(redactor: Redactor) -> None:
    """Give the desk's loggers a handler of their own, once per process, and every logger that is heard the filter."""
    redacting = RedactingFilter(redactor)
    for name in OURS:
        log = logging.getLogger(name)
        log.setLevel(logging.INFO)
        if not log.handlers:
            handler = logging.StreamHandler()
            handler.setFormatter(logging.Formatter(FORMAT))
            log.addHandler(handler)
        for heard in log.handlers:
            _put(heard, redacting)
    for name in GUESTS:
        _put(logging.getLogger(name), redacting)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def place_of(traceback: TracebackType | None) -> str:
    """File and line where an exception arose."""
    while traceback and traceback.tb_next:
        traceback = traceback.tb_next
    return f"{traceback.tb_frame.f_code.co_filename}:{traceback.tb_lineno}" if traceback else "?"


def _message(record: logging.LogRecord) -> str:
    """The finished message; an exception among its arguments, or beside it, is named by type and place."""
    if isinstance(record.args, tuple):
        record.args = tuple(_named(value) for value in record.args)
    try:
        text = str(_named(record.msg)) if isinstance(record.msg, BaseException) else record.getMessage()
    except (TypeError, ValueError, KeyError):
        text = "a message whose arguments do not fit it"
    error = record.exc_info[1] if record.exc_info else None
    return f"{text}: {_named(error)}" if error else text


def _named(value: object) -> object:
    """An exception's type and place in place of its words, which may quote what was handled."""
    return f"{type(value).__name__} at {place_of(value.__traceback__)}" if isinstance(value, BaseException) else value


def _put(heard: logging.Filterer, redacting: RedactingFilter) -> None:
    """The newest filter takes the place of an older one."""
    for old in [known for known in heard.filters if isinstance(known, RedactingFilter)]:
        heard.removeFilter(old)
    heard.addFilter(redacting)
