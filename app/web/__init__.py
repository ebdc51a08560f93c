"""HTTP: one blueprint per audience."""

from __future__ import annotations

from flask import Flask

from app.web import access


def register(app: Flask) -> None:
    """Attach extensions, guards and blueprints."""
    access.guard(app)
