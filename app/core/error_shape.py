"""Parse an error as vendors, gateways and client wrappers print it, whole or broken, into one shape."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ErrorShape:
    """What an error text says structurally; None where it does not say.

    request_ids: every id found, in order; two or more mean that an upstream gateway spoke.
    """

    status_code: int | None = None
    code: str | None = None
    type: str | None = None
    param: str | None = None
    message: str = ""
    request_ids: tuple[str, ...] = ()
    is_html: bool = False
    retry_after_seconds: float | None = None
    model: str | None = None


def parse_error(text: str) -> ErrorShape:
    """Read `text`; never raises, linear time."""
    return ErrorShape(message=text)
