"""Which fields the report form asks for now: what is found is shown, what decides is asked, the rest is folded away."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.diagnosis import Diagnosis
from app.core.evidence import Evidence
from app.core.rulebook import Rulebook

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
}
ALWAYS_ASKED = ("client", "model", "status_code", "request_time", "key")
MOST_ASKED = 5


@dataclass(frozen=True, slots=True)
class AskedField:
    """A field worth asking for, why, and where its user finds it."""

    name: str
    why: str
    where: str


def known_fields(evidence: Evidence) -> frozenset[str]:
    """Form fields the evidence already fills."""
    filled = {form for name, form in FORM_FIELD.items() if name != "key" and getattr(evidence, name) is not None}
    return frozenset(filled | ({"key_mask"} if evidence.key.last4 or evidence.key.fingerprint else set()))


def asked_fields(diagnosis: Diagnosis, evidence: Evidence, rulebook: Rulebook, language: str) -> list[AskedField]:
    """The fields still missing, the most telling first."""
    known = known_fields(evidence)
    client = rulebook.clients.recognise(evidence.client)
    wanted = dict.fromkeys((*diagnosis.ask, *diagnosis.missing, *ALWAYS_ASKED))
    names = [name for name in wanted if name in FORM_FIELD and FORM_FIELD[name] not in known]
    return [
        AskedField(
            FORM_FIELD[name],
            rulebook.causes.question(name, language, None),
            (client.where.get(name, {}).get(language, "") if client else ""),
        )
        for name in names[:MOST_ASKED]
    ]
