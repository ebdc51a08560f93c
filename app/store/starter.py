"""The process that started this one, and without which it must not go on."""

from __future__ import annotations

import os
import signal
import time
from threading import Thread

LOOKED_EVERY = 1.0  # seconds


def end_with(starter: int) -> None:
    """End this process, as if it were asked to, when the one of that number, which started it, has gone.

    One that is killed ends no other by itself. What it leaves behind would go on answering on the same port, beside the
    next start and with the code of before.
    """
    Thread(target=_watch, args=(starter,), name="starter", daemon=True).start()


def _watch(starter: int) -> None:
    """Whoever loses its parent is given another."""
    while os.getppid() == starter:
        time.sleep(LOOKED_EVERY)
    os.kill(os.getpid(), signal.SIGTERM)
