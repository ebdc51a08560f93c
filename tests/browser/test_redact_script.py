"""What the browser hides before a form is sent: every exported rule by its own examples, and the forms themselves."""

from __future__ import annotations

import hashlib
import random
import re
import string
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Browser, Page

from app.core.browser_rules import browser_rules
from app.store.rulebook import RULES_DIR, read_rules
from tests.browser.conftest import Desk
from tests.canaries import canaries

pytestmark = pytest.mark.browser
ALPHABETS = {
    "an": string.ascii_letters + string.digits,
    "u": string.ascii_letters + string.digits + "_-",
    "hex": "0123456789abcdef",
    "b64": string.ascii_letters + string.digits + "+/",
    "up": string.ascii_uppercase + "234567",
    "lo": string.ascii_lowercase,
    "al": string.ascii_letters,
    "uln": string.ascii_lowercase + string.digits,
    "dig": string.digits,
}
GENERATED = re.compile(r"\{([a-z0-9]+):(\d+)\}")
KEY = canaries()[0].planted


@pytest.fixture
def page(browser: Browser) -> Page:
    context = browser.new_context(locale="en-US")
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


def example(text: str, seed: int) -> str:
    """The text with its generated parts filled in and without «»."""
    pick = random.Random(seed)
    return re.sub("[«»]", "", GENERATED.sub(lambda found: "".join(pick.choices(ALPHABETS[found[1]], k=int(found[2]))), text))


def hidden_in(page: Page, texts: list[str]) -> list[str]:
    """What the paste box holds after each text was pasted into it."""
    return page.evaluate(
        """(texts) => texts.map((text) => {
            const box = document.getElementById("text");
            box.value = text;
            box.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: "insertFromPaste" }));
            return box.value;
        })""",
        texts,
    )


def open_home(page: Page, desk: Desk) -> None:
    with page.expect_response(re.compile("redaction-rules")):
        page.goto(desk.address)
    page.wait_for_load_state("networkidle")


def test_every_exported_rule_does_in_the_browser_what_its_examples_say(page: Page, desk: Desk) -> None:
    rules = read_rules(RULES_DIR, "redaction")
    exported = {rule["id"] for rule in browser_rules(rules)["rules"]}
    entries = [entry for entry in rules["shape"] if entry["id"] in exported]
    open_home(page, desk)
    page.evaluate("(finds) => finds.forEach((find) => new RegExp(find, 'dg'))", [rule["find"] for rule in browser_rules(rules)["rules"]])
    hits = [(entry["id"], example(hit, seed)) for seed in range(3) for entry in entries for hit in entry["hits"]]
    misses = [(entry["id"], example(miss, 0)) for entry in entries for miss in entry["misses"]]
    kept = [hit for hit, shown in zip(hits, hidden_in(page, [text for _, text in hits]), strict=True) if hit[1] == shown]
    changed = [
        (*miss, shown) for miss, shown in zip(misses, hidden_in(page, [text for _, text in misses]), strict=True) if miss[1] != shown
    ]
    assert (kept, changed) == ([], [])


def test_browser_and_server_show_the_same_masks(page: Page, desk: Desk) -> None:
    open_home(page, desk)
    texts = [f"Error 401: {canary.planted} was refused" for canary in canaries() if canary.name not in {"cookie", "e-mail", "prompt"}]
    redactor = desk.world.app.extensions["rulebook"].redactor
    assert hidden_in(page, texts) == [str(redactor.clean(text)) for text in texts]


def test_hiding_twice_changes_nothing(page: Page, desk: Desk) -> None:
    open_home(page, desk)
    once = hidden_in(page, [canary.planted for canary in canaries()])
    assert hidden_in(page, once) == once


def test_what_was_hidden_is_told_and_the_original_is_never_sent(page: Page, desk: Desk) -> None:
    open_home(page, desk)
    page.locator("#text").fill(f"401 from the gateway with {KEY}\nAuthorization: Bearer {'a1B2c3D4' * 5}")
    page.locator("[data-redact-note]").wait_for()
    assert page.locator("[data-redact-note]").inner_text().startswith("2 secrets were hidden here before sending: sk-proj-…")
    with page.expect_request(lambda request: request.method == "POST") as sent:
        page.get_by_role("button", name="Find the cause").click()
    body = parse_qs(sent.value.post_data or "")
    assert KEY[-4:] in body["text"][0]
    assert KEY not in (sent.value.post_data or "")
    assert body["key_hash"] == [hashlib.sha256(KEY.encode()).hexdigest()]


def test_a_key_hidden_in_the_browser_still_finds_its_fingerprint(page: Page, desk: Desk) -> None:
    open_home(page, desk)
    page.locator("#text").fill(f"401 with {KEY}")
    page.get_by_role("button", name="Find the cause").click()
    page.wait_for_url("**/report")
    page.locator("#description").fill("It fails.")
    page.get_by_role("button", name="File the ticket").click()
    page.wait_for_url("**/t/*")
    from app.core.key_ref import fingerprint_of_key
    from app.store import tickets

    filed = tickets.by_id(desk.world.guest_ticket + 1)
    assert filed is not None
    assert filed.key_fingerprint == fingerprint_of_key(desk.world.app.extensions["settings"].pepper, KEY)


def test_a_form_sent_before_the_rules_came_waits_for_them(page: Page, desk: Desk) -> None:
    held = []
    page.route("**/redaction-rules.json*", lambda route: held.append(route))  # noqa: PLW0108 - the driver looks at the function
    page.goto(desk.address, wait_until="domcontentloaded")
    page.locator("#text").fill(f"401 with {KEY}")
    page.get_by_role("button", name="Find the cause").click()
    with page.expect_request(lambda request: request.method == "POST") as sent:
        held[0].continue_()
    assert KEY not in (sent.value.post_data or "")


def test_a_typed_key_is_hidden_while_the_report_form_asks_htmx(page: Page, desk: Desk) -> None:
    with page.expect_response(re.compile("redaction-rules")):
        page.goto(f"{desk.address}/report")
    page.locator("#description").press_sequentially(f"my key is {KEY}")
    with page.expect_request(lambda request: request.method == "POST") as sent:
        page.locator("#description").blur()
    assert KEY not in (sent.value.post_data or "")
    assert KEY not in page.locator("#description").input_value()


def test_the_server_hides_what_a_browser_without_the_rules_sends(page: Page, desk: Desk) -> None:
    page.route("**/redaction-rules.json*", lambda route: route.abort())
    page.goto(desk.address)
    page.locator("#text").fill(f"401 with {KEY}")
    page.get_by_role("button", name="Find the cause").click()
    page.wait_for_url("**/report")
    assert KEY not in page.content()
