"""How answers that come by e-mail look, read once."""

from __future__ import annotations

from functools import cache

from app.core.mail_answer import MailBook
from app.store.rulebook import RULES_DIR, read_rules


@cache
def mail_book() -> MailBook:
    """What rules/mail.toml says."""
    return MailBook(read_rules(RULES_DIR, "mail"))
