"""Numbers that come from outside, in addresses and in form fields: what no row can have is no number."""

from __future__ import annotations

from flask import Flask
from werkzeug.routing import IntegerConverter, ValidationError

LARGEST = 2**31 - 1  # of an integer column
MOST_DIGITS = len(str(LARGEST))


class RowNumber(IntegerConverter):
    """`<int:number>` of an address; a larger one is not found, rather than an error of the database."""

    def to_python(self, value: str) -> int:
        """Read the number; 404 when it is too large."""
        number = whole_number(value)
        if number is None:
            raise ValidationError
        return number


def init(app: Flask) -> None:
    """Read every `<int:…>` of every route this way."""
    app.url_map.converters["int"] = RowNumber


def whole_number(typed: str | None) -> int | None:
    """Read a number of a form field or a query; None for anything else."""
    if not typed or not typed.isdecimal() or len(typed) > MOST_DIGITS:
        return None
    return number if (number := int(typed)) <= LARGEST else None
