"""The report page asks one thing at a time: where it stands in the reader's program, and why it decides."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.world import inhabit


@pytest.fixture
def stranger(app: Flask) -> FlaskClient:
    return inhabit(app).client(None)


def block(browser: FlaskClient, language: str = "en", **fields: str) -> str:
    """The next question of the answer that htmx gets while the form is filled in."""
    browser.get("/", query_string={"lang": language})
    html = browser.post("/report/check", data=fields, headers={"HX-Request": "true"}).get_data(as_text=True)
    return html.partition('id="next-question"')[2].partition("</section>")[0]


def test_the_question_says_where_in_the_reader_s_program_and_what_it_decides(stranger: FlaskClient) -> None:
    asked = block(stranger, client="Cherry Studio", error_text="出错了")
    assert "In Cherry Studio:" in asked
    assert "It tells two likely causes apart: " in asked


def test_without_a_known_program_the_usual_place_is_told(stranger: FlaskClient) -> None:
    asked = block(stranger, status_code="429", error_text="Error 429")
    assert "<b>" in asked
    assert "In Cherry Studio" not in asked


def test_the_evidence_fills_up_while_filing(stranger: FlaskClient) -> None:
    text = "Your account request reached organization max RPM: 3, please try again after 1 seconds"
    few = block(stranger, error_text=text, status_code="429")
    more = block(
        stranger, error_text=text, status_code="429", model="gpt-4o", key_mask="sk-…9f3c", request_time="2026-11-20 08:00", time_zone="UTC"
    )
    counts = [int(html.partition("Evidence: ")[2].split(" ")[0]) for html in (few, more)]
    assert counts[1] == counts[0] + 3
    assert "Model" in few.partition("Still missing:")[2]
    assert "Model" not in more.partition("Still missing:")[2]


def test_an_empty_report_has_no_question_yet(stranger: FlaskClient) -> None:
    assert 'id="next-question"' not in stranger.get("/report").get_data(as_text=True)


def test_the_form_says_where_each_missing_field_stands(stranger: FlaskClient) -> None:
    html = stranger.post("/report", data={"text": "Cherry Studio 429 error"}).get_data(as_text=True)
    assert "In Cherry Studio: " in html.partition('id="ticket"')[2]
