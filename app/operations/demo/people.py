"""What people did during the demonstration's week besides answering, as people.toml tells it; its fields are explained there."""

from __future__ import annotations

from pathlib import Path

import msgspec

from app.store.rulebook import read_rules


class Rating(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a requester said of the help."""

    ticket: str
    good: bool
    words: str | None = None


class ByOne(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something one person did to a ticket: a confirmed line, a tag, following it, a colleague named, the article that solved it."""

    ticket: str
    by: str
    tag: str | None = None
    says: str | None = None
    slug: str | None = None


class Spam(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A report that was set aside."""

    says: str
    signals: tuple[str, ...]
    hours_ago: int
    language: str = "en"
    discarded_by: str | None = None


class DisputeStory(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A claim about a charge and what became of it."""

    ticket: str
    claim: str
    by: str
    after_minutes: int
    outcome: str | None = None
    decided_by: str | None = None
    reason: str = ""
    is_closed: bool = False


class ApprovalStory(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Leave asked for costly work; approved stays None while nobody has decided."""

    asker: str
    task: str
    model: str
    kind: str
    usd: int
    hours_ago: int
    answer_within: int
    approved: bool | None = None
    by: str | None = None
    reason: str | None = None


class Next(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is agreed to be done next."""

    ticket: str
    action: str
    by: str
    owner: str
    in_days: int


class HandOver(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A ticket given to the next person."""

    ticket: str
    by: str
    to: str
    backup: str
    queue: str
    tried: str
    action: str
    in_days: int
    note: str | None = None
    checked: tuple[str, ...] = ()
    tracker: str | None = None
    fields: dict[str, str] = {}


class Relation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How two tickets hang together."""

    kind: str
    ticket: str
    other: str
    by: str


class View(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A shared view of the queue."""

    name: str
    query: str
    by: str


class ReviewStory(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What last week's review found."""

    by: str
    findings: dict[str, str]


class DecisionStory(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was decided in it."""

    what: str
    owner: str
    in_days: int
    why: str | None = None
    instead: str | None = None
    backup: str | None = None


class Run(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A checklist somebody works off."""

    slug: str
    language: str
    by: str
    hours_ago: int
    ticked: int
    ticket: str | None = None
    note: str | None = None
    is_ended: bool = False


class Readers(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What readers said of an article, or what they looked for and did not find."""

    language: str
    slug: str = ""
    good: int = 0
    bad: int = 0
    reason: str = ""
    says: str | None = None
    words: str = ""


class Draft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An article somebody is writing from a ticket, with a picture of these words."""

    ticket: str
    by: str
    kind: str
    picture: str


class ChangeStory(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A change of a published article that waits for review, with a picture of these words."""

    slug: str
    language: str
    by: str
    section: str
    says: str
    picture: str
    note: str


class People(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file."""

    rating: tuple[Rating, ...]
    confirmed: tuple[ByOne, ...]
    spam: tuple[Spam, ...]
    dispute: tuple[DisputeStory, ...]
    approval: tuple[ApprovalStory, ...]
    next: tuple[Next, ...]
    hand_over: tuple[HandOver, ...]
    relation: tuple[Relation, ...]
    tag: tuple[ByOne, ...]
    follow: tuple[ByOne, ...]
    mention: tuple[ByOne, ...]
    view: tuple[View, ...]
    review: ReviewStory
    decision: tuple[DecisionStory, ...]
    run: tuple[Run, ...]
    vote: tuple[Readers, ...]
    flag: tuple[Readers, ...]
    missed: tuple[Readers, ...]
    solved_by: tuple[ByOne, ...]
    draft: tuple[Draft, ...]
    change: tuple[ChangeStory, ...]


def demo_people() -> People:
    """Read people.toml."""
    return msgspec.convert(read_rules(Path(__file__).parent, "people"), People)
