"""A log file opened: plain or gzip, one document, lines or a table, given piece by piece."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BufferedReader
from itertools import islice
from pathlib import Path
from typing import Any

from isal import igzip

from app.core.body import HEAD, Piece, is_whole_document, number_lines, split_body
from app.core.csv_rows import is_table, table_rows
from app.core.json_stream import document_records

GZIP_MAGIC = b"\x1f\x8b"
READ_AT_ONCE = 8 * 2**20  # a smaller file may be one object over many lines
READ_AT_A_TIME = 2**18  # bytes: the usual 8 KiB are a call of the system every few lines
LINES_TOGETHER = 2**20  # bytes of lines between two moves of the progress bar


def opened(path: Path) -> BufferedReader[Any]:
    """Open a file to be read from its beginning to its end. Raises OSError."""
    return BufferedReader(path.open("rb", buffering=0), READ_AT_A_TIME)


def pieces_of(file: BufferedReader[Any], size: int, advance: Callable[[int], object]) -> Iterator[Piece]:
    """Give a file's records as they are read; a small file of any shape at once."""
    packed = file.peek(2)[:2] == GZIP_MAGIC
    text: BufferedReader[Any] = BufferedReader(igzip.open(file), READ_AT_A_TIME) if packed else file
    start = text.peek(HEAD)
    if is_whole_document(start) or (not packed and size <= READ_AT_ONCE):
        yield from _document(file, text, advance)
    else:
        lines = _counted(file, text, advance)
        yield from table_rows(lines) if is_table(start) else number_lines(lines)
    advance(size)


def first_pieces(path: Path, limit: int) -> list[Piece]:
    """Give the first pieces of a file. Raises UnreadableBody, EOFError, OSError."""
    with opened(path) as file:
        return list(islice(pieces_of(file, path.stat().st_size, lambda _: None), limit))


def _document(file: BufferedReader[Any], text: BufferedReader[Any], advance: Callable[[int], object]) -> Iterator[Piece]:
    """Give the records of one document; a long one is taken apart as it is read."""
    start = text.read(READ_AT_ONCE + 1)
    if len(start) <= READ_AT_ONCE:
        yield from split_body(start)
        return
    position = 0

    def read(most: int) -> bytes:
        nonlocal position
        advance(file.tell() - position)
        position = file.tell()
        return text.read(most)

    yield from document_records(start, read)


def _counted(file: BufferedReader[Any], text: BufferedReader[Any], advance: Callable[[int], object]) -> Iterator[bytes]:
    """Give lines and, now and then, say how far in the file on disk they are."""
    seen = 0
    while lines := text.readlines(LINES_TOGETHER):
        yield from lines
        position = file.tell()
        advance(position - seen)
        seen = position
