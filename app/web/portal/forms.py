"""The report form: everything optional, every word redacted as it arrives, a key reduced to its reference."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from itsdangerous import BadSignature, URLSafeSerializer
from wtforms import HiddenField, IntegerField, SelectField, StringField, TextAreaField, ValidationError
from wtforms.validators import Length, NumberRange, Optional

from app.core.evidence import Evidence
from app.core.key_ref import SHA256_HEX, KeyRef, fingerprint, parse_mask
from app.core.redacted_text import RedactedText
from app.core.report import Report
from app.web.address_field import AddressField
from app.web.attachments import AttachmentsField
from app.web.context import person_or_none, redactor, rulebook, settings
from app.web.forms import choice
from app.web.i18n import ui_language
from app.web.portal.questions import FORM_FIELD, known_fields
from app.web.portal.told_fields import FLAGS, UNKNOWN, YES_OR_NO, ToldFields
from app.web.render import now

TIME_FORMATS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M")
LONGEST_PASTE = 200_000
SHORTEST_KEY = 16


class KeyHashField(HiddenField):
    """The SHA-256 of the key as the browser computed it; anything of another shape is dropped unread."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Keep 64 hex digits, nothing else."""
        typed = (valuelist[0] if valuelist else "").strip().lower()
        self.data = typed if SHA256_HEX.match(typed) else ""
        self.raw_data = []

    def _value(self) -> str:
        """Never written into a page."""
        return ""


class KeyRefField(HiddenField):
    """A key's reference travelling from page to page: signed, so that nobody can make one up."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read back what we signed; anything else is dropped."""
        self.data = _unsign(valuelist[0] if valuelist else None)
        self.raw_data = []

    def _value(self) -> str:
        """The signed form, for the page."""
        return _sign(self.data) if isinstance(self.data, KeyRef) else ""


class KeyMaskField(StringField):
    """A masked key. A whole key that arrives all the same is masked on arrival, and its value forgotten."""

    key: KeyRef | None = None
    was_whole = False

    def process_formdata(self, valuelist: list[str]) -> None:
        """Keep a mask; turn anything else into one."""
        typed = (valuelist[0] if valuelist else "").strip()
        self.key = parse_mask(typed)
        if self.key is None and typed:
            self.key, self.was_whole = _reduce(typed), True
        self.data = self.key.mask if self.key else ""
        self.raw_data = [self.data]


