"""Pages for the end user: paste an error, file a ticket, follow it."""

from app.web.portal import tickets as _tickets  # its routes join the blueprint
from app.web.portal.pages import blueprint

__all__ = ["blueprint"]
