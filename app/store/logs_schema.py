"""The log store's tables on SQL engines. Ids are blobs where they are hex; times are epoch milliseconds."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Column, Index, Integer, LargeBinary, MetaData, String, Table, Text, text

metadata = MetaData()

_AUTO_ID = BigInteger().with_variant(Integer, "sqlite")
NOT_OK = text("outcome <> 'ok'")
HAS_TASK = text("task_id IS NOT NULL")

log_record = Table(
    "log_record",
    metadata,
    Column("id", _AUTO_ID, primary_key=True, autoincrement=True),
    Column("record_id", LargeBinary(16), nullable=False, unique=True),
    Column("batch_id", Integer, nullable=False),
    Column("request_id", String(160), nullable=False),
    Column("action_id", String(160), nullable=False),
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
    # problem rows only: tickets are about those, so these stay small whatever the traffic
    Index("ix_log_problem_key", "key_fingerprint", "started_at", sqlite_where=NOT_OK, postgresql_where=NOT_OK),
    Index("ix_log_problem_tail", "key_last4", "started_at", sqlite_where=NOT_OK, postgresql_where=NOT_OK),
    Index("ix_log_problem_status", "status_code", "started_at", sqlite_where=NOT_OK, postgresql_where=NOT_OK),
    Index("ix_log_problem_time", "started_at", sqlite_where=NOT_OK, postgresql_where=NOT_OK),
    Index("ix_log_request", "request_id"),
    Index("ix_log_action", "action_id"),
    Index("ix_log_key_time", "key_fingerprint", "started_at"),
    # rows arrive in the order of time, so this one costs little; it answers "does the log cover that moment"
    Index("ix_log_time", "started_at"),
    Index("ix_log_task", "task_id", sqlite_where=HAS_TASK, postgresql_where=HAS_TASK),
)

batch = Table(
    "batch",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("source", String(24), nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("accepted", Integer, nullable=False),
    Column("duplicate", Integer, nullable=False),
    Column("rejected", Integer, nullable=False),
    Column("duration_ms", Integer, nullable=False),
)

reject = Table(
    "reject",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("batch_id", Integer, nullable=False, index=True),
    Column("line", Integer, nullable=False),
    Column("reason", String(200), nullable=False),
)

schema_version = Table("log_schema", metadata, Column("version", Integer, primary_key=True, autoincrement=False))
VERSION = 1
