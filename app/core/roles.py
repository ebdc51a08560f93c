"""Who a person is to the desk, and what each kind of page asks of them."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """One role per account."""

    USER = "user"
    AGENT = "agent"
    EDITOR = "editor"
    MANAGER = "manager"
    OWNER = "owner"


class Audience(StrEnum):
    """Who a route is for. Every route declares exactly one (web/access.py)."""

    PUBLIC = "public"  # anyone, signed in or not
    REQUESTER = "requester"  # a secret ticket link or the ticket's own signed-in user; checked per ticket
    SIGNED_IN = "signed_in"
    DESK = "desk"  # diagnosis, notes, log rows
    STAFF = "staff"  # whoever works here: what an article's governance, or a checklist, leaves to all of them
    CONTENT = "content"  # drafting, reviewing, publishing
    AMOUNTS = "amounts"  # money, quotas and balances as figures; others see shares and levels
    ADMIN = "admin"  # tokens, accounts, sources
    INGEST = "ingest"  # a bearer ingest token, no session
    API = "api"  # a bearer desk token, which may what its account may on the desk; no session


ROLES_OF: dict[Audience, frozenset[Role]] = {
    Audience.PUBLIC: frozenset(Role),
    Audience.REQUESTER: frozenset(Role),
    Audience.SIGNED_IN: frozenset(Role),
    Audience.DESK: frozenset({Role.AGENT, Role.MANAGER, Role.OWNER}),
    Audience.STAFF: frozenset({Role.AGENT, Role.EDITOR, Role.MANAGER, Role.OWNER}),
    Audience.CONTENT: frozenset({Role.EDITOR, Role.MANAGER, Role.OWNER}),
    Audience.AMOUNTS: frozenset({Role.MANAGER, Role.OWNER}),
    Audience.ADMIN: frozenset({Role.OWNER}),
    Audience.INGEST: frozenset(),
    Audience.API: frozenset(),
}


def admits(audience: Audience, role: Role | None) -> bool:
    """Whether a person of this role (None: a stranger) may use a route for this audience."""
    if audience in {Audience.PUBLIC, Audience.REQUESTER}:
        return True
    return role is not None and role in ROLES_OF[audience]


def sees_amounts(role: Role | None) -> bool:
    """Whether a person of this role may see amounts of money."""
    return admits(Audience.AMOUNTS, role)
