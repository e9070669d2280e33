-- What the upstream says beside a status, by the status: the reason and the recommendation of a rejection, or the title
-- and the description of a pause.
ALTER TABLE templates ADD COLUMN note_title TEXT;
ALTER TABLE templates ADD COLUMN note_text TEXT;
ALTER TABLE templates ADD COLUMN disabled_at INTEGER;
ALTER TABLE templates ADD COLUMN previous_category TEXT;
-- The category into which the upstream will move it, and when.
ALTER TABLE templates ADD COLUMN coming_category TEXT;
ALTER TABLE templates ADD COLUMN coming_at INTEGER;
-- The category that the app asked for, or accepted since.
ALTER TABLE templates ADD COLUMN asked_category TEXT NOT NULL DEFAULT '';
-- By the upstream's clock, of when its newest report is.
ALTER TABLE templates ADD COLUMN status_told_at INTEGER;
ALTER TABLE templates ADD COLUMN quality_told_at INTEGER;
ALTER TABLE templates ADD COLUMN category_told_at INTEGER;

UPDATE templates SET asked_category = category;

-- What happened to templates; the newest of each are kept.
CREATE TABLE template_events (
    number INTEGER PRIMARY KEY,
    app TEXT NOT NULL,
    -- The template's seq.
    template INTEGER NOT NULL,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    source TEXT NOT NULL,
    was TEXT,
    became TEXT,
    reason TEXT
) STRICT;

CREATE INDEX template_events_by_template ON template_events (template, number);

-- Names whose approved template was deleted: the upstream keeps them from being used again for a while.
CREATE TABLE deleted_names (
    app TEXT NOT NULL,
    name TEXT NOT NULL,
    language TEXT NOT NULL,
    category TEXT NOT NULL,
    deleted_at INTEGER NOT NULL,
    PRIMARY KEY (app, name, language)
) STRICT, WITHOUT ROWID;

-- How an app's sends react when a template drifts.
ALTER TABLE apps ADD COLUMN guard_marketing TEXT NOT NULL DEFAULT 'warn';
ALTER TABLE apps ADD COLUMN guard_paused TEXT NOT NULL DEFAULT 'refuse';
ALTER TABLE apps ADD COLUMN guard_red TEXT NOT NULL DEFAULT 'warn';
