"""Put the words that tell failures apart in force: app/rules/failures.toml."""

from __future__ import annotations

import tomllib
from pathlib import Path

from app.core.failure_class import FailureWords, use

FILE = Path(__file__).resolve().parent.parent / "rules" / "failures.toml"

use(FailureWords(tomllib.loads(FILE.read_text(encoding="utf-8"))))
