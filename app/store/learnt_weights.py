"""The re-estimated matching weights: a small file in the data folder."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from app.core.matching.learning import Learnt

FILE_NAME = "matching-learnt.json"


def read_learnt(path: Path) -> dict[str, Any]:
    """What was learnt; nothing where the file is absent or broken: then the rules' own weights stand."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def write_learnt(path: Path, learnt: Learnt) -> None:
    """Keep what was learnt: numbers only, on disk before this returns, never half written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}")
    content = {"confirmed": learnt.confirmed, "rejected": learnt.rejected, "none": learnt.none, "m": dict(learnt.m)}
    with draft.open("w", encoding="utf-8") as file:
        json.dump(content, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def forget_learnt(path: Path) -> bool:
    """Go back to the rules' own weights; False when nothing was learnt."""
    existed = path.exists()
    path.unlink(missing_ok=True)
    return existed
