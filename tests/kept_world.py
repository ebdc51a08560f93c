"""One inhabited desk for all tests of a file: made once, put back to how it was before each of them. On SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from app.core.roles import Role
from app.settings import Settings, load
from app.store import users
from app.store.database import db
from tests.conftest import NOW, quick_app
from tests.world import World, inhabit


@dataclass
class Kept:
    """The desk and how it was when it was new."""

    world: World
    settings: Settings
    snapshot: sqlite3.Connection

    @contextmanager
    def anew(self) -> Iterator[World]:
        """The desk as it was, within its application context."""
        app = self.world.app
        app.extensions["settings"] = app.jinja_env.globals["settings"] = self.settings
        app.config.update(CLOCK=lambda: NOW, WTF_CSRF_ENABLED=False)
        with app.app_context():
            db.engine.dispose()
            with sqlite3.connect(self.settings.data_dir / "desk.db") as desk:
                self.snapshot.backup(desk)
            desk.close()
            self.world.users = {role: found for role in Role if (found := users.by_name(f"test-{role}"))}
            yield self.world
            db.session.remove()


@contextmanager
def kept_world(folder: Path, **changed: Any) -> Iterator[Kept]:
    """A desk under `folder` with these settings changed."""
    environment = {
        "DATA_DIR": str(folder),
        "SECRET_KEY": "test-secret-" + "0" * 32,
        "KB_DIR": str(folder / "kb"),
        "GATEWAY_URL": "https://gw.example.com/v1",
        "GUEST_FILL_SECONDS": "0",
    }
    settings = replace(load({f"GATEDESK_{name}": value for name, value in environment.items()}), **changed)
    with pytest.MonkeyPatch.context() as patch:
        app = quick_app(settings, patch)
        with app.app_context():
            db.create_all()
            world, snapshot = inhabit(app), sqlite3.connect(":memory:")
            db.session.remove()
            db.engine.dispose()
            with sqlite3.connect(folder / "desk.db") as desk:
                desk.backup(snapshot)
            desk.close()
        yield Kept(world, settings, snapshot)
        snapshot.close()
        with app.app_context():
            db.engine.dispose()
        app.extensions["log_store"].close()
