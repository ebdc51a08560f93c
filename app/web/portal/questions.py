"""Which fields the report form asks for now: what is found is shown, what decides is asked, the rest is folded away."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

from app.core.clients import Client
from app.core.diagnosis import Diagnosis
from app.core.evidence import Evidence
from app.core.rulebook import Rulebook
from app.core.separation import told_apart
from app.web.evidence_words import field_labels
from app.web.portal.told_fields import TOLD_FIELDS

FORM_FIELD = {
    "client": "client",
    "client_version": "client_version",
    "model": "model",
    "status_code": "status_code",
    "error_text": "error_text",
    "key": "key_mask",
    "request_id": "request_id",
    "task_id": "task_id",
    "request_time": "request_time",
    "stream": "stream",
    "base_url": "base_url",
    **{name: name for name in TOLD_FIELDS},
}
ALWAYS_ASKED = ("client", "model", "status_code", "request_time", "key")
MOST_ASKED = 5


@dataclass(frozen=True, slots=True)
class EvidenceMeter:
    """How much of what the likeliest cause needs is there; `missing` in the reader's words."""

    share: float
    present: int
    needed: int
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AskedField:
    """A field worth asking for: how to ask, where its user finds it, and which two causes the answer tells apart.

    name: the form's field, or `description` where the form has none; fact: the evidence field.
    """

    fact: str
    name: str
    why: str
    where: str
    between: tuple[str, str] | None = None


def known_fields(evidence: Evidence) -> frozenset[str]:
    """Form fields the evidence already fills."""
    filled = {form for name, form in FORM_FIELD.items() if name != "key" and getattr(evidence, name) is not None}
    return frozenset(filled | ({"key_mask"} if evidence.key.last4 or evidence.key.fingerprint else set()))


def asked_fields(diagnosis: Diagnosis, evidence: Evidence, rulebook: Rulebook, language: str) -> list[AskedField]:
    """The fields still missing, the most telling first; those asked for one at a time stand beside their question."""
    known = known_fields(evidence)
    client = rulebook.clients.recognise(evidence.client)
    wanted = dict.fromkeys((*diagnosis.ask, *diagnosis.missing, *ALWAYS_ASKED))
    names = [name for name in wanted if name in FORM_FIELD and name not in TOLD_FIELDS and FORM_FIELD[name] not in known]
    return [_asked(name, diagnosis, rulebook, client, language) for name in names[:MOST_ASKED]]


def next_question(diagnosis: Diagnosis, evidence: Evidence, rulebook: Rulebook, language: str) -> AskedField | None:
    """The one fact that would decide most, whether the form has a field for it or it goes into the description."""
    name = next(iter((*diagnosis.ask, *diagnosis.missing)), None)
    return _asked(name, diagnosis, rulebook, rulebook.clients.recognise(evidence.client), language) if name else None


def evidence_meter(diagnosis: Diagnosis, rulebook: Rulebook) -> EvidenceMeter:
    """How complete the report is for the likeliest cause, and what is missing."""
    needed = len(rulebook.causes[diagnosis.top.cause].required) if diagnosis.top.cause in rulebook.causes else 0
    labels = field_labels()
    return EvidenceMeter(
        share=diagnosis.completeness,
        present=needed - len(diagnosis.missing),
        needed=needed,
        missing=tuple(labels.get(name, name) for name in diagnosis.missing),
    )


def _asked(name: str, diagnosis: Diagnosis, rulebook: Rulebook, client: Client | None, language: str) -> AskedField:
    """One field to ask for."""
    apart = told_apart(name, diagnosis.causes, rulebook.causes)
    return AskedField(
        fact=name,
        name=FORM_FIELD.get(name, "description"),
        why=rulebook.causes.question(name, language, client),
        where=_where(name, rulebook, client, language),
        between=(apart[0].title[language], apart[1].title[language]) if apart else None,
    )


def _where(name: str, rulebook: Rulebook, client: Client | None, language: str) -> str:
    """Where the field stands in the program, else where it usually stands."""
    place = client.where.get(name, {}).get(language, "") if client else ""
    if client and place:
        return _("In %(client)s: %(place)s", client=client.name, place=place)
    question = rulebook.causes.questions.get(name)
    return question.where[language] if question else ""
