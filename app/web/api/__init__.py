"""Programs work on tickets here, each with a desk token that acts as its account; no session, no form."""

from app.web.api import filing as _filing  # its routes join the blueprint
from app.web.api import tickets as _tickets  # its routes join the blueprint
from app.web.api import writing as _writing  # its routes join the blueprint
from app.web.api.calls import blueprint

__all__ = ["blueprint"]
