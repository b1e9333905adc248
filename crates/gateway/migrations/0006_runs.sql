-- What threads remember between two events, and automations that wait: for a time, for an answer, for
-- another program. A run carries its own remaining steps, so an edit of the file never changes a
-- conversation that has begun, and a restart loses nothing.
CREATE TABLE threads (
    account         TEXT NOT NULL,
    person          TEXT NOT NULL,              -- scoped id
    variables       TEXT NOT NULL DEFAULT '{}', -- JSON: what set, ask and http kept
    paused          TEXT,                       -- why a human answers here; null: automations do
    paused_until_ms INTEGER,                    -- world time; null: until somebody hands the thread back
    PRIMARY KEY (account, person)
) STRICT, WITHOUT ROWID;

CREATE TABLE runs (
    id          INTEGER PRIMARY KEY,
    account     TEXT NOT NULL,
    person      TEXT NOT NULL,
    event_id    INTEGER NOT NULL,               -- the event whose answers it goes on with
    waits_for   TEXT NOT NULL,                  -- time | answer | call
    due_at_ms   INTEGER NOT NULL,               -- world time: time and answer; a call: at once
    next_try_ms INTEGER NOT NULL DEFAULT 0,     -- process time: when a failed call is tried again
    attempts    INTEGER NOT NULL DEFAULT 0,     -- calls made
    run         TEXT NOT NULL                   -- JSON
) STRICT;
CREATE INDEX runs_by_due ON runs (due_at_ms);
CREATE INDEX runs_by_event ON runs (event_id);
-- One question at a time: a second one would not know which answer is its own.
CREATE UNIQUE INDEX runs_one_question ON runs (account, person) WHERE waits_for = 'answer';

-- Until when (process time) a preview of the account is open, for accounts that answer their owner
-- only then.
ALTER TABLE accounts ADD COLUMN preview_until_ms INTEGER NOT NULL DEFAULT 0;

-- Previews: conversations of an owner with her draft, made up (simulate) or in her own thread (send).
CREATE TABLE previews (
    id              TEXT PRIMARY KEY,
    account         TEXT NOT NULL,
    mode            TEXT NOT NULL,              -- simulate | send
    text            TEXT,                       -- automations of its own; null: the account's draft
    automation      TEXT,                       -- the automation it is about, by name
    gesture         TEXT,                       -- JSON: what is done by itself; null: the owner does it
    allow_publish   INTEGER NOT NULL,           -- whether its page may publish
    post_replies    INTEGER NOT NULL,           -- whether public replies are posted on a real account
    created_at_ms   INTEGER NOT NULL,           -- process time
    created_world_ms INTEGER NOT NULL,          -- world time
    expires_at_ms   INTEGER NOT NULL,           -- process time: until when its link works
    ended_at_ms     INTEGER,                    -- process time; null: nobody ended it
    fed             INTEGER NOT NULL,           -- send: whether its gesture was made
    rehearsal       TEXT,                       -- simulate: JSON of the conversation
    published_id    INTEGER                     -- the version that its page published
) STRICT, WITHOUT ROWID;
CREATE INDEX previews_by_account ON previews (account, mode, expires_at_ms);
CREATE INDEX previews_to_feed ON previews (expires_at_ms) WHERE fed = 0 AND ended_at_ms IS NULL;

-- The events that belong to a preview in the owner's own thread.
CREATE TABLE preview_events (
    event_id INTEGER PRIMARY KEY,
    preview  TEXT NOT NULL
) STRICT;
CREATE INDEX preview_events_by_preview ON preview_events (preview, event_id);
