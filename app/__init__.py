"""Gatedesk: the support desk for an AI gateway."""

from __future__ import annotations

import os

from dotenv import load_dotenv
from flask import Flask

from app import cli, jobs, web
from app.settings import PROJECT_ROOT, Settings, load
from app.store.database import db, migrate
from app.store.formats import load_formats
from app.store.learnt_weights import FILE_NAME
from app.store.logs_open import open_log_store
from app.store.rulebook import load_rulebook
from app.store.spool import Spool


def create_app(settings: Settings | None = None) -> Flask:
    """The application with its stores, rulebook, pages and commands."""
    if settings is None:
        load_dotenv(PROJECT_ROOT / ".env")
        settings = load(os.environ)
    app = Flask(__name__, template_folder=str(PROJECT_ROOT / "templates"), static_folder=str(PROJECT_ROOT / "static"))
    app.config.from_mapping(_flask_config(settings))
    app.extensions["settings"] = settings
    app.extensions["rulebook"] = load_rulebook(settings.pepper, learnt=settings.data_dir / FILE_NAME)
    app.extensions["formats"] = load_formats(settings.quota_unit, settings.formats_dir)
    app.extensions["log_store"] = open_log_store(settings.logs_url)
    app.extensions["spool"] = Spool(settings.data_dir / "spool", settings.spool_mb * 2**20)
    db.init_app(app)
    migrate.init_app(app, db, directory=str(PROJECT_ROOT / "app/store/migrations"), render_as_batch=True)
    web.register(app)
    cli.register(app)
    jobs.register(app)
    return app


def _flask_config(settings: Settings) -> dict[str, object]:
    """Flask's own settings, derived from ours."""
    return {
        "SECRET_KEY": settings.secret_key,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": {"hide_parameters": True},  # an exception must not quote what was to be stored
        "MAX_CONTENT_LENGTH": settings.max_body_mb * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
        "SESSION_COOKIE_NAME": "gatedesk",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.secure_cookies,
        "REMEMBER_COOKIE_DURATION": 0,
        "WTF_CSRF_TIME_LIMIT": None,
        "BABEL_DEFAULT_LOCALE": "en",
        "BABEL_DEFAULT_TIMEZONE": settings.time_zone,
        "BABEL_TRANSLATION_DIRECTORIES": str(PROJECT_ROOT / "translations"),
    }
