-- Requests that may be repeated: what they were called, and which message came of them.
CREATE TABLE requests (
    -- The first 16 bytes of the SHA-256 of the app and its key.
    key BLOB PRIMARY KEY,
    -- What the request said, likewise.
    content BLOB NOT NULL,
    message_id INTEGER NOT NULL,
    accepted_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- They are forgotten in the order in which they came.
CREATE INDEX requests_by_age ON requests (accepted_at);
