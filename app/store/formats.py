"""Read the formats in force: the built-in ones and those declared by files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from app.core.adapters import formats
from app.core.log_format import Format


def load_formats(quota_unit: int, folder: Path | None = None) -> Mapping[str, Format]:
    """Give every format by name."""
    return formats(quota_unit)
