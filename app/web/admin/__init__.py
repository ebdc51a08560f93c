"""Pages for the platform owner: the gateway's connection, tokens, accounts."""

from app.web.admin import accounts as _accounts  # its routes join the blueprint
from app.web.admin import audit as _audit
from app.web.admin import jobs as _jobs
from app.web.admin import messages as _messages
from app.web.admin import sources as _sources
from app.web.admin import webhooks as _webhooks
from app.web.admin.pages import blueprint

__all__ = ["blueprint"]
