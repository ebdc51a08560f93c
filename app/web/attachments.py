"""Files in forms and on ticket pages: the field that takes them, what a page lists, how one is downloaded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from flask import Response, abort, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf.file import MultipleFileField
from werkzeug.datastructures import FileStorage
from wtforms import ValidationError

from app.core.attachment import LARGEST, MOST, Attached, Kind, Reason, Refused, read_attachment
from app.operations.attachments import admit_guest
from app.store import attachments
from app.web.context import person_or_none, redactor, settings
from app.web.render import now

if TYPE_CHECKING:
    from app.store.models import Attachment

MEGABYTE = 1024 * 1024


class AttachmentsField(MultipleFileField):
    """Any number of files; each is made fit to be stored, or refused with a reason, before anything looks at it."""

    attached: tuple[Attached, ...] = ()

    def __init__(self, **keywords: Any) -> None:
        super().__init__(lazy_gettext("Files"), **keywords)

    def pre_validate(self, form: object) -> None:  # noqa: ARG002 - WTForms' signature
        """Read the files once; a refusal is an error of this field. Raises ValidationError."""
        uploads = list(self.data or ())
        if len(uploads) > MOST:
            raise ValidationError(_("Choose at most %(most)s files.", most=MOST))
        if uploads and person_or_none() is None and not admit_guest(request.remote_addr or "", settings().pepper, now()):
            raise ValidationError(_("Too many files came from your address. Wait 15 minutes, or send your words without files."))
        read = [_read(upload) for upload in uploads]
        self.attached = tuple(file for file in read if isinstance(file, Attached))
        refusals = [refusal_text(file) for file in read if isinstance(file, Refused)]
        if refusals:
            raise ValidationError(" ".join(refusals))


@dataclass(frozen=True, slots=True)
class FileCard:
    """A file as a page lists it. url: None where this reader may not open it, or where it is gone."""

    id: int
    name: str
    is_picture: bool
    kilobytes: int
    created_at: datetime
    expires_at: datetime | None
    url: str | None


def file_cards(ticket_id: int, address: Callable[[int], str], *, staff: bool) -> tuple[FileCard, ...]:
    """The ticket's files; pictures open for staff only, and only until they expire."""
    return tuple(_card(file, address(file.id), staff=staff) for file in attachments.of_ticket(ticket_id))


def text_download(file: Attachment | None, *, staff: bool) -> Response:
    """A text file's clean text, for a requester without what gateways print about accounts; anything else is not there."""
    if file is None or file.text is None:
        abort(404)
    return _download(file, file.text if staff else redactor().public_view(file.text))


def download(file: Attachment | None) -> Response:
    """A text or a picture, for staff."""
    if file is not None and file.picture is not None:
        return _download(file, file.picture)
    return text_download(file, staff=True)


def _read(upload: FileStorage) -> Attached | Refused:
    """One file as it may be kept, or why it may not."""
    try:
        return read_attachment(upload.filename or "", upload.stream.read(), redactor())
    except Refused as refusal:
        return refusal


def _card(file: Attachment, address: str, *, staff: bool) -> FileCard:
    is_picture = file.kind == Kind.IMAGE
    opens = file.expires_at is not None and staff if is_picture else True
    return FileCard(file.id, file.name, is_picture, -(-file.size // 1024), file.created_at, file.expires_at, address if opens else None)


def _download(file: Attachment, content: str | bytes) -> Response:
    """Always saved, never shown in place: whatever it holds, it is no page of this desk."""
    response = Response(content, content_type="text/plain; charset=utf-8" if isinstance(content, str) else file.media_type)
    response.headers.set("Content-Disposition", "attachment", **_file_names(file.name))
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "no-store"
    return response


def _file_names(name: str) -> dict[str, str]:
    """A name of other than ASCII letters is said twice, the second time for every browser of this century (RFC 6266)."""
    if name.isascii():
        return {"filename": name}
    return {"filename": name.encode("ascii", "replace").decode().replace("?", "_"), "filename*": f"UTF-8''{quote(name, safe='')}"}


def refusal_text(refusal: Refused) -> str:
    """Why a file was not taken, in words."""
    reasons = {
        Reason.EMPTY: _("the file is empty"),
        Reason.TOO_LARGE: _("it is larger than %(size)s MB: send the part around the failure", size=LARGEST // MEGABYTE),
        Reason.NOT_TEXT: _("only text, JSON, HAR and log files and PNG, JPEG or WebP pictures are taken"),
        Reason.BROKEN_HAR: _("the HAR file is damaged or cut off: export it again"),
        Reason.BROKEN_PICTURE: _("the picture is damaged"),
        Reason.HUGE_PICTURE: _("the picture has too many pixels: send the part that shows the error"),
    }
    return _("“%(name)s” was not taken: %(reason)s.", name=refusal.name, reason=reasons[refusal.reason])
