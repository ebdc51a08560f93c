"""The log store's tables on ClickHouse, and the one query by which records are counted.

Everything is an insert: a record comes with sign 1; when it is corrected or taken out again the same row goes with sign
-1. So sums over `sign` are exact before and after merges, a view keeps the roll-ups right whatever happens, and the
engine (VersionedCollapsingMergeTree) drops pairs when it merges.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import isqrt

from app.core.figure_lanes import COUNTS
from app.core.histogram import BUCKETS, bucket_of
from app.core.record import Origin
from app.core.rollups import FIGURES, HOUR_MS, Dimension
from app.store.logs_clickhouse_engine import ClickHouse
from app.store.logs_clickhouse_rows import TYPES

VERSION = 2
LAST = "log_schema"  # the table that says that all others are there
# answered means on the disk, as on the other engines; a cluster's replicas have it twice
DURABLE = "fsync_after_insert = 1, fsync_part_directory = 1"
ONCE = "non_replicated_deduplication_window = 1000"

# the smallest duration of each bucket that any whole number falls into; a histogram is kept as {smallest: count}
BOUNDS = tuple(least for bucket in range(BUCKETS) if bucket_of(least := isqrt((1 << bucket) - 1) + 1) == bucket)
_HOUR = f"toInt64(floor(started_at / {HOUR_MS}))"
_FACTS = {
    Dimension.GROUP: "`group`",
    Dimension.ENVIRONMENT: "environment",
    Dimension.MODEL: "model_requested",
    Dimension.REQUEST_TYPE: "request_type",
    Dimension.CLIENT: "client_name",
    Dimension.PROVIDER: "provider",
    Dimension.OWNER: "owner",
}
_CALLER = ", ".join(f"'{origin.value}'" for origin in (Origin.USER, Origin.KEY_OWNER, Origin.CLIENT))
_AMOUNTS = {
    "retries": "ifNull(retries, 0)",
    "prompt_tokens": "ifNull(prompt_tokens, 0)",
    "completion_tokens": "ifNull(completion_tokens, 0)",
    "cost_micros": "greatest(ifNull(cost_micros, 0), 0)",
    "refund_micros": "greatest(-ifNull(cost_micros, 0), 0)",
    "charged_micros": "if(ifNull(charged, 0), greatest(ifNull(cost_micros, 0), 0), 0)",
    "latency_sum": "if(problem, 0, ifNull(latency_ms, 0))",
    "ttft_sum": "ifNull(ttft_ms, 0)",
}
_CONDITIONS = {
    "requests": "1",
    "caller_side": f"problem AND outcome != 'cancelled' AND origin IN ({_CALLER})",
    "streams": "ifNull(stream, 0) OR outcome = 'partial'",
    "charged_failures": "problem AND outcome != 'cancelled' AND ifNull(charged, 0)",
    "fallbacks": "isNotNull(fallback_from)",
}
FIGURE_TYPE = "SimpleAggregateFunction(sum, Int64)"
HISTOGRAM_TYPE = "SimpleAggregateFunction(sumMap, Map(Int64, Int64))"
HISTOGRAMS = ("latency", "ttft")
ROLLUP_COLUMNS = ", ".join(("dimension", "hour", "value", "kept", *FIGURES, *HISTOGRAMS))


def prepare(engine: ClickHouse) -> None:
    """Create what is not there, and bring up to date what is. A cluster's tables are made beforehand, by deploy/clickhouse."""
    if not engine.value(f"EXISTS TABLE {LAST}"):
        for statement in statements():
            engine.run(statement)
    elif engine.value(f"SELECT max(version) FROM {LAST}") < VERSION:
        _bring_up_to_date(engine)


def _bring_up_to_date(engine: ClickHouse) -> None:
    """Version 2 counts the same in less time. Done twice at once, or beside writers, it does no harm."""
    cluster = engine.tables.cluster
    where, source = ("", "log_record") if cluster is None else (f"ON CLUSTER `{cluster}` ", "log_record_local")
    engine.run(f"ALTER TABLE rollup_of_record {where}MODIFY QUERY {counted(source)}")
    engine.run(f"INSERT INTO {LAST} VALUES ({VERSION})")


