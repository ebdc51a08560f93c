"""Fill an empty desk with a generated week, so that every page has something true-to-life to show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import msgspec

from app.core.budget import Window
from app.core.evidence import Evidence
from app.core.key_ref import KeyRef, fingerprint, parse_mask
from app.core.report import Report
from app.core.roles import Role
from app.core.rollups import Dimension
from app.core.rulebook import Rulebook
from app.core.ticket import LEGAL_MOVES, State
from app.operations import accounts, budgets, tickets
from app.operations.demo import DemoTicket, demo_tickets, demo_traffic
from app.operations.demo.people import demo_people
from app.operations.demo_people import PeopleAtWork
from app.operations.demo_reading import hold_review, read_and_write
from app.operations.demo_week import live_through
from app.operations.ingest import accept_batch
from app.settings import Settings
from app.store import users
from app.store.logs import LogStore
from app.store.models import Ticket

DEMO_ACCOUNTS = (
    ("mia", "Mia", Role.USER, "en"),
    ("li.wei", "李伟", Role.USER, "zh"),
    ("alex", "Alex", Role.AGENT, "en"),
    ("zhang.min", "张敏", Role.AGENT, "zh"),
    ("nora", "Nora", Role.EDITOR, "en"),
    ("sam", "Sam", Role.MANAGER, "en"),
    ("olivia", "Olivia", Role.OWNER, "en"),
)
DEMO_SEED = 20
SAME_NAME = (
    *("client", "client_version", "model", "status_code", "request_id", "task_id"),
    *("request_time", "tolerance_minutes", "stream", "request_type", "base_url"),
)
RECORDS_PER_POST = 500
ZONE_OF = {"zh": "Asia/Shanghai", "en": "Europe/Berlin"}  # where demo_tickets reads its clocks
USD = 1_000_000  # micro-USD


def desk_is_empty() -> bool:
    """Whether nobody has an account yet."""
    return not users.everyone()


def fill_demo(settings: Settings, rulebook: Rulebook, log_store: LogStore, now: datetime, *, lived: bool = True) -> None:
    """One account per role, a week of gateway traffic taken in as a gateway would send it, and the tickets about it.

    lived: the desk has watched that week, and people have decided. Else its jobs still have it before them.
    """
    for name, display_name, role, language in DEMO_ACCOUNTS:
        accounts.create_account(name, display_name, role, rulebook.redactor, now).language = language
    records = list(demo_traffic(DEMO_SEED, now))
    for chunk in _chunks(iter(records), RECORDS_PER_POST):
        accept_batch(msgspec.json.encode(chunk), "litellm", rulebook.redactor, settings.pepper, log_store, now)
    set_demo_budgets(rulebook, now)
    told = [(story.label, _tell(story, settings, rulebook, log_store)) for story in demo_tickets(DEMO_SEED, records)]
    if lived:
        live_through(rulebook, log_store, now)
        _be_there({label: ticket for label, ticket in told if label}, settings, rulebook, log_store, now)


def _be_there(known: Mapping[str, Ticket], settings: Settings, rulebook: Rulebook, log_store: LogStore, now: datetime) -> None:
    """What people did besides answering."""
    people = demo_people()
    PeopleAtWork(people, known, rulebook, log_store, now).work()
    read_and_write(people, known, settings, rulebook, now)
    hold_review(people, rulebook, log_store, now)


def set_demo_budgets(rulebook: Rulebook, now: datetime) -> None:
    """Budgets somebody set before the week began: one that does not last a day of it, one that sees a day jump."""
    since, clean = now - timedelta(days=8), rulebook.redactor.clean
    manager, agent, owner = (users.by_name(name) for name in ("sam", "alex", "olivia"))
    if manager is None or agent is None or owner is None:
        return
    daily, weekly = 5 * USD, 100 * USD
    budgets.set_budget(Dimension.GROUP, clean("growth"), Window.DAY, "UTC", daily, daily, manager.id, agent.id, owner, since)
    budgets.set_budget(Dimension.GROUP, clean("engineering"), Window.WEEK, "Asia/Shanghai", weekly, None, manager.id, None, owner, since)


def _tell(story: DemoTicket, settings: Settings, rulebook: Rulebook, log_store: LogStore) -> Ticket:
    """One demo ticket through the desk's own operations, each at its own time."""
    clean = rulebook.redactor.clean
    report = Report(
        _evidence(story, settings, rulebook),
        clean(story.description) if story.description else None,
        story.language,
        ZONE_OF[story.language],
    )
    requester = users.by_name(story.requester) if story.requester else None
    ticket = tickets.open_ticket(report, requester, rulebook, log_store, story.filed_at).ticket
    for word in sorted((*story.replies, *story.notes), key=lambda word: word.at):
        author = users.by_name(word.by)
        if author is None or author.role == Role.USER:
            tickets.reply_as_requester(ticket, clean(word.text), author, word.at)
        elif word in story.notes:
            tickets.add_note(ticket, clean(word.text), author, word.at)
        else:
            tickets.reply_as_staff(ticket, clean(word.text), author, word.at)
    _settle(ticket, story, rulebook)
    return ticket


def _settle(ticket: Ticket, story: DemoTicket, rulebook: Rulebook) -> None:
    """Bring the ticket to where its story says it stands."""
    last = max((word.at for word in (*story.replies, *story.notes)), default=story.filed_at)
    assignee = users.by_name(story.assignee) if story.assignee else None
    if assignee and story.cause and story.cause_confirmed:
        tickets.confirm_cause(ticket, story.cause, assignee, rulebook, last)
    if assignee and ticket.assignee_id != assignee.id:
        tickets.assign(ticket, assignee, assignee, last)
    if ticket.state != story.state and State(story.state) in LEGAL_MOVES[State(ticket.state)]:
        tickets.set_state(ticket, State(story.state), assignee, last)


def _evidence(story: DemoTicket, settings: Settings, rulebook: Rulebook) -> Evidence:
    """A demo ticket's facts as the form would hand them over."""
    key = (parse_mask(story.key_mask) if story.key_mask else None) or KeyRef()
    if story.key_hash:
        key = replace(key, fingerprint=fingerprint(settings.pepper, story.key_hash))
    same = {name: getattr(story, name) for name in SAME_NAME}
    return Evidence(key=key, error_text=rulebook.redactor.clean(story.error_text) if story.error_text else None, **same)


def _chunks(records: Iterator[dict[str, Any]], size: int) -> Iterator[list[dict[str, Any]]]:
    """Lists of at most `size` records."""
    while chunk := list(islice(records, size)):
        yield chunk
