-- Moments are milliseconds since 1970-01-01T00:00:00Z.

CREATE TABLE apps (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE senders (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    app TEXT NOT NULL REFERENCES apps (id),
    waba TEXT NOT NULL,
    throughput INTEGER NOT NULL,
    -- Sealed.
    access_token BLOB,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE tokens (
    number INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    app TEXT NOT NULL REFERENCES apps (id),
    label TEXT NOT NULL,
    -- Names, with a space between.
    scopes TEXT NOT NULL,
    issued_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER
) STRICT;

-- One row, counted up by every change to the three tables above.
CREATE TABLE directory_version (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    version INTEGER NOT NULL
) STRICT;

INSERT INTO directory_version (one, version) VALUES (1, 0);

CREATE TABLE secrets (
    name TEXT PRIMARY KEY,
    -- Sealed.
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE templates (
    -- Never used twice: messages name their template by it.
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    app TEXT NOT NULL REFERENCES apps (id),
    waba TEXT NOT NULL,
    id TEXT NOT NULL,
    code TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    language TEXT NOT NULL,
    category TEXT NOT NULL,
    status TEXT NOT NULL,
    components TEXT NOT NULL,
    sub_category TEXT,
    ttl INTEGER,
    parameter_format TEXT,
    link_tracking_opted_out INTEGER NOT NULL,
    quality TEXT NOT NULL,
    quality_at INTEGER,
    rejected_reason TEXT NOT NULL,
    sample INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (app, id),
    UNIQUE (app, name, language)
) STRICT;

-- Lists walk an app's templates by their number.
CREATE INDEX templates_by_app ON templates (app, seq);

CREATE TABLE lanes (
    number INTEGER PRIMARY KEY,
    app TEXT NOT NULL,
    sender TEXT NOT NULL,
    class TEXT NOT NULL,
    -- The id of the lane's last message for which an attempt was begun; of what comes after it nothing has left.
    claimed_to INTEGER NOT NULL,
    UNIQUE (sender, class)
) STRICT;

CREATE TABLE messages (
    -- The lane's number in the upper bits, the place in the lane, from 1, in the lower 40.
    id INTEGER PRIMARY KEY,
    msgid BLOB NOT NULL UNIQUE,
    app TEXT NOT NULL,
    -- The template's seq.
    template INTEGER NOT NULL,
    recipient TEXT NOT NULL,
    components TEXT NOT NULL,
    -- The furthest of all events.
    state INTEGER NOT NULL,
    wamid TEXT,
    -- Attempts that came out, or are in doubt.
    attempts INTEGER NOT NULL,
    accepted_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX messages_by_wamid ON messages (wamid) WHERE wamid IS NOT NULL;

-- What happened to a message after its acceptance, which its own row tells.
CREATE TABLE message_events (
    message_id INTEGER NOT NULL,
    state INTEGER NOT NULL,
    at INTEGER NOT NULL,
    code INTEGER,
    text TEXT,
    PRIMARY KEY (message_id, state, at)
) STRICT, WITHOUT ROWID;

-- Ranges of messages for which an attempt was begun. A row goes away when all of its messages have an outcome. A
-- message is under way if it is in a range, is not settled, and does not wait. Ranges may overlap: a message that is
-- tried again is in a newer one too.
CREATE TABLE claims (
    number INTEGER PRIMARY KEY,
    first_id INTEGER NOT NULL,
    last_id INTEGER NOT NULL
) STRICT;

-- Messages that wait for something else than their turn. Kind 1 is to be tried again when it is due; kind 2 is in
-- doubt, and its patience ends when it is due.
CREATE TABLE waiting (
    id INTEGER PRIMARY KEY,
    lane INTEGER NOT NULL,
    kind INTEGER NOT NULL CHECK (kind IN (1, 2)),
    due_at INTEGER NOT NULL
) STRICT;

CREATE INDEX waiting_retries ON waiting (lane, due_at, id) WHERE kind = 1;

CREATE INDEX waiting_doubts ON waiting (due_at, id) WHERE kind = 2;
