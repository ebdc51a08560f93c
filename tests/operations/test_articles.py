"""Drafts, review by another person, publishing, and what a ticket may lend."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask

from app.core.article import ArticleState, Confidence, IllegalMove, NotAnotherPerson, parse_article
from app.core.evidence import Evidence
from app.core.key_ref import KeyRef
from app.core.report import Report
from app.core.roles import Role
from app.core.ticket import State
from app.operations import accounts, tickets
from app.operations.article_use import count_answer, mark_solved_by
from app.operations.articles import (
    BadAddress,
    NotReady,
    StaleEdit,
    change_address,
    discard_draft,
    draft_from_ticket,
    revise,
    save_draft,
    start_draft,
    submit_for_review,
)
from app.operations.publishing import approve_and_publish, archive, send_back
from app.store import articles
from app.store.article_search import search_text
from app.store.database import db
from app.store.models import Article, AuditEntry, SelfService, Ticket, User
from tests.articles import book, content

KEY = "sk-" + "Ab3dEf6hIj9k" * 4


@pytest.fixture
def people(app: Flask, now: datetime) -> dict[str, User]:
    return {name: accounts.create_account(name, name.title(), Role.EDITOR, book().redactor, now) for name in ("ann", "ben", "cy")}


@pytest.fixture
def kb_dir(app: Flask) -> Path:
    return app.extensions["settings"].kb_dir  # type: ignore[no-any-return]


def solved_ticket(app: Flask, people: dict[str, User], now: datetime, description: str = "Every third call fails.") -> Ticket:
    clean = book().redactor.clean
    evidence = Evidence(
        client="cherry-studio",
        model="gpt-4o",
        status_code=429,
        error_text=clean("Rate limit reached on requests per min (RPM): Limit 3, Used 3"),
        key=KeyRef("sk-", "9Qz7"),
        request_id=clean("req-7d1c2f3a4b5c6d7e"),
        base_url=clean("https://secret-host.example.com/v1"),
    )
    ticket = tickets.open_ticket(Report(evidence, clean(description), "en", "UTC"), None, book(), app.extensions["log_store"], now).ticket
    tickets.confirm_cause(ticket, "rate-limit-rpm", people["ann"], book(), now)
    tickets.set_state(ticket, State.SOLVED, people["ann"], now)
    return ticket


def draft(people: dict[str, User], now: datetime) -> Article:
    return start_draft("rate-limit", "en", content(), people["ann"], book(), now)


def edit_of(article: Article) -> int:
    working = articles.working_revision(article.id)
    assert working is not None
    return working.edit


def published(people: dict[str, User], kb_dir: Path, now: datetime) -> Article:
    article = draft(people, now)
    submit_for_review(article, edit_of(article), people["ann"], book(), now)
    approve_and_publish(article, edit_of(article), people["ben"], book(), kb_dir, now)
    return article


def test_a_draft_takes_the_allow_listed_facts_and_nothing_else(app: Flask, people: dict[str, User], now: datetime) -> None:
    ticket = solved_ticket(app, people, now, f"Fails since noon, I paid $30 with {KEY}, mail me at lin@example.com")
    article = draft_from_ticket(ticket, people["ann"], book(), now)
    text = f"{article.title}\n{article.summary}\n{article.body}\n{article.keywords}"
    assert "429" in text
    assert "Cherry Studio" in text
    assert "Fails since noon" in text
    for private in (KEY, "Ab3d", "9Qz7", "30", "lin@", "7d1c2f3a", "secret-host", "gpt-4o"):
        assert private not in text
    assert (article.state, article.confidence) == (ArticleState.DRAFT, Confidence.WORK_IN_PROGRESS)
    assert [link.cause for link in article.causes] == ["rate-limit-rpm"]
    assert article.source_ticket_id == ticket.id


def test_two_drafts_of_one_cause_get_two_addresses(app: Flask, people: dict[str, User], now: datetime) -> None:
    slugs = {draft_from_ticket(solved_ticket(app, people, now), people["ann"], book(), now).slug for _ in range(3)}
    assert len(slugs) == 3


def test_a_draft_with_gaps_or_private_facts_is_not_submitted(people: dict[str, User], now: datetime) -> None:
    article = start_draft("gaps", "en", content(body="You have $12 left."), people["ann"], book(), now)
    with pytest.raises(NotReady) as refusal:
        submit_for_review(article, edit_of(article), people["ann"], book(), now)
    assert {problem.rule for problem in refusal.value.problems} == {"section-missing", "balances"}
    assert article.state == ArticleState.DRAFT


def test_another_person_publishes(people: dict[str, User], kb_dir: Path, now: datetime) -> None:
    article = published(people, kb_dir, now)
    assert (article.state, article.confidence, article.version) == (ArticleState.PUBLISHED, Confidence.VALIDATED, 1)
    assert article.reviewer_id == people["ben"].id
    assert article.review_due == "2027-05-19"
    assert parse_article((kb_dir / "en/rate-limit.md").read_text(encoding="utf-8")).title == content().title
    assert list(search_text({"limit": 1.0}, "en")) == [article.id]
    assert {entry.action for entry in db.session.query(AuditEntry)} >= {"article_drafted", "article_submitted", "article_published"}


def test_nobody_who_saved_the_version_approves_it(people: dict[str, User], kb_dir: Path, now: datetime) -> None:
    article = draft(people, now)
    save_draft(article, content(title="Ben's title"), edit_of(article), people["ben"], book(), now)
    submit_for_review(article, edit_of(article), people["ben"], book(), now)
    for writer in ("ann", "ben"):
        with pytest.raises(NotAnotherPerson):
            approve_and_publish(article, edit_of(article), people[writer], book(), kb_dir, now)
    assert article.state == ArticleState.IN_REVIEW
    assert not (kb_dir / "en/rate-limit.md").exists()
    approve_and_publish(article, edit_of(article), people["cy"], book(), kb_dir, now)
    assert article.title == "Ben's title"


def test_what_was_changed_after_reading_is_not_approved(people: dict[str, User], kb_dir: Path, now: datetime) -> None:
    article = draft(people, now)
    submit_for_review(article, edit_of(article), people["ann"], book(), now)
    read = edit_of(article)
    save_draft(article, content(title="Changed"), read, people["ann"], book(), now)
    with pytest.raises(StaleEdit):
        approve_and_publish(article, read, people["ben"], book(), kb_dir, now)
    with pytest.raises(IllegalMove):  # saving took it back to draft
        approve_and_publish(article, edit_of(article), people["ben"], book(), kb_dir, now)


def test_a_later_save_does_not_overwrite_an_unseen_one(people: dict[str, User], now: datetime) -> None:
    article = draft(people, now)
    seen = edit_of(article)
    save_draft(article, content(title="First"), seen, people["ann"], book(), now)
    with pytest.raises(StaleEdit):
        save_draft(article, content(title="Second"), seen, people["ben"], book(), now)
    assert article.title == "First"


def test_the_gate_is_asked_again_at_publishing(people: dict[str, User], kb_dir: Path, now: datetime) -> None:
    article = draft(people, now)
    submit_for_review(article, edit_of(article), people["ann"], book(), now)
    working = articles.working_revision(article.id)
    assert working is not None
    working.body = book().redactor.clean(working.body + "\n渠道 #7 被禁用")
    db.session.commit()
    with pytest.raises(NotReady):
        approve_and_publish(article, edit_of(article), people["ben"], book(), kb_dir, now)
    db.session.rollback()
    assert article.state == ArticleState.IN_REVIEW


def test_a_draft_is_never_published_directly(people: dict[str, User], kb_dir: Path, now: datetime) -> None:
    article = draft(people, now)
    with pytest.raises(IllegalMove):
        approve_and_publish(article, edit_of(article), people["ben"], book(), kb_dir, now)


def test_a_key_typed_into_an_article_is_nowhere(people: dict[str, User], now: datetime) -> None:
    article = start_draft(
        "leak", "en", content(title=f"T {KEY}", summary=f"S {KEY}", body=f"B {KEY}", keywords=(KEY,)), people["ann"], book(), now
    )
    working = articles.working_revision(article.id)
    assert working is not None
    stored = (
        f"{article.title}{article.summary}{article.body}{article.keywords}{working.title}{working.summary}{working.body}{working.facts}"
    )
    assert KEY not in stored


def test_the_published_text_stays_up_while_the_next_version_is_written(people: dict[str, User], kb_dir: Path, now: datetime) -> None:
    article = published(people, kb_dir, now)
    revise(article, people["ann"], book(), now)
    save_draft(article, content(title="Next"), edit_of(article), people["ann"], book(), now)
    assert (article.title, article.state) == (content().title, ArticleState.PUBLISHED)
    submit_for_review(article, edit_of(article), people["ann"], book(), now)
    assert article.state == ArticleState.PUBLISHED
    approve_and_publish(article, edit_of(article), people["ben"], book(), kb_dir, now)
    assert (article.title, article.version) == ("Next", 2)
    assert [revision.number for revision in articles.history(article.id)] == [2, 1]


def test_a_version_sent_back_is_a_draft_with_the_reviewers_word(people: dict[str, User], now: datetime) -> None:
    article = draft(people, now)
    submit_for_review(article, edit_of(article), people["ann"], book(), now)
    send_back(article, f"Say what to check. Not {KEY}.", people["ben"], book(), now)
    working = articles.working_revision(article.id)
    assert working is not None
    assert (working.state, article.state) == (ArticleState.DRAFT, ArticleState.DRAFT)
    assert working.review_note.startswith("Say what to check")
    assert KEY not in working.review_note
    with pytest.raises(IllegalMove):
        send_back(article, "again", people["ben"], book(), now)


def test_archiving_takes_the_article_off_everything_but_the_history(people: dict[str, User], kb_dir: Path, now: datetime) -> None:
    article = published(people, kb_dir, now)
    archive(article, people["ben"], kb_dir, now)
    assert articles.published("en", "rate-limit") is None
    assert not (kb_dir / "en/rate-limit.md").exists()
    assert search_text({"limit": 1.0}, "en") == {}
    assert len(articles.history(article.id)) == 1
    revise(article, people["ann"], book(), now)
    assert article.state == ArticleState.DRAFT


def test_a_draft_given_up_frees_its_ticket_and_keeps_a_published_article(
    app: Flask, people: dict[str, User], kb_dir: Path, now: datetime
) -> None:
    ticket = solved_ticket(app, people, now)
    article = draft_from_ticket(ticket, people["ann"], book(), now)
    assert ticket.id not in {each.id for each in articles.unanswered_tickets()}
    discard_draft(article, people["ann"], now)
    assert article.state == ArticleState.ARCHIVED
    assert ticket.id in {each.id for each in articles.unanswered_tickets()}
    kept = published(people, kb_dir, now)
    revise(kept, people["ann"], book(), now)
    discard_draft(kept, people["ann"], now)
    assert kept.state == ArticleState.PUBLISHED


def test_publishing_answers_the_ticket_it_came_from(app: Flask, people: dict[str, User], kb_dir: Path, now: datetime) -> None:
    ticket = solved_ticket(app, people, now)
    article = draft_from_ticket(ticket, people["ann"], book(), now)
    save_draft(article, content(), edit_of(article), people["ann"], book(), now)
    submit_for_review(article, edit_of(article), people["ann"], book(), now)
    approve_and_publish(article, edit_of(article), people["ben"], book(), kb_dir, now)
    assert ticket.article_id == article.id
    assert ticket.id not in {each.id for each in articles.unanswered_tickets()}


def test_an_address_is_unique_well_formed_and_fixed_once_published(people: dict[str, User], kb_dir: Path, now: datetime) -> None:
    article = published(people, kb_dir, now)
    for slug, code in (("rate-limit", "taken"), ("Not a slug", "malformed")):
        with pytest.raises(BadAddress) as refusal:
            start_draft(slug, "en", content(), people["ann"], book(), now)
        assert refusal.value.code == code
    with pytest.raises(BadAddress) as refusal:
        change_address(article, "another")
    assert refusal.value.code == "fixed"
    other = start_draft("draft-one", "en", content(), people["ann"], book(), now)
    change_address(other, "draft-two")
    assert other.slug == "draft-two"


def test_answers_of_readers_are_counted_apart(people: dict[str, User], kb_dir: Path, now: datetime) -> None:
    article = published(people, kb_dir, now)
    for solved in (True, True, False):
        count_answer(article, solved, "en", now)
    assert article.solved_count == 2
    assert sorted(row.solved for row in db.session.query(SelfService)) == [False, True, True]
    assert {row.cause for row in db.session.query(SelfService)} == {"rate-limit-rpm"}


def test_a_ticket_remembers_the_article_that_solved_it(app: Flask, people: dict[str, User], kb_dir: Path, now: datetime) -> None:
    article, ticket = published(people, kb_dir, now), solved_ticket(app, people, now)
    mark_solved_by(ticket, article, people["ann"], book().gate.care, now)
    assert ticket.article_id == article.id
