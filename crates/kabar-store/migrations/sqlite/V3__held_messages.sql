-- Messages that wait for something else than their turn in the lane.
--
-- Kind 1 is to be tried again when it is due; kind 2 is in doubt, and its patience ends when it is due; kind 3 is held
-- until what it is held for is put right.
CREATE TABLE waits (
    id INTEGER PRIMARY KEY,
    lane INTEGER NOT NULL,
    kind INTEGER NOT NULL CHECK (kind IN (1, 2, 3)),
    due_at INTEGER NOT NULL,
    -- What a message of kind 3 is held for: template:SEQ or sender:ID.
    hold TEXT CHECK ((hold IS NOT NULL) = (kind = 3))
) STRICT;

INSERT INTO waits (id, lane, kind, due_at) SELECT id, lane, kind, due_at FROM waiting;

DROP TABLE waiting;

ALTER TABLE waits RENAME TO waiting;

CREATE INDEX waiting_retries ON waiting (lane, due_at, id) WHERE kind = 1;

CREATE INDEX waiting_doubts ON waiting (due_at, id) WHERE kind = 2;

CREATE INDEX waiting_held ON waiting (hold, id) WHERE kind = 3;
