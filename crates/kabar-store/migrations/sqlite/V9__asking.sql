-- Messages of a recipient, newest first.
CREATE INDEX messages_by_recipient ON messages (recipient, msgid);

-- What happened on a message's way that is not the plain way: what it waited for beside its turn, and attempts that did
-- not have the upstream take it. Notes of one kind in a row are one, and only so many of a message are kept.
CREATE TABLE message_notes (
    message_id INTEGER NOT NULL,
    -- From 1 in the order in which they came; one that is no longer kept leaves a gap.
    place INTEGER NOT NULL,
    kind TEXT NOT NULL,
    -- Which attempt it was, or would have been.
    attempt INTEGER NOT NULL,
    -- The first and the last time, and how often.
    first_at INTEGER NOT NULL,
    at INTEGER NOT NULL,
    times INTEGER NOT NULL,
    -- Until when it waits after that.
    due_at INTEGER,
    -- What the upstream answered.
    http_status INTEGER,
    code INTEGER,
    subcode INTEGER,
    text TEXT,
    trace TEXT,
    PRIMARY KEY (message_id, place)
) STRICT, WITHOUT ROWID;
