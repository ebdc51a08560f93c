"""How content pages phrase what the operations refuse."""

from __future__ import annotations

from flask_babel import gettext as _
from wtforms.fields import SelectChoice

from app.core.article import Governance, Readers
from app.operations.articles import BadAddress
from app.web.context import rulebook
from app.web.i18n import ui_language


def address_problem(fault: BadAddress) -> str:
    """Why an address cannot be used."""
    return {
        "malformed": _("Lower-case words joined by hyphens, such as key-expired."),
        "taken": _("Another article has this address."),
        "fixed": _("A published article keeps its address."),
    }[fault.code]


def kind_choices() -> list[SelectChoice]:
    """The kinds, for a select."""
    return [SelectChoice(kind, names[ui_language()]) for kind, names in rulebook().gate.kinds.items()]


def cause_choices() -> list[SelectChoice]:
    """The causes by title, in the rules' order, for a select."""
    return [SelectChoice(cause.id, cause.title[ui_language()]) for cause in rulebook().causes.causes.values()]


def client_choices() -> list[SelectChoice]:
    """The clients by name, for a select."""
    return [SelectChoice(client.id, client.name) for client in rulebook().clients.clients]


def audience_choices() -> list[SelectChoice]:
    """Whom an article is shown to, for a select."""
    words = {Readers.PUBLIC: _("Everybody"), Readers.USERS: _("Whoever is signed in"), Readers.STAFF: _("Staff only")}
    return [SelectChoice(audience, said) for audience, said in words.items()]


def governance_choices() -> list[SelectChoice]:
    """Who may change an article, for a select."""
    return [SelectChoice(governance, words) for governance, words in governance_words().items()]


def governance_words() -> dict[str, str]:
    """Who may change an article."""
    return {
        Governance.EDITORS: _("Editors"),
        Governance.STAFF: _("Everyone at the desk"),
        Governance.OWNER: _("Its owner and backup owner only"),
    }
