"""The demonstration's week in the knowledge base and in the review: readers, checklists, drafts, decisions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from app.core.article import ArticleContent
from app.core.article_pictures import picture_address
from app.core.rulebook import Rulebook
from app.core.week import Week
from app.operations import articles, checklists, reviews
from app.operations.article_care import flag_article, note_missed_search
from app.operations.article_pictures import keep_picture
from app.operations.article_use import count_answer, mark_solved_by
from app.operations.demo.people import ChangeStory, Draft, People, Run
from app.operations.demo.picture import chart
from app.operations.demo_people import person_called
from app.settings import Settings
from app.store import articles as article_store
from app.store.logs import LogStore
from app.store.models import Ticket, User

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def read_and_write(told: People, known: Mapping[str, Ticket], settings: Settings, rulebook: Rulebook, now: datetime) -> None:
    """What readers and writers did; articles that are not there are left out."""
    _readers(told, settings, rulebook, now)
    for solved in told.solved_by:
        ticket = known.get(solved.ticket)
        article = article_store.by_slug(ticket.language, solved.slug or "") if ticket else None
        if ticket and article:
            mark_solved_by(ticket, article, person_called(solved.by), rulebook.gate.care, min(ticket.updated_at + HOUR / 4, now))
    for run in told.run:
        _work_off(run, known, settings, rulebook, now)
    for draft in told.draft:
        if ticket := known.get(draft.ticket):
            _write(draft, ticket, rulebook, now)
    for change in told.change:
        _change(change, rulebook, now)


def hold_review(told: People, rulebook: Rulebook, log_store: LogStore, now: datetime) -> None:
    """Last week's review: found, decided, closed on Monday morning."""
    week, actor, clean = Week.of(now).before, person_called(told.review.by), rulebook.redactor.clean
    at = min(max(week.end + 8 * HOUR, now - DAY), now)
    reviews.note_findings(week, {box: clean(words) for box, words in told.review.findings.items()}, actor, at)
    for each in told.decision:
        words = (clean(each.what), clean(each.why) if each.why else None, clean(each.instead) if each.instead else None)
        backup = person_called(each.backup).id if each.backup else None
        due = (now + each.in_days * DAY).date().isoformat()
        reviews.decide(week, reviews.DecisionWish(*words, person_called(each.owner).id, backup, due), actor, at)
    reviews.close(week, rulebook, log_store, actor, at)


def _readers(told: People, settings: Settings, rulebook: Rulebook, now: datetime) -> None:
    """Votes, flags, and what was looked for and not found."""
    for each in (*told.vote, *told.flag):
        article = article_store.by_slug(each.language, each.slug)
        if article is None:
            continue
        for place in range(each.good + each.bad):
            count_answer(article, place < each.good, each.language, now - place * HOUR)
        if each.reason:
            says = rulebook.redactor.clean(each.says) if each.says else None
            flag_article(article, each.reason, says, "demonstration", settings.pepper, now - 5 * HOUR)
    for each in told.missed:
        note_missed_search(each.words, each.language, rulebook.redactor, now - 7 * HOUR)


def _work_off(run: Run, known: Mapping[str, Ticket], settings: Settings, rulebook: Rulebook, now: datetime) -> None:
    """A checklist, point by point."""
    article, actor, at = article_store.by_slug(run.language, run.slug), person_called(run.by), now - run.hours_ago * HOUR
    if article is None:
        return
    gateway = settings.gateway_url, settings.gateway_name
    begun = checklists.begin_run(article, known.get(run.ticket or ""), actor, rulebook.redactor, at, gateway)
    for place, point in enumerate(begun.points[: run.ticked]):
        checklists.tick_point(begun, point["id"], actor, at + place * timedelta(minutes=3), done=True)
    if run.note:
        checklists.note_on_run(begun, rulebook.redactor.clean(run.note))
    if run.is_ended:
        checklists.end_run(begun, actor, at + HOUR)


def _write(draft: Draft, ticket: Ticket, rulebook: Rulebook, now: datetime) -> None:
    """A draft from a ticket, still being written."""
    actor, at = person_called(draft.by), now - 6 * HOUR
    article = articles.draft_from_ticket(ticket, actor, rulebook, at, draft.kind)
    working = articles.revise(article, actor, rulebook, at)
    content = _with_picture(article_store.content_of_revision(working), draft.picture, actor, at)
    articles.save_draft(article, content, working.edit, actor, rulebook, at + HOUR)


def _change(change: ChangeStory, rulebook: Rulebook, now: datetime) -> None:
    """A new version of a published article, sent to review."""
    article, actor, at = article_store.by_slug(change.language, change.slug), person_called(change.by), now - 4 * HOUR
    if article is None:
        return
    working = articles.revise(article, actor, rulebook, at)
    content = article_store.content_of_revision(working)
    longer = replace(content, body=f"{content.body.rstrip()}\n\n## {change.section}\n\n{change.says}\n")
    note = articles.Change(rulebook.redactor.clean(change.note), minor=False)
    saved = articles.save_draft(article, _with_picture(longer, change.picture, actor, at), working.edit, actor, rulebook, at, note)
    articles.submit_for_review(article, saved.edit, actor, rulebook, at + HOUR)


def _with_picture(content: ArticleContent, words: str, actor: User, at: datetime) -> ArticleContent:
    """The text with a chart at its end."""
    kept = keep_picture(chart(), actor, at)
    return replace(content, body=f"{content.body.rstrip()}\n\n![{words}]({picture_address(kept.digest, kept.media_type)})\n")
