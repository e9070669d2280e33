-- Up to which message of the lane all values were erased for their age.
ALTER TABLE lanes ADD COLUMN erased_to INTEGER NOT NULL DEFAULT 0;
-- How many messages of the lane were forgotten, and the greatest id among them.
ALTER TABLE lanes ADD COLUMN forgotten INTEGER NOT NULL DEFAULT 0;
ALTER TABLE lanes ADD COLUMN forgotten_to INTEGER NOT NULL DEFAULT 0;

-- What statistics know of messages that were forgotten: how many there were of each kind.
CREATE TABLE past_messages (
    lane INTEGER NOT NULL,
    -- The quarter of an hour in which they were accepted, counted from 1970.
    slot INTEGER NOT NULL,
    -- The template's seq.
    template INTEGER NOT NULL,
    state INTEGER NOT NULL,
    -- Why they failed; 0 if they did not.
    code INTEGER NOT NULL,
    -- The leading digits of the recipients' numbers.
    prefix TEXT NOT NULL,
    -- How they are charged; -1 if the upstream did not say.
    pricing INTEGER NOT NULL,
    -- The quarter of an hour in which they were delivered; -1 if they were not.
    delivered INTEGER NOT NULL,
    messages INTEGER NOT NULL,
    replies INTEGER NOT NULL,
    PRIMARY KEY (lane, slot, template, state, code, prefix, pricing, delivered)
) STRICT, WITHOUT ROWID;

-- Recipients who are to be erased. A row goes away when nothing of the recipient is left.
CREATE TABLE erasures (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    app TEXT NOT NULL,
    recipient TEXT NOT NULL,
    asked_at INTEGER NOT NULL,
    UNIQUE (app, recipient)
) STRICT;
