"""The application the desk's benchmark serves: the real one, with its clock standing still and a bare page to compare with."""

from __future__ import annotations

import logging
import os
from datetime import UTC, datetime

from flask import Flask

from app import create_app
from app.core.roles import Audience
from app.settings import load
from app.web.access import for_audience

NOW = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
FOLDER = "GATEDESK_BENCHMARK"  # the folder with the data, in the environment


def make_app(folder: str) -> Flask:
    """The desk over this folder. `/bare` answers two bytes behind the same guards and headers."""
    app = create_app(load({"GATEDESK_DATA_DIR": folder, "GATEDESK_SECRET_KEY": "benchmark-" + "0" * 32}))
    app.config.update(CLOCK=lambda: NOW)
    app.add_url_rule("/bare", view_func=for_audience(Audience.PUBLIC)(lambda: "ok"), endpoint="bare")
    logging.getLogger("gatedesk").setLevel(logging.WARNING)
    return app


if folder := os.environ.get(FOLDER):
    app = make_app(folder)
