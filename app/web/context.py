"""What views take from the application: settings, rulebook, log store, the person."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from flask import current_app
from flask_login import current_user

from app.core.redaction import Redactor
from app.core.rulebook import Rulebook
from app.settings import Settings
from app.store.logs import LogStore

if TYPE_CHECKING:
    from app.store.models import User


def settings() -> Settings:
    """The installation's settings."""
    return cast("Settings", current_app.extensions["settings"])


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
    return cast("User", current_user)


def person_or_none() -> User | None:
    """The signed-in account, or None for a stranger."""
    return person() if cast("User", current_user).is_authenticated else None
