"""A week's facts in words: figures, lists, tickets to look at, and what the four boxes begin with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from app.core.change import Change
from app.core.dispute import Claim, DisputeOutcome, DisputeState
from app.core.metrics import Metric
from app.core.review import Counted, DisputeLine, KeyCounted, WeekFacts
from app.core.roles import Audience, admits
from app.core.rulebook import Rulebook
from app.web.access import current_role
from app.web.context import rulebook
from app.web.dispute_words import claim_words, dispute_outcome_words, dispute_state_words
from app.web.i18n import ui_language
from app.web.known_problems import failure_words
from app.web.reports.figures import worded


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a list: what, this week, the week before, what the test says, where to look."""

    label: str
    now: str
    before: str
    change: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class ReviewList:
    """A titled list."""

    title: str
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class FigureLine:
    """A figure of the week: value, n, the week before, what the test says."""

    title: str
    definition: str
    value: str
    n: int
    before: str
    change: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Something to look at: words and an address."""

    words: str
    href: str


def change_words() -> dict[Change, str]:
    """What a test says."""
    return {
        Change.MORE: _("more than chance explains"),
        Change.LESS: _("less than chance explains"),
        Change.CHANCE: _("no clear change"),
        Change.FEW: _("too few to say"),
        Change.UNTESTED: "",
    }


def figure_lines(facts: WeekFacts, with_amounts: bool, rows: Mapping[str, str] | None = None) -> list[FigureLine]:
    """The week's figures, amounts only for those who may see them. rows: figure → where the rows behind it are listed."""
    book, language, said = rulebook().metrics, ui_language(), change_words()
    return [
        FigureLine(
            title=book.title(metric.id, language),
            definition=book.definition(metric.id, language),
            value=worded(metric.value, book.unit(metric.id)),
            n=metric.n,
            before=worded(before.value, book.unit(metric.id)) if before else "",
            change=said[facts.changes.get(metric.id, Change.UNTESTED)],
            href=(rows or {}).get(metric.id, ""),
        )
        for metric, before in shown_metrics(facts, with_amounts)
    ]


def shown_metrics(facts: WeekFacts, with_amounts: bool) -> list[tuple[Metric, Metric | None]]:
    """The figures this reader may see and the rules still know."""
    known = rulebook().metrics.rules["metric"]
    return [pair for pair in facts.metrics if pair[0].id in known and (with_amounts or rulebook().metrics.unit(pair[0].id) != "money")]


def lists_of(facts: WeekFacts, with_amounts: bool) -> list[ReviewList]:
    """Every list that has something to say."""
    lists = [*_money_lists(facts)] if with_amounts else []
    lists += [
        ReviewList(_("Failures by class, with distinct keys"), [_failure_line(each) for each in facts.failures if each.now or each.before]),
        ReviewList(_("Tickets by class"), [_line(each, class_title(each.name)) for each in facts.tickets]),
        ReviewList(_("Retried most by the gateway"), [_line(each, each.name) for each in facts.most_retried]),
        ReviewList(_("Tried again and failed again"), [_line(each, each.name) for each in facts.tried_again]),
        ReviewList(_("Asked again though an article answers it"), [_cause_line(each) for each in facts.repeated]),
        ReviewList(_("Asked, and no article answers it"), [_cause_line(each) for each in facts.unanswered]),
        ReviewList(_("Facts that tickets lacked"), [_line(each, fact_name(each.name)) for each in facts.missing]),
    ]
    return [each for each in lists if each.lines]


def places_of(facts: WeekFacts) -> list[tuple[str, list[Place]]]:
    """(title, places) of everything somebody should look at."""
    groups = [
        (_("Spikes that became incidents"), [_incident(*incident) for incident in facts.incidents]),
        (_("Warnings"), [Place(f"{_warning_title(kind)}: {value}", "") for _number, kind, value in facts.warnings]),
        (_("Disputes about charges"), [_dispute(line) for line in facts.claims]),
        (_("Tickets about charges"), [_ticket(number) for number in facts.disputes]),
        (_("Approvals that wait"), [_approval(number, days) for number, days in facts.approvals]),
        (_("No next action agreed"), [_ticket(number) for number in facts.without_action]),
        (_("Nobody has taken"), [_ticket(number) for number in facts.unassigned]),
        (_("Keys without an owner"), _ownerless(facts)),
        (_("Searched for in vain"), [Place(f"{word} × {count}", "") for word, count in facts.missed_words]),
        (_("Articles due for review"), [Place(f"{title} ({due})", _article(number)) for number, title, due in facts.stale_articles]),
    ]
    return [(title, places) for title, places in groups if places]


