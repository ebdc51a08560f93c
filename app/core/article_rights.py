"""Who may change an article: its governance, the person's role, and whether they answer for it."""

from __future__ import annotations

from app.core.article import Governance
from app.core.roles import Audience, Role, admits


class NotYours(ValueError):
    """Somebody may not change an article."""


def may_edit(governance: str, role: Role, person: int, owner: int | None, backup: int | None) -> bool:
    """Whether a person may change an article. What nobody owns is the editors'; the owner of the desk is never locked out."""
    if role is Role.OWNER:
        return True
    if governance == Governance.OWNER and owner is not None:
        return person in {owner, backup}
    return admits(Audience.CONTENT, role) or (governance == Governance.STAFF and admits(Audience.DESK, role))
