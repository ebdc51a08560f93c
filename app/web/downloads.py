"""Answers that a browser keeps as a file."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Response

MEDIA_TYPES = {"csv": "text/csv", "ndjson": "application/x-ndjson", "html": "text/html", "txt": "text/plain"}


def as_file(content: str | Iterable[str], name: str, file_type: str) -> Response:
    """`content` as the file name.file_type, UTF-8; lines are sent as they are made. name: of ours, plain ASCII."""
    response = Response(content, mimetype=MEDIA_TYPES[file_type])
    response.headers["Content-Disposition"] = f"attachment; filename={name}.{file_type}"
    return response
