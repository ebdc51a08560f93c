"""The application log: one line per answer and per failure, to standard error; never an address, a body or a message."""

from __future__ import annotations

import logging

FORMAT = "%(asctime)s %(name)s %(levelname)s %(message)s"


def init() -> None:
    """Give the desk's loggers a handler of their own, once per process."""
    log = logging.getLogger("gatedesk")
    log.setLevel(logging.INFO)
    if not log.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter(FORMAT))
        log.addHandler(handler)
