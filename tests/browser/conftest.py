"""A served desk with inhabitants and a headless Chromium; skipped where no Chromium is installed."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from werkzeug.serving import make_server

from app import create_app
from app.operations.kb_files import import_kb
from app.settings import PROJECT_ROOT, load
from app.store.database import db
from tests.conftest import NOW
from tests.world import World, inhabit

CHROMIUM = next((path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
WIDTHS = (1280, 390)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all journeys of this process."""
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        except Exception as error:  # noqa: BLE001 - whatever the reason, there is no browser here
            pytest.skip(f"no Chromium: {type(error).__name__}")
        yield browser
        browser.close()


class Desk:
    """A served desk: its address and its inhabitants."""

    def __init__(self, world: World, address: str) -> None:
        self.world, self.address = world, address

    def sign_in(self, page: Page, name: str) -> None:
        """By the demo's one-click accounts."""
        page.goto(f"{self.address}/sign-in")
        page.get_by_role("button", name=name).click()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Serve an inhabited demo desk from this process."""
    settings = load({"GATEDESK_DATA_DIR": str(tmp_path), "GATEDESK_KB_DIR": str(_own_kb(tmp_path)), "GATEDESK_GATEWAY_URL": "https://gw.example.com/v1"})
    settings.demo_marker.touch()
    app = create_app(settings)
    app.extensions["log_store"].prepare()
    with app.app_context():
        db.create_all()
        import_kb(settings.kb_dir, app.extensions["rulebook"], NOW)
        world = inhabit(app)
        app.config["WTF_CSRF_ENABLED"] = True
        server = make_server("127.0.0.1", 0, app, threaded=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield Desk(world, f"http://127.0.0.1:{server.server_port}")
        server.shutdown()
        thread.join()
        db.session.remove()
        db.engine.dispose()


def _own_kb(folder: Path) -> Path:
    """A copy of kb/, because publishing writes into it."""
    return Path(shutil.copytree(PROJECT_ROOT / "kb", folder / "kb"))


@pytest.fixture(params=[True, False], ids=["script", "no-script"])
def context(browser: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    """A fresh browser profile, with JavaScript and without."""
    context = browser.new_context(java_script_enabled=request.param, locale="en-US", timezone_id="Asia/Shanghai", viewport={"width": 1280, "height": 800})
    context.set_default_timeout(10_000)
    yield context
    context.close()
