"""What the desk writes e-mail about, and how often a person wants each: now, in the digest, never."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class When(StrEnum):
    """How soon a person hears of something by e-mail."""

    NOW = "now"
    DIGEST = "digest"
    NEVER = "never"


class Group(StrEnum):
    """What one choice is made about."""

    OWN = "own"  # the person's own reports
    ANSWERS = "answers"  # the user answered on a ticket one owns or follows
    TURNS = "turns"  # one's turn has come: assigned, handed over
    MENTIONS = "mentions"
    CLOCKS = "clocks"
    DAILY = "daily"  # the digest: one's tickets that wait, clocks, what was not read
    THINGS = "things"  # articles, incidents, budgets, reviews, approvals


DEFAULT: Mapping[Group, When] = dict.fromkeys(Group, When.NOW) | {Group.THINGS: When.DIGEST, Group.DAILY: When.DIGEST}
OPTIONS: Mapping[Group, tuple[When, ...]] = dict.fromkeys(Group, tuple(When)) | {
    Group.OWN: (When.NOW, When.NEVER),  # what requesters have not read is not known
    Group.DAILY: (When.DIGEST, When.NEVER),
}
TO_REQUESTERS = frozenset({"received", "answer", "waiting", "solved", "incident", "link"})
_GROUPS = {
    **dict.fromkeys(TO_REQUESTERS, Group.OWN),
    "reply": Group.ANSWERS,
    **dict.fromkeys(("assigned", "hand_off"), Group.TURNS),
    "mention": Group.MENTIONS,
    "digest": Group.DAILY,
    **dict.fromkeys(("before", "breach", "backup"), Group.CLOCKS),
}


def group_of(kind: str) -> Group:
    """The choice a kind falls under; kinds nobody listed are about things."""
    return _GROUPS.get(kind, Group.THINGS)
