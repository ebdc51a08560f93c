-- The log on a ClickHouse cluster called `gatedesk`: run once, on any node, in the database that GATEDESK_LOGS_URL names.
-- Made from app/store/logs_clickhouse_schema.py (`cluster_statements`); a test keeps both the same.
-- Needs the macros {shard} and {replica} on every node, and a Keeper. See README.md beside this file.

CREATE TABLE IF NOT EXISTS log_record_local ON CLUSTER `gatedesk` (`started_at` Int64 CODEC(Delta, ZSTD(1)),
    `record_id` FixedString(16), `problem` UInt8, `request_id` String CODEC(ZSTD(1)), `action_id` String
    CODEC(ZSTD(1)), `source` LowCardinality(String), `latency_ms` Nullable(Int64) CODEC(T64, ZSTD(1)), `ttft_ms`
    Nullable(Int64) CODEC(T64, ZSTD(1)), `attempt` Int64 CODEC(T64, ZSTD(1)), `request_type` LowCardinality(String),
    `endpoint` LowCardinality(Nullable(String)), `client` LowCardinality(Nullable(String)), `model_requested`
    LowCardinality(Nullable(String)), `model_served` LowCardinality(Nullable(String)), `provider`
    LowCardinality(Nullable(String)), `status_code` Nullable(Int64) CODEC(T64, ZSTD(1)), `outcome`
    LowCardinality(String), `origin` LowCardinality(String), `error_code` LowCardinality(Nullable(String)),
    `error_message` Nullable(String) CODEC(ZSTD(1)), `key_prefix` LowCardinality(String), `key_last4`
    LowCardinality(Nullable(String)), `key_fingerprint` LowCardinality(Nullable(FixedString(16))), `key_alias`
    LowCardinality(Nullable(String)), `owner` LowCardinality(Nullable(String)), `group`
    LowCardinality(Nullable(String)), `environment` LowCardinality(Nullable(String)), `prompt_tokens` Nullable(Int64)
    CODEC(T64, ZSTD(1)), `completion_tokens` Nullable(Int64) CODEC(T64, ZSTD(1)), `cost_micros` Nullable(Int64)
    CODEC(T64, ZSTD(1)), `charged` Nullable(Bool), `quota_micros` Nullable(Int64) CODEC(T64, ZSTD(1)),
    `balance_micros` Nullable(Int64) CODEC(T64, ZSTD(1)), `stream` Nullable(Bool), `stream_end`
    LowCardinality(Nullable(String)), `retries` Nullable(Int64) CODEC(T64, ZSTD(1)), `fallback_from`
    LowCardinality(Nullable(String)), `fallback_reason` Nullable(String) CODEC(ZSTD(1)), `task_id` Nullable(String)
    CODEC(ZSTD(1)), `tags` Array(LowCardinality(String)), `failure` LowCardinality(String), `client_name`
    LowCardinality(String), `batch_id` UInt64 CODEC(Delta, ZSTD(1)), `version` UInt64 CODEC(Delta, ZSTD(1)), `sign`
    Int8, INDEX by_record_id `record_id` TYPE bloom_filter(0.001) GRANULARITY 1, INDEX by_request_id `request_id` TYPE
    bloom_filter(0.001) GRANULARITY 1, INDEX by_action_id `action_id` TYPE bloom_filter(0.001) GRANULARITY 1, INDEX
    by_task_id task_id TYPE bloom_filter(0.01) GRANULARITY 1, INDEX by_batch_id batch_id TYPE minmax GRANULARITY 1,
    INDEX by_key_fingerprint key_fingerprint TYPE bloom_filter(0.01) GRANULARITY 1, INDEX by_key_last4 key_last4 TYPE
    bloom_filter(0.01) GRANULARITY 1)
ENGINE = ReplicatedVersionedCollapsingMergeTree('/clickhouse/tables/{shard}/{database}/log_record', '{replica}', sign,
    version)
