"""Facts without a permanent field: found in a paste, asked for when they decide, kept with the ticket."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core.article import print_article
from app.core.evidence import Evidence
from app.operations.examine import evidence_of
from app.operations.kb_files import import_kb
from app.store import articles
from app.store.database import db
from app.store.kb_files import write_article
from app.store.models import Article, Ticket
from app.web.portal.told_fields import TOLD_FIELDS
from tests.articles import book, content
from tests.world import inhabit

PASTE = """POST https://gateway.example.com/v1/images/generations
HTTP/1.1 429 Too Many Requests
Retry-After: 20
{"error":{"message":"Rate limit reached for gpt-image-1","code":"rate_limit_exceeded"}}
elapsed: 61 seconds, behind a corporate proxy"""
DOUBTFUL = "The answer never came: timed out"


@pytest.fixture
def stranger(app: Flask) -> FlaskClient:
    return inhabit(app).client(None)


def newest() -> Ticket:
    found = db.session.query(Ticket).order_by(Ticket.id.desc()).first()
    assert found is not None
    return found


def inputs(html: str, name: str) -> list[str]:
    return re.findall(rf'<(?:input|select)[^>]* name="{name}"[^>]*>', html)


def verdict(browser: FlaskClient, **form: str | list[str]) -> str:
    return browser.post("/report/check", data=form, headers={"HX-Request": "true"}).get_data(as_text=True)


def asked_fact(html: str) -> str:
    found = re.search(r'name="unknown" value="([a-z_]+)" id="not-known"', html)
    assert found is not None
    return found[1]


def test_the_empty_form_has_none_of_these_fields(stranger: FlaskClient) -> None:
    html = stranger.get("/report").get_data(as_text=True)
    assert [name for name in TOLD_FIELDS if inputs(html, name)] == []


def test_what_a_paste_tells_is_shown_as_found_and_filed_with_the_ticket(stranger: FlaskClient) -> None:
    html = stranger.post("/report", data={"text": PASTE}).get_data(as_text=True)
    assert 'value="20"' in inputs(html, "retry_after_seconds")[0]
    assert 'value="61"' in inputs(html, "elapsed_seconds")[0]
    assert 'selected value="image"' in html
    form = {"error_text": PASTE, "request_type": "image", "retry_after_seconds": "20", "elapsed_seconds": "61", "via_proxy": "yes"}
    stranger.post("/tickets", data=form)
    kept = evidence_of(newest())
    assert (kept.request_type, kept.retry_after_seconds, kept.elapsed_seconds, kept.via_proxy, kept.charged) == (
        "image",
        20,
        61,
        True,
        None,
    )


@pytest.mark.parametrize(("language", "yes"), [("en", "Was the request charged?"), ("zh", "这次请求扣费了吗？")])
def test_the_question_that_decides_has_its_field_beside_it_and_the_answer_moves_the_causes(
    stranger: FlaskClient, language: str, yes: str
) -> None:
    stranger.get("/", query_string={"lang": language})
    known = {
        "error_text": "504 Gateway Time-out, generating an image",
        "status_code": "504",
        "request_id": "req_0123456789",
        "request_type": "image",
    }
    known |= {"elapsed_seconds": "60", "model": "gpt-image-1", "client": "curl", "key_mask": "sk-…9f3c"}
    asked = stranger.post("/report/check", data=known).get_data(as_text=True)
    for _ in range(4):
        if asked_fact(asked) == "charged":
            break
        known.setdefault("unknown", []).append(asked_fact(asked))  # type: ignore[attr-defined]
        asked = stranger.post("/report/check", data=known).get_data(as_text=True)
    assert yes in asked
    assert 'form="ticket"' in inputs(asked, "charged")[0]
    told = stranger.post("/report/check", data=known | {"charged": "yes"}).get_data(as_text=True)
    assert "Charged although the request failed" in told or "扣费但失败" in told


def test_i_do_not_know_brings_another_question_and_is_kept_as_asked(stranger: FlaskClient) -> None:
    form: dict[str, str | list[str]] = {"error_text": DOUBTFUL}
    first = asked_fact(verdict(stranger, **form))
    form["unknown"] = [first]
    again = verdict(stranger, **form)
    assert asked_fact(again) != first
    assert f'<input type="hidden" name="unknown" value="{first}" form="ticket">' in again
    stranger.post("/tickets", data=form)
    assert newest().unknown_fields == [first]


def test_a_fact_given_after_all_is_no_longer_unknown(stranger: FlaskClient) -> None:
    stranger.post("/tickets", data={"error_text": DOUBTFUL, "unknown": ["elapsed_seconds"], "elapsed_seconds": "60"})
    assert (newest().unknown_fields, newest().told_facts) == ([], {"elapsed_seconds": 60})


def test_an_answer_given_beside_a_question_stays_when_the_next_one_comes(stranger: FlaskClient) -> None:
    html = verdict(stranger, error_text=DOUBTFUL, via_proxy="yes")
    assert len(inputs(html, "via_proxy")) == 1
    assert "selected" in html.partition('name="via_proxy"')[2].partition("</select>")[0]
    in_sheet = verdict(stranger, error_text=DOUBTFUL, via_proxy="yes", shown="via_proxy")
    assert inputs(in_sheet, "via_proxy") == []


def test_no_field_stands_twice_on_a_page(stranger: FlaskClient) -> None:
    for data in ({"error_text": DOUBTFUL}, {"error_text": DOUBTFUL, "elapsed_seconds": "30", "charged": "no", "shown": "charged"}):
        html = stranger.post("/report/check", data=data).get_data(as_text=True)
        assert [name for name in TOLD_FIELDS if len(inputs(html, name)) > 1] == []


@pytest.mark.parametrize("seconds", ["-1", "soon", "1e9", "99999999999"])
def test_a_wait_that_is_no_number_of_seconds_is_said_and_not_lost(stranger: FlaskClient, seconds: str) -> None:
    answer = stranger.post("/report/check", data={"error_text": DOUBTFUL, "elapsed_seconds": seconds})
    assert answer.status_code == 422
    assert len(inputs(answer.get_data(as_text=True), "elapsed_seconds")) == 1


@pytest.mark.parametrize("field", TOLD_FIELDS)
def test_what_is_no_answer_is_dropped(stranger: FlaskClient, field: str) -> None:
    stranger.post("/tickets", data={"error_text": DOUBTFUL, field: "nonsense", "unknown": ["nonsense"]})
    found = db.session.query(Ticket).order_by(Ticket.id.desc()).first()
    assert found is None or getattr(evidence_of(found), field) == getattr(Evidence(), field)


def test_the_requester_reads_what_was_told(stranger: FlaskClient) -> None:
    form = {"error_text": DOUBTFUL, "request_type": "video", "gateway": "own", "charged": "no", "elapsed_seconds": "120"}
    page = stranger.post("/tickets", data=form, follow_redirects=True).get_data(as_text=True)
    facts = page.partition('id="facts"')[2].partition("</section>")[0]
    assert all(word in facts for word in ("Kind of request", "video", "company&#39;s gateway", "120", "Charged or not"))


def test_this_solved_it_raises_the_count_of_the_article(app: Flask, now: datetime) -> None:
    kb_dir = app.extensions["settings"].kb_dir
    write_article(kb_dir, "en", "rate-limit", print_article(content()))
    import_kb(kb_dir, book(), now)
    browser = inhabit(app).client(None)
    before = rate_limit_article()
    browser.post("/report/solved", data={"cause": "rate-limit-rpm", "article": str(before.id)})
    assert rate_limit_article().solved_count == before.solved_count + 1


def rate_limit_article() -> Article:
    db.session.expunge_all()
    found = articles.by_slug("en", "rate-limit")
    assert found is not None
    return found
