"""What keeps articles true, on one page: reviews that are due, flags, votes, vain searches, outdated phrases, broken links."""

from __future__ import annotations

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext, ngettext
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from app.core.article import IllegalMove
from app.core.roles import Audience
from app.operations.article_care import resolve_flag
from app.operations.article_checks import broken_links
from app.operations.article_reviews import demands, reopen_articles
from app.operations.outdated_words import add_phrase, drop_phrase, texts_shown
from app.operations.publishing import confirm_still_true
from app.store import article_care, article_reviews, articles, users
from app.web.access import for_audience
from app.web.content import care
from app.web.content.board import blueprint
from app.web.context import person, redactor, rulebook, settings
from app.web.forms import RedactingForm
from app.web.render import now

OUTCOMES = ("fixed", "no_change")
SHOWN = 30
MOST = 100  # rows of a list; what is done makes room for the next


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
    add_phrase(redactor().clean(form.phrase.data or ""), redactor().clean(form.reason.data or ""), person(), rulebook(), now())
    flash(_("On the list. The page shows where the words still stand."), "ok")
    return redirect(url_for("content.health") + "#phrases", 303)


@blueprint.post("/phrases/<int:phrase_id>/removal")
@for_audience(Audience.CONTENT)
def remove_phrase(phrase_id: int) -> Response:
    """Take words off the list."""
    drop_phrase(article_care.phrase(phrase_id) or abort(404), person(), now())
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


@blueprint.post("/reviews/run")
@for_audience(Audience.CONTENT)
def look_for_reviews() -> Response:
    """Look now, rather than within the hour, which articles should be read again."""
    count = reopen_articles(rulebook(), now())
    flash(ngettext("%(num)s article more is to be read again.", "%(num)s articles more are to be read again.", count))
    return redirect(url_for("content.health") + "#due", 303)


def _page(form: PhraseForm, status: int = 200) -> Response:
    published, today = articles.all_published(), now().date()
    found = demands(published, rulebook(), now())
    names = {user.id: user.display_name for user in users.everyone()}
    page = render_template(
        "content/health.html",
        due=care.due(published, names, found, article_reviews.cases_by_article(), rulebook(), today),
        flags=article_care.open_flags(),
        uses=care.uses(published, found)[:SHOWN],
        missed=article_care.missed_words(SHOWN),
        phrases=care.phrases(list(texts_shown(published, rulebook()))),
        links=broken_links(published),
        sources=care.sources(published, rulebook(), today),
        unowned=care.unowned(published),
        behind=care.behind(published),
        rules=rulebook().gate.care,
        total=len(published),
        most=MOST,
        form=form,
    )
    return make_response(page, status)