PARTITION BY (toYYYYMM(toDateTime(intDiv(started_at, 1000), 'UTC')), problem)
ORDER BY (started_at, record_id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS log_record ON CLUSTER `gatedesk` AS log_record_local
ENGINE = Distributed(`gatedesk`, currentDatabase(), log_record_local, sipHash64(if(isNull(key_fingerprint), action_id,
    toString(key_fingerprint))));

CREATE TABLE IF NOT EXISTS rollup_local ON CLUSTER `gatedesk` (dimension LowCardinality(String), hour Int64, value
    String, kept UInt64, requests SimpleAggregateFunction(sum, Int64), ok SimpleAggregateFunction(sum, Int64), error
    SimpleAggregateFunction(sum, Int64), partial SimpleAggregateFunction(sum, Int64), cancelled
    SimpleAggregateFunction(sum, Int64), failed_auth SimpleAggregateFunction(sum, Int64), failed_balance
    SimpleAggregateFunction(sum, Int64), failed_rate_limit SimpleAggregateFunction(sum, Int64), failed_model_not_found
    SimpleAggregateFunction(sum, Int64), failed_timeout SimpleAggregateFunction(sum, Int64), failed_task_failed
    SimpleAggregateFunction(sum, Int64), failed_other SimpleAggregateFunction(sum, Int64), caller_side
    SimpleAggregateFunction(sum, Int64), streams SimpleAggregateFunction(sum, Int64), charged_failures
    SimpleAggregateFunction(sum, Int64), retries SimpleAggregateFunction(sum, Int64), fallbacks
    SimpleAggregateFunction(sum, Int64), prompt_tokens SimpleAggregateFunction(sum, Int64), completion_tokens
    SimpleAggregateFunction(sum, Int64), cost_micros SimpleAggregateFunction(sum, Int64), refund_micros
    SimpleAggregateFunction(sum, Int64), charged_micros SimpleAggregateFunction(sum, Int64), latency_sum
    SimpleAggregateFunction(sum, Int64), ttft_sum SimpleAggregateFunction(sum, Int64), latency
    SimpleAggregateFunction(sumMap, Map(Int64, Int64)), ttft SimpleAggregateFunction(sumMap, Map(Int64, Int64)))
ENGINE = ReplicatedAggregatingMergeTree('/clickhouse/tables/{shard}/{database}/rollup', '{replica}')
ORDER BY (dimension, hour, value, kept)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS rollup ON CLUSTER `gatedesk` AS rollup_local
ENGINE = Distributed(`gatedesk`, currentDatabase(), rollup_local, cityHash64(value));

CREATE TABLE IF NOT EXISTS log_batch ON CLUSTER `gatedesk` (number UInt64, step UInt64, kind LowCardinality(String),
    holder String, state LowCardinality(String), until Int64, source LowCardinality(String), instance String,
    received_at Int64, low Int64, high Int64, target UInt64, accepted UInt64, duplicate UInt64, rejected UInt64,
    duration_ms UInt64, rolled_back Nullable(UInt64), newest Nullable(Int64), lag_sum Int64, lag_worst
    Nullable(Int64), filled Array(LowCardinality(String)))
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/all/{database}/log_batch', '{shard}-{replica}', step)
ORDER BY number
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS log_reject ON CLUSTER `gatedesk` (batch_id UInt64, line Int64, reason String)
ENGINE = ReplicatedMergeTree('/clickhouse/tables/all/{database}/log_reject', '{shard}-{replica}')
ORDER BY (batch_id, line)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS log_schema ON CLUSTER `gatedesk` (version UInt32)
ENGINE = ReplicatedMergeTree('/clickhouse/tables/all/{database}/log_schema', '{shard}-{replica}')
ORDER BY version
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE MATERIALIZED VIEW IF NOT EXISTS rollup_of_record ON CLUSTER `gatedesk` TO rollup_local AS SELECT dimension,
    hour, value, toUInt64(0) AS kept, n_requests AS requests, n_ok AS ok, n_error AS error, n_partial AS partial,
    n_cancelled AS cancelled, n_failed_auth AS failed_auth, n_failed_balance AS failed_balance, n_failed_rate_limit AS
    failed_rate_limit, n_failed_model_not_found AS failed_model_not_found, n_failed_timeout AS failed_timeout,
    n_failed_task_failed AS failed_task_failed, n_failed_other AS failed_other, n_caller_side AS caller_side,
    n_streams AS streams, n_charged_failures AS charged_failures, n_retries AS retries, n_fallbacks AS fallbacks,
    n_prompt_tokens AS prompt_tokens, n_completion_tokens AS completion_tokens, n_cost_micros AS cost_micros,
    n_refund_micros AS refund_micros, n_charged_micros AS charged_micros, n_latency_sum AS latency_sum, n_ttft_sum AS
    ttft_sum, n_latency AS latency, n_ttft AS ttft
FROM (SELECT hour, multiIf(grouping(of_group) = grouping(hour), 'group', grouping(of_environment) = grouping(hour),
    'environment', grouping(of_model) = grouping(hour), 'model', grouping(of_request_type) = grouping(hour),
    'request_type', grouping(of_client) = grouping(hour), 'client', grouping(of_provider) = grouping(hour),
    'provider', grouping(of_owner) = grouping(hour), 'owner', grouping(of_failure) = grouping(hour), 'failure', 'all')
    AS dimension, concat(of_group, of_environment, of_model, of_request_type, of_client, of_provider, of_owner,
    of_failure) AS value, sum(sign * (toInt64(1))) AS n_requests, sum(sign * (toInt64(outcome = 'ok'))) AS n_ok,
    sum(sign * (toInt64(outcome = 'error'))) AS n_error, sum(sign * (toInt64(outcome = 'partial'))) AS n_partial,
    sum(sign * (toInt64(outcome = 'cancelled'))) AS n_cancelled, sum(sign * (toInt64(endsWith(failure, ' auth')))) AS
    n_failed_auth, sum(sign * (toInt64(endsWith(failure, ' balance')))) AS n_failed_balance, sum(sign *
    (toInt64(endsWith(failure, ' rate_limit')))) AS n_failed_rate_limit, sum(sign * (toInt64(endsWith(failure, '
    model_not_found')))) AS n_failed_model_not_found, sum(sign * (toInt64(endsWith(failure, ' timeout')))) AS
    n_failed_timeout, sum(sign * (toInt64(endsWith(failure, ' task_failed')))) AS n_failed_task_failed, sum(sign *
    (toInt64(endsWith(failure, ' other')))) AS n_failed_other, sum(sign * (toInt64(problem AND outcome != 'cancelled' AND origin IN ('user',
    'key_owner', 'client')))) AS n_caller_side, sum(sign * (toInt64(ifNull(stream, 0) OR outcome = 'partial'))) AS n_streams, sum(sign *
    (toInt64(problem AND outcome != 'cancelled' AND ifNull(charged, 0)))) AS n_charged_failures, sum(sign * (ifNull(retries, 0))) AS n_retries,
    sum(sign * (toInt64(isNotNull(fallback_from)))) AS n_fallbacks, sum(sign * (ifNull(prompt_tokens, 0))) AS
    n_prompt_tokens, sum(sign * (ifNull(completion_tokens, 0))) AS n_completion_tokens, sum(sign *
    (greatest(ifNull(cost_micros, 0), 0))) AS n_cost_micros, sum(sign * (greatest(-ifNull(cost_micros, 0), 0))) AS
    n_refund_micros, sum(sign * (if(ifNull(charged, 0), greatest(ifNull(cost_micros, 0), 0), 0))) AS n_charged_micros,
    sum(sign * (if(problem, 0, ifNull(latency_ms, 0)))) AS n_latency_sum, sum(sign * (ifNull(ttft_ms, 0))) AS
    n_ttft_sum, sumMap(if(NOT problem AND isNotNull(latency_ms), map(roundDown(ifNull(latency_ms, 0), CAST([0, 2, 3,
    4, 6, 8, 12, 16, 23, 32, 46, 64, 91, 128, 182, 256, 363, 512, 725, 1024, 1449, 2048, 2897, 4096, 5793, 8192,
    11586, 16384, 23171, 32768, 46341, 65536, 92682, 131072, 185364, 262144, 370728, 524288, 741456, 1048576, 1482911,
    2097152, 2965821, 4194304, 5931642, 8388608, 11863284, 16777216, 23726567, 33554432, 47453133, 67108864, 94906266,
    134217728, 189812532, 268435456, 379625063, 536870912, 759250125, 1073741824, 1518500250, 2147483648, 3037000500],
    'Array(Int64)')), toInt64(sign)), CAST(map(), 'Map(Int64, Int64)'))) AS n_latency, sumMap(if(isNotNull(ttft_ms),
    map(roundDown(ifNull(ttft_ms, 0), CAST([0, 2, 3, 4, 6, 8, 12, 16, 23, 32, 46, 64, 91, 128, 182, 256, 363, 512,
    725, 1024, 1449, 2048, 2897, 4096, 5793, 8192, 11586, 16384, 23171, 32768, 46341, 65536, 92682, 131072, 185364,
    262144, 370728, 524288, 741456, 1048576, 1482911, 2097152, 2965821, 4194304, 5931642, 8388608, 11863284, 16777216,
    23726567, 33554432, 47453133, 67108864, 94906266, 134217728, 189812532, 268435456, 379625063, 536870912,
    759250125, 1073741824, 1518500250, 2147483648, 3037000500], 'Array(Int64)')), toInt64(sign)), CAST(map(),
    'Map(Int64, Int64)'))) AS n_ttft
FROM (SELECT toInt64(floor(started_at / 3600000)) AS hour, ifNull(`group`, '') AS of_group, ifNull(environment, '') AS
    of_environment, ifNull(model_requested, '') AS of_model, ifNull(request_type, '') AS of_request_type,
    ifNull(client_name, '') AS of_client, ifNull(provider, '') AS of_provider, ifNull(owner, '') AS of_owner,
    ifNull(failure, '') AS of_failure, *
FROM log_record_local WHERE 1) GROUP BY GROUPING SETS ((hour), (hour, of_group), (hour, of_environment), (hour,
    of_model), (hour, of_request_type), (hour, of_client), (hour, of_provider), (hour, of_owner), (hour, of_failure)))
    WHERE NOT (dimension = 'failure' AND value = '');

INSERT INTO log_schema VALUES (2);
