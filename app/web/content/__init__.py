"""Pages for editors: what needs an article, drafts, review."""

from __future__ import annotations

from app.web.content import editor, review
from app.web.content.board import blueprint

__all__ = ["blueprint", "editor", "review"]  # the modules attach their routes to the blueprint
