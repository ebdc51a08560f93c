"""Case files: examples under tests/cases, one JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def add_case(path: Path, case: Mapping[str, Any]) -> bool:
    """Append the case unless the file holds it; say whether it was new. Raises OSError."""
    line = json.dumps(case, ensure_ascii=False)
    known = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    if line in known:
        return False
    with path.open("a", encoding="utf-8", newline="\n") as file:
        file.write(line + "\n")
    return True
