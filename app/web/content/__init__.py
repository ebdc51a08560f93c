"""Pages for editors: what needs an article, drafts, review."""

from __future__ import annotations

from app.web.content import editor, health, review, shown
from app.web.content.board import blueprint

__all__ = ["blueprint", "editor", "health", "review", "shown"]  # the modules attach their routes to the blueprint
