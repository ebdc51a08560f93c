"""The form base: CSRF, trimmed text, and answers of 422 that keep what was typed (redacted)."""

from __future__ import annotations

from typing import Any, cast

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    DecimalField,
    Field,
    HiddenField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields import SelectChoice

from app.store import articles
from app.web.numbers import whole_number

# fields that show what was typed again although it was no such thing
QUOTED = frozenset({BooleanField, IntegerField, DecimalField, DateField, HiddenField, SelectField, SelectMultipleField})


def choice(value: object, label: object) -> SelectChoice:
    """One option of a select field; the label may be translated late."""
    return SelectChoice(cast("str", value), cast("str", label))


def article_number(typed: str | None) -> int | None:
    """The number of an article that exists, as a form sends it; None for anything else."""
    number = whole_number(typed)
    return number if number is not None and articles.by_id(number) else None


class RedactingForm(FlaskForm):
    """A form whose free text passes the redactor the moment it is read, before any view or template sees it."""

    def process(self, *arguments: Any, **keywords: Any) -> None:
        """Read the request, then clean every text field that was sent."""
        super().process(*arguments, **keywords)
        for field in self:
            _clean(field)


def _clean(field: Field) -> None:
    """Replace what was typed by its redacted form, in the value and in what an invalid form shows again."""
    from app.web.context import redactor  # noqa: PLC0415 - forms are imported before the application exists

    clean = redactor().clean
    if type(field) in {StringField, TextAreaField} and isinstance(field.data, str):
        field.data = clean(field.data.strip())
        field.raw_data = [field.data]
    elif type(field) in QUOTED and field.raw_data:
        field.raw_data = [clean(str(typed)) for typed in field.raw_data]
        if isinstance(field.data, str):
            field.data = clean(field.data)
        elif isinstance(field.data, list):
            field.data = [clean(str(typed)) for typed in field.data]  # a wrong choice is quoted by its error
