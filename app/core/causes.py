"""Causes as knowledge: what can have gone wrong, how it shows, what to do; built from app/rules/causes.toml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.core.record import Origin


@dataclass(frozen=True, slots=True)
class Cause:
    """One cause. Texts are by language (en, zh). `family`: auth, balance, rate, model, path, timeout, stream, server, task, …"""

    id: str
    title: Mapping[str, str]
    definition: Mapping[str, str]
    user_advice: Mapping[str, str]
    staff_advice: Mapping[str, str]
    family: str
    layer: str
    origin: Origin
    who_acts: Mapping[str, str]
    retryable: str  # yes, no, after_wait, depends
    required: tuple[str, ...]  # evidence fields, domain vocabulary
    useful: tuple[str, ...]
    article: str  # slug of its main FAQ article
    confusable: Mapping[str, Mapping[str, str]]  # other cause id → what separates them, by language
    signals: tuple[Any, ...]


class CauseBook:
    """Every cause by id, in file order."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.causes: Mapping[str, Cause] = {}

    def __getitem__(self, cause_id: str) -> Cause:
        """The cause of this id. Raises KeyError."""
        return self.causes[cause_id]
