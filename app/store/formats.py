"""Read the formats in force: the built-in ones, and those declared by mapping files."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from app.core.adapters import formats
from app.core.adapters.declared import BadMapping, declared_format, read_mapping
from app.core.adapters.declared import Mapping as Declared
from app.core.log_format import Format
from app.store.rulebook import RULES_DIR

OWN_FOLDER = RULES_DIR / "formats"


def load_formats(quota_unit: int, folder: Path | None = None) -> Mapping[str, Format]:
    """Give every format by name, those of the operator's `folder` included. Raises BadMapping."""
    built_in = formats(quota_unit)
    declared: dict[str, Format] = {}
    for mapping in read_mappings(folder):
        if mapping.name in built_in or mapping.name in declared:
            raise BadMapping(f"{mapping.name}: there is a format of this name already")
        declared[mapping.name] = declared_format(mapping)
    return formats(quota_unit, declared)


def read_mappings(folder: Path | None = None) -> Iterator[Declared]:
    """Give the declared formats, the project's first. Raises BadMapping."""
    for place in (OWN_FOLDER, folder):
        if place is not None and not place.is_dir():
            raise BadMapping("GATEDESK_FORMATS_DIR is no folder")
        for path in sorted(place.glob("*.toml")) if place else ():
            yield read_mapping(_parsed(path), path.name)


def _parsed(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise BadMapping(f"{path.name}: not TOML: {problem}") from None
