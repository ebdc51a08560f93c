"""The public knowledge base: list, article, search, and "did this solve it?"; in both languages, for anybody."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask

from app.core.article import print_article
from app.core.roles import Role
from app.operations.kb_files import import_kb
from app.store import articles
from app.store.database import db
from app.store.kb_files import write_article
from app.store.models import SelfService
from tests.articles import book, chinese, content
from tests.sql import statements
from tests.world import World, inhabit

KEY = "sk-" + "Ab3dEf6hIj9k" * 4
FROM_HERE = {"Origin": "http://localhost"}


@pytest.fixture
def world(app: Flask, now: datetime) -> World:
    kb_dir: Path = app.extensions["settings"].kb_dir
    write_article(
        kb_dir, "en", "rate-limit", print_article(content(related=("only-english",), body=content().body + "\nUse {{gateway_url}}/models."))
    )
    write_article(kb_dir, "zh", "rate-limit", print_article(chinese()))
    write_article(kb_dir, "en", "only-english", print_article(content(title="Only in English", causes=())))
    write_article(kb_dir, "en", "for-staff", print_article(content(title="For staff", audience="staff")))
    import_kb(kb_dir, book(), now)
    return inhabit(app)


def page(world: World, path: str, role: Role | None = None, **headers: str) -> str:
    answer = world.client(role).get(path, headers=headers)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_the_list_shows_the_readers_language(world: World) -> None:
    assert content().title in page(world, "/kb/?lang=en")
    assert chinese().title not in page(world, "/kb/?lang=en")
    assert chinese().title in page(world, "/kb/?lang=zh")


def test_articles_are_listed_under_what_went_wrong(world: World) -> None:
    html = page(world, "/kb/?lang=en")
    family = book().causes["rate-limit-rpm"].family
    assert f'id="{family}"' in html
    assert html.index(f'id="{family}"') < html.index(content().title) < html.index('id="support"') < html.index("Only in English")


def test_an_article_says_its_answer_first_and_fills_in_the_address(world: World) -> None:
    html = page(world, "/kb/en/rate-limit")
    assert html.index(content().title) < html.index(content().summary) < html.index("What you see")
    assert "https://gw.example.com/v1/models" in html
    assert html.count("<h1") == 1


def test_an_article_names_its_versions_in_both_languages_and_itself(world: World) -> None:
    for path in ("/kb/en/rate-limit", "/kb/zh/rate-limit"):
        html = page(world, path)
        for hreflang, version in (("en", "en"), ("x-default", "en"), ("zh-Hans", "zh")):
            assert f'hreflang="{hreflang}" href="http://127.0.0.1:8000/kb/{version}/rate-limit"' in html
        assert f'rel="canonical" href="http://127.0.0.1:8000{path}"' in html


def test_the_language_of_an_article_is_the_language_of_its_page(world: World) -> None:
    assert '<html lang="zh-Hans"' in page(world, "/kb/zh/rate-limit", **{"Accept-Language": "en"})
    assert '<html lang="en"' in page(world, "/kb/en/rate-limit", **{"Accept-Language": "zh"})


def test_the_language_switch_leads_to_the_twin_or_to_the_list(world: World) -> None:
    assert 'href="/kb/zh/rate-limit"' in page(world, "/kb/en/rate-limit")
    assert 'href="/kb/zh/"' in page(world, "/kb/en/only-english")


def test_related_pages_are_linked(world: World) -> None:
    assert 'href="/kb/en/only-english"' in page(world, "/kb/en/rate-limit")


@pytest.mark.parametrize("path", ["/kb/en/nothing", "/kb/zh/only-english", "/kb/fr/rate-limit", "/kb/en/for-staff"])
def test_what_is_not_public_is_not_there(world: World, path: str) -> None:
    for role in (None, Role.USER):
        assert world.client(role).get(path).status_code == 404


def test_staff_read_what_is_for_staff_and_nobody_indexes_it(world: World) -> None:
    for role in (Role.AGENT, Role.EDITOR, Role.MANAGER, Role.OWNER):
        answer = world.client(role).get("/kb/en/for-staff")
        assert answer.status_code == 200
        assert answer.headers["X-Robots-Tag"] == "noindex"
        assert "For staff" in page(world, "/kb/?lang=en", role)
    assert "For staff" not in page(world, "/kb/?lang=en")
    assert "For staff" not in page(world, "/kb/search?q=for+staff&lang=en")


def test_search_finds_by_words_and_says_why(world: World) -> None:
    html = page(world, "/kb/search?q=too+many+requests&lang=en")
    assert 'href="/kb/en/rate-limit"' in html
    assert "too, many, requests" in html or "Too many" in html


def test_search_finds_two_characters_of_chinese(world: World) -> None:
    assert 'href="/kb/zh/rate-limit"' in page(world, "/kb/search?q=限流&lang=zh")


def test_chinese_typed_into_the_english_page_finds_the_english_article_and_offers_chinese(world: World) -> None:
    html = page(world, "/kb/search?q=限流&lang=en")
    assert 'href="/kb/en/rate-limit"' in html
    assert 'hreflang="zh-Hans">用中文搜索' in html
    assert "用中文搜索" not in page(world, "/kb/search?q=429&lang=en")


def test_search_reads_a_whole_error_message(world: World) -> None:
    error = (
        "Error code: 429 - {'error': {'message': 'Rate limit reached on requests per min (RPM): Limit 3', 'code': 'rate_limit_exceeded'}}"
    )
    answer = world.client(None).get("/kb/search", query_string={"q": error, "lang": "en"})
    html = answer.get_data(as_text=True)
    assert 'href="/kb/en/rate-limit"' in html
    assert book().causes["rate-limit-rpm"].title["en"] in html


def test_search_pages_are_not_indexed_and_never_show_a_key(world: World) -> None:
    answer = world.client(None).get("/kb/search", query_string={"q": f"my key {KEY} is rejected"})
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert KEY not in answer.get_data(as_text=True)


def test_htmx_gets_the_results_alone(world: World) -> None:
    part = page(world, "/kb/search?q=429", **{"HX-Request": "true"})
    assert part.lstrip().startswith("<section")
    assert "<html" not in part
    assert world.client(None).get("/kb/search?q=429").headers["Vary"].find("HX-Request") >= 0


@pytest.mark.parametrize("query", ["", " ", "zzzzqqqq", "' OR 1=1 --", "%_\\", "<script>alert(1)</script>", "的", "\u0000", "x" * 5_000])
def test_no_query_breaks_the_search(world: World, query: str) -> None:
    answer = world.client(None).get("/kb/search", query_string={"q": query})
    assert answer.status_code == 200
    assert "<script>alert" not in answer.get_data(as_text=True)


def test_this_solved_it_is_counted_and_thanked(world: World) -> None:
    client = world.client(None)
    answer = client.post("/kb/en/rate-limit/answer", data={"solved": "yes"}, headers=FROM_HERE)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/kb/en/rate-limit")
    article = articles.by_slug("en", "rate-limit")
    assert article is not None
    assert article.solved_count == 1
    assert [row.solved for row in db.session.query(SelfService)] == [True]


def test_still_need_help_leads_to_the_report(world: World) -> None:
    answer = world.client(None).post("/kb/en/rate-limit/answer", data={"solved": "no"}, headers=FROM_HERE)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert [row.solved for row in db.session.query(SelfService)] == [False]


def test_markup_in_an_article_is_not_executed(world: World, now: datetime) -> None:
    kb_dir: Path = world.app.extensions["settings"].kb_dir
    write_article(
        kb_dir,
        "en",
        "markup",
        print_article(
            content(
                title="<b>x</b>", body=content().body + "\n<script>alert(1)</script><img src=x onerror=alert(1)>[x](javascript:alert(1))"
            )
        ),
    )
    import_kb(kb_dir, book(), now)
    html = page(world, "/kb/en/markup")
    for bad in ("<script>alert", "onerror", "javascript:", "<b>x</b>"):
        assert bad not in html


def test_every_page_costs_a_fixed_number_of_queries(world: World, now: datetime) -> None:
    kb_dir: Path = world.app.extensions["settings"].kb_dir
    costs: dict[str, set[int]] = {}
    for number in range(3):
        write_article(kb_dir, "en", f"more-{number}", print_article(content(causes=("rate-limit-rpm", "rate-limit-tpm"))))
        import_kb(kb_dir, book(), now)
        for path, most in (("/kb/?lang=en", 2), ("/kb/en/rate-limit", 4), ("/kb/search?q=429+limit&lang=en", 4)):
            db.session.expunge_all()
            with statements() as seen:
                page(world, path)
            costs.setdefault(path, set()).add(len(seen))
            assert len(seen) <= most, path
    assert all(len(each) == 1 for each in costs.values()), costs


def test_what_is_for_signed_in_users_is_for_them_and_staff(world: World, now: datetime) -> None:
    kb_dir: Path = world.app.extensions["settings"].kb_dir
    write_article(kb_dir, "en", "for-users", print_article(content(title="Xylophone plan", audience="users", causes=())))
    import_kb(kb_dir, book(), now)
    for role, there in ((None, False), (Role.USER, True), (Role.AGENT, True)):
        client = world.client(role)
        assert (client.get("/kb/en/for-users").status_code == 200) is there
        assert ("Xylophone plan" in client.get("/kb/search?q=xylophone&lang=en").get_data(as_text=True)) is there
        assert "for-users" not in client.get("/sitemap.xml").get_data(as_text=True)
    assert "noindex" in world.client(Role.USER).get("/kb/en/for-users").headers["X-Robots-Tag"]
    assert world.client(Role.USER).get("/kb/en/for-users.md").status_code == 404
