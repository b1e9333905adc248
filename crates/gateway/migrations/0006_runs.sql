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
-- One question at a time: a second one would not know which answer is its own.
CREATE UNIQUE INDEX runs_one_question ON runs (account, person) WHERE waits_for = 'answer';

-- Until when (process time) a preview of the account is open, for accounts that answer their owner
-- only then.
ALTER TABLE accounts ADD COLUMN preview_until_ms INTEGER NOT NULL DEFAULT 0;
