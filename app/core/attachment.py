"""What may be attached to a ticket, and the form in which it is kept: text without secrets, pictures without metadata."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from app.core.har import NotHar, looks_like_har, redact_har
from app.core.picture import BadPicture, HugePicture, is_picture, plain_picture
from app.core.redacted_text import RedactedText
from app.core.redaction import Redactor

LARGEST = 5 * 1024 * 1024
MOST = 5  # in one report or reply
PICTURES_KEPT = timedelta(days=30)
LONGEST_NAME = 120
MOST_CONTROLS = 0.001  # of the characters; more is not text
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_COLOUR = re.compile(r"\x1b\[[0-9;]{0,20}[A-Za-z]")
_PATH = re.compile(r"[\\/]")
_BREAKS = re.compile(r"[\x00-\x1f\x7f]")
_ENDING = re.compile(r"\.[A-Za-z0-9]{1,7}$")
_BINARY = (b"%PDF", b"PK\x03\x04", b"\x1f\x8b", b"MZ", b"\x7fELF", b"GIF8", b"{\\rtf")


class Kind(StrEnum):
    """What an attachment is kept as."""

    TEXT = "text"
    HAR = "har"
    IMAGE = "image"


class Reason(StrEnum):
    """Why a file is not taken."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    NOT_TEXT = "not_text"
    BROKEN_HAR = "broken_har"
    BROKEN_PICTURE = "broken_picture"
    HUGE_PICTURE = "huge_picture"


class Refused(ValueError):
    """A file that is not taken; says why and how it is called (redacted), never what is in it."""

    def __init__(self, reason: Reason, name: RedactedText) -> None:
        super().__init__(reason)
        self.reason, self.name = reason, name


@dataclass(frozen=True, slots=True)
class Attached:
    """A file as it may be stored: exactly one of text and picture. size: as it was sent."""

    kind: Kind
    name: RedactedText
    media_type: str
    size: int
    text: RedactedText | None = None
    picture: bytes | None = None


def read_attachment(name: str, data: bytes, redactor: Redactor) -> Attached:
    """Make a file fit to be stored, by its content and not by what it says it is. Raises Refused."""
    clean_name = file_name(name, redactor)
    try:
        return _read(clean_name, data, redactor)
    except Refused:
        raise
    except (NotHar, HugePicture, BadPicture) as problem:
        reasons = {NotHar: Reason.BROKEN_HAR, HugePicture: Reason.HUGE_PICTURE, BadPicture: Reason.BROKEN_PICTURE}
        raise Refused(reasons[type(problem)], clean_name) from None


def file_name(name: str, redactor: Redactor) -> RedactedText:
    """The last part of a path, on one line, redacted before it is cut; the ending apart, so that it disguises nothing."""
    last = _PATH.split(_BREAKS.sub(" ", name).strip())[-1] or "file"
    ending = found[0] if (found := _ENDING.search(last)) else ""
    stem = redactor.clean(last[: len(last) - len(ending)])
    return redactor.clean(stem[: LONGEST_NAME - len(ending)] + ending)


def _read(name: RedactedText, data: bytes, redactor: Redactor) -> Attached:
    if not data.strip():
        raise Refused(Reason.EMPTY, name)
    if len(data) > LARGEST:
        raise Refused(Reason.TOO_LARGE, name)
    if is_picture(data):
        picture, media_type = plain_picture(data)
        return Attached(Kind.IMAGE, name, media_type, len(data), picture=picture)
    text = _text(data)
    if text is None:
        raise Refused(Reason.NOT_TEXT, name)
    if looks_like_har(name, text):
        return Attached(Kind.HAR, name, "text/plain", len(data), text=redact_har(text, redactor))
    return Attached(Kind.TEXT, name, "text/plain", len(data), text=redactor.clean(text))


def _text(data: bytes) -> str | None:
    """The file's characters, or None when it is no text in an encoding people use."""
    if data.startswith(_BINARY):
        return None
    for encoding in _encodings(data):
        try:
            return _readable(data.decode(encoding))
        except UnicodeDecodeError:
            continue
    return None


def _encodings(data: bytes) -> tuple[str, ...]:
    """What a mark at the beginning says; else UTF-8, else what Chinese Windows writes."""
    return ("utf-16",) if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "gb18030")


def _readable(text: str) -> str | None:
    """Text without terminal colours and control characters; None when there are too many of them for text."""
    plain = _COLOUR.sub("", text)
    if len(_CONTROL.findall(plain)) > len(plain) * MOST_CONTROLS:
        return None
    return _CONTROL.sub(" ", plain)
