-- Messages whose time may run out: those that are not settled.
CREATE INDEX messages_by_expiry ON messages (expires_at) WHERE state <= 10;

-- Messages that were sent once more on purpose, and what was sent in their place.
CREATE TABLE retries (
    of_id INTEGER PRIMARY KEY,
    by_id INTEGER NOT NULL UNIQUE
) STRICT;
