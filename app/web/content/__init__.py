"""Pages for editors: what needs an article, drafts, review."""

from __future__ import annotations

from app.web.content import editor, health, keeping, review, runs, shown
from app.web.content.board import blueprint

__all__ = ["blueprint", "editor", "health", "keeping", "review", "runs", "shown"]  # the modules attach their routes to the blueprint
