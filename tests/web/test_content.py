"""The content pages: board, editor, preview, review; with forms alone, for editors, and with the gate in words."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core.article import ArticleState, print_article
from app.core.roles import Role
from app.core.ticket import State
from app.operations import tickets as ticket_operations
from app.operations.kb_files import import_kb
from app.operations.publishing import publish_due
from app.store import articles, tickets
from app.store.database import db
from app.store.kb_files import write_article
from app.store.models import Article
from tests.articles import book, content
from tests.sql import statements
from tests.world import World, inhabit

KEY = "sk-" + "Ab3dEf6hIj9k" * 4


@pytest.fixture
def world(app: Flask, now: datetime) -> World:
    world = inhabit(app)
    ticket = tickets.by_id(world.own_ticket)
    assert ticket is not None
    ticket_operations.set_state(ticket, State.SOLVED, world.users[Role.AGENT], now)
    return world


@pytest.fixture
def editor(world: World) -> FlaskClient:
    return world.client(Role.EDITOR)


@pytest.fixture
def manager(world: World) -> FlaskClient:
    return world.client(Role.MANAGER)


def drafted(world: World, editor: FlaskClient) -> int:
    answer = editor.post("/content/drafts", data={"ticket": world.own_ticket})
    assert answer.status_code == 303
    return int(answer.headers["Location"].rsplit("/", 1)[1])


def form(article_id: int, **changes: object) -> dict[str, object]:
    """What the editor page would send."""
    working = articles.working_revision(article_id)
    assert working is not None
    whole = content()
    filled: dict[str, object] = {
        "title": whole.title,
        "summary": whole.summary,
        "body": whole.body,
        "slug": working.article.slug,
        "kind": "faq",
        "audience": "public",
        "main_cause": "rate-limit-rpm",
        "clients": ["cherry-studio"],
        "keywords": "429, 限流",
        "related": "",
        "checked_on": "2026-11-20",
        "review_days": "90",
        "edit": str(working.edit),
        "wish": "save",
    }
    return filled | changes


def in_review(world: World, editor: FlaskClient) -> int:
    article_id = drafted(world, editor)
    answer = editor.post(f"/content/articles/{article_id}", data=form(article_id, wish="submit"))
    assert answer.headers["Location"].endswith("/review")
    return article_id


def stored(article_id: int) -> Article:
    db.session.expire_all()
    article = articles.by_id(article_id)
    assert article is not None
    return article


def approval(edit: str, **changes: object) -> dict[str, object]:
    """What the review page would send once everything was looked at."""
    return {
        "edit": edit,
        "checks": list(book().gate.approval_checks),
        "note_change": "not_needed",
        "checklist_change": "changed",
        "why_not": "Nothing in it changes.",
    } | changes


def edit_of(article_id: int) -> str:
    working = articles.working_revision(article_id)
    assert working is not None
    return str(working.edit)


@pytest.mark.parametrize("role", [None, Role.USER, Role.AGENT])
def test_only_content_people_come_in(world: World, role: Role | None) -> None:
    answer = world.client(role).get("/content/")
    assert answer.status_code in {303, 403}


def test_the_board_offers_a_draft_for_a_solved_ticket(world: World, editor: FlaskClient) -> None:
    html = editor.get("/content/").get_data(as_text=True)
    assert f'name="ticket" value="{world.own_ticket}"' in html
    assert f'name="ticket" value="{world.guest_ticket}"' not in html  # not solved


def test_an_unsolved_ticket_makes_no_draft(world: World, editor: FlaskClient) -> None:
    assert editor.post("/content/drafts", data={"ticket": world.guest_ticket}).status_code == 404
    assert editor.post("/content/drafts", data={"ticket": "x"}).status_code == 404


def test_the_whole_way_from_a_ticket_to_the_site(world: World, editor: FlaskClient, manager: FlaskClient) -> None:
    article_id = in_review(world, editor)
    assert stored(article_id).state == ArticleState.IN_REVIEW
    assert editor.get(f"/content/articles/{article_id}/review").status_code == 200
    answer = manager.post(f"/content/articles/{article_id}/approval", data=approval(edit_of(article_id)))
    assert answer.status_code == 303
    article = stored(article_id)
    assert article.state == ArticleState.PUBLISHED
    assert world.client(None).get(f"/kb/en/{article.slug}").status_code == 200
    assert (world.app.extensions["settings"].kb_dir / f"en/{article.slug}.md").is_file()
    ticket = tickets.by_id(world.own_ticket)
    assert ticket is not None
    assert ticket.article_id == article_id


def test_the_writer_cannot_approve(world: World, editor: FlaskClient) -> None:
    article_id = in_review(world, editor)
    assert "Approve and publish" not in editor.get(f"/content/articles/{article_id}/review").get_data(as_text=True)
    answer = editor.post(f"/content/articles/{article_id}/approval", data=approval(edit_of(article_id)), follow_redirects=True)
    assert "another person" in answer.get_data(as_text=True)
    assert stored(article_id).state == ArticleState.IN_REVIEW


def test_an_approval_of_an_older_text_is_refused(world: World, editor: FlaskClient, manager: FlaskClient) -> None:
    article_id = in_review(world, editor)
    read = edit_of(article_id)
    editor.post(f"/content/articles/{article_id}", data=form(article_id, title="Changed meanwhile", wish="submit"))
    answer = manager.post(f"/content/articles/{article_id}/approval", data=approval(read), follow_redirects=True)
    assert "Read it again" in answer.get_data(as_text=True)
    assert stored(article_id).state == ArticleState.IN_REVIEW


def test_the_reviewer_sends_back_with_a_word(world: World, editor: FlaskClient, manager: FlaskClient) -> None:
    article_id = in_review(world, editor)
    assert manager.post(f"/content/articles/{article_id}/return", data={"note": ""}).status_code == 422
    assert manager.post(f"/content/articles/{article_id}/return", data={"note": "Name the client."}).status_code == 303
    assert "Name the client." in editor.get(f"/content/articles/{article_id}").get_data(as_text=True)
    assert stored(article_id).state == ArticleState.DRAFT


def test_a_draft_with_a_private_fact_is_saved_but_not_sent(world: World, editor: FlaskClient) -> None:
    article_id = drafted(world, editor)
    answer = editor.post(
        f"/content/articles/{article_id}", data=form(article_id, body=content().body + "\nYou have $12 left.", wish="submit")
    )
    assert answer.status_code == 422
    html = answer.get_data(as_text=True)
    assert "amount or a balance" in html
    assert "line 2" in html
    assert stored(article_id).state == ArticleState.DRAFT
    assert "$12" in stored(article_id).body


def test_what_was_typed_stays_in_an_invalid_form_without_its_secrets(world: World, editor: FlaskClient) -> None:
    article_id = drafted(world, editor)
    answer = editor.post(f"/content/articles/{article_id}", data=form(article_id, title="", summary=f"Key {KEY} fails", checked_on="soon"))
    html = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Key " in html
    assert "fails" in html
    assert KEY not in html


def test_saving_over_an_unseen_save_shows_both_texts(world: World, editor: FlaskClient, manager: FlaskClient) -> None:
    article_id = drafted(world, editor)
    mine = form(article_id, title="My words")
    manager.post(f"/content/articles/{article_id}", data=form(article_id, title="Their words"))
    answer = editor.post(f"/content/articles/{article_id}", data=mine)
    html = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "My words" in html
    assert "Their words" in html
    assert stored(article_id).title == "Their words"
    again = editor.post(f"/content/articles/{article_id}", data=mine | {"edit": edit_of(article_id)})
    assert again.status_code == 303
    assert stored(article_id).title == "My words"


def test_a_preview_stores_nothing_and_is_a_part_for_htmx_only(world: World, editor: FlaskClient) -> None:
    article_id = drafted(world, editor)
    before = stored(article_id).body
    typed = form(article_id, body="## What you see\n\n**Bold** <script>alert(1)</script> {{gateway_url}}")
    part = editor.post(f"/content/articles/{article_id}/preview", data=typed, headers={"HX-Request": "true"}).get_data(as_text=True)
    whole = editor.post(f"/content/articles/{article_id}/preview", data=typed).get_data(as_text=True)
    assert part.lstrip().startswith("<section")
    assert "<html" not in part
    assert "<html" in whole
    for html in (part, whole):
        assert "<strong>Bold</strong>" in html
        assert "<script>alert" not in html
        assert "https://gw.example.com/v1" in html
    assert stored(article_id).body == before


def test_a_blank_article_starts_with_the_sections_of_its_kind(editor: FlaskClient) -> None:
    assert editor.get("/content/new").status_code == 200
    answer = editor.post("/content/articles", data={"title": "限流", "slug": "limits", "language": "zh", "kind": "faq"})
    assert answer.status_code == 303
    article = articles.by_slug("zh", "limits")
    assert article is not None
    assert "## 你会看到什么" in article.body


@pytest.mark.parametrize("slug", ["Not good", "../x", "limits"])
def test_a_bad_or_taken_address_is_refused_in_words(editor: FlaskClient, slug: str) -> None:
    first = {"title": "Limits", "slug": "limits", "language": "en", "kind": "faq"}
    editor.post("/content/articles", data=first)
    assert editor.post("/content/articles", data=first | {"slug": slug}).status_code == 422


def test_the_other_language_starts_with_its_own_headings_once(world: World, editor: FlaskClient) -> None:
    article_id = drafted(world, editor)
    first = editor.post(f"/content/articles/{article_id}/translation").headers["Location"]
    assert editor.post(f"/content/articles/{article_id}/translation").headers["Location"] == first
    twin = stored(int(first.rsplit("/", 1)[1]))
    assert (twin.language, twin.slug) == ("zh", stored(article_id).slug)
    assert "## 你会看到什么" in twin.body


def test_a_published_article_gets_a_new_version_and_can_be_archived(world: World, editor: FlaskClient, manager: FlaskClient) -> None:
    article_id = in_review(world, editor)
    manager.post(f"/content/articles/{article_id}/approval", data=approval(edit_of(article_id)))
    assert "version 1" in editor.get(f"/content/articles/{article_id}").get_data(as_text=True)
    editor.post(f"/content/articles/{article_id}/version")
    editor.post(f"/content/articles/{article_id}", data=form(article_id, title="Second title", wish="submit"))
    html = manager.get(f"/content/articles/{article_id}/review").get_data(as_text=True)
    assert "diff-add" in html
    assert "Second title" in html
    manager.post(f"/content/articles/{article_id}/archive")
    assert stored(article_id).state == ArticleState.ARCHIVED
    assert world.client(None).get(f"/kb/en/{stored(article_id).slug}").status_code == 404


def test_giving_a_draft_up_offers_its_ticket_again(world: World, editor: FlaskClient) -> None:
    article_id = drafted(world, editor)
    assert f'name="ticket" value="{world.own_ticket}"' not in editor.get("/content/").get_data(as_text=True)
    assert editor.post(f"/content/articles/{article_id}/discard").status_code == 303
    assert f'name="ticket" value="{world.own_ticket}"' in editor.get("/content/").get_data(as_text=True)


@pytest.mark.parametrize("path", ["", "/review", "/approval", "/return", "/archive", "/discard", "/version", "/translation", "/preview"])
def test_an_article_that_does_not_exist_is_not_there(editor: FlaskClient, path: str) -> None:
    assert editor.post(f"/content/articles/999{path}", data={"note": "x"}).status_code in {404, 405}


def test_the_board_costs_a_fixed_number_of_queries(world: World, editor: FlaskClient, now: datetime) -> None:
    kb_dir: Path = world.app.extensions["settings"].kb_dir
    costs = set()
    for number in range(3):
        write_article(kb_dir, "en", f"more-{number}", print_article(content()))
        import_kb(kb_dir, book(), now)
        editor.post("/content/articles", data={"title": "x", "slug": f"draft-{number}", "language": "en", "kind": "faq"})
        db.session.expunge_all()
        with statements() as seen:
            assert editor.get("/content/").status_code == 200
        costs.add(len(seen))
    assert len(costs) == 1
    assert costs.pop() <= 8


def test_an_approval_says_what_was_looked_at_and_what_else_changes(world: World, editor: FlaskClient, manager: FlaskClient) -> None:
    article_id = in_review(world, editor)
    for missing in ({"checks": ["works"]}, {"note_change": ""}, {"checklist_change": "maybe"}, {"why_not": ""}):
        answer = manager.post(f"/content/articles/{article_id}/approval", data=approval(edit_of(article_id), **missing))
        assert answer.status_code == 422
        assert stored(article_id).state == ArticleState.IN_REVIEW


def test_an_approved_version_goes_up_at_its_time(world: World, editor: FlaskClient, manager: FlaskClient, now: datetime) -> None:
    article_id = in_review(world, editor)
    for wrong in ("2020-01-01T09:00", "tomorrow"):
        sent = approval(edit_of(article_id), publish_at=wrong)
        assert manager.post(f"/content/articles/{article_id}/approval", data=sent).status_code == 422
    later = approval(edit_of(article_id), publish_at="2026-11-21T09:00")
    assert manager.post(f"/content/articles/{article_id}/approval", data=later).status_code == 303
    kb_dir = world.app.extensions["settings"].kb_dir
    assert publish_due(book(), kb_dir, now) == 0
    assert stored(article_id).state == ArticleState.IN_REVIEW
    assert publish_due(book(), kb_dir, now + timedelta(days=2)) == 1
    assert stored(article_id).state == ArticleState.PUBLISHED
    assert stored(article_id).reviewer_id == world.users[Role.MANAGER].id
    assert publish_due(book(), kb_dir, now + timedelta(days=2)) == 0


def test_changing_a_scheduled_version_takes_its_time_away(world: World, editor: FlaskClient, manager: FlaskClient, now: datetime) -> None:
    article_id = in_review(world, editor)
    manager.post(f"/content/articles/{article_id}/approval", data=approval(edit_of(article_id), publish_at="2026-11-21T09:00"))
    editor.post(f"/content/articles/{article_id}", data=form(article_id, title="Another", wish="submit"))
    assert publish_due(book(), world.app.extensions["settings"].kb_dir, now + timedelta(days=2)) == 0
    assert stored(article_id).state == ArticleState.IN_REVIEW


def test_style_is_advice_and_keeps_nothing_back(world: World, editor: FlaskClient) -> None:
    article_id = drafted(world, editor)
    body = content().body + "\nThis is currently free, see [it](/kb/en/nowhere).\n"
    html = editor.post(f"/content/articles/{article_id}/preview", data=form(article_id, body=body)).get_data(as_text=True)
    assert "“currently”" in html
    assert "en/nowhere" in html
    answer = editor.post(f"/content/articles/{article_id}", data=form(article_id, body=body, wish="submit"))
    assert answer.headers["Location"].endswith("/review")


def test_a_minor_change_is_named_and_leaves_the_review_date(world: World, editor: FlaskClient, manager: FlaskClient) -> None:
    article_id = published(world, editor, manager)
    stored(article_id).review_due = "2026-12-24"
    db.session.commit()
    editor.post(f"/content/articles/{article_id}/version")
    note = f"Typo, not {KEY}"
    editor.post(f"/content/articles/{article_id}", data=form(article_id, title="Fixed", change_note=note, minor="y", wish="submit"))
    review = manager.get(f"/content/articles/{article_id}/review").get_data(as_text=True)
    assert "Typo" in review
    assert KEY not in review
    manager.post(f"/content/articles/{article_id}/approval", data=approval(edit_of(article_id)))
    assert (stored(article_id).title, stored(article_id).review_due) == ("Fixed", "2026-12-24")


def test_an_earlier_version_is_shown_and_restored_as_a_draft(world: World, editor: FlaskClient, manager: FlaskClient) -> None:
    article_id = published(world, editor, manager)
    first = articles.history(article_id)[0].id
    editor.post(f"/content/articles/{article_id}/version")
    editor.post(f"/content/articles/{article_id}", data=form(article_id, title="Second", wish="submit"))
    manager.post(f"/content/articles/{article_id}/approval", data=approval(edit_of(article_id)))
    assert "title: Second" in editor.get(f"/content/articles/{article_id}/versions/{first}").get_data(as_text=True)
    assert editor.post(f"/content/articles/{article_id}/versions/{first}/restoration").status_code == 303
    working = articles.working_revision(article_id)
    assert working is not None
    assert working.title == content().title
    assert stored(article_id).title == "Second"
    answer = editor.post(f"/content/articles/{article_id}/versions/{first}/restoration", follow_redirects=True)
    assert "being written already" in answer.get_data(as_text=True)
    assert editor.get(f"/content/articles/{article_id + 1}/versions/{first}").status_code == 404


def test_readers_of_an_archived_article_are_sent_on_until_it_is_back(world: World, editor: FlaskClient, manager: FlaskClient) -> None:
    article_id = published(world, editor, manager)
    slug, kb_dir = stored(article_id).slug, world.app.extensions["settings"].kb_dir
    write_article(kb_dir, "en", "its-heir", print_article(content()))
    import_kb(kb_dir, book(), stored(article_id).updated_at)
    wrong = manager.post(f"/content/articles/{article_id}/archive", data={"target": "nowhere"}, follow_redirects=True)
    assert "published article" in wrong.get_data(as_text=True)
    assert stored(article_id).state == ArticleState.PUBLISHED
    manager.post(f"/content/articles/{article_id}/archive", data={"target": "its-heir"})
    answer = world.client(None).get(f"/kb/en/{slug}")
    assert (answer.status_code, answer.headers["Location"]) == (301, "/kb/en/its-heir")


def test_owner_and_backup_are_two_people(world: World, editor: FlaskClient, manager: FlaskClient) -> None:
    article_id = published(world, editor, manager)
    owner, backup = world.users[Role.EDITOR].id, world.users[Role.MANAGER].id
    editor.post(f"/content/articles/{article_id}/owners", data={"owner": owner, "backup": owner})
    assert stored(article_id).backup_owner_id is None
    editor.post(f"/content/articles/{article_id}/owners", data={"owner": owner, "backup": backup})
    assert (stored(article_id).owner_id, stored(article_id).backup_owner_id) == (owner, backup)
    assert editor.post(f"/content/articles/{article_id}/owners", data={"owner": world.users[Role.USER].id}).status_code == 400


@pytest.mark.parametrize("kind", ["template", "checklist", "case"])
def test_a_ticket_becomes_what_it_is_good_for(world: World, editor: FlaskClient, kind: str) -> None:
    answer = editor.post("/content/drafts", data={"ticket": world.own_ticket, "kind": kind})
    article = stored(int(answer.headers["Location"].rsplit("/", 1)[1]))
    assert article.kind == kind
    assert all(f"## {section.heading['en']}" in article.body for section in book().gate.sections(kind))


def published(world: World, editor: FlaskClient, manager: FlaskClient) -> int:
    article_id = in_review(world, editor)
    manager.post(f"/content/articles/{article_id}/approval", data=approval(edit_of(article_id)))
    assert stored(article_id).state == ArticleState.PUBLISHED
    return article_id


def test_nobody_is_sent_to_what_they_may_not_read(world: World, editor: FlaskClient, manager: FlaskClient) -> None:
    article_id = published(world, editor, manager)
    slug, kb_dir = stored(article_id).slug, world.app.extensions["settings"].kb_dir
    write_article(kb_dir, "en", "runbook", print_article(content(audience="staff")))
    import_kb(kb_dir, book(), stored(article_id).updated_at)
    manager.post(f"/content/articles/{article_id}/archive", data={"target": "runbook"})
    assert world.client(None).get(f"/kb/en/{slug}").status_code == 404
    assert world.client(Role.AGENT).get(f"/kb/en/{slug}").headers["Location"] == "/kb/en/runbook"
    for action in ("flag", "answer"):
        sent = world.client(None).post(f"/kb/en/runbook/{action}", data={"reason": "wrong"}, headers={"Origin": "http://localhost"})
        assert sent.status_code == 404
