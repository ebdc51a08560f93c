"""Take README's pictures: a fresh demo desk, four pages, into docs/screenshots. Run by `make screenshots`."""

from __future__ import annotations

import tempfile
import threading
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Page, sync_playwright
from werkzeug.serving import make_server

from app import create_app
from app.cli.setup import make_ready
from app.operations.setup import fill_demo
from app.settings import PROJECT_ROOT, load
from tests.browser.conftest import CHROMIUM, FLAGS

TARGET = PROJECT_ROOT / "docs/screenshots"
PASTE = """openai.RateLimitError: Error code: 429 - {'error': {'message': 'litellm.RateLimitError: RateLimitError: OpenAIException -
Rate limit reached for gpt-4o on requests per min (RPM): Limit 60, Used 60, Requested 1. Please try again in 20s.',
'type': 'throttling_error', 'code': '429'}}
Authorization: Bearer sk-example0example0example0example09f3c
"""


def main() -> None:
    """Serve, photograph, stop."""
    TARGET.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        settings = load({"GATEDESK_DATA_DIR": folder})
        app = create_app(settings)
        with app.app_context():
            make_ready()
            fill_demo(settings, app.extensions["rulebook"], app.extensions["log_store"], datetime.now(UTC))
        settings.demo_marker.touch()
        server = make_server("127.0.0.1", 0, app, threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        photograph(f"http://127.0.0.1:{server.server_port}")
        server.shutdown()


def photograph(address: str) -> None:
    """The four pages README shows."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 860}, locale="en-US", timezone_id="Asia/Shanghai")
        page.goto(address)
        page.fill("#text", PASTE)
        page.click("#paste button.primary")
        keep(page, "report")
        page.goto(f"{address}/sign-in")
        page.get_by_role("button", name="Alex").click()
        keep(page, "queue")
        page.locator("a", has_text="Rate limit reached").first.click()
        keep(page, "ticket")
        page.goto(f"{address}/kb/zh/429-wait-or-stop")
        keep(page, "article")
        browser.close()


def keep(page: Page, name: str) -> None:
    """One picture of what is above the fold."""
    page.wait_for_load_state("networkidle")
    page.screenshot(path=str(Path(TARGET) / f"{name}.png"))


if __name__ == "__main__":
    main()
