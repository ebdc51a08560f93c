"""The gateway's keys for staff: found by tail, alias, owner or group; amounts only for those who may see them."""

from __future__ import annotations

from flask import abort, render_template, request, url_for
from flask_babel import gettext as _

from app.core.keys import KeyState, Level, key_state, level
from app.core.record_view import moment
from app.core.roles import Audience, sees_amounts
from app.operations import keys as operations
from app.operations.tickets import note_private_read
from app.store import keys
from app.store.models_keys import GatewayKey
from app.web.access import current_role, for_audience
from app.web.came_from import came_from
from app.web.context import log_store, person, redactor
from app.web.desk.queue import blueprint
from app.web.render import now

PAGE = 50
LONGEST_SEARCH = 80
LAST_PAGE = 1000


@blueprint.get("/keys")
@for_audience(Audience.DESK)
def key_list() -> str:
    """Keys, the last seen first; those without an owner can be asked for."""
    words = redactor().clean(request.args.get("q", "").strip()[:LONGEST_SEARCH])
    ownerless = request.args.get("owner") == "none"
    place = min(max(request.args.get("page", 0, type=int), 0), LAST_PAGE)
    found = keys.search(words, ownerless=ownerless, limit=PAGE, offset=place * PAGE)
    return render_template(
        "desk/keys.html",
        rows=[(key, state_word(key), level_word(key)) for key in found.keys],
        words=words,
        ownerless=ownerless,
        found=found,
        newer=_page_address(place - 1, words, ownerless=ownerless) if place else "",
        older=_page_address(place + 1, words, ownerless=ownerless) if found.total > (place + 1) * PAGE else "",
    )


@blueprint.get("/keys/<int:number>")
@for_audience(Audience.DESK)
def key(number: int) -> str:
    """One key with its newest requests; an audited private read."""
    row = keys.by_id(number)
    if row is None:
        abort(404)
    note_private_read("key", row.id, person(), now(), came_from())
    return render_template(
        "desk/key.html",
        key=row,
        state=state_word(row),
        left=level_word(row),
        may_see_amounts=sees_amounts(current_role()),
        records=operations.recent_requests(row, log_store()),
        same_tail=[other for other in keys.of_tail(row.last4) if other.id != row.id] if row.last4 else [],
        moment=moment,
    )


def _page_address(place: int, words: str, *, ownerless: bool) -> str:
    """Another page of the same list."""
    return url_for("desk.key_list", page=place or None, q=words or None, owner="none" if ownerless else None)


def state_word(row: GatewayKey) -> str:
    """How the key stands, in the reader's language."""
    words = {
        KeyState.BLOCKED: _("blocked"),
        KeyState.EXPIRED: _("expired"),
        KeyState.USED_UP: _("used up"),
        KeyState.UNUSED: _("never seen"),
        KeyState.IDLE: _("not seen for a month"),
        KeyState.FAILING: _("failing since its last success"),
        KeyState.ACTIVE: _("in use"),
    }
    return words[key_state(keys.facts_of(row), now())]


def level_word(row: GatewayKey) -> str:
    """What is left of its quota, in a word."""
    words = {
        Level.UNKNOWN: _("not known"),
        Level.UNLIMITED: _("without limit"),
        Level.NOTHING: _("nothing left"),
        Level.LITTLE: _("little left"),
        Level.ENOUGH: _("enough left"),
    }
    return words[level(keys.facts_of(row))]
