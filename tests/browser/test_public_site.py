"""The public site in a real browser: linked data under the policy, every link, first load, axe on the pages of the knowledge base."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
from playwright.sync_api import Browser, Page, Response

from tests.browser.conftest import WIDTHS, Desk, served_desk
from tests.browser.test_accessibility import AXE, look

pytestmark = pytest.mark.browser
LINKS = "html => [...new DOMParser().parseFromString(html, 'text/html').links].map(link => link.getAttribute('href'))"
FIRST_LOAD = 60 * 1024  # bytes on the wire, compressed
PAGES = ("", "cherry-studio", "key-rejected-401", "unified-gateway", "privacy", "about/auth", "client/cursor")
STAFF = ("/content/health", "/content/", "/content/articles/1")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, first_day: Path) -> Iterator[Desk]:
    """A desk nobody changes."""
    with served_desk(shutil.copytree(first_day, tmp_path_factory.mktemp("site") / "desk")) as desk:
        yield desk


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A stranger's page that complains about nothing."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    context.set_default_timeout(10_000)
    errors: list[str] = []
    context.on("console", lambda message: errors.append(message.text) if message.type in {"error", "warning"} else None)
    yield context.new_page()
    context.close()
    assert errors == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_linked_data_passes_the_policy_and_says_what_the_page_says(site: Desk, page: Page, language: str) -> None:
    page.goto(f"{site.address}/kb/{language}/key-rejected-401")
    graph = json.loads(page.locator('script[type="application/ld+json"]').inner_text())["@graph"]
    article = next(each for each in graph if each["@type"] == "TechArticle")
    assert article["headline"] == page.locator("h1").inner_text()
    assert article["description"] == page.locator("p.answer").inner_text()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_link_of_the_site_leads_somewhere(site: Desk, page: Page, language: str) -> None:
    start = f"{site.address}/kb/{language}/"
    page.goto(start)
    wanted, seen, broken = {start}, set(), []
    while wanted:
        address = wanted.pop()
        seen.add(address)
        answer = page.request.get(address)
        if answer.status != 200:
            broken.append((address, answer.status))
        if "/kb/" in address and "text/html" in answer.headers["content-type"] and "/search" not in address:
            wanted |= links_of(page, address, answer.text(), site.address) - seen
    assert broken == []
    assert len(seen) > 60


def links_of(page: Page, address: str, html: str, site: str) -> set[str]:
    """The addresses a page links to on this site, in its own language, without their anchors."""
    whole = {urldefrag(urljoin(address, href or ""))[0] for href in page.evaluate(LINKS, html)}
    return {each for each in whole if each.startswith(site) and "lang=" not in each and "/sign-in" not in each}


def test_the_first_page_loads_little(site: Desk, page: Page) -> None:
    loaded: list[Response] = []
    page.on("response", lambda answer: loaded.append(answer))  # noqa: PLW0108 - the list's own method cannot be registered
    page.goto(f"{site.address}/kb/en/key-rejected-401", wait_until="networkidle")
    sizes = {urlsplit(each.url).path: len(gzip.compress(each.body())) for each in loaded if each.status == 200}
    assert sum(sizes.values()) <= FIRST_LOAD, sizes


def test_a_reader_flags_a_page_without_an_account(site: Desk, page: Page) -> None:
    page.goto(f"{site.address}/kb/en/curl")
    page.get_by_text("Is something here wrong or out of date?").click()
    page.get_by_role("combobox", name="What is wrong").select_option("broken")
    page.get_by_role("button", name="Tell the editors").click()
    page.get_by_text("Thank you. An editor will look at this page.").wait_for()


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_of_the_site_reads_well(browser: Browser, site: Desk, width: int, language: str) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme="light", reduced_motion="reduce")
    context.set_default_timeout(10_000)
    context.add_init_script(AXE)
    page, found = context.new_page(), []
    for path in PAGES:
        page.goto(f"{site.address}/kb/{language}/{path}")
        found += look(page, language)
        found += headings_out_of_order(page)
    site.sign_in(page, "Test owner")
    for path in STAFF:
        page.goto(f"{site.address}{path}?lang={language}")
        found += look(page, language)
    context.close()
    assert found == []


def headings_out_of_order(page: Page) -> list[str]:
    """Headings that skip a level."""
    levels = page.evaluate("[...document.querySelectorAll('main :is(h1,h2,h3,h4)')].map(each => Number(each.tagName[1]))")
    return [f"{page.url}: h{last} then h{level}" for last, level in pairwise(levels) if level > last + 1]
