"""What the public is told about open incidents: what fails and since when; never whose group, and no provider's name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from app.core.failure_class import FailureClass
from app.core.rollups import Dimension
from app.store import incidents
from app.web.context import rulebook
from app.web.i18n import ui_language


@dataclass(frozen=True, slots=True)
class KnownProblem:
    """One open incident. model: the model it is about, or None when it is about a group or a provider, which stay inside."""

    what: str
    model: str | None
    since: datetime


def failure_words(failure: str) -> str:
    """What people see of a class of failures; the rest of them have no better name."""
    return _("Requests fail") if failure == FailureClass.OTHER else rulebook().metrics.class_title(failure, ui_language())


def known_problems() -> list[KnownProblem]:
    """Open incidents, the newest first; one look-up."""
    return [
        KnownProblem(
            what=failure_words(incident.failure),
            model=str(incident.value) if incident.dimension == Dimension.MODEL else None,
            since=incident.started_at,
        )
        for incident in incidents.known_problems()
    ]
