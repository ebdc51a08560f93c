"""The redactor with the rules in force, for tests that need nothing else of the rulebook."""

from __future__ import annotations

import tomllib

from app.core.redaction import Redactor
from app.settings import PROJECT_ROOT
from tests.conftest import PEPPER

REDACTOR = Redactor(tomllib.loads((PROJECT_ROOT / "app/rules/redaction.toml").read_text(encoding="utf-8")), PEPPER)
