"""How an e-mail names its ticket: in the address it is answered to, and in the ids by which it threads."""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.core.sealed_text import Sealer

_TAG = re.compile(r"(?P<desk>[^+@]{1,64})\+t(?P<ticket>[0-9]{1,9})-(?P<tag>[0-9a-f]{16})@(?P<domain>[^@]{1,253})\Z")


@dataclass(frozen=True, slots=True)
class Tagged:
    """The ticket an address names, and the tag that must fit the sender."""

    ticket_id: int
    tag: str


def reply_address(desk: str, ticket_id: int, user_id: int | None, sealer: Sealer) -> str:
    """The desk's address with the ticket and a tag in it that only this reader (None: the ticket's guest) was given."""
    local, _at, domain = desk.partition("@")
    return f"{local}+t{ticket_id}-{reader_tag(ticket_id, user_id, sealer)}@{domain}"


def reader_tag(ticket_id: int, user_id: int | None, sealer: Sealer) -> str:
    """What proves that somebody got our e-mail about a ticket."""
    return sealer.tag("reply", ticket_id, "guest" if user_id is None else user_id)


def read_tag(address: str, desk: str) -> Tagged | None:
    """The ticket and tag of an address of the desk; None for any other address."""
    found = _TAG.match(address.strip().lower())
    local, _at, domain = desk.partition("@")
    if not found or (found["desk"], found["domain"]) != (local, domain):
        return None
    return Tagged(int(found["ticket"]), found["tag"])


def ticket_root(ticket_id: int, sealer: Sealer, domain: str) -> str:
    """The id all e-mails about a ticket refer to, so that programs show them as one thread."""
    return f"<ticket-{ticket_id}-{sealer.tag('root', ticket_id)}@{domain}>"