@dataclass(frozen=True, slots=True)
class Table:
    """A table, and how a cluster keeps it: cut up by `shard_key`, or whole on every node."""

    name: str
    columns: str
    engine: str
    arguments: str
    layout: str
    shard_key: str | None = None


# a key's records stand together; those without a key stand with their action's
SHARD_KEY = "sipHash64(if(isNull(key_fingerprint), action_id, toString(key_fingerprint)))"
RECORD_LAYOUT = "PARTITION BY (toYYYYMM(toDateTime(intDiv(started_at, 1000), 'UTC')), problem) ORDER BY (started_at, record_id)"


def tables() -> tuple[Table, ...]:
    """Every table, in the order in which they can be made."""
    return (
        Table("log_record", record_columns(), "VersionedCollapsingMergeTree", "sign, version", RECORD_LAYOUT, SHARD_KEY),
        Table("rollup", rollup_columns(), "AggregatingMergeTree", "", "ORDER BY (dimension, hour, value, kept)", "cityHash64(value)"),
        Table("log_batch", BATCH_COLUMNS, "ReplacingMergeTree", "step", "ORDER BY number"),
        Table("log_reject", REJECT_COLUMNS, "MergeTree", "", "ORDER BY (batch_id, line)"),
        Table(LAST, "version UInt32", "MergeTree", "", "ORDER BY version"),
    )


def statements() -> Iterator[str]:
    """What makes the tables of one server; the last says that all are there."""
    for table in tables():
        engine = f"ENGINE = {table.engine}({table.arguments}) {table.layout} SETTINGS {DURABLE}, {ONCE}"
        filled = f" AS SELECT toUInt32({VERSION}) AS version" if table.name == LAST else ""
        if filled:
            yield f"CREATE MATERIALIZED VIEW IF NOT EXISTS rollup_of_record TO rollup AS {counted('log_record')}"
        yield f"CREATE TABLE IF NOT EXISTS {table.name} ({table.columns}) {engine}{filled}"


def cluster_statements(cluster: str) -> Iterator[str]:
    """The same for a cluster: each shard keeps its part replicated, and tables of the plain names span them."""
    for table in tables():
        local = table.name if table.shard_key is None else f"{table.name}_local"
        place = "all" if table.shard_key is None else "{shard}"
        replica = "{shard}-{replica}" if table.shard_key is None else "{replica}"
        arguments = ", ".join(filter(None, (f"'/clickhouse/tables/{place}/{{database}}/{table.name}'", f"'{replica}'", table.arguments)))
        engine = f"ENGINE = Replicated{table.engine}({arguments}) {table.layout} SETTINGS {DURABLE}"
        yield f"CREATE TABLE IF NOT EXISTS {local} ON CLUSTER `{cluster}` ({table.columns}) {engine}"
        if table.shard_key:
            spanning = f"ENGINE = Distributed(`{cluster}`, currentDatabase(), {local}, {table.shard_key})"
            yield f"CREATE TABLE IF NOT EXISTS {table.name} ON CLUSTER `{cluster}` AS {local} {spanning}"
    view = f"CREATE MATERIALIZED VIEW IF NOT EXISTS rollup_of_record ON CLUSTER `{cluster}` TO rollup_local"
    yield f"{view} AS {counted('log_record_local')}"
    yield f"INSERT INTO {LAST} VALUES ({VERSION})"


BATCH_COLUMNS = (
    "number UInt64, step UInt64, kind LowCardinality(String), holder String, state LowCardinality(String), until Int64, "
    "source LowCardinality(String), instance String, received_at Int64, low Int64, high Int64, target UInt64, "
    "accepted UInt64, duplicate UInt64, rejected UInt64, duration_ms UInt64, rolled_back Nullable(UInt64), "
    "newest Nullable(Int64), lag_sum Int64, lag_worst Nullable(Int64), filled Array(LowCardinality(String))"
)
REJECT_COLUMNS = "batch_id UInt64, line Int64, reason String"


