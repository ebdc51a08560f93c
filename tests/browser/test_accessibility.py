"""Every page of the four people, wide and narrow, light and dark, in both languages: axe has no complaint and nothing sticks out."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from app.core.roles import Role
from app.core.ticket import State
from app.operations import articles as article_operations
from app.operations import tickets as ticket_operations
from app.store import articles, tickets
from tests.articles import content
from tests.browser.conftest import WIDTHS, Desk, served_desk
from tests.conftest import NOW
from tests.world import World

pytestmark = pytest.mark.browser
AXE = (Path(__file__).parent / "vendor/axe.min.js").read_text(encoding="utf-8")
PASTE = (
    "Error code: 429 - {'error': {'message': 'Rate limit reached for gpt-4o on requests per min (RPM): Limit 3, Used 3.', 'code': '429'}}"
)
NOWHERE = "/nothing-here"
LOOK = """async () => {
    document.querySelectorAll("details").forEach((details) => { details.open = true; });
    const root = document.documentElement, found = [];
    const titles = document.querySelectorAll("h1").length;
    if (titles !== 1) found.push(`${titles} h1`);
    if (root.scrollWidth > root.clientWidth) found.push(`${root.scrollWidth} px wide`);
    const said = await axe.run(document, { resultTypes: ["violations"] });
    return [root.lang, [...found, ...said.violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.target.join(" ")}`))]];
}"""
CONTRAST = """async () => {
    const said = await axe.run(document, { runOnly: ["color-contrast"], resultTypes: ["violations"] });
    return said.violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.target.join(" ")}`));
}"""


@pytest.fixture(scope="module")
def busy_desk(tmp_path_factory: pytest.TempPathFactory, first_day: Path) -> Iterator[Desk]:
    """One desk for all looks at it: nothing here changes it after it was filled."""
    with served_desk(shutil.copytree(first_day, tmp_path_factory.mktemp("busy") / "desk")) as desk:
        keep_busy(desk.world)
        yield desk


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_reads_well_for_everybody(browser: Browser, busy_desk: Desk, width: int, language: str) -> None:
    context = browser.new_context(locale="en-US", viewport={"width": width, "height": 800}, color_scheme="light", reduced_motion="reduce")
    context.set_default_timeout(10_000)
    context.add_init_script(AXE)
    page = context.new_page()
    page.goto(f"{busy_desk.address}/?lang={language}")
    page.locator("#text").fill(PASTE)
    page.locator("#paste button.primary").click()
    page.wait_for_url("**/report")
    found = look(page, language)
    for role, addresses in pages(busy_desk.world, language).items():
        if role is not None:
            page.context.clear_cookies()
            busy_desk.sign_in(page, f"Test {role}")
        for address in addresses:
            answer = page.goto(f"{busy_desk.address}{address}{'&' if '?' in address else '?'}lang={language}")
            assert answer is not None
            assert answer.status == (404 if address == NOWHERE else 200), address
            found += look(page, language)
    context.close()
    assert found == []


def pages(world: World, language: str) -> dict[Role | None, list[str]]:
    """Who looks at which pages; a stranger first."""
    draft, version = (articles.revisions_in(state)[0].article_id for state in ("draft", "in_review"))
    shared = [f"/content/articles/{draft}", f"/content/articles/{version}/review"]
    guest = [
        "/",
        "/report",
        f"/t/{world.guest_token}",
        "/sign-in",
        "/kb/",
        f"/kb/{language}/429-wait-or-stop",
        "/kb/search?q=429",
        "/nothing-here",
    ]
    logs = ["/logs/", f"/logs/{world.request_id}", f"/logs/{world.request_id}?view=requester"]
    return {
        None: [*guest, "/design"],
        Role.USER: ["/tickets", f"/tickets/{world.own_ticket}"],
        Role.AGENT: ["/desk/", "/desk/?q=nothing-like-this", f"/desk/tickets/{world.guest_ticket}", *logs],
        Role.EDITOR: ["/content/", "/content/new", "/content/articles/1", *shared],
        Role.MANAGER: shared[1:],
        Role.OWNER: ["/admin/", "/admin/accounts"],
    }


def look(page: Page, language: str) -> list[str]:
    """What is wrong with the page that is open, in light and in dark."""
    lang, found = page.evaluate(LOOK)
    if lang != {"en": "en", "zh": "zh-Hans"}[language]:
        found.append(f"lang {lang}")
    page.emulate_media(color_scheme="dark")
    found += [f"dark {fault}" for fault in page.evaluate(CONTRAST)]
    page.emulate_media(color_scheme="light")
    return [f"{page.url}: {fault}" for fault in found]


def keep_busy(world: World) -> None:
    """Talk, a note, a confirmed log line, a solved ticket with a draft, an article in review."""
    book, users = world.app.extensions["rulebook"], world.users
    asked, solved = tickets.by_id(world.guest_ticket), tickets.by_id(world.own_ticket)
    assert asked is not None
    assert solved is not None
    ticket_operations.reply_as_requester(asked, book.redactor.clean("It fails again."), None, NOW)
    ticket_operations.add_note(asked, book.redactor.clean("The team's limit is **3** a minute."), users[Role.AGENT], NOW)
    ticket_operations.set_state(solved, State.SOLVED, users[Role.AGENT], NOW)
    article_operations.draft_from_ticket(solved, users[Role.EDITOR], book, NOW)
    article = article_operations.start_draft("slow-down", "en", content(), users[Role.EDITOR], book, NOW)
    working = articles.working_revision(article.id)
    assert working is not None
    article_operations.submit_for_review(article, working.edit, users[Role.EDITOR], book, NOW)
