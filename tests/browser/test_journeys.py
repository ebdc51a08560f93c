"""The four people's ways through the desk, with JavaScript and without: a user, an agent, an editor with a reviewer, a key."""

from __future__ import annotations

import hashlib

import pytest
from babel.support import Translations
from playwright.sync_api import Browser, Page, Request, expect

from app.settings import PROJECT_ROOT
from tests.articles import content
from tests.browser.conftest import Desk, People

pytestmark = pytest.mark.browser
TOKEN_USED_UP = (
    'HTTP 403\n{"error":{"code":"","message":"该令牌额度已用尽 !token.UnlimitedQuota && token.RemainQuota = 0 '
    '(request id: 20261120162612345678901AbCdEfGh)","type":"new_api_error"}}'
)
TOO_FAST = (
    "openai.RateLimitError: Error code: 429 - {'error': {'message': 'Rate limit reached for gpt-4o on requests per min (RPM): "
    "Limit 3, Used 3, Requested 1. Please try again in 20s.', 'type': 'requests', 'code': 'rate_limit_exceeded'}}"
)
KEY = "sk-" + "Qw7eRt9yUi2o" * 4
NOTE = "The team's limit was lowered on Monday by billing."
REPLY = "Your team may send three requests a minute. Please retry after 20 seconds."
zh = Translations.load(str(PROJECT_ROOT / "translations"), ["zh_Hans_CN"]).gettext


