"""The public knowledge base: for readers, and for the machines that read on their behalf."""

from app.web.kb import article as _article  # its routes join the blueprint
from app.web.kb import files as _files  # its routes join the blueprint
from app.web.kb import indexing as _indexing  # it watches every answer
from app.web.kb import search as _search  # its routes join the blueprint
from app.web.kb import shelves as _shelves  # its routes join the blueprint
from app.web.kb.feedback import answer, flag
from app.web.kb.site import blueprint

FOREIGN_CHECKED = (answer, flag)  # they check where a form was sent from, so that a page without a session can be cached

__all__ = ["FOREIGN_CHECKED", "blueprint"]
