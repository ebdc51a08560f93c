"""Files as they arrive: in memory only, cut off at the size that is taken, so that no original ever reaches the disk."""

from __future__ import annotations

import io
from typing import IO, Any

from htmx_flask.requests import HtmxAwareRequest

from app.core.attachment import LARGEST, MOST

WITH_FILES = frozenset({"portal.file_ticket", "portal.answer", "portal.answer_own", "desk.reply", "content.add_picture"})


def room_for_files(endpoint: str | None) -> int:
    """How many bytes of files a form may bring; the other forms bring none."""
    return MOST * (LARGEST + 1024) if endpoint in WITH_FILES else 0


class CappedMemory(io.BytesIO):
    """Keeps the first bytes and counts the rest: one byte over the limit is enough to know that it is too large."""

    def write(self, data: Any, /) -> int:
        """Keep what fits; say that all was taken, so that reading the body goes on to its end."""
        view = memoryview(data)
        super().write(view[: max(0, LARGEST + 1 - self.tell())])
        return len(view)


class MemoryRequest(HtmxAwareRequest):
    """A request whose uploaded files never become temporary files."""

    def _get_file_stream(self, *_: Any, **__: Any) -> IO[bytes]:
        """Where one part of a multipart body is kept while the request lasts."""
        return CappedMemory()
