-- Who gets no marketing of an app, and who did not and does again: an older report must not stop anybody anew.
CREATE TABLE suppressions (
    app TEXT NOT NULL REFERENCES apps (id),
    recipient TEXT NOT NULL,
    stopped INTEGER NOT NULL,
    source TEXT NOT NULL,
    note TEXT NOT NULL,
    -- When the recipient, or somebody for them, said so.
    at INTEGER NOT NULL,
    -- Counted up over all rows, so that others see what changed since they last looked.
    change INTEGER NOT NULL UNIQUE,
    PRIMARY KEY (app, recipient)
) STRICT, WITHOUT ROWID;

-- Texts of quick replies by which recipients stop an app's marketing, a line each.
ALTER TABLE apps ADD COLUMN stop_replies TEXT NOT NULL DEFAULT '';
