"""Examples of the rule file: `{an:48}` becomes 48 characters, `«…»` marks what must disappear.

Generated from a digest, so that an example is the same in every run and no key-like text stands in the rule file.
"""

from __future__ import annotations

import hashlib
import re
import string
from collections.abc import Iterator
from dataclasses import dataclass

ALPHABETS = {
    "an": string.ascii_letters + string.digits,
    "u": string.ascii_letters + string.digits + "_-",
    "hex": "0123456789abcdef",
    "b64": string.ascii_letters + string.digits + "+/",
    "up": string.ascii_uppercase + "234567",
    "lo": string.ascii_lowercase,
    "al": string.ascii_letters,
    "uln": string.ascii_lowercase + string.digits,
    "dig": "23456789",
}
_SLOT = re.compile(r"\{(an|u|hex|b64|up|lo|al|uln|dig):(\d+)\}")
_MARKED = re.compile(r"«(.*?)»", re.DOTALL)
SHORTEST_WATCHED = 5
WITH_TAIL = 12


@dataclass(frozen=True, slots=True)
class Example:
    """A text and the stretches of it that must disappear."""

    text: str
    secrets: tuple[str, ...]

    def left_in(self, redacted: str) -> bool:
        """Whether a secret is still readable; the last four characters of a long one may be."""
        return any((secret[:-4] if len(secret) >= WITH_TAIL else secret) in redacted for secret in self.secrets)


def expand(example: str, seed: int = 0) -> Example:
    """The example with its slots filled."""
    made: list[str] = []

    def fill(slot: re.Match[str]) -> str:
        made.append(_run(ALPHABETS[slot[1]], int(slot[2]), f"{seed} {slot.start()} {example}"))
        return made[-1]

    text = _SLOT.sub(fill, example)
    marked = _MARKED.findall(text)
    secrets = marked or [run for run in made if len(run) >= SHORTEST_WATCHED]
    return Example(_MARKED.sub(r"\1", text), tuple(secrets))


def _run(alphabet: str, length: int, seed: str) -> str:
    """Characters of `alphabet`; letters and digits at both ends, as tokens have them."""
    ends = "".join(char for char in alphabet if char.isalnum())
    digits = _bytes(seed)
    body = "".join(alphabet[next(digits) % len(alphabet)] for _ in range(length))
    return body if length == 1 else ends[next(digits) % len(ends)] + body[1:-1] + ends[next(digits) % len(ends)]


def _bytes(seed: str) -> Iterator[int]:
    """An endless stream of bytes from `seed`."""
    block = hashlib.sha256(seed.encode()).digest()
    while True:
        yield from block
        block = hashlib.sha256(block).digest()
