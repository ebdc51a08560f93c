"""What keeps articles true: flags from readers, words searched in vain, outdated phrases, reviews that are due, what helps."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from app.core.article import print_article
from app.core.report import Report
from app.core.roles import Role
from app.operations import tickets as ticket_operations
from app.operations.article_care import forget_senders
from app.operations.article_use import mark_solved_by
from app.operations.kb_files import import_kb
from app.operations.outdated_words import settle_phrases
from app.store import article_care, articles, tickets
from app.store.database import db
from app.store.kb_files import write_article
from app.store.models import Article, Ticket
from app.store.models_articles import ArticleFlag, MissedSearch, OutdatedPhrase
from tests.articles import book, chinese, content
from tests.canaries import canaries
from tests.conftest import ENGINES, NOW
from tests.pages import read
from tests.sql import statements
from tests.world import World, inhabit, rate_limit_evidence

KEY = canaries()[0].planted
HERE = {"Origin": "http://localhost"}


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """Counting and grouping differ by engine, so all of it runs on each."""
    return str(request.param)


@pytest.fixture
def world(app: Flask, now: datetime) -> World:
    kb_dir: Path = app.extensions["settings"].kb_dir
    write_article(kb_dir, "en", "rate-limit", print_article(content(body=content().body + "\nOpen the old console. [x](/kb/en/gone)")))
    write_article(kb_dir, "zh", "rate-limit", print_article(chinese()))
    write_article(kb_dir, "en", "alone", print_article(content(title="Alone", causes=())))
    import_kb(kb_dir, book(), now - timedelta(days=1))
    return inhabit(app)


def article(slug: str = "rate-limit", language: str = "en") -> Article:
    db.session.expire_all()
    found = articles.by_slug(language, slug)
    assert found is not None
    return found


def health(world: World) -> str:
    answer = world.client(Role.EDITOR).get("/content/health")
    assert answer.status_code == 200
    return read(answer).text


def flag(world: World, **sent: str) -> int:
    data = {"reason": "outdated", "detail": "The menu is called otherwise now."} | sent
    return world.client(None).post("/kb/en/rate-limit/flag", data=data, headers=HERE).status_code


@pytest.mark.parametrize("role", [None, Role.USER, Role.AGENT])
def test_only_content_people_see_it(world: World, role: Role | None) -> None:
    assert world.client(role).get("/content/health").status_code in {303, 403}


def test_any_reader_flags_a_page_and_an_editor_settles_it(world: World) -> None:
    assert flag(world) == 303
    assert "The menu is called otherwise now." in health(world)
    [found] = article_care.open_flags()
    editor = world.client(Role.EDITOR)
    assert editor.post(f"/content/flags/{found.id}", data={"outcome": "whatever"}).status_code == 400
    assert editor.post(f"/content/flags/{found.id}", data={"outcome": "fixed"}).status_code == 303
    assert article_care.open_flags() == []
    assert "The menu is called otherwise now." not in health(world)


def test_a_flag_holds_no_secret_and_no_address(world: World) -> None:
    flag(world, detail=f"My key {KEY} does not work")
    [found] = db.session.query(ArticleFlag)
    assert KEY not in str(found.detail)
    assert "127.0.0.1" not in str(found.subject)


def test_a_flag_from_another_site_or_without_a_reason_is_refused(world: World) -> None:
    stranger = world.client(None)
    assert stranger.post("/kb/en/rate-limit/flag", data={"reason": "wrong"}).status_code == 403
    assert stranger.post("/kb/en/rate-limit/flag", data={"reason": "wrong"}, headers={"Origin": "https://evil.example"}).status_code == 403
    assert stranger.post("/kb/en/rate-limit/flag", data={"reason": "else"}, headers=HERE).status_code == 400
    assert db.session.query(ArticleFlag).count() == 0


def test_flags_are_throttled_and_their_sender_is_forgotten(world: World, now: datetime) -> None:
    for _ in range(8):
        assert flag(world) == 303
    assert db.session.query(ArticleFlag).count() == 5
    assert forget_senders(now + timedelta(hours=2)) == 0
    assert forget_senders(now + timedelta(days=2)) == 5
    assert {each.subject for each in db.session.query(ArticleFlag)} == {None}


def test_a_search_in_vain_leaves_single_harmless_words(world: World) -> None:
    for query in ("xylophone quartz", "xylophone", f"xylophone {KEY}", "xylophone alice@corp.example 13800138000"):
        world.client(None).get("/kb/search", query_string={"q": query, "lang": "en"})
    found = {str(row.word): row.count for row in db.session.query(MissedSearch)}
    assert found["xylophone"] >= 3
    assert all(part not in word for word in found for part in ("alice", "13800138000", KEY[:12].lower()))
    assert "xylophone" in health(world)


def test_a_search_that_finds_or_is_still_being_typed_leaves_nothing(world: World) -> None:
    world.client(None).get("/kb/search?q=too+many+requests&lang=en")
    world.client(None).get("/kb/search?q=xylophone&lang=en", headers={"HX-Request": "true"})
    world.client(Role.AGENT).get("/kb/search?q=xylophone&lang=en")
    assert db.session.query(MissedSearch).count() == 0


def test_outdated_words_are_found_until_they_are_gone(world: World, now: datetime) -> None:
    editor = world.client(Role.EDITOR)
    assert editor.post("/content/phrases", data={"phrase": "", "reason": "x"}).status_code == 422
    editor.post("/content/phrases", data={"phrase": "Old Console", "reason": "It is called dashboard."})
    assert "It is called dashboard." in health(world)
    [phrase] = db.session.query(OutdatedPhrase)
    assert phrase.gone_at is None
    kb_dir: Path = world.app.extensions["settings"].kb_dir
    write_article(kb_dir, "en", "rate-limit", print_article(content()))
    import_kb(kb_dir, book(), now)
    assert settle_phrases(book(), now + timedelta(days=3)) == 0
    assert "3 days" in health(world)
    editor.post(f"/content/phrases/{phrase.id}/removal")
    assert db.session.query(OutdatedPhrase).count() == 0


def test_an_article_comes_up_on_its_date_and_is_confirmed(world: World, now: datetime) -> None:
    found = article()
    found.review_due, found.owner_id, found.backup_owner_id = "2026-11-19", world.users[Role.EDITOR].id, world.users[Role.MANAGER].id
    db.session.commit()
    assert "Test editor" in health(world)
    article().review_due = "2026-11-01"
    db.session.commit()
    assert "Test manager" in health(world)
    changed = article().updated_at
    world.client(Role.EDITOR).post(f"/content/articles/{article().id}/confirmation")
    assert article().checked_on == now.date().isoformat()
    assert (article().review_due or "") > "2027"
    assert article().updated_at == changed  # nothing a reader could see changed
    assert import_kb(world.app.extensions["settings"].kb_dir, book(), now).conflicts == []


def test_the_first_five_real_cases_have_the_article_read_again(world: World, now: datetime) -> None:
    for number in range(5):
        assert (article().review_due or "") > "2026-11-20", number
        ticket = tickets.by_id(world.guest_ticket)
        assert ticket is not None
        mark_solved_by(ticket if number == 0 else another_ticket(world, number), article(), world.users[Role.AGENT], book().gate.care, now)
    assert article().review_due == "2026-11-20"


def test_an_article_that_fails_its_readers_is_read_again_at_once(world: World) -> None:
    for _ in range(4):
        world.client(None).post("/kb/en/rate-limit/answer", data={"solved": "no"}, headers=HERE)
    assert (article().review_due or "") > "2026-11-20"
    world.client(None).post("/kb/en/rate-limit/answer", data={"solved": "no"}, headers=HERE)
    assert article().review_due == "2026-11-20"


def another_ticket(world: World, number: int) -> Ticket:
    """One more person with the same trouble."""
    rules, log_store = world.app.extensions["rulebook"], world.app.extensions["log_store"]
    report = Report(rate_limit_evidence(f"{number:032x}", rules), None, "en", "UTC")
    return ticket_operations.open_ticket(report, None, rules, log_store, NOW).ticket


def test_votes_and_tickets_after_publishing_are_counted(world: World) -> None:
    for solved in ("yes", "yes", "yes", "no"):
        world.client(None).post("/kb/en/rate-limit/answer", data={"solved": solved}, headers=HERE)
    votes = article_care.votes()[article().id]
    assert (votes.solved, votes.asked) == (3, 4)
    assert "3 of 4" in health(world)
    assert article_care.tickets_since_publish()[article().id] == 2  # both tickets of the world have this cause


def test_broken_links_and_missing_translations_are_listed(world: World) -> None:
    text = health(world)
    assert "en/gone" in text
    assert "no translation Alone" in text


def test_the_page_costs_a_fixed_number_of_queries(world: World, now: datetime) -> None:
    kb_dir: Path = world.app.extensions["settings"].kb_dir
    costs, editor = set(), world.client(Role.EDITOR)
    for number in range(3):
        write_article(kb_dir, "en", f"more-{number}", print_article(content()))
        import_kb(kb_dir, book(), now)
        db.session.expunge_all()
        with statements() as seen:
            assert editor.get("/content/health").status_code == 200
        costs.add(len(seen))
    assert len(costs) == 1
    assert costs.pop() <= 14
