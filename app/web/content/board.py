"""The content board: solved tickets without an article, drafts, versions in review, what is published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, Length

from app.core.article import ArticleContent, ArticleState
from app.core.roles import Audience
from app.operations.articles import BadAddress, draft_from_ticket, start_draft
from app.store import articles, tickets
from app.web.access import for_audience
from app.web.content.words import address_problem, kind_choices
from app.web.context import person, rulebook
from app.web.forms import RedactingForm
from app.web.i18n import ui_language
from app.web.numbers import whole_number
from app.web.render import now

if TYPE_CHECKING:
    from app.store.models import Article, Ticket

blueprint = Blueprint("content", __name__, url_prefix="/content")
SHOWN_TICKETS = 4
ON_SHELF = 20  # published articles on the board at first; all of them are one click away
FROM_TICKET = ("faq", "template", "checklist", "case")  # what a ticket can become


@dataclass(frozen=True, slots=True)
class Need:
    """A cause that solved tickets have in common, and the articles there are for it already."""

    title: str
    count: int
    tickets: list[Ticket]
    articles: list[Article]


class NewArticleForm(RedactingForm):
    """The little that a draft starts with."""

    title = StringField(lazy_gettext("Title"), validators=[DataRequired(), Length(max=160)])
    slug = StringField(lazy_gettext("Address"), validators=[DataRequired(), Length(max=96)])
    language = SelectField(lazy_gettext("Language"), choices=[SelectChoice("en", "English"), SelectChoice("zh", "中文")])
    kind = SelectField(lazy_gettext("Kind"))

    def __init__(self, **keywords: object) -> None:
        super().__init__(**keywords)
        self.kind.choices = kind_choices()


@blueprint.get("/")
@for_audience(Audience.CONTENT)
def board() -> str:
    """What to write next, what waits, what is up."""
    published = articles.published_for_staff()
    shelf = _shelf(published)
    return render_template(
        "content/board.html",
        needs=_needs(articles.unanswered_tickets(), published),
        drafts=articles.revisions_in(ArticleState.DRAFT),
        reviews=articles.revisions_in(ArticleState.IN_REVIEW),
        shelf=shelf if request.args.get("shelf") == "all" else shelf[:ON_SHELF],
        total=len(shelf),
        today=now().date().isoformat(),
        me=person().id,
        kinds=[(kind, rulebook().gate.kinds[kind][ui_language()]) for kind in FROM_TICKET],
    )


@blueprint.get("/new")
@for_audience(Audience.CONTENT)
def new() -> str:
    """A blank article."""
    return render_template("content/new.html", form=NewArticleForm(formdata=None, language=ui_language()))


@blueprint.post("/articles")
@for_audience(Audience.CONTENT)
def create() -> Response | tuple[str, int]:
    """Start a draft from nothing."""
    form = NewArticleForm()
    if form.validate():
        content = ArticleContent(title=form.title.data, summary="", body=_skeleton(form.kind.data, form.language.data), kind=form.kind.data)
        try:
            article = start_draft(form.slug.data, form.language.data, content, person(), rulebook(), now())
        except BadAddress as fault:
            form.slug.errors = (address_problem(fault),)
        else:
            return redirect(url_for("content.edit", article_id=article.id), 303)
    return render_template("content/new.html", form=form), 422


@blueprint.post("/drafts")
@for_audience(Audience.CONTENT)
def draft() -> Response:
    """Make a draft from a solved ticket's allow-listed facts."""
    number = whole_number(request.form.get("ticket"))
    ticket = tickets.by_id(number) if number is not None else None
    if ticket is None or ticket.solved_at is None:
        abort(404)
    kind = request.form.get("kind", "faq")
    article = draft_from_ticket(ticket, person(), rulebook(), now(), kind if kind in FROM_TICKET else "faq")
    flash(_("A draft was made from the ticket: cause, status, client, model family and the question. Nothing else was taken."), "ok")
    return redirect(url_for("content.edit", article_id=article.id), 303)


def _needs(unanswered: Sequence[Ticket], published: Sequence[Article]) -> list[Need]:
    """Tickets by cause, the most frequent first."""
    groups: dict[str, list[Ticket]] = {}
    for ticket in unanswered:
        groups.setdefault(ticket.cause or "", []).append(ticket)
    needs = [
        Need(_cause_title(cause), len(members), members[:SHOWN_TICKETS], _answering(cause, published)) for cause, members in groups.items()
    ]
    return sorted(needs, key=lambda need: -need.count)


def _shelf(published: Sequence[Article]) -> list[list[Article]]:
    """Published articles with their translations beside them, in the order given."""
    groups: dict[str, list[Article]] = {}
    for article in published:
        groups.setdefault(article.slug, []).append(article)
    return list(groups.values())


def _cause_title(cause: str) -> str:
    causes = rulebook().causes.causes
    return causes[cause].title[ui_language()] if cause in causes else _("No cause yet")


def _answering(cause: str, published: Sequence[Article]) -> list[Article]:
    return [article for article in published if any(link.cause == cause for link in article.causes)]


def _skeleton(kind: str, language: str) -> str:
    """The kind's sections, empty."""
    return "\n\n".join(f"## {section.heading[language]}" for section in rulebook().gate.sections(kind)) + "\n"
