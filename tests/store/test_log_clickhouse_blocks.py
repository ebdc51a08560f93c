"""Blocks made for ClickHouse hold what the client's own encoder writes, and are stored once however they are cut or sent."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

pytest.importorskip("chdb", reason="the embedded ClickHouse is not installed")

from app.core.record import RedactedRecord
from app.core.record_columns import columns_of
from app.store.logs import Ready, joined
from app.store.logs_clickhouse import ClickHouseLogStore
from app.store.logs_clickhouse_native import native_block, native_columns, read_columns
from app.store.logs_clickhouse_ready import make_ready
from app.store.logs_clickhouse_rows import COLUMNS, KINDS, encoded_columns
from tests.conftest import NOW
from tests.store.test_log_clickhouse import mixed, store, url  # noqa: F401 - fixtures

WORDS = [None, "", "a\0b", "预扣费", "x" * 127, "y" * 128, "z" * 5000, *(f"w{n}" for n in range(400))]
LABEL = "LowCardinality(Nullable(String))"


def cases() -> Iterator[tuple[str, list[Any]]]:
    """Columns of every type, with what is special for its encoder."""
    rows = [WORDS[n % len(WORDS)] for n in range(900)]
    texts = [word or "" for word in rows]
    yield from (("String", texts), ("LowCardinality(String)", texts), (LABEL, rows), ("Nullable(String)", rows))
    for kind in ("String", "LowCardinality(String)"):
        yield from ((kind, [f"{n:032x}" for n in range(900)]), (kind, ["预"] * 900), (kind, [""] * 900))
    for kind in (LABEL, "Nullable(String)"):
        yield from ((kind, [None] * 900), (kind, ["same"] * 900), (kind, ["same", *[None] * 898, "same"]))
    yield LABEL, [str(n % 256) for n in range(900)]  # with the missing value one too many for a byte
    numbers = [n * -(2**40) for n in range(900)]
    yield from (("Int64", numbers), ("Nullable(Int64)", numbers), ("Nullable(Int64)", [None] * 900))
    yield "Nullable(Int64)", [None if n % 7 == 0 else n for n in range(900)]
    yield from (("Nullable(Bool)", [(None, True, False)[n % 3] for n in range(900)]), ("UInt8", [n % 3 == 0 for n in range(900)]))
    marks = [n.to_bytes(16, "little") for n in range(900)]
    yield from (("FixedString(16)", marks), ("LowCardinality(Nullable(FixedString(16)))", [*marks[:890], *[None] * 10]))
    lists = [tuple(word for word in rows[n : n + n % 4] if word) for n in range(900)]
    yield from (("Array(LowCardinality(String))", lists), ("Array(LowCardinality(String))", [()] * 900))


def test_a_block_is_read_as_what_the_client_itself_writes(store: ClickHouseLogStore) -> None:  # noqa: F811 - a fixture
    kinds, columns = zip(*cases(), strict=True)
    types = {f"c{place}": kind for place, kind in enumerate(kinds)}
    for table in ("own", "made"):
        store.engine.run(f"CREATE TABLE {table} ({', '.join(f'{name} {kind}' for name, kind in types.items())}) ENGINE = Memory")
    store.engine.insert("own", tuple(types), columns)
    encoded = native_columns(types, dict(zip(types, columns, strict=True)))
    store.engine.insert_blocks("made", tuple(types), native_block(len(types), 900, encoded), "once")
    assert store.engine.rows("SELECT * FROM made") == store.engine.rows("SELECT * FROM own")
    assert [row[2] for row in store.engine.rows("SELECT * FROM made")] == list(columns[2])


@pytest.mark.parametrize("distinct", [1, 255, 256, 257, 70_000])
def test_a_dictionary_of_any_size_is_read_again(distinct: int) -> None:
    values = [None, *(str(n) for n in range(distinct)), "0"]
    encoded = native_columns({"label": LABEL}, {"label": values})
    assert list(read_columns(1, len(values), encoded)["label"]) == values


def test_columns_are_read_again_as_they_were_encoded() -> None:
    records = [*mixed(300), *mixed(4, tags=("a", "b"), task_id="t", key_fingerprint="0f" * 16, key_last4="9f3c")]
    encoded = encoded_columns(columns_of(records))
    [block] = make_ready(columns_of(records)).encoded
    found = read_columns(len(encoded), len(records), block.encoded)
    assert {name: plain(values) for name, values in found.items()} == {name: plain(values) for name, values in encoded.items()}


def plain(values: Sequence[Any]) -> list[Any]:
    return [tuple(value) if isinstance(value, list) else value for value in values]


def test_what_another_process_made_ready_is_stored_alike(store: ClickHouseLogStore) -> None:  # noqa: F811 - a fixture
    store.append("ndjson", mixed(10), [], NOW)
    outcome = store.append_ready("ndjson", sent([*mixed(30), mixed(30)[29]]), [], NOW)
    assert (outcome.accepted, outcome.duplicate, store.count(), store.check_rollups()) == (20, 11, 30, ())
    assert set(store.records([record.record_id for record in mixed(30)])) == set(mixed(30))


def sent(records: list[RedactedRecord]) -> Ready:
    """As another process made it and handed it over."""
    ready: Ready = pickle.loads(pickle.dumps(make_ready(columns_of(records))))
    return ready


def test_several_made_apart_are_stored_at_once_each_record_once(store: ClickHouseLogStore) -> None:  # noqa: F811 - a fixture
    records = mixed(90)
    store.append("ndjson", records[:10], [], NOW)
    parts = [sent(records[5:40]), sent([]), sent(records[5:9]), sent(records[30:90])]
    outcome = store.append_ready("ndjson", joined(parts), [], NOW)
    assert (outcome.accepted, outcome.duplicate, store.count(), store.check_rollups()) == (80, 19, 90, ())
    again = store.append_ready("ndjson", joined(parts), [], NOW)
    assert (again.accepted, again.duplicate, store.count(), store.check_rollups()) == (0, 99, 90, ())
    assert set(store.records([record.record_id for record in records])) == set(records)
    [last, before, _first] = store.batches()
    assert (last.accepted, last.duplicate, before.accepted, before.duplicate) == (0, 99, 80, 19)
    assert store.rollback(before.id) == 80
    assert (store.count(), store.check_rollups()) == (10, ())


def test_blocks_sent_again_under_their_turn_are_neither_stored_nor_counted_twice(store: ClickHouseLogStore) -> None:  # noqa: F811 - a fixture
    blocks = joined([sent(mixed(40)), sent(mixed(90)[40:])]).encoded
    rows = b"".join(block.rows_of(1) for block in blocks)
    for _ in range(2):
        store.engine.insert_blocks("log_record", COLUMNS, rows, "batch 1")
    assert (store.count(), store.check_rollups()) == (90, ())
    parts = "SELECT max(rows) FROM system.parts WHERE table = 'log_record' AND active AND database = currentDatabase()"
    assert store.engine.value(parts) > 40  # blocks of one statement become one part


def test_every_type_of_the_log_has_its_encoder() -> None:
    nothing: dict[str, list[Any]] = {name: [] for name in COLUMNS}
    assert native_columns(KINDS, nothing)
