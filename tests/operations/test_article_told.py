"""Publishing tells the tickets with the article's signature: their people once, their requesters while they wait."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from app.core.article_rights import NotYours
from app.core.redacted_text import RedactedText
from app.core.report import Report
from app.core.roles import Role
from app.core.ticket import State
from app.operations import tickets as operations
from app.operations.article_reviews import demands, remind_owners, reopen_articles
from app.operations.article_use import mark_solved_by, refer_to, unlink
from app.operations.articles import Change, revise, save_draft, start_draft, submit_for_review
from app.operations.link_checks import check_outside_links
from app.operations.publishing import approve_and_publish, confirm_still_true
from app.store import article_told, articles, tickets
from app.store.database import db
from app.store.models import Article, Ticket
from app.store.models_content import ArticleTold, LinkCheck, ReviewReminder
from app.store.models_desk import Notice
from tests.articles import book, content
from tests.conftest import NOW
from tests.world import World, inhabit, rate_limit_evidence


@pytest.fixture
def world(app: Flask) -> World:
    world = inhabit(app)
    for number in (world.own_ticket, world.guest_ticket):
        found = ticket(number)
        operations.confirm_cause(found, "rate-limit-rpm", world.users[Role.AGENT], book(), NOW)
    operations.assign(ticket(world.guest_ticket), world.users[Role.AGENT], world.users[Role.MANAGER], NOW)
    operations.assign(ticket(world.own_ticket), world.users[Role.AGENT], world.users[Role.MANAGER], NOW)
    return world


def ticket(number: int) -> Ticket:
    found = tickets.by_id(number)
    assert found is not None
    return found


def kb_dir(world: World) -> Path:
    return world.app.extensions["settings"].kb_dir  # type: ignore[no-any-return]


def publish(world: World, article: Article, now: datetime = NOW, *, minor: bool = False, **changes: object) -> None:
    """The next version, written by the editor and approved by the manager."""
    editor = world.users[Role.EDITOR]
    working = revise(article, editor, book(), now)
    text = replace(articles.content_of_revision(working), **changes)  # type: ignore[arg-type]
    saved = save_draft(article, text, working.edit, editor, book(), now, Change(minor=minor))
    submit_for_review(article, saved.edit, editor, book(), now)
    approve_and_publish(article, saved.edit, world.users[Role.MANAGER], book(), kb_dir(world), now)


def written(world: World, **changes: object) -> Article:
    article = start_draft("rate-limit", "en", content(**changes), world.users[Role.EDITOR], book(), NOW)
    publish(world, article)
    return article


def notices(kind: str) -> list[int]:
    return [notice.user_id for notice in db.session.query(Notice).filter_by(kind=kind)]


def test_every_ticket_with_the_signature_is_told_and_its_people_once(world: World) -> None:
    article = written(world)
    assert article_told.told_of(article.id, 1) == {world.own_ticket, world.guest_ticket}
    assert notices("article_published") == [world.users[Role.AGENT].id]  # two tickets, one notice


def test_a_version_tells_once_and_a_minor_one_nobody(world: World) -> None:
    article = written(world)
    publish(world, article, minor=True, summary="Wait as the answer says, then go on.")
    assert len(notices("article_published")) == 1
    publish(world, article, summary="Slow down.")
    assert len(notices("article_published")) == 2
    confirm_still_true(article, world.users[Role.EDITOR], book(), kb_dir(world), NOW)
    assert db.session.query(ArticleTold).count() == 4
    assert len(notices("article_published")) == 2


def test_an_article_for_another_client_tells_nobody(world: World) -> None:
    written(world, clients=("cursor",))
    assert db.session.query(ArticleTold).count() == 0


def test_solved_tickets_are_linked_but_nobody_is_bothered(world: World) -> None:
    for number in (world.own_ticket, world.guest_ticket):
        operations.set_state(ticket(number), State.SOLVED, world.users[Role.AGENT], NOW)
    article = written(world)
    assert article_told.told_count(article.id) == 2
    assert notices("article_published") == []


def test_requesters_see_it_with_the_reason_while_their_ticket_is_open(world: World) -> None:
    written(world)
    page = world.client(None).get(f"/t/{world.guest_token}?lang=en").get_data(as_text=True)
    assert "Published since you wrote" in page
    assert "the likely cause" in page
    operations.set_state(ticket(world.guest_ticket), State.SOLVED, world.users[Role.AGENT], NOW)
    assert "Published since you wrote" not in world.client(None).get(f"/t/{world.guest_token}?lang=en").get_data(as_text=True)


def test_a_ticket_is_resolved_by_an_article_or_refers_to_it_or_neither(world: World) -> None:
    article, found, agent = written(world), ticket(world.guest_ticket), world.users[Role.AGENT]
    refer_to(found, article, agent, NOW)
    assert [each.id for each in article_told.references(found.id)] == [article.id]
    mark_solved_by(found, article, agent, book().gate.care, NOW)
    assert (found.article_id, list(article_told.references(found.id))) == (article.id, [])
    unlink(found, article, agent, NOW)
    assert found.article_id is None
    assert [change.what for change in tickets.changes(found.id)][-3:] == ["reference", "article", "article"]


def test_only_owner_and_backup_change_what_is_theirs(world: World) -> None:
    article = written(world, governance="owner")
    with pytest.raises(NotYours):
        revise(article, world.users[Role.MANAGER], book(), NOW)
    article.backup_owner_id = world.users[Role.MANAGER].id
    assert revise(article, world.users[Role.MANAGER], book(), NOW).edit


def another(world: World, number: int, now: datetime, key: str | None = None) -> None:
    report = Report(rate_limit_evidence(f"{number:032x}", book()), None, "en", "UTC")
    found = operations.open_ticket(report, None, book(), world.app.extensions["log_store"], now).ticket
    found.cause, found.key_fingerprint = "rate-limit-rpm", key or f"{number:032x}"
    db.session.commit()


def test_the_same_question_from_the_same_people_reopens_an_article(world: World) -> None:
    article, later = written(world), NOW + timedelta(days=2)
    for number in range(2):
        another(world, number, later, "a" * 32)
    assert reopen_articles(book(), later) == 0  # one person
    for number in range(2, 4):
        another(world, number, later, "b" * 32)
    found = demands([article], book(), later)[article.id]
    assert (found.unresolved, found.again) == (4, 2)
    assert reopen_articles(book(), later) == 1
    assert article.review_due == later.date().isoformat()
    assert reopen_articles(book(), later) == 0
    confirm_still_true(article, world.users[Role.EDITOR], book(), kb_dir(world), later + timedelta(days=1))
    assert demands([article], book(), later + timedelta(days=1))[article.id].again == 0


def test_many_tickets_an_article_does_not_resolve_reopen_it(world: World) -> None:
    article, later = written(world), NOW + timedelta(days=2)
    for number in range(book().gate.care.asked_again):
        another(world, number, later)
    assert reopen_articles(book(), later) == 1
    assert article.review_due == later.date().isoformat()


def test_the_owner_is_reminded_once_then_the_backup_once(world: World) -> None:
    article = written(world)
    article.review_due, article.backup_owner_id = "2026-11-20", world.users[Role.MANAGER].id
    db.session.commit()
    assert [remind_owners(book(), NOW) for _ in range(2)] == [1, 0]
    assert notices("article_review") == [world.users[Role.EDITOR].id]
    late = NOW + timedelta(days=book().gate.care.owner_days + 1)
    assert [remind_owners(book(), late) for _ in range(2)] == [1, 0]
    assert notices("article_backup") == [world.users[Role.MANAGER].id]
    assert db.session.query(ReviewReminder).count() == 2


def test_links_elsewhere_are_asked_once_and_their_breaking_is_dated(world: World) -> None:
    body = content().body + "\nSee [it](https://gone.example/page), [b](/kb/en/x) and [c](https://fine.example/).\n"
    written(world, body=body, sources=("https://fine.example/ 2026-11-20", "https://guarded.example/ 2026-11-20"))
    asked: list[str] = []
    answers = {"https://gone.example/page": 404, "https://fine.example/": 200, "https://guarded.example/": 403}

    def ask(url: str) -> int | None:
        asked.append(url)
        return answers[url]

    assert check_outside_links(ask, book().redactor, NOW) == 1
    assert sorted(asked) == sorted(answers)
    answers["https://gone.example/page"] = None  # type: ignore[assignment]
    assert check_outside_links(ask, book().redactor, NOW + timedelta(days=7)) == 1
    found = {str(check.url): check.broken_since for check in db.session.query(LinkCheck)}
    assert found == {"https://gone.example/page": NOW, "https://fine.example/": None, "https://guarded.example/": None}
    assert all(isinstance(check.url, RedactedText) for check in db.session.query(LinkCheck))
