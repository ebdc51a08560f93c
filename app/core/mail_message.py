"""An e-mail that came in, as far as the desk reads it: never its addresses' names, its route or its programs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses

from app.core.mail_address import read_address
from app.core.mail_answer import MailBook

LARGEST = 30 * 1024 * 1024
MOST_PARTS = 60
LONGEST_TEXT = 400_000
_ID = re.compile(r"<([^<>\s]{1,250})>")
_STATUS = re.compile(r"([245]\.\d{1,3}\.\d{1,3})")
RECIPIENTS = ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To", "Resent-To")
BULK = frozenset({"bulk", "junk", "list", "auto_reply"})
CHARSETS = {"gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "unicode-1-1-utf-7": "utf-7"}  # what senders say → what they mean


class Unreadable(ValueError):
    """No e-mail that can be read."""


@dataclass(frozen=True, slots=True)
class Bounce:
    """That a message of ours did not arrive."""

    about: str  # the id of ours; empty when it is not told
    status: str  # 5.1.1
    final: bool


@dataclass(frozen=True, slots=True)
class Incoming:
    """What is read of it. text: the new part; files: (name, content)."""

    message_id: str
    sender: str | None
    recipients: tuple[str, ...]
    references: tuple[str, ...]
    subject: str
    text: str
    automatic: bool
    bounce: Bounce | None = None
    files: tuple[tuple[str, bytes], ...] = field(default=())


def read_mail(raw: bytes, book: MailBook) -> Incoming:
    """Parse a message. Raises Unreadable."""
    try:
        message = message_from_bytes(raw)
        found = _read(message, book) if message.keys() else None
    except Exception:  # noqa: BLE001 - the parser fails in many ways on what is no mail; none of its words may travel on
        found = None
    if found is None:
        raise Unreadable
    return found


def _read(message: Message, book: MailBook) -> Incoming:
    bounce = _bounce(message)
    senders = _addresses(message, ("From",))
    ids = _ID.findall(_header(message, "Message-ID"))
    parts = [] if bounce else list(_leaves(message))
    return Incoming(
        message_id=ids[0] if ids else "",
        sender=senders[0] if len(senders) == 1 else None,
        recipients=_addresses(message, RECIPIENTS),
        references=tuple(_ID.findall(_header(message, "In-Reply-To") + _header(message, "References"))[-50:]),
        subject=_subject(message),
        text=_text(parts, book),
        automatic=_is_automatic(message),
        bounce=bounce,
        files=tuple(_files(parts)),
    )


def _leaves(message: Message) -> Iterator[Message]:
    """Every part that holds content; a message within the message is not looked into."""
    found, queue = 0, [message]
    while queue and found < MOST_PARTS:
        part = queue.pop(0)
        if part.get_content_maintype() == "multipart" and part.is_multipart():
            queue[:0] = [inner for inner in part.get_payload() if isinstance(inner, Message)]
        elif part.get_content_maintype() != "message":
            found += 1
            yield part


def _text(parts: list[Message], book: MailBook) -> str:
    """The new words: of the plain text, or of the HTML where there is none."""
    plain = "\n".join(_decoded(part) for part in parts if _is_body(part, "text/plain"))
    answer = book.answer(plain[:LONGEST_TEXT])
    if answer:
        return answer
    html = "\n".join(_decoded(part) for part in parts if _is_body(part, "text/html"))
    return book.answer_of_html(html[:LONGEST_TEXT]) if not plain.strip() else ""


def _files(parts: list[Message]) -> Iterator[tuple[str, bytes]]:
    """What was attached; pictures that a signature shows in place are not."""
    for part in parts:
        shown_in_place = part.get("Content-ID") and part.get_content_disposition() != "attachment"
        if shown_in_place or _is_body(part, "text/plain") or _is_body(part, "text/html"):
            continue
        data = part.get_payload(decode=True)
        if isinstance(data, bytes) and data:
            yield _filename(part), data


def _is_body(part: Message, kind: str) -> bool:
    return part.get_content_type() == kind and part.get_content_disposition() != "attachment" and not part.get_filename()


def _decoded(part: Message) -> str:
    data = part.get_payload(decode=True)
    charset = (part.get_content_charset() or "utf-8").lower()
    if not isinstance(data, bytes):
        return ""
    try:
        return data.decode(CHARSETS.get(charset, charset), "replace")
    except LookupError:
        return data.decode("utf-8", "replace")


def _bounce(message: Message) -> Bounce | None:
    """What a delivery status notification says; None for any other message."""
    if message.get_content_type() != "multipart/report" or message.get_param("report-type") != "delivery-status":
        return None
    parts = message.get_payload() if message.is_multipart() else []
    fields = [block for part in parts if isinstance(part, Message) for block in _status_blocks(part)]
    action = next((_header(block, "Action").strip().lower() for block in fields if block.get("Action")), "")
    status = next((found.group(1) for block in fields if (found := _STATUS.match(_header(block, "Status").strip()))), "")
    return Bounce(_original_id(parts), status, action == "failed" or (not action and status.startswith("5")))  # type: ignore[arg-type]


def _status_blocks(part: Message) -> list[Message]:
    if part.get_content_type() != "message/delivery-status" or not part.is_multipart():
        return []
    return [block for block in part.get_payload() if isinstance(block, Message)]


def _original_id(parts: list[Message]) -> str:
    """The id of the message that came back, from its headers or from the whole of it."""
    for part in parts:
        kind, payload = part.get_content_type(), part.get_payload()
        if kind == "text/rfc822-headers":
            ids = _ID.findall(_header(message_from_bytes(part.get_payload(decode=True) or b""), "Message-ID"))  # type: ignore[arg-type]
        elif kind == "message/rfc822" and isinstance(payload, list) and payload and isinstance(payload[0], Message):
            ids = _ID.findall(_header(payload[0], "Message-ID"))
        else:
            continue
        if ids:
            return str(ids[0])
    return ""


def _is_automatic(message: Message) -> bool:
    """Whether a program sent it: answering it would go round in circles."""
    submitted = _header(message, "Auto-Submitted").strip().lower()
    bulk = _header(message, "Precedence").strip().lower() in BULK
    empty_path = _header(message, "Return-Path").strip() == "<>"
    told = any(message.get(name) for name in ("X-Autoreply", "X-Autorespond", "List-Id"))
    return (bool(submitted) and submitted != "no") or bulk or empty_path or told


def _addresses(message: Message, names: tuple[str, ...]) -> tuple[str, ...]:
    found = getaddresses([_header_of(value) for name in names for value in message.get_all(name, [])])
    return tuple(dict.fromkeys(address for _name, typed in found[:100] if (address := read_address(typed))))


def _subject(message: Message) -> str:
    try:
        return " ".join(str(make_header(decode_header(_header(message, "Subject")))).split())[:300]
    except (ValueError, LookupError):
        return ""


def _filename(part: Message) -> str:
    name = part.get_filename() or ""
    try:
        return str(make_header(decode_header(name))) or "file"
    except (ValueError, LookupError):
        return "file"


def _header(message: Message, name: str) -> str:
    return _header_of(message.get(name, ""))


def _header_of(value: object) -> str:
    return str(value)[:20_000]
