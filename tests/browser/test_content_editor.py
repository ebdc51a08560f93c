"""Writing in a real browser: the draft keeps itself, the other language stands beside it, a checklist is ticked without a reload."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Desk, served_desk
from tests.browser.test_accessibility import AXE, look


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory, first_day: Path) -> Iterator[Desk]:
    """A desk whose articles are changed."""
    with served_desk(shutil.copytree(first_day, tmp_path_factory.mktemp("written") / "desk")) as desk:
        yield desk


@pytest.fixture
def page(browser: Browser, written: Desk) -> Iterator[Page]:
    """The owner's page."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    context.set_default_timeout(15_000)
    context.add_init_script(AXE)
    page = context.new_page()
    written.sign_in(page, "Test owner")
    yield page
    context.close()


def test_a_draft_keeps_itself_and_is_there_after_a_reload(written: Desk, page: Page) -> None:
    page.goto(f"{written.address}/content/articles/1?lang=en")
    page.get_by_role("button", name="Write a new version").click()
    expect(page.get_by_label("Title")).to_be_visible()
    address = page.url
    page.get_by_label("Title").fill("Typed and never saved by hand")
    expect(page.locator("#kept")).to_contain_text("Draft kept")
    page.goto(address)
    expect(page.get_by_label("Title")).to_have_value("Typed and never saved by hand")
    expect(page.get_by_text("In Chinese, version 1")).to_be_visible()
    page.get_by_label("Title").fill("Saved by hand")
    expect(page.locator("#kept")).to_contain_text("Draft kept")
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_text("The draft was saved.")).to_be_visible()
    assert look(page, "en") == []


def test_a_checklist_is_ticked_without_a_reload(written: Desk, page: Page) -> None:
    page.goto(f"{written.address}/kb/en/onboarding-checklist?lang=en")
    page.get_by_role("button", name="Run this checklist").click()
    page.get_by_role("button", name="Tick off").first.click()
    expect(page.get_by_text("1 of 12 points")).to_be_visible()
    assert look(page, "en") == []
    page.set_viewport_size({"width": 390, "height": 800})
    assert look(page, "en") == []
