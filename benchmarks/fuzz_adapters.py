"""A mutation fuzzer over every sample: no exception but a refusal, no planted secret in any record, every line accounted for.

    python -m benchmarks.fuzz_adapters [MUTANTS] [SEED]      100,000 mutants unless said otherwise

Each mutant is a sample line, or a whole body, changed one to four times: bytes flipped, cut, doubled or swapped; fields removed,
renamed, moved or given values of another type, with secrets planted wherever text can stand. Each is read by its own format,
and some by every other one.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from app.core.body import UnreadableBody, split_body
from app.core.fields import BadLine, FieldCleaner, NotARequest
from app.core.log_format import Format
from app.core.otlp import spans_of_protobuf
from app.core.record import RedactedRecord
from app.core.redaction import Redactor
from app.store.formats import load_formats, read_mappings
from app.store.rulebook import RULES_DIR, read_rules
from tests import spans

SAMPLES = Path(__file__).resolve().parent.parent / "tests" / "samples"
SECRET = "sk-proj-Zq8Lw3Vn6Tb1Xk9Rf4Hd7Jm2Pc5Gs0Ya8Ue3Wi6To1Ql9"
PROBE = SECRET[12:-5]
ODD = (
    None,
    True,
    False,
    0,
    -1,
    2**63,
    1e308,
    "",
    " ",
    "\x00",
    "NaN",
    "-",
    "[]",
    "{}",
    [],
    {},
    [None],
    {"a": {"b": []}},
    "9" * 400,
    "ключ",
    "\ud83d",
)
HERE = ("prompt", "messages", "request_headers", "api_base", "channel_name", "traceback", "ip", "private_note")
FORMATS = load_formats(500_000)
PACKED = spans.as_protobuf(
    spans.chat(error__message=SECRET),
    spans.failed_chat(trace=2),
    spans.envoy(trace=3),
    spans.refused_key(trace=4),
    spans.server(500, trace=5),
)


def main() -> None:
    mutants = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    began = time.perf_counter()
    counts = fuzz(mutants, seed)
    took = time.perf_counter() - began
    print(f"{mutants:,} mutants of {len(corpus()):,} sample lines in {took:.0f} s ({mutants / took:,.0f} a second)")
    print(", ".join(f"{name} {count:,}" for name, count in counts.most_common()))


def fuzz(mutants: int, seed: int) -> Counter[str]:
    """Read that many mutants; raises AssertionError naming the seed of one that breaks a promise."""
    redactor = Redactor(read_rules(RULES_DIR, "redaction"), b"fuzz")
    lines = corpus()
    counts: Counter[str] = Counter()
    clean = FieldCleaner(redactor, b"fuzz")
    for number in range(mutants):
        pick = random.Random(f"{seed}/{number}")
        if number % 2_000 == 0:
            clean = FieldCleaner(redactor, b"fuzz")  # one per batch, as when ingesting
        if number % 25 == 0:
            counts += read_packed(repeated(changed_bytes, PACKED, pick), clean)
            continue
        name, line = pick.choice(lines)
        reader = pick.choice(list(FORMATS)) if pick.random() < 0.1 else name
        try:
            counts += read(mutant(line, pick), FORMATS[reader], clean)
        except Exception as problem:
            raise AssertionError(f"mutant {seed}/{number} of {name}, read as {reader}: {type(problem).__name__}: {problem}") from problem
    return counts


def corpus() -> list[tuple[str, bytes]]:
    """Every sample line, and every whole body, with its format."""
    return [(name, line) for name, body in bodies() for line in (*pieces(body), body)]


def bodies() -> Iterator[tuple[str, bytes]]:
    for path in sorted(SAMPLES.glob("*/*")):
        if path.parent.name in FORMATS and path.suffix in {".json", ".csv", ".ndjson"} and not path.name.endswith(".expected.json"):
            yield path.parent.name, path.read_bytes()
    for mapping in read_mappings():
        yield mapping.name, b"\n".join(hit["line"].encode() for hit in mapping.hits)


def pieces(body: bytes) -> Iterator[bytes]:
    return (bytes(piece) for _, piece in split_body(body) if not isinstance(piece, BadLine))


def read(body: bytes, log_format: Format, clean: FieldCleaner) -> Counter[str]:
    """Read a mutant as a body; count what became of its lines."""
    counts: Counter[str] = Counter()
    try:
        split = list(split_body(body))
    except UnreadableBody:
        return Counter({"unreadable": 1})
    for number, piece in split:
        assert number > 0
        found = [outcome_of(line, log_format, clean) for line in ((piece,) if isinstance(piece, BadLine) else log_format.lines_of(piece))]
        assert found or log_format.unpack is not None, "a line was not accounted for"
        counts += Counter(found)
    return counts


def read_packed(body: bytes, clean: FieldCleaner) -> Counter[str]:
    """Read a mutant of a protobuf post."""
    try:
        return Counter(f"span {outcome_of(span, FORMATS['otlp'], clean)}" for span in spans_of_protobuf(body))
    except UnreadableBody:
        return Counter({"no protobuf": 1})


def outcome_of(line: Any, log_format: Format, clean: FieldCleaner) -> str:
    try:
        if isinstance(line, BadLine):
            raise line
        record = log_format.parse(line, clean)
    except NotARequest as problem:
        return outcome_of_reason("passed over", problem.reason)
    except BadLine as problem:
        return outcome_of_reason("rejected", problem.reason)
    assert isinstance(record, RedactedRecord)
    assert PROBE not in repr(record), "a planted secret is in the record"
    return "record"


def outcome_of_reason(outcome: str, reason: str) -> str:
    assert PROBE not in reason, "a planted secret is in the reason"
    return outcome


def mutant(line: bytes, pick: random.Random) -> bytes:
    """Change a line one to four times."""
    return repeated(lambda line, pick: pick.choice((changed_bytes, changed_fields, changed_fields, planted))(line, pick), line, pick)


def repeated(change: Callable[[bytes, random.Random], bytes], line: bytes, pick: random.Random) -> bytes:
    for _ in range(pick.randint(1, 4)):
        line = change(line, pick)
    return line


def changed_bytes(line: bytes, pick: random.Random) -> bytes:
    """Flip, cut, double or swap bytes."""
    at, to = sorted((some_position(line, pick), some_position(line, pick)))
    if not line:
        return line
    changes = (
        line[:at] + bytes([pick.randrange(256)]) + line[at + 1 :],
        line[:at],
        line[:at] + line[to:],
        line[:to] + line[at:],
        line[:at] + SECRET.encode() + line[at:],
        line[:at] + pick.choice((b'"', b"\\", b"{", b"]", b",", b"\n", b"\r", b"\xff", b"\\ud800", b"\x00")) + line[at:],
    )
    return pick.choice(changes)


def some_position(line: bytes, pick: random.Random) -> int:
    """Give a position outside of planted secrets: half a secret is not one."""
    for at in (pick.randrange(max(len(line), 1)) for _ in range(20)):
        if SECRET.encode() not in line[max(0, at - len(SECRET)) : at + len(SECRET)]:
            return at
    return 0


def changed_fields(line: bytes, pick: random.Random) -> bytes:
    """Change one field anywhere in the value."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return changed_bytes(line, pick)
    holder, key = some_place(value, pick)
    if holder is None:
        return json.dumps(pick.choice(ODD)).encode()
    change = pick.randrange(4)
    if change == 0:
        del holder[key]
    elif change == 1:
        holder[key] = pick.choice(ODD)
    elif change == 2:
        holder[key] = [holder[key]]
    elif isinstance(holder, dict):
        holder[pick.choice(HERE)] = holder.pop(key)
    return json.dumps(value, ensure_ascii=pick.random() < 0.5).encode("utf-8", "surrogatepass")


def planted(line: bytes, pick: random.Random) -> bytes:
    """Plant a secret in a field, bare or in a sentence."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return line
    holder, key = some_place(value, pick)
    if holder is None:
        return line
    text = pick.choice(
        (
            "{}",
            "Incorrect API key provided: {}",
            "Authorization: Bearer {}",
            "https://user:{}@gw.example/v1?key={}",
            "前缀{}后缀",
            "a\n{}\n",
        )
    )
    holder[key] = text.replace("{}", SECRET)
    return json.dumps(value).encode()


def some_place(value: Any, pick: random.Random) -> tuple[Any, Any]:
    """Walk down at random to a container and a key in it."""
    holder, key = None, None
    while isinstance(value, dict | list) and value:
        holder, key = value, pick.choice(list(value)) if isinstance(value, dict) else pick.randrange(len(value))
        value = value[key]
        if pick.random() < 0.3:
            break
    return holder, key


if __name__ == "__main__":
    main()
