"""What a page says first: the cause on the report, the likely line on a ticket, agreement between attempts on a request."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.store.models import Article
from app.web.content.board import _shelf
from app.web.desk.logs import _fields
from app.web.desk.views import MatchCard, StaffTicket
from app.web.portal.pages import _others
from app.web.portal.views import CauseView
from tests.log_records import a_record
from tests.world import inhabit


@pytest.fixture
def stranger(app: Flask) -> FlaskClient:
    return inhabit(app).client(None)


def first_heading(html: str) -> str:
    """The words of the page's one first heading."""
    (words,) = re.findall(r"<h1[^>]*>(.*?)</h1>", html, flags=re.DOTALL)
    return str(words).strip()


def card(number: int, probability: float, decision: str | None = None) -> MatchCard:
    """A proposed log line."""
    return MatchCard(number, f"req-{number}", None, None, probability, (), decision)


def ticket_with(*cards: MatchCard) -> StaffTicket:
    """A ticket's page that has these proposals and nothing else."""
    empty: dict[str, Any] = dict.fromkeys(StaffTicket.__dataclass_fields__)
    return StaffTicket(**(empty | {"matches": cards}))


def cause(name: str, confidence: float, *, known: bool = True) -> CauseView:
    """A cause as the report names it."""
    return CauseView(name, name, "", "", "", "no", confidence, known)


def test_the_likely_cause_is_the_heading_of_the_report(stranger: FlaskClient) -> None:
    text = "Error code: 429 - Rate limit reached for gpt-4o on requests per min (RPM): Limit 3"
    assert first_heading(stranger.post("/report", data={"text": text}).text) == "Too many requests per minute or hour"


def test_a_report_that_says_little_has_a_heading_that_says_so(stranger: FlaskClient) -> None:
    assert first_heading(stranger.post("/report", data={"text": "it does not work"}).text) == "This could be several things"


def test_beside_a_likely_cause_only_causes_worth_naming_stand() -> None:
    causes = [cause("a", 0.6), cause("b", 0.2), cause("c", 0.05), cause("unknown", 0.3, known=False)]
    assert [each.id for each in _others(causes)] == ["b"]


def test_without_a_likely_cause_the_first_is_one_of_several() -> None:
    assert [each.id for each in _others([cause("a", 0.2), cause("b", 0.15)])] == ["a", "b"]


def test_an_error_pages_ticket_carries_that_pages_id(stranger: FlaskClient) -> None:
    page = stranger.get("/no-such-page")
    link = re.search(r'href="([^"]*about=[^"]*)"', page.text)
    assert link is not None
    assert page.headers["X-Request-Id"] in stranger.get(link[1]).text.partition('name="description"')[2].partition("</textarea>")[0]


@pytest.mark.parametrize("about", ["gd-0123456789AB", "gd-0123456789ab\n", "<b>", "x" * 3000])
def test_only_an_id_of_ours_is_written_into_the_form(stranger: FlaskClient, about: str) -> None:
    form = stranger.get("/report", query_string={"about": about}).text.partition('name="description"')[2]
    assert re.match(r"[^>]*>\s*</textarea>", form)


def test_likely_lines_come_first_and_the_rest_is_folded() -> None:
    page = ticket_with(card(1, 0.6), card(2, 0.25), card(3, 0.04), card(4, 0.9, "rejected"))
    assert [each.id for each in page.first_matches] == [1, 2]
    assert [each.id for each in page.other_matches] == [3, 4]


def test_when_no_line_is_likely_the_best_is_shown_all_the_same() -> None:
    page = ticket_with(card(1, 0.04), card(2, 0.01))
    assert [each.id for each in page.first_matches] == [1]


def test_a_confirmed_line_is_shown_however_unlikely() -> None:
    assert [each.id for each in ticket_with(card(1, 0.5), card(2, 0.01, "confirmed")).first_matches] == [1, 2]


def test_attempts_that_agree_share_one_value() -> None:
    attempts = tuple(a_record("r-1", provider="openai", latency_ms=latency) for latency in (100, 200))
    fields = dict(_fields(attempts))
    assert fields["provider"] == ["openai"]
    assert fields["latency_ms"] == [100, 200]
    assert "request_id" not in fields


def test_published_articles_stand_beside_their_translations(app: Flask) -> None:
    with app.app_context():
        shelf = _shelf([Article(slug="b", language="en"), Article(slug="a", language="zh"), Article(slug="b", language="zh")])
    assert [[(each.slug, each.language) for each in row] for row in shelf] == [[("b", "en"), ("b", "zh")], [("a", "zh")]]
