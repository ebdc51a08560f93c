"""Pages for the end user: paste an error, file a ticket, follow it."""

from app.web.portal import browser_rules as _browser_rules  # the routes of all of them join the blueprint
from app.web.portal import contact as _contact
from app.web.portal import links as _links
from app.web.portal import rating as _rating
from app.web.portal import tickets as _tickets
from app.web.portal.guests import guest_stamp
from app.web.portal.pages import blueprint

blueprint.add_app_template_global(guest_stamp)

__all__ = ["blueprint"]
