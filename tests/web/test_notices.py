"""What the desk tells its people inside the desk: it greets, leads to its thing, and goes once it was looked at."""

from __future__ import annotations

import pytest
from flask import Flask

from app.core.roles import Role
from app.operations.articles import start_draft
from app.operations.notices import tell_about
from app.store.database import db
from tests.articles import book, content
from tests.conftest import NOW
from tests.pages import read
from tests.world import World, inhabit


@pytest.fixture
def world(app: Flask) -> World:
    return inhabit(app)


def test_a_notice_about_no_ticket_leads_to_its_thing_and_goes(world: World) -> None:
    person = world.users[Role.MANAGER].id
    tell_about([person, None, person], "budget", 7, "soft", NOW)
    tell_about([person], "unheard", 1, "of", NOW)
    db.session.commit()
    manager = world.client(Role.MANAGER)
    page = read(manager.get("/desk/"))
    links = [link for link in page.links if link.startswith("/notices/") and link != "/notices/"]
    assert "budget 7" in page.text
    assert {manager.get(link).headers["Location"] for link in links} == {"/reports/budgets", "/desk/"}
    assert "budget 7" not in read(manager.get("/desk/")).text
    assert world.client(Role.OWNER).get(links[0]).status_code == 404


def test_everybody_with_an_account_reads_their_own_notices_on_one_page(world: World) -> None:
    editor, user = world.users[Role.EDITOR].id, world.users[Role.USER].id
    tell_about([editor, user], "approval", 3, "approval_decided", NOW)
    tell_about([editor], "review", 8, "review_closed", NOW)
    db.session.commit()
    client = world.client(Role.EDITOR)
    page = read(client.get("/notices/"))
    assert "2 are not read yet." in page.text
    assert "your request was decided: approval 3" in page.text
    assert [words.strip() for link, words in page.links.items() if link == "/notices/"] == ["Notices 2"], "the header of every page counts"
    assert client.get("/notices/1").headers["Location"] == "/reports/approvals"
    assert "1 is not read yet." in read(client.get("/notices/")).text
    assert "approval 3" in read(client.get("/notices/")).text, "what was read stays to be looked up"
    assert "review" not in read(world.client(Role.USER).get("/notices/")).text
    assert world.client(Role.USER).get("/notices/3").status_code == 404


def test_marking_all_as_read_leaves_what_came_since(world: World) -> None:
    editor = world.users[Role.EDITOR].id
    tell_about([editor], "review", 8, "review_closed", NOW)
    db.session.commit()
    client = world.client(Role.EDITOR)
    sends = read(client.get("/notices/")).form("/notices/read").sends
    tell_about([editor], "review", 9, "review_due", NOW)
    db.session.commit()
    page = read(client.post("/notices/read", data=sends, follow_redirects=True))
    assert "1 is not read yet." in page.text
    assert "weekly review 9" in page.text


def test_an_editors_notice_names_the_article(world: World) -> None:
    article = start_draft("why-429", "en", content(title="Why 429?"), world.users[Role.EDITOR], book(), NOW)
    tell_about([world.users[Role.EDITOR].id, world.users[Role.USER].id], "article", article.id, "article_review", NOW)
    db.session.commit()
    told = read(world.client(Role.EDITOR).get("/notices/")).text
    assert "you own it and its review is due: article: Why 429?" in told
    assert "Why 429?" not in read(world.client(Role.USER).get("/notices/")).text, "a draft's title is for staff"
