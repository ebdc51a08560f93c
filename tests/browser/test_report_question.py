"""The next question answered beside itself: with JavaScript the verdict follows, and nothing that was answered is lost."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from tests.browser.conftest import Desk


def test_answers_beside_a_question_are_sent_with_the_form_and_stay(desk: Desk, browser: Browser) -> None:
    context = browser.new_context(locale="en-US", viewport={"width": 1280, "height": 900})
    context.set_default_timeout(10_000)
    page = context.new_page()
    page.goto(f"{desk.address}/report")
    page.locator("[name=error_text]").fill("504 Gateway Time-out while generating an image")
    page.locator("[name=status_code]").fill("504")
    page.locator("[name=status_code]").blur()
    not_known = page.locator("#not-known")
    for _ in range(8):
        if page.locator("#next-question [name=charged]").count():
            break
        fact = not_known.get_attribute("value")
        not_known.check()
        expect(not_known).not_to_have_value(str(fact))
    page.locator("#next-question [name=charged]").select_option("yes")
    expect(page.locator("#verdict-title")).to_have_text("Charged although the request failed")
    assert page.locator("[name=charged]").count() == 1
    assert page.locator("[name=charged]").input_value() == "yes"
    page.get_by_role("button", name="File the ticket").click()
    expect(page.locator("#facts")).to_contain_text("Charged or not")
    context.close()
