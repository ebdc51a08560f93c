"""The log store's tables on SQL engines. Ids are blobs where they are hex; times are epoch milliseconds.

SQLite keeps them in several files: a catalog (batches, rejects, sources, the list of periods) and a file a month with
that month's records and roll-ups. PostgreSQL keeps them in one database with log_record partitioned by month.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from app.store.logs_ids import Id

VERSION = 4
NOT_OK = text("outcome <> 'ok'")
HAS_TASK = text("task_id IS NOT NULL")
IS_ONE_OF_SEVERAL = text("action_id <> request_id")
COMPARED = ("outcome", "status_code", "model_requested", "client", "stream", "key_last4", "key_fingerprint", "error_message")

catalog = MetaData()  # SQLite: the file that GATEDESK_LOGS_URL names
period = MetaData()  # SQLite: a file a month
database = MetaData()  # PostgreSQL: everything


def _record_columns() -> list[Column[Any]]:
    """Every column of a record, in the order of RedactedRecord."""
    return [*_request_columns(), *_outcome_columns()]


def _request_columns() -> list[Column[Any]]:
    """What was asked for, by what, when."""
    return [
        Column("record_id", LargeBinary(16), nullable=False),
        Column("batch_id", Integer, nullable=False),
        Column("request_id", Id, nullable=False),
        Column("action_id", Id, nullable=False),
        Column("source", String(24), nullable=False),
        Column("started_at", BigInteger, nullable=False),
        Column("latency_ms", Integer),
        Column("ttft_ms", Integer),
        Column("attempt", Integer, nullable=False),
        Column("request_type", String(16), nullable=False),
        Column("endpoint", String(96)),
        Column("client", String(160)),
        Column("model_requested", String(160)),
        Column("model_served", String(160)),
        Column("provider", String(48)),
    ]


def _outcome_columns() -> list[Column[Any]]:
    """What it came to, whose it was, and what it cost."""
    return [
        Column("status_code", Integer),
        Column("outcome", String(12), nullable=False),
        Column("origin", String(12), nullable=False),
        Column("error_code", String(96)),
        Column("error_message", Text),
        Column("key_prefix", String(16), nullable=False),
        Column("key_last4", String(4)),
        Column("key_fingerprint", LargeBinary(16)),
        Column("key_alias", String(160)),
        Column("owner", String(160)),
        Column("group", String(160)),
        Column("environment", String(48)),
        Column("prompt_tokens", Integer),
        Column("completion_tokens", Integer),
        Column("cost_micros", BigInteger),
        Column("charged", Boolean),
        Column("quota_micros", BigInteger),
        Column("balance_micros", BigInteger),
        Column("stream", Boolean),
        Column("stream_end", String(12)),
        Column("retries", Integer),
        Column("fallback_from", String(160)),
        Column("fallback_reason", Text),
        Column("task_id", String(160)),
        Column("tags", JSON),
    ]


def _record_indexes(*compared: str) -> list[Index]:
    """`compared`: what a search of problems by time compares, where an index may hold it: then it reads no row it does not want."""
    return [
        # problem rows only: tickets are about those, so these stay small whatever the traffic
        Index("ix_log_problem_key", "key_fingerprint", "started_at", sqlite_where=NOT_OK, postgresql_where=NOT_OK),
        Index("ix_log_problem_tail", "key_last4", "started_at", sqlite_where=NOT_OK, postgresql_where=NOT_OK),
        Index("ix_log_problem_status", "status_code", "started_at", sqlite_where=NOT_OK, postgresql_where=NOT_OK),
        Index("ix_log_problem_time", "started_at", *compared, sqlite_where=NOT_OK, postgresql_where=NOT_OK),
        Index("ix_log_request", "request_id"),
        # an action of one request has that request's id
        Index("ix_log_action", "action_id", sqlite_where=IS_ONE_OF_SEVERAL, postgresql_where=IS_ONE_OF_SEVERAL),
        Index("ix_log_key_time", "key_fingerprint", "started_at"),
        # rows arrive in the order of time, so this one costs little; it answers "does the log cover that moment"
        Index("ix_log_time", "started_at"),
        Index("ix_log_task", "task_id", sqlite_where=HAS_TASK, postgresql_where=HAS_TASK),
    ]


# every query is written against this one; the partitioned table of PostgreSQL has the same columns
log_record = Table(
    "log_record",
    period,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    *_record_columns(),
    UniqueConstraint("record_id"),
    *_record_indexes(*COMPARED),
)
Table(
    "log_record",
    database,
    Column("id", BigInteger, Identity(), nullable=False),
    *_record_columns(),
    UniqueConstraint("record_id", "started_at"),  # the same record has the same start
    Index("ix_log_id", "id"),
    *_record_indexes(),
    postgresql_partition_by="RANGE (started_at)",
)

# which rows a batch brought: no other row of that batch lies outside, though another batch's may lie inside (PostgreSQL)
batch_part = Table(
    "batch_part",
    period,
    Column("batch_id", Integer, primary_key=True, autoincrement=False),
    Column("first_id", BigInteger, primary_key=True, autoincrement=False),
    Column("last_id", BigInteger, nullable=False),
    Column("records", Integer, nullable=False),
)

# one cell an hour, dimension and value; `figures` is core.rollups' packed number. Kept: of records that were purged
rollup = Table(
    "log_rollup",
    period,
    Column("dimension", String(16), primary_key=True),
    Column("hour", Integer, primary_key=True, autoincrement=False),
    Column("value", String(160), primary_key=True),
    Column("kept", Integer, primary_key=True, autoincrement=False),
    Column("figures", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

# the same of eight hours at once, live and kept together. A block counts only while its mark is there: its row of no dimension
BLOCK_MARK = ""
rollup_block = Table(
    "log_rollup_block",
    period,
    Column("dimension", String(16), primary_key=True),
    Column("block", Integer, primary_key=True, autoincrement=False),
    Column("value", String(160), primary_key=True),
    Column("figures", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

batch = Table(
    "batch",
    catalog,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("source", String(24), nullable=False),
    Column("instance", String(80), nullable=False, server_default=""),
    Column("received_at", BigInteger, nullable=False, index=True),
    Column("accepted", Integer, nullable=False),
    Column("duplicate", Integer, nullable=False),
    Column("rejected", Integer, nullable=False),
    Column("duration_ms", Integer, nullable=False),
    Column("rolled_back", Integer),
)

reject = Table(
    "reject",
    catalog,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("batch_id", Integer, nullable=False, index=True),
    Column("line", Integer, nullable=False),
    Column("reason", String(200), nullable=False),
)

# what a source sent in an hour (of receipt); lag is received - started
source_hour = Table(
    "source_hour",
    catalog,
    Column("source", String(24), primary_key=True),
    Column("instance", String(80), primary_key=True),
    Column("hour", Integer, primary_key=True, autoincrement=False),
    Column("first_ms", BigInteger, nullable=False),
    Column("last_ms", BigInteger, nullable=False),
    Column("accepted", BigInteger, nullable=False),
    Column("duplicate", BigInteger, nullable=False),
    Column("rejected", BigInteger, nullable=False),
    Column("lag_sum", BigInteger, nullable=False),
    Column("lag_worst", BigInteger, nullable=False),
    Column("newest", BigInteger, nullable=False),  # start of its latest record; 0: none
)

# fields of the record that a source has filled at least once
source_field = Table(
    "source_field",
    catalog,
    Column("source", String(24), primary_key=True),
    Column("instance", String(80), primary_key=True),
    Column("field", String(32), primary_key=True),
)

# SQLite's files. A name is never used twice: whoever still has a dropped file open cannot harm its successor
period_file = Table(
    "period_file",
    catalog,
    Column("file", String(120), primary_key=True),
    Column("low", BigInteger, nullable=False),
    Column("high", BigInteger, nullable=False),
    Column("dropped", Boolean, nullable=False),
)

schema_version = Table("log_schema", catalog, Column("version", Integer, primary_key=True, autoincrement=False))

rollup.to_metadata(catalog)  # there: figures of dropped periods
rollup_block.to_metadata(catalog)
for _table in (batch_part, rollup, rollup_block, batch, reject, source_hour, source_field, schema_version):
    _table.to_metadata(database)