def test_a_user_finds_the_cause_files_a_ticket_and_answers_by_its_link(people: People, desk: Desk) -> None:
    page = people.arrive("zh-CN")
    page.goto(desk.address)
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    page.get_by_role("textbox", name=zh("Error message, JSON, headers, curl command or traceback")).fill(TOKEN_USED_UP)
    page.get_by_role("button", name=zh("Find the cause")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(cause_title(desk, "key-quota-exhausted"))
    expect(page.get_by_label(zh("Request id"))).to_have_value("20261120162612345678901AbCdEfGh")
    page.get_by_label(zh("Anything else that helps")).fill("从今天早上开始一直报错。")
    page.get_by_role("button", name=zh("File the ticket")).click()
    page.wait_for_url("**/t/*")
    expect(page.get_by_text(zh("Your ticket is filed."))).to_be_visible()
    link = page.url.split("?")[0]
    expect(page.get_by_text(link)).to_be_visible()
    page.goto(link)
    page.get_by_role("textbox", name=zh("Your answer")).fill("是测试环境的密钥。")
    page.get_by_role("button", name=zh("Send your answer")).click()
    talk = page.get_by_role("list", name=zh("Conversation"))
    expect(talk).to_contain_text("从今天早上开始一直报错。")
    expect(talk).to_contain_text("是测试环境的密钥。")


def test_an_agent_confirms_the_log_line_notes_in_private_and_replies(people: People, desk: Desk) -> None:
    agent, requester = people.arrive(), people.arrive()
    desk.sign_in(agent, "Test agent")
    open_from_queue(agent, desk.world.guest_ticket)
    lines = agent.get_by_role("region", name="Log lines")
    expect(lines.get_by_role("link", name=desk.world.request_id)).to_be_visible()
    lines.get_by_role("button", name="Confirm", exact=True).click()
    expect(lines.get_by_role("button", name="Take back")).to_be_visible()
    agent.get_by_role("textbox", name="Private note").fill(NOTE)
    agent.get_by_role("button", name="Save private note").click()
    talk = agent.get_by_role("list", name="Talk")
    expect(talk).to_contain_text(NOTE)
    agent.get_by_role("textbox", name="Reply to user").fill(REPLY)
    agent.get_by_role("button", name="Reply to user").click()
    expect(talk).to_contain_text(REPLY)
    requester.goto(f"{desk.address}/t/{desk.world.guest_token}")
    expect(requester.get_by_role("list", name="Conversation")).to_contain_text(REPLY)
    assert NOTE not in requester.content()


def test_an_editor_writes_from_a_solved_ticket_and_another_person_publishes(people: People, desk: Desk) -> None:
    solve_ticket(people.arrive(), desk)
    draft_and_submit(people.arrive(), desk, "Slow down when the gateway says 429")
    approve(people.arrive(), desk, "Slow down when the gateway says 429")
    reader = people.arrive()
    reader.goto(f"{desk.address}/kb/")
    reader.get_by_role("link", name="Slow down when the gateway says 429").first.click()
    reader.wait_for_url("**/kb/en/*")
    expect(reader.get_by_role("heading", level=1)).to_have_text("Slow down when the gateway says 429")
    reader.goto(desk.address)
    reader.get_by_role("textbox", name="Error message").fill(TOO_FAST)
    reader.get_by_role("button", name="Find the cause").click()
    verdict = reader.get_by_role("region", name=cause_title(desk, "rate-limit-rpm", "en"))
    expect(verdict.get_by_role("link", name="Slow down when the gateway says 429")).to_be_visible()


def test_a_key_typed_whole_leaves_the_browser_only_as_mask_and_check_value(browser: Browser, desk: Desk) -> None:
    people = People(browser, script=True)
    page = people.arrive()
    sent: list[Request] = []
    page.context.on("request", lambda request: sent.append(request))  # noqa: PLW0108 - the driver looks at the function
    page.goto(f"{desk.address}/report")
    page.get_by_label("Status code").fill("401")
    show_key_field(page)
    page.get_by_role("textbox", name="API key").press_sequentially(KEY)
    page.get_by_label("Anything else that helps").fill("It fails since today.")
    page.get_by_role("button", name="File the ticket").click()
    page.wait_for_url("**/t/*")
    expect(page.get_by_text(f"sk-…{KEY[-4:]}")).to_be_visible()
    bodies = [request.post_data_buffer or b"" for request in sent]
    filed = bodies[[request.url.endswith("/tickets") for request in sent].index(True)]
    assert hashlib.sha256(KEY.encode()).hexdigest().encode() in filed
    assert f"sk-…{KEY[-4:]}".encode() in filed
    everything = (
        b"\n".join(bodies) + str([(request.url, request.all_headers()) for request in sent]).encode() + str(page.context.cookies()).encode()
    )
    assert KEY[5:-5].encode() not in everything
    assert people.errors == []
    page.context.close()


def cause_title(desk: Desk, cause: str, language: str = "zh") -> str:
    """What the rules call the cause."""
    return str(desk.world.app.extensions["rulebook"].causes.causes[cause].title[language])


def open_from_queue(agent: Page, number: int) -> None:
    """By the queue, as an agent does."""
    row = agent.get_by_role("row").filter(has=agent.get_by_role("checkbox", name=f"Choose ticket {number}", exact=True))
    row.get_by_role("link").click()
    agent.wait_for_url(f"**/desk/tickets/{number}")


def solve_ticket(agent: Page, desk: Desk) -> None:
    """The agent marks the guest's ticket solved."""
    desk.sign_in(agent, "Test agent")
    open_from_queue(agent, desk.world.guest_ticket)
    agent.get_by_label("State").select_option("solved")
    agent.get_by_role("button", name="Move").click()
    expect(agent.get_by_text("Ticket 2 by a guest · solved")).to_be_visible()


def draft_and_submit(editor: Page, desk: Desk, title: str) -> None:
    """The editor drafts from that ticket; an unfinished draft is kept but not sent, a complete one waits for another person."""
    desk.sign_in(editor, "Test editor")
    editor.get_by_role("link", name="Content", exact=True).click()
    editor.get_by_role("button", name=f"From #{desk.world.guest_ticket}").click()
    editor.wait_for_url("**/content/articles/*")
    editor.get_by_role("textbox", name="Title").fill(title)
    editor.get_by_role("textbox", name="Text").fill("## What you see\n\nThe answer is 429.\n")
    editor.get_by_role("button", name="Save and ask for review").click()
    expect(editor.get_by_text("Not sent for review yet.")).to_be_visible()
    editor.get_by_role("textbox", name="The answer").fill("Wait as the answer says, then send fewer requests.")
    editor.get_by_role("textbox", name="Text").fill(content().body)
    editor.get_by_role("button", name="Save and ask for review").click()
    editor.wait_for_url("**/review")
    expect(editor.get_by_text("You wrote this version.")).to_be_visible()
    expect(editor.get_by_role("button", name="Approve and publish")).to_have_count(0)


def approve(manager: Page, desk: Desk, title: str) -> None:
    """Somebody else reads it and publishes."""
    desk.sign_in(manager, "Test manager")
    manager.get_by_role("link", name="Content", exact=True).click()
    manager.get_by_role("row").filter(has_text=title).get_by_role("link", name="Review").click()
    manager.wait_for_url("**/review")
    for box in manager.get_by_role("checkbox").all():
        box.check()
    manager.get_by_role("combobox", name="Does the internal note change too?").select_option("none")
    manager.get_by_role("combobox", name="Does a checklist change too?").select_option("none")
    manager.get_by_role("button", name="Approve and publish").click()
    expect(manager.get_by_role("link", name="See it on the site")).to_be_visible()


def show_key_field(page: Page) -> None:
    """It may stand in the folded part of the form."""
    if not page.get_by_role("textbox", name="API key").count():
        page.get_by_text("More details").click()
