"""Addresses in templates: a page has a hundred of them, and all but a number of each is the same on every page."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from flask import Flask, current_app, request

CODES = frozenset({"kind", "language", "slug"})  # beside a number, what an address may hold and be kept ready: few, and nobody's words
STAND_IN = 1_987_654_321  # in the place of a number


def init(app: Flask) -> None:
    """Let templates write their addresses from ready parts."""
    app.jinja_env.globals["url_for"] = address


def address(endpoint: str, **values: Any) -> str:
    """What `url_for` gives, without working it out again where only a row's number differs."""
    number = values.pop("number", None)
    if (number is not None and type(number) is not int) or not all(name in CODES and type(value) is str for name, value in values.items()):
        return current_app.url_for(endpoint, **values, **({} if number is None else {"number": number}))
    before, after = _around(request.script_root, endpoint, number is not None, tuple(values.items()))
    return before if number is None else f"{before}{number}{after}"


@lru_cache(maxsize=1_024)
def _around(root: str, endpoint: str, numbered: bool, codes: tuple[tuple[str, str], ...]) -> tuple[str, str]:  # noqa: ARG001 - the address begins with the root
    """What stands before a number and after it."""
    values: dict[str, Any] = {**dict(codes), **({"number": STAND_IN} if numbered else {})}
    whole = current_app.url_for(endpoint, **values)
    before, _number, after = whole.partition(str(STAND_IN))
    return before, after