def record_columns() -> str:
    """The columns of log_record, and the indexes that find a record by what people quote."""
    columns = [f"`{name}` {kind}" for name, kind in TYPES.items()]
    quoted = [f"INDEX by_{name} `{name}` TYPE bloom_filter(0.001) GRANULARITY 1" for name in ("record_id", "request_id", "action_id")]
    some = ["INDEX by_task_id task_id TYPE bloom_filter(0.01) GRANULARITY 1", "INDEX by_batch_id batch_id TYPE minmax GRANULARITY 1"]
    some += [f"INDEX by_{name} {name} TYPE bloom_filter(0.01) GRANULARITY 1" for name in ("key_fingerprint", "key_last4")]
    return ", ".join([*columns, *quoted, *some])


def rollup_columns() -> str:
    """The columns of the roll-ups. `kept` is 0, or the turn that purged the records a cell is of."""
    figures = [f"{name} {FIGURE_TYPE}" for name in FIGURES]
    histograms = [f"{name} {HISTOGRAM_TYPE}" for name in HISTOGRAMS]
    return ", ".join(["dimension LowCardinality(String)", "hour Int64", "value String", "kept UInt64", *figures, *histograms])


def counted(source: str, where: str = "1", sign: str = "sign", kept: int = 0) -> str:
    """The cells of the rows of `source`: all of an hour, and by each dimension alone."""
    facts = {**_FACTS, Dimension.FAILURE: "failure"}
    named = ", ".join(f"ifNull({column}, '') AS of_{name.value}" for name, column in facts.items())
    rows = f"SELECT {_HOUR} AS hour, {named}, * FROM {source} WHERE {where}"
    sets = ", ".join(["(hour)", *(f"(hour, of_{name.value})" for name in facts)])
    # a set is grouped by the hour (whatever number a setting lets `grouping` say that with) and by one fact; the others are empty there
    by = ", ".join(f"grouping(of_{name.value}) = grouping(hour), '{name.value}'" for name in facts)
    value = f"concat({', '.join(f'of_{name.value}' for name in facts)})"
    cells = f"SELECT hour, multiIf({by}, 'all') AS dimension, {value} AS value, {', '.join(_sums(sign))} FROM ({rows})"
    figures = ", ".join(f"n_{name} AS {name}" for name in (*FIGURES, *HISTOGRAMS))
    return (
        f"SELECT dimension, hour, value, toUInt64({kept}) AS kept, {figures} "
        f"FROM ({cells} GROUP BY GROUPING SETS ({sets})) WHERE NOT (dimension = '{Dimension.FAILURE.value}' AND value = '')"
    )


def added_up(prefix: str = "") -> str:
    """Every figure of several cells (there called `prefix` and its name), added up under its own name."""
    sums = [f"sum({prefix}{name}) AS {name}" for name in FIGURES]
    return ", ".join([*sums, *(f"sumMap({prefix}{name}) AS {name}" for name in HISTOGRAMS)])


def _sums(sign: str) -> Iterator[str]:
    """What a record adds to each figure; under another name, since a figure may be called as its column is."""
    for name in FIGURES:
        amount = f"toInt64({_CONDITIONS.get(name) or _of_kind(name)})" if name in COUNTS and name not in _AMOUNTS else _AMOUNTS[name]
        yield f"sum({sign} * ({amount})) AS n_{name}"
    yield _histogram("latency", "NOT problem AND isNotNull(latency_ms)", "latency_ms", sign)
    yield _histogram("ttft", "isNotNull(ttft_ms)", "ttft_ms", sign)


def _of_kind(name: str) -> str:
    """Outcomes by their name; failures by the class at the end of what they count under."""
    return f"endsWith(failure, ' {name.removeprefix('failed_')}')" if name.startswith("failed_") else f"outcome = '{name}'"


def _histogram(name: str, condition: str, column: str, sign: str) -> str:
    bounds = f"CAST([{', '.join(map(str, (0, *BOUNDS[1:])))}], 'Array(Int64)')"
    least = f"roundDown(ifNull({column}, 0), {bounds})"
    return f"sumMap(if({condition}, map({least}, toInt64({sign})), CAST(map(), 'Map(Int64, Int64)'))) AS n_{name}"
