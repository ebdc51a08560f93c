"""The playbook of a ticket's cause, with its facts, ticks and ready replies filled in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.core.causes import Cause
from app.core.playbook import FilledStep, Playbook, ReadyReply, for_cause, reply_values
from app.core.playbook_facts import Sight
from app.core.rulebook import Rulebook
from app.operations.examine import evidence_of
from app.store import playbook_ticks
from app.web.suggestions import ArticleCard

if TYPE_CHECKING:
    from app.store.models import Ticket
    from app.web.desk.views import StaffTicket


@dataclass(frozen=True, slots=True)
class StepLine:
    """A step, and who ticked it when."""

    step: FilledStep
    ticked_by: str | None
    ticked_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReplyOffer:
    """A ready reply in the ticket's language, filled in; what its sender makes sure of, in the reader's."""

    id: str
    title: str
    text: str
    safety: str
    article_id: int | None
    kind: str = ""
    note: bool = False  # for colleagues


@dataclass(frozen=True, slots=True)
class HandoverNote:
    """What to give to whom: the wish, and the facts that go along."""

    to: str
    text: str
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Checklist:
    """A ticket's playbook as the page shows it."""

    id: str
    title: str
    steps: tuple[StepLine, ...]
    actions: tuple[str, ...]
    replies: tuple[ReplyOffer, ...]
    handovers: tuple[HandoverNote, ...]

    @property
    def settled(self) -> int:
        """How many steps the log answered or a person ticked."""
        return sum(line.ticked_at is not None or line.step.state != "unknown" for line in self.steps)


def checklist(view: StaffTicket, rulebook: Rulebook, language: str) -> Checklist | None:
    """The playbook of the ticket's cause. One query."""
    cause = view.cause
    playbook = rulebook.playbooks.of(cause) if cause else None
    if cause is None or playbook is None:
        return None
    sight = sight_of(view, rulebook)
    return Checklist(
        id=playbook.id,
        title=playbook.title[language],
        steps=_step_lines(view.ticket.id, playbook, rulebook.playbooks.steps(playbook, cause, sight, language)),
        actions=tuple(action.text[language] for action in for_cause(playbook.actions, cause)),
        replies=tuple(_offer(reply, cause, view, rulebook, language) for reply in for_cause(playbook.replies, cause)),
        handovers=tuple(
            HandoverNote(
                handover.to,
                handover.text[language],
                tuple(said for name in handover.facts if (said := rulebook.playbooks.say(name, sight, language))),
            )
            for handover in for_cause(playbook.handovers, cause)
        ),
    )


def sight_of(view: StaffTicket, rulebook: Rulebook) -> Sight:
    """What the page's queries brought to light, for facts to read."""
    return Sight(
        evidence=evidence_of(view.ticket),
        record=view.best,
        attempts=view.attempts,
        key=view.key,
        neighbours=view.neighbours,
        client=rulebook.clients.recognise(view.ticket.client),
    )


def _step_lines(ticket_id: int, playbook: Playbook, steps: tuple[FilledStep, ...]) -> tuple[StepLine, ...]:
    """The steps with their ticks."""
    ticks = playbook_ticks.newest(ticket_id)
    lines = []
    for step in steps:
        tick = ticks.get((playbook.id, step.id))
        done = tick if tick and tick.done else None
        lines.append(StepLine(step, done.actor.display_name if done else None, done.created_at if done else None))
    return tuple(lines)


def _offer(reply: ReadyReply, cause: Cause, view: StaffTicket, rulebook: Rulebook, language: str) -> ReplyOffer:
    """A ready reply filled with what is known about the ticket, citing the cause's first article."""
    ticket = view.ticket
    article = _article(view.articles)
    values = reply_values(
        cause,
        ticket.language,
        client=ticket.client,
        model=ticket.model,
        status=str(ticket.status_code) if ticket.status_code else None,
        request_time=told_time(ticket),
        article_url=article.absolute_url if article else None,
    )
    return ReplyOffer(
        id=reply.id,
        title=reply.title[language],
        text=rulebook.playbooks.reply_text(reply, ticket.language, values),
        safety=reply.safety[language],
        article_id=article.id if article else None,
    )


def _article(cards: tuple[ArticleCard, ...]) -> ArticleCard | None:
    return cards[0] if cards else None


def told_time(ticket: Ticket) -> str | None:
    """The time the user named, on their own clock."""
    zone = _zone(ticket)
    return f"{ticket.request_time.astimezone(zone):%Y-%m-%d %H:%M} {zone}" if ticket.request_time else None


def _zone(ticket: Ticket) -> tzinfo:
    """The requester's zone; UTC where they named none that is known."""
    try:
        return ZoneInfo(ticket.time_zone or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC
