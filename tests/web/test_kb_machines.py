"""What machines read: sitemap, feeds, llms.txt, Markdown twins, facts, linked data, robots; and what caches may keep."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.core.article import print_article
from app.core.roles import Role
from app.operations.kb_files import import_kb
from app.store.kb_files import write_article
from tests.articles import book, chinese, content
from tests.pages import read
from tests.world import World, inhabit

SITE = "http://127.0.0.1:8000"
ATOM = "{http://www.w3.org/2005/Atom}"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
FILES = ("/sitemap.xml", "/llms.txt", "/kb/en/feed.atom", "/kb/zh/feed.atom", "/kb/facts.json", "/kb/en/rate-limit.md", "/robots.txt")
PAGES = ("/kb/en/", "/kb/zh/", "/kb/en/rate-limit", "/kb/zh/rate-limit", "/kb/en/about/rate", "/kb/en/client/cursor")
SECRET_TITLE = "The staff runbook"


@pytest.fixture
def world(app: Flask, now: datetime) -> World:
    kb_dir: Path = app.extensions["settings"].kb_dir
    write_article(kb_dir, "en", "rate-limit", print_article(content(clients=("cursor",), body=content().body + "\nUse {{gateway_url}}.")))
    write_article(kb_dir, "zh", "rate-limit", print_article(chinese(clients=("cursor",))))
    write_article(kb_dir, "en", "for-staff", print_article(content(title=SECRET_TITLE, audience="staff", causes=("unknown",))))
    write_article(kb_dir, "zh", "marks", print_article(chinese(title="a < b & c </script><b>", summary="x & y < z")))
    import_kb(kb_dir, book(), now)
    return inhabit(app)


def get(world: World, path: str, role: Role | None = None, **headers: str) -> TestResponse:
    answer = world.client(role).get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    assert answer.status_code in {200, 304}, path
    return answer


def linked_data(world: World, path: str) -> dict[str, dict[str, object]]:
    html = get(world, path).get_data(as_text=True)
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    assert found
    return {each["@type"]: each for each in json.loads(found[1])["@graph"]}


def test_linked_data_says_what_the_page_says(world: World) -> None:
    for path in ("/kb/en/rate-limit", "/kb/zh/rate-limit", "/kb/zh/marks"):
        shown = read(get(world, path)).text
        found = linked_data(world, path)
        article, crumbs = found["TechArticle"], found["BreadcrumbList"]["itemListElement"]
        assert article["headline"] in shown
        assert article["description"] in shown
        assert article["url"] == SITE + path
        assert [crumb["position"] for crumb in crumbs] == [1, 2]  # type: ignore[index,attr-defined]
        assert all(crumb["name"] in shown for crumb in crumbs)  # type: ignore[index,attr-defined]


def test_linked_data_cannot_end_its_element(world: World) -> None:
    html = get(world, "/kb/zh/marks").get_data(as_text=True)
    assert html.count("</script>") == html.count("<script")
    assert linked_data(world, "/kb/zh/marks")["TechArticle"]["headline"] == "a < b & c </script><b>"


def test_the_sitemap_lists_every_public_page_once_with_the_day_it_changed(world: World, now: datetime) -> None:
    tree = ET.fromstring(get(world, "/sitemap.xml").get_data())
    found = {url.findtext(f"{SITEMAP}loc"): url.findtext(f"{SITEMAP}lastmod") for url in tree}
    assert set(found) == {f"{SITE}{path}" for path in ("/kb/en/", "/kb/zh/", "/kb/en/rate-limit", "/kb/zh/rate-limit", "/kb/zh/marks")}
    assert set(found.values()) == {now.isoformat(timespec="seconds")}


def test_every_address_of_the_sitemap_and_the_feeds_answers(world: World) -> None:
    tree = ET.fromstring(get(world, "/sitemap.xml").get_data())
    addresses = [url.findtext(f"{SITEMAP}loc") or "" for url in tree]
    for language in ("en", "zh"):
        feed = ET.fromstring(get(world, f"/kb/{language}/feed.atom").get_data())
        addresses += [link.get("href") or "" for link in feed.iter(f"{ATOM}link")]
    addresses += re.findall(r"\]\((http[^)]+)\)", get(world, "/llms.txt").get_data(as_text=True))
    assert len(addresses) > 10
    for each in addresses:
        get(world, each.removeprefix(SITE))


def test_a_feed_has_what_atom_asks_for(world: World) -> None:
    feed = ET.fromstring(get(world, "/kb/zh/feed.atom").get_data())
    assert feed.tag == f"{ATOM}feed"
    entries = feed.findall(f"{ATOM}entry")
    assert len(entries) == 2
    for element in (feed, *entries):
        assert all(element.findtext(f"{ATOM}{name}") for name in ("id", "title", "updated"))
    assert feed.find(f"{ATOM}author/{ATOM}name") is not None


def test_llms_txt_begins_with_a_title_and_a_quotation(world: World) -> None:
    lines = [line for line in get(world, "/llms.txt").get_data(as_text=True).splitlines() if line]
    assert lines[0].startswith("# ")
    assert lines[1].startswith("> ")
    assert all(line.startswith("- [") for line in lines if line.startswith("-"))


def test_the_markdown_twin_says_the_same_and_names_the_page(world: World) -> None:
    answer = get(world, "/kb/en/rate-limit.md")
    text = answer.get_data(as_text=True)
    assert answer.mimetype == "text/markdown"
    assert text.startswith(f"# {content().title}\n\n> {content().summary}")
    assert "https://gw.example.com/v1." in text
    assert answer.headers["Link"] == f'<{SITE}/kb/en/rate-limit>; rel="canonical"'


def test_public_facts_name_causes_statuses_and_pages(world: World) -> None:
    facts = get(world, "/kb/facts.json").get_json()
    causes = {cause["id"]: cause for cause in facts["causes"]}
    assert set(causes) == set(book().causes.causes)
    assert causes["rate-limit-rpm"]["articles"] == {
        "en": [f"{SITE}/kb/en/rate-limit"],
        "zh": [f"{SITE}/kb/zh/{slug}" for slug in ("marks", "rate-limit")],
    }
    assert 429 in causes["rate-limit-rpm"]["status_codes"]
    assert "staff_advice" not in json.dumps(facts)


@pytest.mark.parametrize("path", [*FILES, *PAGES])
def test_nothing_for_staff_is_told_to_machines_or_strangers(world: World, path: str) -> None:
    for role in (None, Role.USER):
        text = get(world, path, role).get_data(as_text=True)
        assert SECRET_TITLE not in text
        assert "for-staff" not in text


@pytest.mark.parametrize("path", FILES)
def test_files_for_machines_are_the_same_for_staff(world: World, path: str) -> None:
    answer = get(world, path, Role.OWNER)
    assert SECRET_TITLE not in answer.get_data(as_text=True)
    assert answer.headers["Cache-Control"] == "no-store"


def test_an_article_for_staff_has_no_twin_and_no_linked_data(world: World) -> None:
    for role in (None, Role.OWNER):
        assert world.client(role).get("/kb/en/for-staff.md").status_code == 404
    html = get(world, "/kb/en/for-staff", Role.OWNER).get_data(as_text=True)
    assert "ld+json" not in html
    assert "text/markdown" not in html


@pytest.mark.parametrize("path", [*FILES, *PAGES])
def test_a_stranger_may_keep_a_page_and_asks_whether_it_is_still_true(world: World, path: str) -> None:
    first = get(world, path)
    assert first.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert "Cookie" in first.headers["Vary"]
    assert "Set-Cookie" not in first.headers
    again = get(world, path, If_None_Match=first.headers["ETag"])
    assert (again.status_code, again.get_data()) == (304, b"")


def test_a_changed_article_is_told_as_changed(world: World, now: datetime) -> None:
    etag = get(world, "/kb/en/rate-limit").headers["ETag"]
    kb_dir: Path = world.app.extensions["settings"].kb_dir
    write_article(kb_dir, "en", "rate-limit", print_article(content(summary="Another answer.")))
    import_kb(kb_dir, book(), now)
    assert get(world, "/kb/en/rate-limit", If_None_Match=etag).status_code == 200


@pytest.mark.parametrize("path", PAGES)
def test_a_signed_in_persons_page_is_kept_by_nobody(world: World, path: str) -> None:
    etag = get(world, path).headers["ETag"]
    answer = get(world, path, Role.AGENT, If_None_Match=etag)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert "ETag" not in answer.headers


def test_a_message_for_one_reader_is_kept_by_nobody(world: World) -> None:
    client = world.client(None)
    client.post("/kb/en/rate-limit/answer", data={"solved": "yes"}, headers={"Origin": "http://localhost"})
    answer = client.get("/kb/en/rate-limit")
    assert "Good to hear" in answer.get_data(as_text=True)
    assert answer.headers["Cache-Control"] == "no-store"


def test_robots_know_where_not_to_go_and_where_the_sitemap_is(world: World) -> None:
    text = get(world, "/robots.txt").get_data(as_text=True)
    assert f"Sitemap: {SITE}/sitemap.xml" in text
    for path in ("/desk/", "/content/", "/t/", "/tickets", "/kb/search"):
        assert f"Disallow: {path}" in text
    assert "Disallow: /kb/\n" not in text


def test_tickets_searches_staff_pages_and_errors_stay_out_of_indexes(world: World) -> None:
    for path in (f"/t/{world.guest_token}", "/kb/search?q=429", "/sign-in", "/kb/en/nothing", "/kb/en/about/rate"):
        assert world.client(None).get(path).headers["X-Robots-Tag"] == "noindex", path
    for path in ("/desk/", "/content/", "/logs/"):
        assert world.client(Role.OWNER).get(path).headers["X-Robots-Tag"] == "noindex", path
    for path in ("/", "/kb/en/", "/kb/en/rate-limit", "/kb/en/rate-limit.md"):
        assert "X-Robots-Tag" not in world.client(None).get(path).headers, path


def test_anchors_are_the_same_in_both_languages(world: World) -> None:
    anchors = [
        re.findall(r'<h2 id="([^"]+)">', get(world, f"/kb/{language}/rate-limit").get_data(as_text=True)) for language in ("en", "zh")
    ]
    assert [each for each in anchors[0] if each in {"symptom", "check", "path", "evidence", "support", "limits"}] == [
        each for each in anchors[1] if each in {"symptom", "check", "path", "evidence", "support", "limits"}
    ]
    assert "symptom" in anchors[0]


def test_each_page_carries_the_other_languages_summary_and_a_citation(world: World) -> None:
    english, other = (read(get(world, f"/kb/{language}/rate-limit")).text for language in ("en", "zh"))
    assert chinese().summary in english
    assert content().summary in other
    assert f"{SITE}/kb/en/rate-limit" in english
    assert "Facts checked" in english


def test_a_table_stays_a_table(world: World, now: datetime) -> None:
    kb_dir: Path = world.app.extensions["settings"].kb_dir
    write_article(kb_dir, "en", "rate-limit", print_article(content(body=content().body + "\n\n| a | b |\n|---|---|\n| 1 | 2 |\n")))
    import_kb(kb_dir, book(), now)
    html = get(world, "/kb/en/rate-limit").get_data(as_text=True)
    assert '<table tabindex="0">' in html
    assert "&lt;table" not in html
