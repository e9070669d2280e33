-- How a message is charged, as a number of its own: what the upstream said with its delivery, or before it.
ALTER TABLE messages ADD COLUMN pricing INTEGER;
ALTER TABLE uncorrelated ADD COLUMN pricing INTEGER;

-- Presses of quick-reply buttons, each once.
CREATE TABLE replies (
    message_id INTEGER NOT NULL,
    -- The first 16 bytes of the SHA-256 of the upstream's id of the reply.
    reply BLOB NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (message_id, reply)
) STRICT, WITHOUT ROWID;
