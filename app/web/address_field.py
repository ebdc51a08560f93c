"""The field that takes an e-mail address: sealed the moment it is read, never shown again but as `l…@example.com`."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup
from wtforms import StringField, ValidationError
from wtforms.widgets import EmailInput, HiddenInput

from app.core.mail_address import SealedAddress, masked, read_address, seal_address
from app.core.sealed_text import sealed
from app.web.context import sealer


class AddressInput(EmailInput):
    """An empty box; what was given before travels beside it as cipher, so that a form with an error loses nothing."""

    def __call__(self, field: AddressField, **attributes: Any) -> Markup:
        """The box and, when there is something to keep, the hidden cipher."""
        box = Markup(super().__call__(field, **attributes))  # noqa: S704 - made by WTForms, which escapes
        if field.data is None:
            return box
        kept = HiddenInput()(field, id=f"{field.id}-kept", value=str.__str__(field.data.address))
        return box + Markup(kept)  # noqa: S704 - likewise


class AddressField(StringField):
    """An e-mail address, as SealedAddress; what is none is an error and is forgotten."""

    widget = AddressInput()  # type: ignore[assignment]  # WTForms names the widget class of its own field
    data: SealedAddress | None = None
    wrong = False

    def process_formdata(self, valuelist: list[str]) -> None:
        """Seal what was typed; an empty box keeps what travelled along."""
        typed = next((value for value in valuelist if value.strip() and not value.startswith("gAAAA")), "")
        carried = next((value for value in valuelist if value.startswith("gAAAA")), None)
        address = read_address(typed) if typed else sealer().open(sealed(carried)) if carried else None
        self.wrong = bool(typed) and address is None
        self.data = seal_address(address, sealer()) if address else None
        self.raw_data = ["given"] if valuelist and self.data else []

    @property
    def shown(self) -> str | None:
        """What was given, as `l…@example.com`."""
        return shown_address(self.data.address) if self.data else None

    def pre_validate(self, form: object) -> None:  # noqa: ARG002 - WTForms' signature
        """Say that it is no address, without quoting it. Raises ValidationError."""
        if self.wrong:
            raise ValidationError(_("That is no e-mail address. Write it as name@example.com, or leave the box empty."))

    def _value(self) -> str:
        """Never written into a page."""
        return ""


def shown_address(address: str | None) -> str | None:
    """A sealed address as pages show it; None when there is none, or none that opens."""
    opened = sealer().open(address)
    return masked(opened) if opened else None