def beginnings(facts: WeekFacts) -> dict[str, str]:
    """What each of the four boxes begins with, as the desk sees it."""
    return {
        "repeated_questions": _joined(
            [
                _("%(title)s: asked %(count)s times though an article answers it", title=cause_title(each.name), count=_whole(each.now))
                for each in facts.repeated
            ]
            + [_("searched for in vain: %(word)s", word=word) for word, _count in facts.missed_words]
        ),
        "missing_fields": _joined(
            [_("%(fact)s: missing in %(count)s tickets", fact=fact_name(each.name), count=_whole(each.now)) for each in facts.missing]
        ),
        "unclear_ownership": _joined(_unowned(facts)),
        "needs_a_person": _joined(
            [
                _("%(title)s: %(count)s tickets, no article", title=cause_title(each.name), count=_whole(each.now))
                for each in facts.unanswered
            ]
            + [_("due for review: %(title)s", title=title) for _number, title, _due in facts.stale_articles]
        ),
    }


def class_title(name: str) -> str:
    """What a class of failures is called."""
    return rulebook().metrics.class_title(name, ui_language())


def cause_title(cause: str) -> str:
    """What a cause is called."""
    known = rulebook().causes.causes.get(cause)
    return known.title[ui_language()] if known else cause


def fact_name(name: str) -> str:
    """What the report form calls the fact."""
    return {
        "client": _("Client"),
        "model": _("Model"),
        "status_code": _("Status"),
        "error_text": _("Error message"),
        "key": _("Key"),
        "key_last4": _("Key"),  # as reviews kept it before a fingerprint counted
        "request_time": _("Time"),
        "request_id": _("Request id"),
    }.get(name, name)


def _unowned(facts: WeekFacts) -> list[str]:
    """Tickets and keys that are nobody's."""
    texts = []
    if facts.unassigned:
        texts.append(ngettext("%(num)s ticket nobody has taken", "%(num)s tickets nobody has taken", len(facts.unassigned)))
    if facts.without_action:
        count = len(facts.without_action)
        texts.append(ngettext("%(num)s open ticket without a next action", "%(num)s open tickets without a next action", count))
    if facts.ownerless:
        texts.append(ngettext("%(num)s key without an owner", "%(num)s keys without an owner", facts.ownerless))
    return texts


def _joined(texts: list[str]) -> str:
    return "\n".join(f"- {text}" for text in texts)


def _money_lists(facts: WeekFacts) -> list[ReviewList]:
    return [
        ReviewList(_("Costliest models"), [_money_line(each, each.name) for each in facts.costliest_models]),
        ReviewList(_("Costliest groups"), [_money_line(each, each.name) for each in facts.costliest_groups]),
        ReviewList(
            _("Costliest keys"),
            [_money_line(each, each.name or _("a key the registry does not know"), _key(each.number)) for each in facts.costliest_keys],
        ),
    ]


def _line(counted: Counted, label: str, href: str = "") -> Line:
    return Line(label, worded(counted.now, "count"), worded(counted.before, "count"), change_words()[counted.change], href)


def _failure_line(counted: Counted) -> Line:
    keys = "" if counted.keys is None else " · " + ngettext("%(num)s key", "%(num)s keys", counted.keys)
    return _line(counted, class_title(counted.name) + keys)


def _cause_line(counted: Counted) -> Line:
    return _line(counted, cause_title(counted.name), url_for("desk.queue", view="all", cause=counted.name))


def _money_line(counted: Counted | KeyCounted, label: str, href: str = "") -> Line:
    return Line(label, worded(counted.now, "money"), worded(counted.before, "money"), "", href)


def _incident(number: int, failure: str, place: str, failures: int) -> Place:
    count = ngettext("%(num)s failure", "%(num)s failures", failures)
    return Place(f"{place}: {failure_words(failure)}, {count}", url_for("desk.incident", number=number))


def _warning_title(kind: str) -> str:
    book: Rulebook = rulebook()
    known = book.warnings.kinds.get(kind)
    return known.title[ui_language()] if known else kind


def _dispute(line: DisputeLine) -> Place:
    """A dispute's state, age and outcome; never an amount."""
    known = {state.value for state in DisputeState}
    state = dispute_state_words()[DisputeState(line.state)] if line.state in known else line.state
    outcome = f": {dispute_outcome_words()[DisputeOutcome(line.outcome)]}" if line.outcome else ""
    age = ngettext("%(num)s day", "%(num)s days", line.days)
    return Place(f"#{line.ticket} {claim_words()[Claim(line.claim)]}, {state}{outcome}, {age}", _ticket(line.ticket).href)


def _approval(number: int, days: int) -> Place:
    asked = ngettext("asked %(num)s day ago", "asked %(num)s days ago", days) if days else _("asked today")
    return Place(f"#{number} {asked}", url_for("reports.approval_list"))


def _ownerless(facts: WeekFacts) -> list[Place]:
    shown = [Place(name, _key(number)) for number, name in facts.ownerless_keys]
    more = facts.ownerless - len(shown)
    every = Place(_("and %(count)s more", count=more), url_for("desk.key_list", owner="none"))
    return [*shown, every] if more > 0 else shown


def _ticket(number: int) -> Place:
    return Place(f"#{number}", url_for("desk.ticket", number=number))


def _key(number: int | None) -> str:
    return url_for("desk.key", number=number) if number else ""


def _article(number: int) -> str:
    return url_for("content.edit", article_id=number) if admits(Audience.CONTENT, current_role()) else ""


def _whole(number: float) -> str:
    return worded(number, "count")
