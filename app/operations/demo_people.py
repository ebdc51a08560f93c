"""Do what people did during the demonstration's week, through the desk's own operations: so that every page has something to show."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from app.core.dispute import Claim, DisputeOutcome
from app.core.evidence import Evidence
from app.core.redacted_text import RedactedText
from app.core.report import Report
from app.core.rulebook import Rulebook
from app.core.satisfaction import RATEABLE
from app.operations import approvals, disputes, hand_off, hand_off_sheet, relations, spam, tickets
from app.operations.bulk import BulkWish, apply_to_all
from app.operations.demo.people import ApprovalStory, DisputeStory, HandOver, People, Spam
from app.operations.satisfaction import rate
from app.operations.saved_views import save_view
from app.store import tickets as ticket_store
from app.store import users
from app.store.logs import LogStore
from app.store.models import Ticket, User

HOUR, DAY, A_WHILE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=20)
USD = 1_000_000
RELATE = {"child": relations.put_under, "merged": relations.merge, "related": relations.link}


class PeopleAtWork:
    """The steps of people.toml about tickets. known: label → ticket, of those whose story was told."""

    def __init__(self, told: People, known: Mapping[str, Ticket], rulebook: Rulebook, log_store: LogStore, now: datetime) -> None:
        self._told, self._known, self._rulebook, self._logs, self._now = told, known, rulebook, log_store, now

    def work(self) -> None:
        """Everything, in an order in which each step finds what it needs."""
        self._look_at_lines()
        self._file_spam()
        self._agree()
        self._relate()
        self._dispute()
        self._ask_leave()
        self._rate()

    def _look_at_lines(self) -> None:
        """Confirm the likeliest log line."""
        for each in self._told.confirmed:
            ticket = self._known.get(each.ticket)
            matches = sorted(ticket_store.matches(ticket.id), key=lambda match: match.probability, reverse=True) if ticket else ()
            if ticket and matches:
                at = self._soon_after(ticket)
                tickets.decide_match(ticket, matches[0], "confirmed", person_called(each.by), self._rulebook, self._logs, at)

    def _file_spam(self) -> None:
        for each in self._told.spam:
            self._file_one(each)

    def _file_one(self, each: Spam) -> None:
        at = self._now - each.hours_ago * HOUR
        report = Report(Evidence(), self._clean(each.says), each.language, "UTC")
        ticket = tickets.open_ticket(report, None, self._rulebook, self._logs, at, suspicion=each.signals).ticket
        if each.discarded_by:
            spam.discard([ticket.id], person_called(each.discarded_by), at + A_WHILE)

    def _agree(self) -> None:
        """Next actions and hand-offs."""
        for each in self._told.next:
            if ticket := self._known.get(each.ticket):
                due = (self._now + each.in_days * DAY).date()
                step = hand_off.NextStep(self._clean(each.action), person_called(each.owner), due)
                hand_off.agree_next(ticket, step, person_called(each.by), self._soon_after(ticket))
        for given in self._told.hand_over:
            if ticket := self._known.get(given.ticket):
                self._hand_over(ticket, given)

    def _hand_over(self, ticket: Ticket, given: HandOver) -> None:
        actor, to, at = person_called(given.by), person_called(given.to), self._soon_after(ticket)
        step = hand_off.NextStep(self._clean(given.action), to, (self._now + given.in_days * DAY).date())
        note = self._clean(given.note) if given.note else None
        wish = hand_off.HandOffWish(to, person_called(given.backup), given.queue, self._clean(given.tried), step, note, given.checked)
        hand_off.hand_over(ticket, wish, actor, at)
        hand_off_sheet.keep_values(ticket, given.fields, actor, at)
        if given.tracker:
            hand_off_sheet.link_tracker(ticket, self._clean(given.tracker), self._rulebook.redactor, actor, at)

    def _relate(self) -> None:
        """What hangs together, tags, followers, and colleagues named in a note."""
        for pair in self._told.relation:
            ticket, other = self._known.get(pair.ticket), self._known.get(pair.other)
            if ticket and other:
                RELATE[pair.kind](ticket, other, person_called(pair.by), max(self._soon_after(ticket), self._soon_after(other)))
        for each in (*self._told.tag, *self._told.follow, *self._told.mention):
            if ticket := self._known.get(each.ticket):
                self._mark(ticket, person_called(each.by), each.tag, each.says)
        for view in self._told.view:
            save_view(self._clean(view.name), self._clean(view.query), True, person_called(view.by), self._now - DAY)

    def _mark(self, ticket: Ticket, actor: User, tag: str | None, says: str | None) -> None:
        if tag:
            apply_to_all([ticket.id], BulkWish(tag=self._clean(tag)), actor, self._soon_after(ticket))
        elif says:
            tickets.add_note(ticket, self._clean(says), actor, self._soon_after(ticket))
        else:
            relations.follow(ticket, actor, self._soon_after(ticket), on=True)

    def _dispute(self) -> None:
        for each in self._told.dispute:
            if ticket := self._known.get(each.ticket):
                self._settle(ticket, each)

    def _settle(self, ticket: Ticket, each: DisputeStory) -> None:
        at = min(ticket.created_at + timedelta(minutes=each.after_minutes), self._now - A_WHILE)
        dispute = disputes.claim(ticket, Claim(each.claim), self._logs, person_called(each.by), at)
        if each.outcome and each.decided_by:
            decider = person_called(each.decided_by)
            disputes.decide(dispute, ticket, DisputeOutcome(each.outcome), self._clean(each.reason), decider, at + A_WHILE / 2)
            if each.is_closed:
                disputes.close(dispute, ticket, decider, at + A_WHILE)

    def _ask_leave(self) -> None:
        for each in self._told.approval:
            self._ask(each)

    def _ask(self, each: ApprovalStory) -> None:
        at = self._now - each.hours_ago * HOUR
        words = self._clean(each.task), self._clean(each.model)
        wish = approvals.ApprovalWish(*words, each.kind, each.usd * USD, each.answer_within * HOUR)
        approval = approvals.ask(wish, person_called(each.asker), at)
        if each.approved is not None and each.by:
            reason = self._clean(each.reason) if each.reason else None
            approvals.decide(approval, each.approved, reason, person_called(each.by), at + A_WHILE)

    def _rate(self) -> None:
        """Requesters of what is solved say whether the help was good."""
        for each in self._told.rating:
            ticket = self._known.get(each.ticket)
            if ticket and ticket.state in RATEABLE:
                words = self._clean(each.words) if each.words else None
                rate(ticket, each.good, words, ticket.requester, self._soon_after(ticket))

    def _soon_after(self, ticket: Ticket) -> datetime:
        return min(ticket.updated_at + A_WHILE, self._now)

    def _clean(self, text: str) -> RedactedText:
        return self._rulebook.redactor.clean(text)


def person_called(name: str) -> User:
    """An account of the demonstration."""
    found = users.by_name(name)
    if found is None:
        raise LookupError(name)
    return found