class ReportForm(ToldFields):
    """The evidence of one failure and the requester's own words."""

    error_text = TextAreaField(lazy_gettext("The error, as you see it"), validators=[Length(max=LONGEST_PASTE)])
    client = StringField(lazy_gettext("Client"), validators=[Optional(), Length(max=120)])
    client_version = StringField(lazy_gettext("Client version"), validators=[Optional(), Length(max=40)])
    model = StringField(lazy_gettext("Model"), validators=[Optional(), Length(max=120)])
    status_code = IntegerField(
        lazy_gettext("Status code"),
        validators=[Optional(), NumberRange(100, 599, lazy_gettext("A status code is a number from 100 to 599."))],
    )
    request_id = StringField(lazy_gettext("Request id"), validators=[Optional(), Length(max=160)])
    task_id = StringField(lazy_gettext("Task id"), validators=[Optional(), Length(max=160)])
    request_time = StringField(lazy_gettext("When it happened"), validators=[Optional(), Length(max=40)])
    time_zone = StringField(lazy_gettext("Time zone"), validators=[Optional(), Length(max=64)])
    tolerance_minutes = SelectField(
        lazy_gettext("How exact is that"),
        coerce=int,
        default=15,
        choices=[
            choice(1, lazy_gettext("to the minute")),
            choice(5, lazy_gettext("± 5 minutes")),
            choice(15, lazy_gettext("± 15 minutes")),
            choice(60, lazy_gettext("± 1 hour")),
            choice(360, lazy_gettext("some time that day")),
        ],
    )
    stream = SelectField(lazy_gettext("Streaming"), default=UNKNOWN, choices=YES_OR_NO)
    base_url = StringField(lazy_gettext("Base URL in the client"), validators=[Optional(), Length(max=300)])
    key_mask = KeyMaskField(lazy_gettext("API key, masked"), validators=[Optional()])
    key_hash = KeyHashField()
    key_ref = KeyRefField()
    files = AttachmentsField()
    contact = AddressField(lazy_gettext("E-mail address"))
    description = TextAreaField(lazy_gettext("Anything else that helps"), validators=[Optional(), Length(max=4000)])

    def validate_request_time(self, field: StringField) -> None:
        """A date and time that can be read, not in the future."""
        if field.data and self._request_time() is None:
            raise ValidationError(_("Write it as 2026-11-20 16:30."))
        moment = self._request_time()
        if moment and moment > now() + timedelta(hours=1):
            raise ValidationError(_("That is in the future. Check the date and the time zone."))

    def validate_error_text(self, field: TextAreaField) -> None:
        """Something must say what happened."""
        if not (field.data or self.description.data or self.status_code.data):
            raise ValidationError(_("Paste the error text, or say in your own words what happened."))

    def fill(self, evidence: Evidence, zone: ZoneInfo) -> None:
        """Show what was found in a paste; the time in the reader's zone."""
        for name in ("client_version", "model", "status_code", "request_id", "task_id", "base_url"):
            self[name].data = getattr(evidence, name)
        client = rulebook().clients.recognise(evidence.client)
        self.client.data = client.name if client else evidence.client
        self.error_text.data = evidence.error_text
        self.fill_told(evidence)
        self.stream.data = {True: "yes", False: "no"}.get(cast("bool", evidence.stream), UNKNOWN)
        if evidence.request_time:
            self.request_time.data = evidence.request_time.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
            self.time_zone.data = zone.key
            self.tolerance_minutes.data = min((1, 5, 15, 60, 360), key=lambda choice: abs(choice - evidence.tolerance_minutes))
        self.key_mask.data = evidence.key.mask
        self.key_ref.data = evidence.key

    def report(self) -> Report:
        """What is filed."""
        return Report(self.evidence(), _text(self.description.data), ui_language(), self.time_zone.data or None)

    def evidence(self) -> Evidence:
        """The facts of the form, typed; a fact that is given is not one of those not known."""
        evidence = self._facts()
        asked = frozenset(self.unknown.data or ()) & FORM_FIELD.keys()
        return replace(evidence, unknown=frozenset(name for name in asked if FORM_FIELD[name] not in known_fields(evidence)))

    def _facts(self) -> Evidence:
        client = rulebook().clients.recognise(self.client.data)
        return Evidence(
            client=client.name if client else self.client.data or None,
            client_version=self.client_version.data or None,
            model=self.model.data or None,
            status_code=self.status_code.data,
            error_text=_text(self.error_text.data),
            key=self.key(),
            request_id=self.request_id.data or None,
            task_id=self.task_id.data or None,
            request_time=self._request_time(),
            tolerance_minutes=int(self.tolerance_minutes.data or 15),
            stream=FLAGS.get(self.stream.data),
            base_url=(self.base_url.data or "").split("?")[0] or None,
            **self.told(),
        )

    def key(self) -> KeyRef:
        """The key's reference: the mask, joined with a fingerprint from the browser's hash or from the paste."""
        carried = self.key_ref.data or KeyRef()
        mask = self.key_mask.key
        if self.key_hash.data:
            return replace(mask or carried, fingerprint=fingerprint(settings().pepper, self.key_hash.data))
        if mask is None:
            return carried
        return carried if carried.last4 == mask.last4 and not mask.fingerprint else mask

    def _request_time(self) -> datetime | None:
        """The typed time in the typed zone, as UTC."""
        typed = str(self.request_time.data or "").strip()
        for pattern in TIME_FORMATS:
            try:
                naive = datetime.strptime(typed, pattern)  # noqa: DTZ007 - the zone is the next field
            except ValueError:
                continue
            return naive.replace(tzinfo=reader_zone(self.time_zone.data)).astimezone(UTC)
        return None


def _reduce(typed: str) -> KeyRef:
    """The reference of a whole key; found by the redactor, or taken for a key because it stands in the key field."""
    if len(typed) < SHORTEST_KEY:
        return KeyRef()  # a word, not a key: its tail would be half of it
    found = redactor().redact(f"api_key={typed}").keys
    return found[0] if found else KeyRef()


def _text(value: Any) -> RedactedText | None:
    """Redacted text or nothing; empty is nothing."""
    return redactor().clean(value) if value else None


def with_key_hash(evidence: Evidence, sha256_hex: str | None) -> Evidence:
    """The evidence with the fingerprint of the key that the browser masked; only a masked key can have one."""
    typed = (sha256_hex or "").strip().lower()
    if not evidence.key.last4 or evidence.key.fingerprint or not SHA256_HEX.match(typed):
        return evidence
    return replace(evidence, key=replace(evidence.key, fingerprint=fingerprint(settings().pepper, typed)))


def reader_zone(name: str | None) -> ZoneInfo:
    """The zone the reader's browser or form names, else the account's, else the desk's."""
    account = person_or_none()
    try:
        return ZoneInfo(name or (account.time_zone if account else None) or settings().time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a name that is a folder, or too long to be a file's
        return ZoneInfo(settings().time_zone)


def _sign(key: KeyRef) -> str:
    """A key's reference as it travels through the form: signed, so that nobody can make one up."""
    return str(_signer().dumps([key.prefix, key.last4, key.fingerprint]))


def _unsign(value: str | None) -> KeyRef:
    """The reference a form carried; an empty one when it was touched."""
    try:
        prefix, last4, mark = _signer().loads(value or "")
    except BadSignature:
        return KeyRef()
    return KeyRef(prefix, last4, mark)


def _signer() -> URLSafeSerializer:
    """Signs with the installation's secret."""
    return URLSafeSerializer(settings().secret_key, salt="key reference")
