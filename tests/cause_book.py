"""The causes in force, for tests that need nothing else of the rulebook."""

from __future__ import annotations

from app.core.causes import CauseBook
from app.store.rulebook import RULES_DIR, read_rules

CAUSES = CauseBook(read_rules(RULES_DIR, "causes") | read_rules(RULES_DIR, "questions"))
