"""The report page before and after a mistake, light and dark, wide and narrow: nothing for axe to find, one heading."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.conftest import WIDTHS, Desk

AXE = Path(__file__).with_name("vendor") / "axe.min.js"
PASTE = "Error code: 429 - {'error': {'message': 'Rate limit reached for gpt-4o on requests per min (RPM): Limit 3', 'code': '429'}}"


@pytest.fixture(params=[(scheme, width) for scheme in ("light", "dark") for width in WIDTHS], ids=lambda pair: f"{pair[0]}-{pair[1]}")
def look(browser: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    """A browser profile in one theme and width; axe is injected, so the page's own policy must let it in."""
    scheme, width = request.param
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 800}, locale="en-US", bypass_csp=True)
    context.set_default_timeout(10_000)
    yield context
    context.close()


def faults(page: Page) -> list[str]:
    """What is wrong with the page that is open."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    result = page.evaluate("axe.run()")
    assert len(result["passes"]) > 5, page.url
    found = [f"{page.url}: {violation['id']} at {violation['nodes'][0]['html'][:120]}" for violation in result["violations"]]
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        found.append(f"{page.url}: scrolls sideways")
    if page.locator("h1").count() != 1:
        found.append(f"{page.url}: {page.locator('h1').count()} first headings")
    return found


def test_nothing_is_wrong_with_a_report_before_and_after_a_mistake(desk: Desk, look: BrowserContext) -> None:
    page = look.new_page()
    page.goto(desk.address)
    page.locator("textarea").fill(PASTE)
    page.get_by_role("button", name="Find the cause").click()
    page.get_by_role("heading", level=1, name="Too many requests").wait_for()
    found = faults(page)
    page.locator("[name=status_code]").fill("9000")
    page.evaluate("document.querySelector('#ticket').noValidate = true")
    page.get_by_role("button", name="File the ticket").click()
    page.get_by_role("alert").first.wait_for()
    assert found + faults(page) == []
