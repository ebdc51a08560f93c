"""Ready replies for one ticket: those of its playbook and those that fit any cause, filled in and searched together."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from app.core.macros import Macro, fits
from app.core.rulebook import Rulebook
from app.store.macro_rules import macro_book
from app.web.context import person, rulebook, settings
from app.web.desk.playbook import Checklist, ReplyOffer, told_time

if TYPE_CHECKING:
    from app.web.desk.views import StaffTicket


def macro_offers(view: StaffTicket, plan: Checklist | None, language: str, query: str = "") -> tuple[ReplyOffer, ...]:
    """Every reply on offer that has the words: the playbook's first."""
    kinds = macro_book().kinds
    general = [(_offer(macro, view, rulebook(), language), macro) for macro in macro_book()]
    own = [replace(offer, kind=plan.title) for offer in plan.replies] if plan else []
    found = [offer for offer in own if fits(query, offer.title, offer.text, offer.kind)]
    found += [offer for offer, macro in general if fits(query, offer.title, offer.text, *macro.words, *kinds[macro.kind].values())]
    return tuple(found)


def offer_count(plan: Checklist | None) -> int:
    """How many there are, without filling them in."""
    return len(macro_book().macros) + (len(plan.replies) if plan else 0)


def _offer(macro: Macro, view: StaffTicket, book: Rulebook, language: str) -> ReplyOffer:
    """One macro filled with what is known about the ticket."""
    reply, ticket = macro.reply, view.ticket
    article = view.articles[0] if view.articles else None
    return ReplyOffer(
        id=reply.id,
        title=reply.title[language],
        text=book.playbooks.reply_text(reply, ticket.language, _values(view, article.absolute_url if article else None)),
        safety=reply.safety[language],
        article_id=article.id if article and "{{article_url}}" in reply.text[ticket.language] else None,
        kind=macro_book().kinds[macro.kind][language],
        note=macro.note,
    )


def _values(view: StaffTicket, article_url: str | None) -> dict[str, str]:
    """The variables that have a value here; a cause nobody is sure of has none."""
    ticket, cause = view.ticket, view.cause
    known: dict[str, str | None] = {
        "client": ticket.client,
        "model": ticket.model,
        "status": str(ticket.status_code) if ticket.status_code else None,
        "request_time": told_time(ticket),
        "article_url": article_url,
        "number": str(ticket.id),
        "agent": person().display_name,
        "gateway": settings().gateway_name,
    }
    if cause and cause.id != "unknown":
        known |= {"cause": cause.title[ticket.language], "advice": cause.user_advice[ticket.language]}
    return {name: value for name, value in known.items() if value}
