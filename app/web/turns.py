"""Pages are computed one after the other in a process, in the order they were asked for.

Threads of one process cannot compute at the same time. Where several try, each gives way at every statement of the database
and has to wait for all others to get on: a page of many statements is then late by far more than its share, and writers who meet
at the database's lock sleep. So what asks for a page or sends a short form takes a turn. What takes long (a wide report, a slow
disk, a form over a slow line) loses its turn after a moment and goes on beside the others; what sends more (an upload, a
gateway's log) takes none: nobody waits for either.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable
from threading import Lock
from typing import TYPE_CHECKING, Any

from flask import Flask

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

ALLOWANCE = 0.1  # seconds: what takes longer is waiting for something, not computing
WITHOUT_BODY = frozenset({"GET", "HEAD"})
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
SHORT = 64 * 1024  # bytes: what arrives with its head, or a moment later


def init(app: Flask) -> None:
    """Let the application's requests take turns."""
    app.wsgi_app = Turns(app.wsgi_app)  # type: ignore[method-assign]  # Flask's own way to add to it


class Turns:
    """An application whose requests without a body are computed one at a time, for as long as each keeps it short."""

    def __init__(self, app: WSGIApplication, allowance: float = ALLOWANCE) -> None:
        self._app = app
        self._allowance = allowance
        self._guard = Lock()
        self._waiting: deque[Any] = deque()  # a lock for each request: opened when its turn comes
        self._current: Any = None
        self._ends = 0.0

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        if not _takes_a_turn(environ):
            return self._app(environ, start_response)
        turn = self._take()
        try:
            return self._app(environ, start_response)
        finally:
            self._pass_on(turn)

    def _take(self) -> Any:
        """Wait for a turn: until it is passed on, or its holder has had it for long enough."""
        turn = Lock()
        turn.acquire()
        with self._guard:
            if self._current is None:
                return self._begin(turn)
            self._waiting.append(turn)
        while not turn.acquire(timeout=max(self._ends - time.monotonic(), 0.001)):
            with self._guard:
                if self._current is turn or self._is_next(turn):
                    return self._begin(turn)
        return turn

    def _is_next(self, turn: Any) -> bool:
        """Whether the turn is taken from one who has had it for long enough; first come, first served."""
        if self._waiting[0] is not turn or time.monotonic() < self._ends:
            return False
        self._waiting.popleft()
        return True

    def _begin(self, turn: Any) -> Any:
        self._current, self._ends = turn, time.monotonic() + self._allowance
        return turn

    def _pass_on(self, turn: Any) -> None:
        """The next one's turn, unless this one has lost it already."""
        with self._guard:
            if self._current is not turn:
                return
            self._current = None
            if self._waiting:
                self._begin(self._waiting.popleft()).release()


def _takes_a_turn(environ: WSGIEnvironment) -> bool:
    """Whether a request asks for a page, or sends a form that is short."""
    if environ["REQUEST_METHOD"] in WITHOUT_BODY:
        return True
    length = str(environ.get("CONTENT_LENGTH") or "")
    return str(environ.get("CONTENT_TYPE") or "").startswith(FORMS) and length.isdecimal() and len(length) < 9 and int(length) <= SHORT
