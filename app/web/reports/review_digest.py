"""The review as a mail: the same facts in fewer words, as plain text and HTML, with amounts or without; made from the frozen week."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flask import g, render_template, request, url_for
from flask_babel import format_date, refresh
from flask_babel import gettext as _

from app.core.review import WeekFacts, recall
from app.core.week import Week
from app.store import reviews
from app.web.reports.review_view import FigureLine, Line, figure_lines, lists_of, places_of

if TYPE_CHECKING:
    from app.store.models_reviews import Decision, Review

MOST_LINES = 5  # of each list


@dataclass(frozen=True, slots=True)
class DigestList:
    """A heading with lines, each perhaps a link."""

    title: str
    lines: Sequence[tuple[str, str]]  # (words, address or "")


@dataclass(frozen=True, slots=True)
class ReviewDigest:
    """What the mail says; the fields are those of the letters that the desk sends."""

    subject: str
    lines: Sequence[str]
    button: tuple[str, str]
    lists: Sequence[DigestList]
    words: str = ""
    foot: Sequence[str] = field(default=())
    mark: str = ""


def digest_of(review_id: int, *, with_amounts: bool) -> ReviewDigest | None:
    """The mail about a closed review, in the language of the page being rendered; None while it is open."""
    kept = reviews.by_id(review_id)
    week = Week.read(kept.week) if kept else None
    if kept is None or week is None or not kept.snapshot:
        return None
    return review_digest(week, recall(kept.snapshot), kept, reviews.open_decisions(kept.week), with_amounts)


def review_bodies(review_id: int, language: str, *, with_amounts: bool) -> tuple[str, str, str] | None:
    """(subject, plain text, HTML) of the mail about a closed review in a language of the caller's choice; None while it is open."""
    before = g.get("page_language")
    try:
        _speak(language)
        digest = digest_of(review_id, with_amounts=with_amounts)
        return (digest.subject, mail_text(digest), mail_html(digest)) if digest else None
    finally:
        _speak(before)


def _speak(language: str | None) -> None:
    """What is rendered from here on is in this language."""
    g.page_language = language
    refresh()


def review_digest(week: Week, facts: WeekFacts, kept: Review | None, decisions: Sequence[Decision], with_amounts: bool) -> ReviewDigest:
    """The mail about a week's facts."""
    title = _("Week of %(day)s", day=format_date(week.monday, "long"))
    closed = kept is not None and kept.closed_at is not None
    figures = DigestList(_("The week in figures"), [(_figure(line), "") for line in figure_lines(facts, with_amounts) if line.value != "–"])
    decided = DigestList(_("Decisions"), [(_decision(decision), "") for decision in decisions])
    lists = [figures, *_lists(facts, with_amounts), *_places(facts), *_found(kept), decided]
    return ReviewDigest(
        subject=_("Weekly review %(week)s", week=week),
        lines=[title + ". " + (_("Closed; the figures stay as they are.") if closed else _("Still open; the figures may change."))],
        button=(_("Open the review"), url_for("reports.review", week_name=week, _external=True)),
        lists=[each for each in lists if each.lines],
        foot=[_("Amounts are shown to those who may see them.")] if with_amounts else [],
    )


def mail_text(digest: ReviewDigest) -> str:
    """The plain text body."""
    return render_template("mail/letter.txt", letter=digest)


def mail_html(digest: ReviewDigest) -> str:
    """The HTML body."""
    return render_template("mail/letter.html", letter=digest)


def _figure(line: FigureLine) -> str:
    before = _("before: %(value)s", value=line.before) if line.before else ""
    beside = ", ".join(part for part in (before, line.change) if part)
    return f"{line.title}: {line.value}" + (f" ({beside})" if beside else "")


def _lists(facts: WeekFacts, with_amounts: bool) -> Iterator[DigestList]:
    for each in lists_of(facts, with_amounts):
        yield DigestList(each.title, _first([(_counted(line), _whole(line.href)) for line in each.lines]))


def _counted(line: Line) -> str:
    beside = ", ".join(part for part in (_("before: %(value)s", value=line.before), line.change) if part)
    return f"{line.label or _('not told')}: {line.now} ({beside})"


def _places(facts: WeekFacts) -> Iterator[DigestList]:
    for title, places in places_of(facts):
        yield DigestList(title, _first([(place.words, _whole(place.href)) for place in places]))


def _first(lines: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """As many as a mail needs, and how many more there are."""
    more = len(lines) - MOST_LINES
    return lines if more <= 0 else [*lines[:MOST_LINES], (_("and %(count)s more", count=more), "")]


def _found(kept: Review | None) -> Iterator[DigestList]:
    """The four boxes."""
    if kept is None:
        return
    boxes = (
        (_("Questions asked again"), kept.repeated_questions),
        (_("Facts that were missing"), kept.missing_fields),
        (_("Unclear who owns it"), kept.unclear_ownership),
        (_("Where people still needed a person"), kept.needs_a_person),
    )
    for title, text in boxes:
        if text:
            yield DigestList(title, [(line.removeprefix("- "), "") for line in text.splitlines() if line.strip()])


def _decision(decision: Decision) -> str:
    people = decision.owner.display_name + (f" ({decision.backup.display_name})" if decision.backup else "")
    state = (_("done") if decision.done else _("dropped")) if decision.ended_at else _("due %(day)s", day=decision.due)
    return f"{decision.what} · {people} · {state}"


def _whole(href: str) -> str:
    """An address of the desk with its host, for a mail."""
    return request.host_url.rstrip("/") + href if href.startswith("/") else href
