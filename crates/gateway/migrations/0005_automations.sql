-- Every version of the automations that was ever published, whole, so that each can be shown and
-- brought back. The newest row of an account is what is live; without one, the newest row for all.
CREATE TABLE published_automations (
    id              INTEGER PRIMARY KEY,
    account         TEXT,                              -- Instagram user id; null: for every account
    version         TEXT NOT NULL,                     -- digest of the text
    text            TEXT NOT NULL,
    published_at_ms INTEGER NOT NULL,                  -- world time
    published_by    TEXT NOT NULL                      -- first_start | api | studio | roll_back | preview
) STRICT;
CREATE INDEX published_automations_by_account ON published_automations (account, id);

-- Drafts that belong to one account. The draft for all is a file.
CREATE TABLE draft_automations (
    account       TEXT PRIMARY KEY,
    text          TEXT NOT NULL,
    updated_at_ms INTEGER NOT NULL                     -- world time
) STRICT, WITHOUT ROWID;
