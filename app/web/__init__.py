"""HTTP: one blueprint per audience."""

from __future__ import annotations

from flask import Flask
from flask_wtf.csrf import CSRFProtect
from htmx_flask import Htmx

from app.web import (
    access,
    addresses,
    admin,
    api,
    app_log,
    auth,
    content,
    design,
    desk,
    errors,
    i18n,
    ingest,
    kb,
    navigation,
    notices,
    numbers,
    own_tokens,
    portal,
    quoted_id,
    render,
    reports,
    security,
    settings,
    turns,
    uploads,
)

csrf = CSRFProtect()
BLUEPRINTS = (
    auth.blueprint,
    portal.blueprint,
    kb.blueprint,
    desk.blueprint,
    desk.logs_blueprint,
    content.blueprint,
    reports.blueprint,
    admin.blueprint,
    design.blueprint,
    quoted_id.blueprint,
    notices.blueprint,
    ingest.blueprint,
    api.blueprint,
)


def register(app: Flask) -> None:
    """Attach extensions, guards and blueprints."""
    turns.init(app)
    app_log.init(app.extensions["rulebook"].redactor)
    security.init(app)
    Htmx(app)
    app.request_class = uploads.MemoryRequest
    numbers.init(app)
    auth.init(app)
    i18n.init(app)
    render.init(app)
    navigation.init(app)
    addresses.init(app)
    csrf.init_app(app)
    for by_token in (ingest.blueprint, api.blueprint):
        csrf.exempt(by_token)  # a bearer token, no session: there is nothing to forge
    for view in kb.FOREIGN_CHECKED:
        csrf.exempt(view)
    access.guard(app)
    errors.init(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
