"""A served desk with inhabitants and a headless Chromium; skipped where no Chromium is installed."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright
from werkzeug.serving import make_server

from app import create_app
from app.operations.kb_files import import_kb
from app.settings import PROJECT_ROOT, Settings, load
from app.store.database import db
from tests.conftest import NOW, CompiledOnce
from tests.world import World, inhabit

CHROMIUM = next((path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDTHS = (1280, 390)
expect.set_options(timeout=15_000)  # three of these run beside each other, and a page is no worse for coming late


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
        """By the demo's one-click accounts; a page asked for before the answer has come would be asked without the session."""
        page.goto(f"{self.address}/sign-in")
        page.get_by_role("button", name=name).click()
        expect(page.locator("form[action$='/sign-out']")).to_be_attached()


@pytest.fixture(scope="session")
def first_day(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder as setup leaves it, articles imported; each desk starts from a copy."""
    folder = tmp_path_factory.mktemp("first-day")
    shutil.copytree(PROJECT_ROOT / "kb", folder / "kb")
    app = create_app(_settings(folder))
    app.extensions["log_store"].prepare()
    with app.app_context():
        db.create_all()
        import_kb(folder / "kb", app.extensions["rulebook"], NOW)
        db.session.remove()
        db.engine.dispose()
    app.extensions["log_store"].close()
    return folder


@pytest.fixture
def desk(tmp_path: Path, first_day: Path) -> Iterator[Desk]:
    """An inhabited demo desk of the test's own."""
    with served_desk(shutil.copytree(first_day, tmp_path / "desk")) as desk:
        yield desk


@contextmanager
def served_desk(folder: Path) -> Iterator[Desk]:
    """Inhabit the desk in this data folder and serve it from this process."""
    settings = _settings(folder)
    settings.demo_marker.touch()
    app = create_app(settings)
    app.jinja_env.bytecode_cache = CompiledOnce()
    with app.app_context():
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
    app.extensions["log_store"].close()


def _settings(folder: Path) -> Settings:
    """The settings of a desk in this folder; its articles too, because publishing writes them."""
    return load(
        {
            "GATEDESK_DATA_DIR": str(folder),
            "GATEDESK_KB_DIR": str(folder / "kb"),
            "GATEDESK_GATEWAY_URL": "https://gw.example.com/v1",
            "GATEDESK_GUEST_FILL_SECONDS": "0",
        }
    )


class People:
    """Opens a browser profile for each person of a journey, and remembers what went wrong in any of them."""

    def __init__(self, browser: Browser, *, script: bool) -> None:
        self.browser, self.script = browser, script
        self.contexts: list[BrowserContext] = []
        self.errors: list[str] = []

    def arrive(self, locale: str = "en-US") -> Page:
        """A new person's first page: own cookies, own language."""
        context = self.browser.new_context(
            java_script_enabled=self.script, locale=locale, timezone_id="Asia/Shanghai", viewport={"width": 1280, "height": 800}
        )
        context.set_default_timeout(10_000)
        context.on("console", self._keep)
        context.on("weberror", lambda error: self.errors.append(str(error.error)))
        self.contexts.append(context)
        return context.new_page()

    def _keep(self, message: ConsoleMessage) -> None:
        """Every error but the browser's own remark on 422, which is how a form with a mistake answers."""
        if message.type == "error" and "status of 422" not in message.text:
            self.errors.append(message.text)


@pytest.fixture(params=[True, False], ids=["script", "no-script"])
def people(browser: Browser, desk: Desk, request: pytest.FixtureRequest) -> Iterator[People]:
    """The persons of a journey, with JavaScript and without; no page may report an error, such as a refused style or script.

    They need the desk so that they leave before it closes: a page still fetching its script would be cut off by the closing door.
    """
    people = People(browser, script=request.param)
    yield people
    for context in people.contexts:
        context.close()
    assert people.errors == []
