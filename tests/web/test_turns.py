"""Turns: pages and short forms are computed one at a time in order, and nobody waits for what is slow or sends much."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from app.web.turns import Turns

LONG = 60.0  # seconds: a turn nobody loses while a test runs
PATIENCE = 20.0  # seconds after which a test has failed instead of hanging


class Application:
    """An application that stands still until it is let go, and notes who is in it."""

    def __init__(self) -> None:
        self.came: dict[str, threading.Event] = {}
        self.may_go: dict[str, threading.Event] = {}
        self.inside: list[str] = []
        self.most_inside = 0

    def __call__(self, environ: Any, _start: Any) -> list[bytes]:
        name = environ["PATH_INFO"]
        self.inside.append(name)
        self.most_inside = max(self.most_inside, len(self.inside))
        self.came[name].set()
        assert self.may_go[name].wait(PATIENCE)
        self.inside.remove(name)
        return [name.encode()]


def asking(served: Turns, app: Application, name: str, method: str = "GET", *, at_once: bool = False, **sent: str) -> threading.Thread:
    app.came[name], app.may_go[name] = threading.Event(), threading.Event()
    if at_once:
        app.may_go[name].set()
    thread = threading.Thread(target=lambda: served({"REQUEST_METHOD": method, "PATH_INFO": name, **sent}, _unused))
    thread.start()
    return thread


def finish(*threads: threading.Thread) -> None:
    for thread in threads:
        thread.join(PATIENCE)
        assert not thread.is_alive()


def waiting(served: Turns, many: int) -> None:
    _until(lambda: len(served._waiting) == many)


def test_pages_are_computed_one_at_a_time_in_the_order_they_were_asked_for() -> None:
    app = Application()
    served = Turns(app, LONG)
    threads = [asking(served, app, "0")]
    assert app.came["0"].wait(PATIENCE)
    for number in range(1, 5):
        threads.append(asking(served, app, str(number)))
        waiting(served, number)
    for number in range(5):
        assert app.came[str(number)].wait(PATIENCE)
        assert app.inside == [str(number)]
        app.may_go[str(number)].set()
    finish(*threads)
    assert app.most_inside == 1


def test_what_takes_long_loses_its_turn_and_ends_beside_the_others() -> None:
    app = Application()
    served = Turns(app, 0.01)
    slow = asking(served, app, "slow")
    assert app.came["slow"].wait(PATIENCE)
    finish(*(asking(served, app, str(number), at_once=True) for number in range(3)))
    assert app.inside == ["slow"]
    app.may_go["slow"].set()
    finish(slow, asking(served, app, "after", at_once=True))


def test_a_short_form_takes_a_turn_like_a_page() -> None:
    app = Application()
    served = Turns(app, LONG)
    page = asking(served, app, "page")
    assert app.came["page"].wait(PATIENCE)
    form = asking(served, app, "form", "POST", CONTENT_TYPE="application/x-www-form-urlencoded", CONTENT_LENGTH="900")
    waiting(served, 1)
    app.may_go["page"].set()
    assert app.came["form"].wait(PATIENCE)
    app.may_go["form"].set()
    finish(page, form)
    assert app.most_inside == 1


@pytest.mark.parametrize(
    "sent",
    [
        {"CONTENT_TYPE": "application/json", "CONTENT_LENGTH": "900"},
        {"CONTENT_TYPE": "multipart/form-data; boundary=x", "CONTENT_LENGTH": "5000000"},
        {"CONTENT_TYPE": "multipart/form-data; boundary=x", "CONTENT_LENGTH": "9" * 40},
        {"CONTENT_TYPE": "multipart/form-data; boundary=x"},
    ],
)
def test_what_sends_much_neither_waits_nor_is_waited_for(sent: dict[str, str]) -> None:
    app = Application()
    served = Turns(app, LONG)
    page = asking(served, app, "page")
    assert app.came["page"].wait(PATIENCE)
    upload = asking(served, app, "upload", "POST", **sent)
    assert app.came["upload"].wait(PATIENCE)
    app.may_go["page"].set()
    finish(page, asking(served, app, "next", at_once=True))
    app.may_go["upload"].set()
    finish(upload)


def test_a_page_that_breaks_passes_its_turn_on() -> None:
    def broken(*_asked: Any) -> list[bytes]:
        raise RuntimeError

    served = Turns(broken, LONG)
    for _each in range(2):
        try:
            served({"REQUEST_METHOD": "GET", "PATH_INFO": "/"}, _unused)
        except RuntimeError:
            continue
    assert served._current is None


def _until(holds: Callable[[], bool]) -> None:
    for _each in range(int(PATIENCE * 1_000)):
        if holds():
            return
        threading.Event().wait(0.001)
    raise AssertionError("it never happened")


def _unused(*_asked: Any) -> Any:
    raise AssertionError("nobody answers here")
