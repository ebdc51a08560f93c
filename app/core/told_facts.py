"""Facts of a report that have no column of their own: numbers, yes or no, and ids; kept together, never free text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.core.evidence import Evidence

NAMES = ("elapsed_seconds", "retry_after_seconds", "gateway", "via_proxy", "charged")
KINDS: Mapping[str, tuple[type, ...]] = {
    "elapsed_seconds": (int, float),
    "retry_after_seconds": (int, float),
    "gateway": (str,),
    "via_proxy": (bool,),
    "charged": (bool,),
}


def told_facts(evidence: Evidence, gateways: frozenset[str]) -> dict[str, Any]:
    """The facts a report states, as they are stored; a gateway only when it is one of the known ids."""
    facts = {name: getattr(evidence, name) for name in NAMES}
    if facts["gateway"] not in gateways:
        facts["gateway"] = None
    return {name: value for name, value in facts.items() if value is not None}


def read_told_facts(stored: Mapping[str, Any] | None) -> dict[str, Any]:
    """Stored facts as arguments of Evidence; anything of another kind is left out."""
    return {name: value for name, value in (stored or {}).items() if name in KINDS and isinstance(value, KINDS[name])}
