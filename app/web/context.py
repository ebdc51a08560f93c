"""What views take from the application: settings, rulebook, log store, the person."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

from flask import current_app, g
from flask_login import current_user

from app.core.redaction import Redactor
from app.core.rulebook import Rulebook
from app.core.sealed_text import Sealer
from app.settings import Settings
from app.store.logs import LogStore

if TYPE_CHECKING:
    from app.store.models import User


def settings() -> Settings:
    """The installation's settings."""
    return cast("Settings", current_app.extensions["settings"])


def sealer() -> Sealer:
    """Seals and opens what must not lie open."""
    return _sealer_of(settings().secret_key)


@lru_cache(maxsize=8)
def _sealer_of(secret: str) -> Sealer:
    return Sealer(secret)


def rulebook() -> Rulebook:
    """All rules in force."""
    return cast("Rulebook", current_app.extensions["rulebook"])


def redactor() -> Redactor:
    """The redactor in force."""
    return rulebook().redactor


def log_store() -> LogStore:
    """The gateway log."""
    return cast("LogStore", current_app.extensions["log_store"])


def person() -> User:
    """The signed-in account; for views whose audience excludes strangers."""
    return cast("User", person_or_none())


def person_or_none() -> User | None:
    """The signed-in account, or None for a stranger: looked up once a request, because dozens of places want to know."""
    if "person" not in g:
        found: Any = current_user._get_current_object()  # noqa: SLF001 - the account itself, not where to look for it
        g.person = found if found.is_authenticated else None
    return cast("User | None", g.person)


def forget_person() -> None:
    """Somebody signed in or out: who it is must be asked anew."""
    g.pop("person", None)
