"""One page of a gateway's log interface: its rows, or what the gateway said instead. Errors come with HTTP status 200."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

import msgspec

PAGE_SIZE = 100  # asked of New API; One API's pages have a size of their own
LONGEST_MESSAGE = 200


class GatewayError(Exception):
    """The gateway gave no page. The message may quote the gateway and is to be redacted before it is shown."""


@dataclass(frozen=True, slots=True)
class Interface:
    """How a gateway's log is asked for."""

    first_page: int
    types: tuple[int, ...]  # the kinds of row that are about requests
    sized: bool  # whether a page's size can be asked for


INTERFACES = {"new_api": Interface(1, (2, 5, 6), True), "one_api": Interface(0, (2,), False)}


class _Items(msgspec.Struct, gc=False):
    items: list[msgspec.Raw] | None = None


class _Answer(msgspec.Struct, gc=False):
    success: bool = False
    message: str = ""
    data: msgspec.Raw = msgspec.Raw(b"null")


_ANSWER = msgspec.json.Decoder(_Answer)
_LIST = msgspec.json.Decoder(list[msgspec.Raw] | None)
_ITEMS = msgspec.json.Decoder(_Items)


def page_address(interface: Interface, kind: int, start: int, end: int, page: int) -> str:
    """Give path and query of a page: the rows of one kind that ended from `start` to `end`, in epoch seconds."""
    query = {"p": page, "type": kind, "start_timestamp": start, "end_timestamp": end}
    return f"/api/log/?{urlencode(query | ({'page_size': PAGE_SIZE} if interface.sized else {}))}"


def page_rows(body: bytes) -> list[msgspec.Raw]:
    """Give a page's rows. Raises GatewayError."""
    try:
        answer = _ANSWER.decode(body)
        if not answer.success:
            raise GatewayError(f"the gateway refused: {answer.message[:LONGEST_MESSAGE] or 'without a reason'}")
        is_list = bytes(answer.data)[:1] != b"{"
        rows = _LIST.decode(answer.data) if is_list else _ITEMS.decode(answer.data).items
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise GatewayError("the answer is no page of a log") from None
    return rows or []
