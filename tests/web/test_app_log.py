"""The application log passes the redactor, whoever writes it, and quotes no exception."""

from __future__ import annotations

import json
import logging

import pytest
from flask import Flask

from app.web.app_log import GUESTS, OURS, RedactingFilter, init
from tests.canaries import canaries
from tests.redactor import REDACTOR

LEAK = canaries()[0]


@pytest.fixture
def lines(app: Flask) -> list[str]:
    """What the desk's handlers write, in order."""
    written: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            written.append(self.format(record))

    handler = Keep()
    for name in (*OURS, *GUESTS):
        logging.getLogger(name).addHandler(handler)
    init(REDACTOR)
    yield written
    for name in (*OURS, *GUESTS):
        logging.getLogger(name).removeHandler(handler)


@pytest.mark.parametrize(
    "name", ["gatedesk", "gatedesk.access", "gatedesk.jobs", "huey", "huey.consumer.Worker", "_granian", "granian.access"]
)
def test_messages_and_arguments_are_redacted(lines: list[str], name: str) -> None:
    logging.getLogger(name).error("refused %s with %s", LEAK.planted, 401)
    assert lines == [f"refused sk-proj-…{LEAK.planted[-4:]} with 401"]


@pytest.mark.parametrize("name", ["gatedesk.error", "huey.consumer", "_granian"])
def test_exceptions_leave_type_and_place_and_no_words(lines: list[str], name: str) -> None:
    log = logging.getLogger(name)
    try:
        int("the quarterly merger memo")
    except ValueError as error:
        log.exception("job failed")
        log.warning("job failed: %s", error)
        log.warning(error)
    assert len(lines) == 3
    assert all(f"ValueError at {__file__}:" in line for line in lines)
    assert "merger" not in "".join(lines)
    assert "Traceback" not in "".join(lines)


def test_the_cause_of_an_exception_is_not_told_either(lines: list[str]) -> None:
    try:
        json.loads(LEAK.planted)
    except ValueError as error:
        outer = RuntimeError("outer")
        outer.__cause__ = error
        logging.getLogger("huey").warning("failed", exc_info=outer)
    assert lines == ["failed: RuntimeError at ?"]
    assert LEAK.probe not in "".join(lines)


def test_a_message_that_does_not_fit_its_arguments_is_not_quoted(lines: list[str]) -> None:
    logging.getLogger("huey").error("%d things", LEAK.planted)
    assert lines == ["a message whose arguments do not fit it"]


def test_ordinary_lines_stay_as_they_are(lines: list[str]) -> None:
    for line in (
        "GET /t/<token> 200 12.3ms gd-04bf539ea899",
        "rematch_waiting: 17",
        "slipped by: note.body 1, rule openai-project, 2 times",
    ):
        logging.getLogger("gatedesk.access").info(line)
        assert lines.pop() == line


def test_a_second_application_does_not_filter_twice(app: Flask) -> None:
    init(REDACTOR)
    init(REDACTOR)
    for heard in (*logging.getLogger("gatedesk").handlers, logging.getLogger("_granian")):
        assert len([one for one in heard.filters if isinstance(one, RedactingFilter)]) <= 1


def test_libraries_that_tell_what_they_read_are_quiet(app: Flask) -> None:
    assert logging.getLogger("PIL.PngImagePlugin").getEffectiveLevel() >= logging.WARNING
