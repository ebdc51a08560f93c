"""What keeps articles true, on one page: reviews that are due, flags, votes, vain searches, outdated phrases, broken links."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from app.core.article import IllegalMove
from app.core.article_care import Votes, phrase_places, whose_turn
from app.core.roles import Audience
from app.operations.article_care import add_phrase, drop_phrase, resolve_flag
from app.operations.article_checks import broken_links
from app.operations.publishing import confirm_still_true
from app.store import article_care, articles, users
from app.web.access import for_audience
from app.web.content.board import blueprint
from app.web.context import person, redactor, rulebook, settings
from app.web.forms import RedactingForm
from app.web.render import now

if TYPE_CHECKING:
    from app.store.models import Article
    from app.store.models_articles import OutdatedPhrase

OUTCOMES = ("fixed", "no_change")
SHOWN = 30


@dataclass(frozen=True, slots=True)
class Due:
    """An article to be read again: whose turn it is (owner or backup), and who that is."""

    article: Article
    turn: str
    person: str


@dataclass(frozen=True, slots=True)
class Use:
    """What an article did for people. since: tickets with its cause that came after it was published."""

    article: Article
    votes: Votes
    since: int


@dataclass(frozen=True, slots=True)
class Phrase:
    """An outdated phrase, where it still stands ((article, title, line)), and how many days it took to be gone."""

    row: OutdatedPhrase
    places: list[tuple[int, str, int]]
    days: int | None


class PhraseForm(RedactingForm):
    """Words that no text shall use any longer."""

    phrase = StringField(lazy_gettext("Outdated words"), validators=[InputRequired(), Length(2, 120)])
    reason = StringField(lazy_gettext("Why, and what to say instead"), validators=[InputRequired(), Length(max=300)])


@blueprint.get("/health")
@for_audience(Audience.CONTENT)
def health() -> Response:
    """Everything that may have stopped being true."""
    return _page(PhraseForm(formdata=None))


@blueprint.post("/flags/<int:flag_id>")
@for_audience(Audience.CONTENT)
def settle_flag(flag_id: int) -> Response:
    """Say what became of a reader's flag."""
    flag = article_care.flag(flag_id) or abort(404)
    outcome = request.form.get("outcome", "")
    if outcome not in OUTCOMES or flag.resolved_at is not None:
        abort(400)
    resolve_flag(flag, outcome, person(), now())
    flash(_("The flag is settled."), "ok")
    return redirect(url_for("content.health") + "#flags", 303)


@blueprint.post("/phrases")
@for_audience(Audience.CONTENT)
def new_phrase() -> Response:
    """Put words on the list of outdated ones."""
    form = PhraseForm()
    if not form.validate():
        return _page(form, 422)
    add_phrase(redactor().clean(form.phrase.data or ""), redactor().clean(form.reason.data or ""), person(), now())
    flash(_("On the list. The page shows where the words still stand."), "ok")
    return redirect(url_for("content.health") + "#phrases", 303)


@blueprint.post("/phrases/<int:phrase_id>/removal")
@for_audience(Audience.CONTENT)
def remove_phrase(phrase_id: int) -> Response:
    """Take words off the list."""
    drop_phrase(article_care.phrase(phrase_id) or abort(404))
    return redirect(url_for("content.health") + "#phrases", 303)


@blueprint.post("/articles/<int:article_id>/confirmation")
@for_audience(Audience.CONTENT)
def confirm(article_id: int) -> Response:
    """The article was read again and is still true."""
    article = articles.by_id(article_id) or abort(404)
    try:
        confirm_still_true(article, person(), rulebook(), settings().kb_dir, now())
    except IllegalMove:
        abort(404)
    flash(_("Checked today; it comes up again after its review time."), "ok")
    return redirect(url_for("content.health") + "#due", 303)


def _page(form: PhraseForm, status: int = 200) -> Response:
    published = articles.all_published()
    page = render_template(
        "content/health.html",
        due=_due(published, now().date()),
        flags=article_care.open_flags(),
        uses=_uses(published)[:SHOWN],
        missed=article_care.missed_words(SHOWN),
        phrases=_phrases(published),
        links=broken_links(published),
        behind=_behind(published),
        total=len(published),
        form=form,
    )
    return make_response(page, status)


def _due(published: Sequence[Article], today: date) -> list[Due]:
    """What is to be read again, the longest waiting first; the owner is asked, later the backup owner."""
    names = {user.id: user.display_name for user in users.everyone()}
    asked = [(article, turn) for article in published if (turn := whose_turn(article.review_due, today))]
    found = [
        Due(article, turn, names.get((article.backup_owner_id if turn == "backup" else None) or article.owner_id or 0, ""))
        for article, turn in asked
    ]
    return sorted(found, key=lambda each: (each.article.review_due or "", each.article.slug))


def _uses(published: Sequence[Article]) -> list[Use]:
    """Articles people met, those with the most tickets after publishing first, then the least trusted."""
    votes, since = article_care.votes(), article_care.tickets_since_publish()
    met = [Use(each, votes.get(each.id, Votes(0, 0)), since.get(each.id, 0)) for each in published if each.id in votes or each.id in since]
    return sorted(met, key=lambda use: (-use.since, use.votes.at_least if use.votes.asked else 1.0))


def _phrases(published: Sequence[Article]) -> list[Phrase]:
    """Outdated phrases with the places they stand at."""
    return [
        Phrase(row, _places(row.phrase, published), (row.gone_at - row.added_at).days if row.gone_at else None)
        for row in article_care.phrases()
    ]


def _places(phrase: str, published: Sequence[Article]) -> list[tuple[int, str, int]]:
    """Where the words stand: (article, its title, line)."""
    return [
        (article.id, article.title, line)
        for article in published
        for _name, line in phrase_places(phrase, [("", f"{article.title}\n{article.summary}\n{article.body}")])
    ]


def _behind(published: Sequence[Article]) -> list[tuple[Article, Article | None]]:
    """Articles whose other language is missing or older by a version: (the newer one, the one behind)."""
    pairs: dict[str, dict[str, Article]] = {}
    for article in published:
        pairs.setdefault(article.slug, {})[article.language] = article
    return [found for languages in pairs.values() if (found := _older(languages))]


def _older(languages: Mapping[str, Article]) -> tuple[Article, Article | None] | None:
    newest = max(languages.values(), key=lambda each: each.updated_at)
    other = next((each for each in languages.values() if each is not newest), None)
    return (newest, other) if other is None or (newest.updated_at - other.updated_at).days > 0 else None
