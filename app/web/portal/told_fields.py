"""Facts the report asks for only when they decide: kind of request, waits, durations, gateway, proxy, charge."""

from __future__ import annotations

from typing import Any, cast

from flask_babel import lazy_gettext
from wtforms import Field, IntegerField, SelectField, SelectMultipleField
from wtforms.validators import NumberRange, Optional

from app.core.clients import OWN_GATEWAY, VENDOR_ITSELF
from app.core.evidence import Evidence
from app.web.context import rulebook
from app.web.forms import RedactingForm, choice

UNKNOWN = "unknown"
YES_OR_NO = [choice(UNKNOWN, lazy_gettext("I don't know")), choice("yes", lazy_gettext("yes")), choice("no", lazy_gettext("no"))]
FLAGS = {"yes": True, "no": False}
LONGEST_SECONDS = 90 * 24 * 3600
TOLD_FIELDS = ("request_type", "elapsed_seconds", "retry_after_seconds", "gateway", "via_proxy", "charged")
KINDS = ("chat", "image", "video", "audio", "embedding", "batch", "other")


class ToldFields(RedactingForm):
    """The fields, each with "I don't know"; none takes free text. `unknown`: names of facts asked for and not known."""

    request_type = SelectField(
        lazy_gettext("Kind of request"),
        default=UNKNOWN,
        choices=[
            choice(UNKNOWN, lazy_gettext("I don't know")),
            choice("chat", lazy_gettext("chat")),
            choice("image", lazy_gettext("picture")),
            choice("video", lazy_gettext("video")),
            choice("audio", lazy_gettext("speech or audio")),
            choice("embedding", lazy_gettext("embedding")),
            choice("batch", lazy_gettext("batch")),
            choice("other", lazy_gettext("something else")),
        ],
    )
    elapsed_seconds = IntegerField(
        lazy_gettext("Seconds until it failed"),
        validators=[Optional(), NumberRange(0, LONGEST_SECONDS, lazy_gettext("Give a number of seconds."))],
    )
    retry_after_seconds = IntegerField(
        lazy_gettext("Wait the message names, in seconds"),
        validators=[Optional(), NumberRange(0, LONGEST_SECONDS, lazy_gettext("Give a number of seconds."))],
    )
    gateway = SelectField(lazy_gettext("Who answers"), default=UNKNOWN, validate_choice=False)
    via_proxy = SelectField(lazy_gettext("VPN or proxy"), default=UNKNOWN, choices=YES_OR_NO)
    charged = SelectField(lazy_gettext("Charged or not"), default=UNKNOWN, choices=YES_OR_NO)
    unknown = SelectMultipleField(lazy_gettext("Not known"), choices=[], validate_choice=False)

    def process(self, *arguments: Any, **keywords: Any) -> None:
        """Offer the gateways the rules know, then read the request."""
        self.gateway.choices = [
            choice(UNKNOWN, lazy_gettext("I don't know")),
            choice(OWN_GATEWAY, lazy_gettext("the company's gateway")),
            choice(VENDOR_ITSELF, lazy_gettext("a vendor directly")),
            *(choice(gateway, name) for gateway, name in rulebook().clients.gateway_names.items()),
        ]
        super().process(*arguments, **keywords)

    def words(self) -> list[tuple[str, str]]:
        """(label, value) of the facts that are known, for reading."""
        told = [(self[name], self[name].data) for name in TOLD_FIELDS if self[name].data not in {None, UNKNOWN}]
        return [(str(field.label.text), _in_words(field, value)) for field, value in told]

    def fill_told(self, evidence: Evidence) -> None:
        """Show what was found in a paste."""
        self.request_type.data = evidence.request_type if evidence.request_type in KINDS else UNKNOWN
        self.gateway.data = evidence.gateway if evidence.gateway in rulebook().clients.gateways else UNKNOWN
        for name in ("elapsed_seconds", "retry_after_seconds"):
            seconds = getattr(evidence, name)
            self[name].data = round(seconds) if seconds is not None and 0 <= seconds <= LONGEST_SECONDS else None
        for name in ("via_proxy", "charged"):
            self[name].data = {True: "yes", False: "no"}.get(cast("bool", getattr(evidence, name)), UNKNOWN)

    def told(self) -> dict[str, Any]:
        """The facts of these fields, as arguments of Evidence."""
        return {
            "request_type": self.request_type.data if self.request_type.data in KINDS else None,
            "elapsed_seconds": self.elapsed_seconds.data,
            "retry_after_seconds": self.retry_after_seconds.data,
            "gateway": self.gateway.data if self.gateway.data in rulebook().clients.gateways else None,
            "via_proxy": FLAGS.get(self.via_proxy.data),
            "charged": FLAGS.get(self.charged.data),
        }


def _in_words(field: Field, value: object) -> str:
    """A choice by its label, a number as it is."""
    labels = {option.value: option.label for option in getattr(field, "choices", ())}
    return str(labels.get(value, value))
