-- How the files that a message names by their URLs go to the upstream, where its request said so: 1 uploaded, 2 as links.
ALTER TABLE messages ADD COLUMN media INTEGER CHECK (media IN (1, 2));

-- Files that were uploaded for messages, by what stands for a sender, a kind of file and its URL. The URL itself is not
-- kept: it may be somebody's.
CREATE TABLE sent_media (
    key BLOB PRIMARY KEY,
    media_id TEXT NOT NULL,
    -- Of the content.
    sha256 BLOB NOT NULL,
    -- With what the file's server is asked whether it has changed.
    etag TEXT,
    last_modified TEXT,
    uploaded_at INTEGER NOT NULL,
    -- When it was last seen that the server has no other file there.
    checked_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The oldest are forgotten first.
CREATE INDEX sent_media_by_age ON sent_media (uploaded_at);
