"""Filing a ticket for somebody: through the same form, redactor and operation as their own report would take."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flask import Response, url_for
from werkzeug.datastructures import MultiDict

from app.core.key_ref import SHA256_HEX
from app.core.redacted_text import RedactedText
from app.core.report import Report
from app.core.roles import Audience
from app.operations.desk_tokens import note_filed
from app.operations.tickets import Opened, open_ticket
from app.store import users
from app.web.access import for_audience
from app.web.api.bodies import Fields, read_fields, wrong
from app.web.api.calls import answer, blueprint, caller
from app.web.context import log_store, redactor, rulebook, settings
from app.web.i18n import LANGUAGES
from app.web.portal.forms import ReportForm
from app.web.render import now

if TYPE_CHECKING:
    from app.store.models import User

TEXTS = ("error_text", "description", "client", "client_version", "model", "request_id", "task_id", "base_url")
NUMBERS = ("status_code", "tolerance_minutes", "elapsed_seconds", "retry_after_seconds")
FLAGS = ("stream", "via_proxy", "charged")
OF_FORM = {"key": "key_mask", "key_sha256": "key_hash"}  # the same thing by the form's name
FILE: Fields = {
    **dict.fromkeys((*TEXTS, *OF_FORM, "request_type", "request_time", "language", "requester"), (str,)),
    **dict.fromkeys(NUMBERS, (int,)),
    **dict.fromkeys(FLAGS, (bool,)),
}


@blueprint.post("/tickets")
@for_audience(Audience.API)
def file_ticket() -> Response:
    """File a report for an account, or for a guest whose secret link is in the answer, this once."""
    given = read_fields(FILE)
    requester = _requester(given.get("requester"))
    form, report = _report(given)
    opened = open_ticket(report, requester, rulebook(), log_store(), now(), filed_by=caller().user)
    note_filed(caller(), opened.ticket.id, now())
    return answer({"number": opened.ticket.id, "address": _address(opened), "redacted": _hidden(given, form)}, 201)


def _report(given: dict[str, Any]) -> tuple[ReportForm, Report]:
    """What is filed, once the form finds nothing wrong with it. Raises Problem."""
    language = given.get("language", "en")
    if language not in LANGUAGES:
        raise wrong("language", "language is en or zh")
    if not SHA256_HEX.match(given.get("key_sha256", "0" * 64)):
        raise wrong("key_sha256", "key_sha256 is 64 hex digits in lower case")
    form = ReportForm(formdata=MultiDict(_as_typed(given)), meta={"csrf": False})
    if not form.validate():
        names = {form_name: name for name, form_name in OF_FORM.items()}
        at_fault = next(iter(form.errors))
        raise wrong(names.get(str(at_fault), str(at_fault)), _why(form.errors[at_fault]))
    return form, replace(form.report(), language=language, time_zone=None)


def _as_typed(given: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The fields as the form's own are typed; times in UTC."""
    for name, value in given.items():
        if name in FLAGS:
            yield name, "yes" if value else "no"
        elif name == "request_time":
            yield name, f"{_moment(value):%Y-%m-%d %H:%M:%S}"
        elif name not in {"language", "requester"}:
            yield OF_FORM.get(name, name), str(value)
    yield "time_zone", "UTC"


def _moment(typed: str) -> datetime:
    """A moment with its zone. Raises Problem."""
    try:
        moment = datetime.fromisoformat(typed)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise wrong("request_time", "request_time is a moment with its zone, as 2026-11-20T16:30:00+08:00")


def _requester(name: str | None) -> User | None:
    """For whom it is filed. Raises Problem."""
    if name is None:
        return None
    user = users.by_name(name)
    if user is None or not user.is_active:
        raise wrong("requester", "requester is the user name of an active account; leave it out for a guest")
    return user


def _address(opened: Opened) -> str:
    """Where the requester follows it: their own page, or a guest's secret link."""
    path = url_for("portal.follow", token=opened.token) if opened.token else url_for("portal.own_ticket", number=opened.ticket.id)
    return settings().public_url + path


def _hidden(given: dict[str, Any], form: ReportForm) -> int:
    """How many secrets and personal facts were hidden, a whole key in place of a mask among them."""
    texts = (str(given[name]) for name in TEXTS if name in given)
    return sum(len(redactor().redact(text).findings) for text in texts) + int(form.key_mask.was_whole)


def _why(errors: Any) -> RedactedText:
    return redactor().clean(" ".join(map(str, errors)))
