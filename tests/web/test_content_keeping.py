"""The editor beside saving: it keeps what is typed, says who is there, shows the other language, takes pictures; who may come in."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from app.core.article import print_article
from app.core.article_pictures import shown
from app.core.roles import Role
from app.operations.kb_files import export_kb, import_kb
from app.store import article_care, articles
from app.store.database import db
from app.store.kb_files import write_article
from app.store.models import Article, ArticleRevision
from app.store.models_content import ArticlePicture
from tests.articles import book, chinese, content
from tests.canaries import canaries
from tests.pages import read
from tests.web.test_content import approval, edit_of, form
from tests.world import World, inhabit

KEY = canaries()[0].planted
HTMX = {"HX-Request": "true"}


@pytest.fixture
def world(app: Flask, now: datetime) -> World:
    folder: Path = app.extensions["settings"].kb_dir
    write_article(folder, "en", "rate-limit", print_article(content()))
    write_article(folder, "zh", "rate-limit", print_article(chinese()))
    write_article(folder, "en", "for-all", print_article(content(title="For all of us", governance="staff", causes=())))
    import_kb(folder, book(), now)
    return inhabit(app)


@pytest.fixture
def editor(world: World) -> FlaskClient:
    return world.client(Role.EDITOR)


def article(slug: str = "rate-limit", language: str = "en") -> Article:
    db.session.expire_all()
    found = articles.by_slug(language, slug)
    assert found is not None
    return found


def working(number: int) -> ArticleRevision:
    db.session.expire_all()
    found = articles.working_revision(number)
    assert found is not None
    return found


def opened(client: FlaskClient, slug: str = "rate-limit", language: str = "en") -> int:
    """A version being written."""
    number = article(slug, language).id
    assert client.post(f"/content/articles/{number}/version").status_code == 303
    return number


def autosave(client: FlaskClient, number: int, **changes: object) -> tuple[int, str]:
    answer = client.post(f"/content/articles/{number}/autosave", data=form(number, **changes), headers=HTMX)
    return answer.status_code, answer.get_data(as_text=True)


def picture(size: tuple[int, int] = (8, 6)) -> io.BytesIO:
    data = io.BytesIO()
    Image.new("RGB", size, "teal").save(data, "PNG")
    return io.BytesIO(data.getvalue())


def test_what_is_typed_is_kept_and_the_next_save_builds_on_it(editor: FlaskClient, world: World) -> None:
    number = opened(editor)
    before = working(number).edit
    status, html = autosave(editor, number, title="Typed so far")
    assert (status, working(number).title, working(number).edit) == (200, "Typed so far", before + 1)
    assert f'name="edit" value="{before + 1}"' in html
    assert editor.post(f"/content/articles/{number}", data=form(number, title="Saved")).status_code == 303


def test_what_others_saved_is_not_overwritten_by_itself(editor: FlaskClient, world: World) -> None:
    number = opened(editor)
    mine = form(number, title="Mine")
    autosave(world.client(Role.MANAGER), number, title="Theirs")
    answer = editor.post(f"/content/articles/{number}/autosave", data=mine, headers=HTMX)
    assert answer.status_code == 422
    assert f'value="{mine["edit"]}"' in answer.get_data(as_text=True)
    assert working(number).title == "Theirs"
    answer = editor.post(f"/content/articles/{number}", data=mine)
    assert answer.status_code == 409
    assert "/autosave" not in answer.get_data(as_text=True)  # what is theirs is replaced by a save that is meant, not by typing


def test_a_save_of_what_the_page_kept_by_itself_is_no_collision(editor: FlaskClient) -> None:
    number = opened(editor)
    mine = form(number, title="Mine")
    autosave(editor, number, title="Mine")
    assert editor.post(f"/content/articles/{number}", data=mine).status_code == 303


def test_what_is_in_review_is_not_taken_back_by_typing(editor: FlaskClient) -> None:
    number = opened(editor)
    editor.post(f"/content/articles/{number}", data=form(number, wish="submit"))
    assert autosave(editor, number, title="Typed")[0] == 422
    assert working(number).state == "in_review"


def test_the_editor_says_who_else_has_it_open(editor: FlaskClient, world: World) -> None:
    number, manager = opened(editor), world.client(Role.MANAGER)
    manager.get(f"/content/articles/{number}")
    assert "Test manager" in editor.post(f"/content/articles/{number}/presence", headers=HTMX).get_data(as_text=True)
    assert "Test editor" in manager.get(f"/content/articles/{number}").get_data(as_text=True)


def test_governance_opens_an_article_to_everybody_at_the_desk_or_to_its_owner_alone(world: World, editor: FlaskClient) -> None:
    agent = world.client(Role.AGENT)
    number = opened(agent, "for-all")
    assert agent.post(f"/content/articles/{number}", data=form(number, title="By an agent", governance="staff")).status_code == 303
    other = article().id
    assert agent.post(f"/content/articles/{other}/version").status_code == 403
    assert agent.get(f"/content/articles/{other}").headers["Location"].endswith("/kb/en/rate-limit")
    found = article()
    found.governance, found.owner_id = "owner", world.users[Role.MANAGER].id
    db.session.commit()
    assert editor.post(f"/content/articles/{other}/version").status_code == 403
    assert "Others change this article." in editor.get(f"/content/articles/{other}").get_data(as_text=True)


def test_the_translation_is_marked_as_behind_with_what_changed(world: World, editor: FlaskClient) -> None:
    manager, number = world.client(Role.MANAGER), opened(editor)
    editor.post(f"/content/articles/{number}", data=form(number, summary="Wait, then halve the speed.", wish="submit"))
    manager.post(f"/content/articles/{number}/approval", data=approval(edit_of(number)))
    twin = opened(editor, "rate-limit", "zh")
    html = editor.get(f"/content/articles/{twin}").get_data(as_text=True)
    assert "translation behind" in html
    assert "+summary: Wait, then halve the speed." in read(editor.get(f"/content/articles/{twin}")).text.replace("+ ", "+")
    health = editor.get("/content/health").get_data(as_text=True)
    assert "translation behind" in health
    whole = chinese(summary="先等，再减速。")
    sent = form(twin, title=whole.title, summary=whole.summary, body=whole.body, follows="2", in_step="y", wish="submit")
    assert editor.post(f"/content/articles/{twin}", data=sent).headers["Location"].endswith("/review")
    manager.post(f"/content/articles/{twin}/approval", data=approval(edit_of(twin)))
    assert (article("rate-limit", "zh").follows, article().follows) == (2, 2)
    assert "translation behind" not in editor.get("/content/health").get_data(as_text=True)


def test_a_confirmation_leaves_the_other_language_in_step(world: World, editor: FlaskClient) -> None:
    editor.post(f"/content/articles/{article().id}/confirmation")
    assert article().version == 2
    assert "translation behind" not in editor.get("/content/health").get_data(as_text=True)


def test_facts_of_the_form_reach_the_page_of_the_article(world: World, editor: FlaskClient, now: datetime) -> None:
    number = opened(editor)
    facts = {"sources": "https://example.com/limits 2026-11-01", "author": "The night shift", "volatile": "y", "governance": "staff"}
    editor.post(f"/content/articles/{number}", data=form(number, review_days="180", wish="submit", **facts))
    world.client(Role.MANAGER).post(f"/content/articles/{number}/approval", data=approval(edit_of(number)))
    html = world.client(None).get("/kb/en/rate-limit").get_data(as_text=True)
    assert "The night shift" in html
    assert 'href="https://example.com/limits"' in html
    assert '"citation": ["https://example.com/limits"]' in html
    found = article()
    assert (found.governance, found.volatile, found.review_due) == ("staff", True, "2027-01-19")
    folder: Path = world.app.extensions["settings"].kb_dir
    assert "volatile: yes" in (folder / "en/rate-limit.md").read_text(encoding="utf-8")
    assert import_kb(folder, book(), now).conflicts == []


def test_a_picture_is_drawn_anew_shown_and_written_out(world: World, editor: FlaskClient) -> None:
    number = opened(editor)
    sent = form(number, alt="The menu [with the key]", picture=(picture(), "shot.png"))
    answer = editor.post(f"/content/articles/{number}/pictures", data=sent, content_type="multipart/form-data")
    assert answer.status_code == 303
    body = working(number).body
    [digest] = shown(body)
    assert f"![The menu (with the key)](/kb/pictures/{digest}.png)" in body
    stranger, address = world.client(None), f"/kb/pictures/{digest}.png"
    assert stranger.get(address).status_code == 404  # nobody can read the page yet
    assert editor.get(address).status_code == 200
    editor.post(f"/content/articles/{number}", data=form(number, body=body, wish="submit"))
    world.client(Role.MANAGER).post(f"/content/articles/{number}/approval", data=approval(edit_of(number)))
    answer = stranger.get(address)
    assert (answer.mimetype, answer.headers["Cache-Control"]) == ("image/png", "public, max-age=31536000, immutable")
    assert stranger.get(address, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    html = stranger.get("/kb/en/rate-limit").get_data(as_text=True)
    assert f'<img alt="The menu (with the key)" src="{address}">' in html
    assert (world.app.extensions["settings"].kb_dir / f"pictures/{digest}.png").read_bytes() == answer.get_data()


def test_pictures_come_back_from_the_files_and_strange_ones_do_not(world: World, editor: FlaskClient, now: datetime) -> None:
    number, folder = opened(editor), world.app.extensions["settings"].kb_dir
    editor.post(
        f"/content/articles/{number}/pictures",
        data=form(number, alt="A menu", picture=(picture(), "a.png")),
        content_type="multipart/form-data",
    )
    kept = db.session.query(ArticlePicture).one()
    found = article()
    found.body = book().redactor.clean(working(number).body)
    db.session.commit()
    export_kb(folder)
    db.session.delete(kept)
    (folder / "pictures" / ("0" * 32 + ".png")).write_bytes(picture().getvalue())
    db.session.commit()
    report = import_kb(folder, book(), now)
    assert [each.digest for each in db.session.query(ArticlePicture)] == shown(article().body)
    assert list(report.unreadable) == ["pictures/" + "0" * 32]


@pytest.mark.parametrize(
    ("alt", "data"), [("", picture().getvalue()), ("A menu", b"<svg onload=x>"), ("A menu", b"\x89PNG\r\n\x1a\nno picture")]
)
def test_what_is_no_picture_or_has_no_words_is_refused_and_the_text_kept(editor: FlaskClient, alt: str, data: bytes) -> None:
    number = opened(editor)
    sent = form(number, alt=alt, title="Typed", picture=(io.BytesIO(data), "x.png"))
    editor.post(f"/content/articles/{number}/pictures", data=sent, content_type="multipart/form-data")
    assert db.session.query(ArticlePicture).count() == 0
    assert working(number).title == "Typed"


def test_a_picture_from_elsewhere_keeps_its_words_only(world: World, now: datetime) -> None:
    folder = world.app.extensions["settings"].kb_dir
    text = replace(content(), body=content().body + "\n![The old menu](https://evil.example/x.png)\n")
    write_article(folder, "en", "rate-limit", print_article(text))
    import_kb(folder, book(), now)
    html = world.client(None).get("/kb/en/rate-limit").get_data(as_text=True)
    assert "evil.example" not in html
    assert "The old menu" in html


def test_a_ticked_box_shows_nothing_of_what_was_sent_for_it(editor: FlaskClient) -> None:
    number = opened(editor)
    answer = editor.post(
        f"/content/articles/{number}", data=form(number, title="", volatile=KEY, minor=KEY, in_step=KEY, edit=KEY, follows=KEY)
    )
    assert answer.status_code == 422
    assert KEY not in answer.get_data(as_text=True)


def test_no_secret_survives_the_editor_or_a_run(world: World, editor: FlaskClient) -> None:
    number = opened(editor)
    planted = {"sources": f"https://example.com/?key={KEY} 2026-11-20", "author": KEY, "alt": KEY, "change_note": KEY, "follows": KEY}
    for action in ("", "/autosave", "/preview", "/pictures"):
        sent = form(number, governance=KEY, picture=(picture(), f"{KEY}.png"), **planted)
        answer = editor.post(f"/content/articles/{number}{action}", data=sent, content_type="multipart/form-data", follow_redirects=True)
        assert KEY not in answer.get_data(as_text=True), action
    texts = [str(value) for row in db.session.query(ArticleRevision) for value in (row.title, row.body, row.facts)]
    notes = [str(note.change_note) for note in article_care.notes_of(number).values()]
    assert not [text for text in [*texts, *notes] if KEY in text]
