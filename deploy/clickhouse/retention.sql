-- A second line of retention on a ClickHouse cluster, behind the desk's own purge (which moves figures to cells that
-- stay before it forgets records). Set both spans some days longer than the desk's, so that nothing goes uncounted.

ALTER TABLE log_record_local ON CLUSTER `gatedesk` MODIFY TTL
    toDateTime(intDiv(started_at, 1000), 'UTC') + INTERVAL 100 DAY DELETE WHERE problem = 0,
    toDateTime(intDiv(started_at, 1000), 'UTC') + INTERVAL 410 DAY DELETE WHERE problem = 1;

-- successes and problems of a month are partitions of their own, so that a whole part passes its time at once
ALTER TABLE log_record_local ON CLUSTER `gatedesk` MODIFY SETTING ttl_only_drop_parts = 1;
