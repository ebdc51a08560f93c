"""Every page that anybody of the demonstration can reach by a link opens: with a week's real variety behind it."""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from app.operations.kb_files import import_kb
from app.operations.setup import fill_demo
from app.settings import load
from app.store.database import db
from app.store.models import ArticleRevision, User
from app.store.models_content import ArticlePicture
from tests.conftest import NOW, CompiledOnce, formats_once, rules_once
from tests.pages import read

LINK = re.compile(r'href="(/[^"#]*)')
LEFT_OUT = re.compile(r"^/(?:static|language|theme|sign-|kb/|kb$|docs|api/docs)|[?&](?:next|after|cursor|before)=")
KB = Path(__file__).parents[2] / "kb"
ARTICLES = (  # of the knowledge base, those the week's people had to do with
    *("en/operations-checklist", "zh/troubleshooting-checklist", "en/429-wait-or-stop", "zh/429-wait-or-stop", "en/stream-cut"),
    *("zh/balance-or-quota", "en/cursor"),
)
SHOWN = {  # page → what of the week's work is on it
    "/desk/?view=all&tag=migration": "Migration",
    "/desk/suspected": "Best price for API credits",
    "/desk/suspected?show=discarded": "hello hello hello",
    "/desk/disputes": "2 disputes are not settled.",
    "/reports/approvals": "2 requests wait for a decision.",
    "/reports/desk": "Rated good",
    "/reports/review/2026-W46": "Name a budget owner for each team",
    "/content/": "1 version waits for review.",
    "/content/health": "The setting has moved to Models",
    "/content/runs/1": "The disk figure waits for the new monitor.",
    "/notices/": "not read yet.",
    "/admin/audit": "merged into",
}
MOST_QUERIES = 3  # addresses of one page that differ in their filters alone


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    folder: Path = tmp_path_factory.mktemp("demonstration")
    settings = load({"GATEDESK_DATA_DIR": str(folder), "GATEDESK_SECRET_KEY": "s" * 40, "GATEDESK_KB_DIR": str(folder / "kb")})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("app.load_rulebook", rules_once)
        patch.setattr("app.load_formats", formats_once)
        app = create_app(settings)
    app.jinja_env.bytecode_cache = CompiledOnce()
    app.config.update(TESTING=True, CLOCK=lambda: NOW)
    with app.app_context():
        db.create_all()
        app.extensions["log_store"].prepare()
        for name in ARTICLES:
            copied = settings.kb_dir / f"{name}.md"
            copied.parent.mkdir(parents=True, exist_ok=True)
            copied.write_bytes((KB / f"{name}.md").read_bytes())
        import_kb(settings.kb_dir, app.extensions["rulebook"], NOW)
        fill_demo(settings, app.extensions["rulebook"], app.extensions["log_store"], NOW)
        yield app
        db.session.remove()
        db.engine.dispose()
    app.extensions["log_store"].close()


@pytest.mark.parametrize("role", ["owner", "agent", "editor", "user"])
def test_every_page_a_link_leads_to_opens(demonstration: Flask, role: str) -> None:
    client = demonstration.test_client()
    person = db.session.query(User).filter_by(role=role, disabled_at=None).first()
    assert person is not None
    with client.session_transaction() as session:
        session["_user_id"] = person.get_id()
    opened = _opened(client)
    assert {path: status for path, status in opened.items() if status != 200} == {}
    assert len(opened) >= {"owner": 60, "agent": 50, "editor": 20, "user": 8}[role]


@pytest.mark.parametrize("path", SHOWN)
def test_a_page_about_peoples_work_shows_some(demonstration: Flask, path: str) -> None:
    client = demonstration.test_client()
    owner = db.session.query(User).filter_by(role="owner").one()
    with client.session_transaction() as session:
        session["_user_id"] = owner.get_id()
    assert SHOWN[path] in read(client.get(path)).text


def test_an_article_of_the_demonstration_has_a_picture_that_opens(demonstration: Flask) -> None:
    client = demonstration.test_client()
    assert sum("](/kb/pictures/" in revision.body for revision in db.session.query(ArticleRevision)) == 2
    kept = db.session.query(ArticlePicture).one()
    assert client.get(f"/kb/pictures/{kept.digest}.png").mimetype == "image/png"


def _opened(client: FlaskClient) -> dict[str, int]:
    """Every page reached, a few of each kind, with the status it answered."""
    roots = ("/", "/desk/", "/content/", "/reports/", "/admin/", "/settings")
    waiting, opened = deque(roots), {}
    routes = client.application.url_map.bind("localhost")
    kinds: defaultdict[str, set[tuple[str, ...]]] = defaultdict(set)
    while waiting:
        path = waiting.popleft()
        address, _, query = path.partition("?")
        page = routes.match(address)[0] if routes.test(address) else address
        if path in opened or LEFT_OUT.search(path) or len(kinds[page]) >= MOST_QUERIES or _names_in(query) in kinds[page]:
            continue
        kinds[page].add(_names_in(query))
        answer = client.get(path, follow_redirects=True)
        if answer.status_code == 403 and path in roots:
            continue
        opened[path] = answer.status_code
        if answer.mimetype == "text/html":
            waiting.extend(found.replace("&amp;", "&") for found in LINK.findall(answer.get_data(as_text=True)))
    return opened


def _names_in(query: str) -> tuple[str, ...]:
    """Which filters an address sets, whatever to."""
    return tuple(sorted(re.findall(r"(?:^|[&;])([a-z_]+)=", query)))
