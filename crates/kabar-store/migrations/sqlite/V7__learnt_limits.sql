-- What was learnt of the upstream's limits.
CREATE TABLE learnt_limits (
    -- throughput:SENDER, or daily:WABA.
    what TEXT PRIMARY KEY,
    value INTEGER NOT NULL,
    learnt_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
