"""A rewritten copy of a text that still knows where each of its characters came from."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class View:
    """`text` is what rules read; `origin` answers which stretch of the source a stretch of it stands for.

    starts: where each piece begins in `text`, ascending. sources: the (start, end) it came from.
    atoms: whether the piece was rewritten as a whole (an escape) or copied character by character.
    """

    text: str
    starts: tuple[int, ...] = ()
    sources: tuple[tuple[int, int], ...] = ()
    atoms: tuple[bool, ...] = ()
    inner: View | None = None

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """The stretch of the original text behind text[start:end]."""
        if self.starts:
            start, end = self._source(start)[0], self._source(end - 1)[1]
        return self.inner.origin(start, end) if self.inner else (start, end)

    def over(self, inner: View) -> View:
        """The same view, of a text that is itself a view."""
        return replace(self, inner=inner) if inner.starts else self

    def _source(self, position: int) -> tuple[int, int]:
        """The source stretch of one character."""
        piece = bisect_right(self.starts, position) - 1
        source_start, source_end = self.sources[piece]
        if self.atoms[piece]:
            return source_start, source_end
        at = source_start + position - self.starts[piece]
        return at, at + 1


@dataclass(slots=True)
class ViewBuilder:
    """Collects pieces from left to right; text that is skipped simply does not appear in the view."""

    source: str
    _pieces: list[str] = field(default_factory=list)
    _starts: list[int] = field(default_factory=list)
    _sources: list[tuple[int, int]] = field(default_factory=list)
    _atoms: list[bool] = field(default_factory=list)
    _length: int = 0

    def copy(self, start: int, end: int) -> None:
        """Take source[start:end] as it is."""
        if end > start:
            self._add(self.source[start:end], start, end, atom=False)

    def rewrite(self, start: int, end: int, text: str) -> None:
        """Let `text` stand for source[start:end]."""
        if text:
            self._add(text, start, end, atom=True)

    def build(self, inner: View | None = None) -> View:
        """The finished view."""
        return View("".join(self._pieces), tuple(self._starts), tuple(self._sources), tuple(self._atoms), inner)

    def _add(self, text: str, start: int, end: int, *, atom: bool) -> None:
        self._pieces.append(text)
        self._starts.append(self._length)
        self._sources.append((start, end))
        self._atoms.append(atom)
        self._length += len(text)
