"""A ticket and the knowledge base: what answers it, what resolved it, what it may become, and the checklists gone through for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.article import ArticleState
from app.core.roles import Audience
from app.operations.article_use import mark_solved_by, refer_to, unlink
from app.store import article_told, articles, checklists, tickets
from app.web.access import for_audience
from app.web.context import person, rulebook
from app.web.desk.queue import blueprint
from app.web.i18n import ui_language
from app.web.numbers import whole_number
from app.web.render import can, now

if TYPE_CHECKING:
    from app.store.article_told import ArticleName
    from app.store.checklists import ChecklistName
    from app.store.models import Article, Ticket
    from app.store.models_content import ChecklistRun
    from app.web.desk.views import StaffTicket

BECOMES = ("faq", "template", "checklist", "case")


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What the ticket's page shows. told: articles published since that have its signature; kinds: what it may become, for editors."""

    resolved_by: Article | None
    references: Sequence[ArticleName]
    told: Sequence[ArticleName]
    runs: Sequence[ChecklistRun]
    ticked: dict[int, int]
    checklists: Sequence[ChecklistName]
    offered: Sequence[tuple[int, str]]
    kinds: Sequence[tuple[str, str]]


def knowledge(found: Ticket, view: StaffTicket) -> Knowledge:
    """Gather it; a fixed number of queries, less what the ticket's history never saw."""
    runs = checklists.of_ticket(found.id) if "checklist" in view.happened else ()
    resolved = articles.by_id(found.article_id) if found.article_id else None
    references = article_told.references(found.id) if "reference" in view.happened else []
    told = article_told.names_told(found.id, articles.STAFF)
    linked = {article.id for article in references} | ({resolved.id} if resolved else set())
    offered = {card.id: card.title for card in view.articles} | {article.id: article.title for article in told}
    return Knowledge(
        resolved_by=resolved,
        references=references,
        told=[article for article in told if article.id not in linked],
        runs=runs,
        ticked=checklists.ticked_counts([run.id for run in runs]),
        checklists=checklists.published(ui_language()),
        offered=[(number, title) for number, title in offered.items() if number not in linked],
        kinds=_kinds(found),
    )


def _kinds(found: Ticket) -> Sequence[tuple[str, str]]:
    """What a solved ticket may become; for those who write articles."""
    if found.solved_at is None or not can(Audience.CONTENT):
        return ()
    return [(kind, rulebook().gate.kinds[kind][ui_language()]) for kind in BECOMES]


@blueprint.post("/tickets/<int:number>/articles")
@for_audience(Audience.DESK)
def link_article(number: int) -> Response:
    """Say that an article resolved the ticket, or has to do with it, or neither."""
    found, article = tickets.by_id(number) or abort(404), _article()
    wish = request.form.get("wish", "")
    if wish not in {"resolved", "reference", "off"}:
        abort(400)
    if article is None:
        flash(_("Choose a published article, by its list or its address."), "fail")
    elif wish == "resolved":
        mark_solved_by(found, article, person(), rulebook().gate.care, now())
        flash(_("Kept: this article resolved the ticket."), "ok")
    elif wish == "reference":
        refer_to(found, article, person(), now())
        flash(_("Kept: this article has to do with the ticket."), "ok")
    else:
        unlink(found, article, person(), now())
        flash(_("The article was taken off the ticket."))
    return redirect(url_for("desk.ticket", number=number, _anchor="knowledge"), 303)


def _article() -> Article | None:
    """The article a form names, by number or by the end of its address."""
    typed = request.form.get("slug", "").strip().rstrip("/").removesuffix(".md")
    if typed:
        parts = typed.rsplit("/", 2)
        language = parts[-2] if len(parts) > 1 and parts[-2] in {"en", "zh"} else ui_language()
        return articles.published(language, parts[-1], articles.STAFF)
    number = whole_number(request.form.get("article"))
    article = articles.by_id(number) if number is not None else None
    if article is not None and request.form.get("wish") != "off" and article.state != ArticleState.PUBLISHED:
        return None
    return article
