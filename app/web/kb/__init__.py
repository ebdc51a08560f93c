"""The public knowledge base: for readers, and for the machines that read on their behalf."""

from __future__ import annotations

from app.web.kb import article, feedback, files, indexing, search, shelves
from app.web.kb.site import blueprint

FOREIGN_CHECKED = (feedback.answer, feedback.flag)  # they check where a form was sent from, so that a page without a session can be cached

__all__ = ["FOREIGN_CHECKED", "article", "blueprint", "feedback", "files", "indexing", "search", "shelves"]  # modules attach their routes
