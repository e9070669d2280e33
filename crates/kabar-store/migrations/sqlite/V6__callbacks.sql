-- Callbacks: addresses of apps that are told what happens, and what there is to be told.

CREATE TABLE callbacks (
    -- Never used twice: deliveries name their callback by it.
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id BLOB NOT NULL UNIQUE,
    app TEXT NOT NULL REFERENCES apps (id),
    url TEXT NOT NULL,
    description TEXT NOT NULL,
    -- Patterns of events, with a space between.
    events TEXT NOT NULL,
    signing TEXT NOT NULL,
    -- Sealed.
    key BLOB NOT NULL,
    public_key BLOB,
    -- The key before this one, which signs too until its time is up.
    old_signing TEXT,
    old_key BLOB,
    old_until INTEGER,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    paused_at INTEGER,
    paused_why TEXT,
    -- When the first of the calls failed after which none went well.
    failing_since INTEGER,
    -- A callback that was deleted stays until the last of its deliveries is.
    removed_at INTEGER
) STRICT;

CREATE INDEX callbacks_by_app ON callbacks (app, number);

CREATE TABLE deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- The callback's number.
    callback INTEGER NOT NULL,
    -- The event's id, the same for every callback that is told of it.
    event BLOB NOT NULL,
    kind TEXT NOT NULL,
    -- What it is about: deliveries of one callback about one thing are made one after the other.
    stream INTEGER,
    body TEXT NOT NULL,
    occurred_at INTEGER NOT NULL,
    -- 0 is to be made when it is due, 1 comes after another of its stream, 2 was made, 3 was given up.
    state INTEGER NOT NULL CHECK (state IN (0, 1, 2, 3)),
    -- When it is due, or when it ended.
    at INTEGER NOT NULL,
    -- Calls in all, and since it was last asked for.
    calls INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    UNIQUE (callback, event)
) STRICT;

CREATE INDEX deliveries_due ON deliveries (callback, at, id) WHERE state = 0;

CREATE INDEX deliveries_open ON deliveries (callback, stream, id) WHERE state < 2;

CREATE INDEX deliveries_ended ON deliveries (at) WHERE state >= 2;

CREATE INDEX deliveries_by_time ON deliveries (callback, occurred_at, id);

CREATE TABLE delivery_calls (
    delivery INTEGER NOT NULL,
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    took_ms INTEGER NOT NULL,
    -- The status of the answer, or why there was none.
    status INTEGER,
    error TEXT,
    PRIMARY KEY (delivery, number)
) STRICT, WITHOUT ROWID;
