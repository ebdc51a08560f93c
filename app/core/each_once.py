"""What is made of values that repeat, made once: a table that fills itself, read by the C of `map`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

Value = TypeVar("Value")
_REPEATS = (str, type(None))  # 1, 1.0 and true are equal and mean different things: what is made of them is not kept


class EachOnce(dict[object, Value], Generic[Value]):
    """What `make` gives, by what it was given. A full table starts afresh."""

    def __init__(self, make: Callable[[object], Value], most: int) -> None:
        super().__init__()
        self._make, self._most = make, most

    def __missing__(self, value: object) -> Value:
        """Make it, and keep it when nothing else equals it."""
        made = self._make(value)
        if type(value) in _REPEATS:
            if len(self) >= self._most:
                self.clear()
            self[value] = made
        return made

    def of(self, values: Sequence[object]) -> list[Value]:
        """What is made of each value, in their order."""
        try:
            return list(map(self.__getitem__, values))
        except TypeError:  # a value that is a list or an object
            return [self._make(value) for value in values]
