"""What the public is told about open incidents: what fails and since when; never whose group, and no provider's name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from flask_babel import gettext as _

from app.core.diagnosis import UNKNOWN, Diagnosis
from app.core.evidence import Evidence
from app.core.failure_class import FailureClass
from app.core.incident import TASKS_WAIT, may_be
from app.core.rollups import Dimension
from app.operations.incidents import place_of
from app.store import incidents
from app.web.context import rulebook
from app.web.i18n import ui_language

if TYPE_CHECKING:
    from app.store.models_incidents import Incident

SURE = 0.35  # of a cause, before it may speak against an incident


@dataclass(frozen=True, slots=True)
class KnownProblem:
    """One open incident. model: the model it is about, or None when it is about a group or a provider, which stay inside.

    news: the last public word about it. fits: what was typed so far may well be this.
    """

    what: str
    model: str | None
    since: datetime
    news: str = ""
    fits: bool = False


def failure_words(failure: str) -> str:
    """What people see of a class of failures; the rest of them have no better name."""
    if failure == TASKS_WAIT:
        return _("Tasks wait in the queue")
    return _("Requests fail") if failure == FailureClass.OTHER else rulebook().metrics.class_title(failure, ui_language())


def known_problems(evidence: Evidence | None = None, diagnosis: Diagnosis | None = None) -> list[KnownProblem]:
    """Open incidents, the newest first, with their last news; those that fit a report so far say so."""
    found: Sequence[Incident] = incidents.known_problems()
    news = incidents.last_updates([incident.id for incident in found]) if found else {}
    return [
        KnownProblem(
            what=failure_words(incident.failure),
            model=str(incident.value) if incident.dimension == Dimension.MODEL else None,
            since=incident.started_at,
            news=news.get(incident.id, ""),
            fits=evidence is not None and _fits(incident, evidence, diagnosis),
        )
        for incident in found
    ]


def _fits(incident: Incident, evidence: Evidence, diagnosis: Diagnosis | None) -> bool:
    """Whether the model and the likely cause that were told agree with the incident."""
    if evidence == Evidence():
        return False
    book, top = rulebook(), diagnosis.top if diagnosis else None
    known = book.causes.causes.get(top.cause) if top and top.cause != UNKNOWN and top.confidence >= SURE else None
    failure = book.metrics.class_of_family(known.family) if known else None
    return may_be(place_of(incident), evidence.model, failure, book.model_names)
