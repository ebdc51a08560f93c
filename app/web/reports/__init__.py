"""Pages for whoever watches the whole: traffic and cost, and how the desk does."""

from app.web.reports import approvals as _approvals  # its routes join the blueprint
from app.web.reports import budgets as _budgets  # its routes join the blueprint
from app.web.reports import consumption as _consumption  # its routes join the blueprint
from app.web.reports import desk as _desk  # its routes join the blueprint
from app.web.reports import review as _review  # its routes join the blueprint
from app.web.reports.gateway import blueprint

__all__ = ["blueprint"]
