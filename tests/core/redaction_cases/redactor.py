"""The redactor the tests use: the project's own rules, a pepper of the tests."""

from functools import cache

from app.core.redaction import Redactor
from app.store.rulebook import RULES_DIR, read_rules

PEPPER = b"pepper of the tests"


@cache
def redactor() -> Redactor:
    """Built once; it keeps no state."""
    return Redactor(read_rules(RULES_DIR, "redaction"), PEPPER)


def clean(text: str) -> str:
    """The redacted text as a plain string."""
    return str(redactor().clean(text))
