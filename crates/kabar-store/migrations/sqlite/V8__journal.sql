-- Calls of the upstream's webhooks, as they came.
CREATE TABLE webhook_calls (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    received_at INTEGER NOT NULL,
    -- The Meta app whose secret the signature was made with; none, if the call was refused.
    signed_by TEXT,
    signature TEXT,
    -- How long the body is, and the body: deflated where that makes it shorter.
    n_bytes INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;

CREATE INDEX webhook_calls_by_time ON webhook_calls (received_at);

CREATE INDEX webhook_calls_refused ON webhook_calls (id) WHERE signed_by IS NULL;

-- What was reported of messages that were not known by this id yet.
CREATE TABLE uncorrelated (
    wamid TEXT NOT NULL,
    state INTEGER NOT NULL,
    at INTEGER NOT NULL,
    code INTEGER,
    text TEXT,
    PRIMARY KEY (wamid, state, at)
) STRICT, WITHOUT ROWID;

CREATE INDEX uncorrelated_by_age ON uncorrelated (at);

-- Parts of the journal that are to be taken in once more, and how far that is.
CREATE TABLE replays (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    asked_at INTEGER NOT NULL,
    from_at INTEGER NOT NULL,
    to_at INTEGER NOT NULL,
    -- The last call that was looked at.
    last_at INTEGER NOT NULL,
    last_id INTEGER NOT NULL,
    calls INTEGER NOT NULL,
    refused INTEGER NOT NULL,
    unreadable INTEGER NOT NULL,
    news INTEGER NOT NULL,
    known INTEGER NOT NULL,
    uncorrelated INTEGER NOT NULL,
    done_at INTEGER
) STRICT;

CREATE INDEX replays_to_do ON replays (id) WHERE done_at IS NULL;
