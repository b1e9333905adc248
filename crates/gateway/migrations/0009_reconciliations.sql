-- The newest comparison of each account with what Instagram has. What runs when the process ends is begun again.
CREATE TABLE reconciliations (
    account     TEXT PRIMARY KEY REFERENCES accounts (account) ON DELETE CASCADE,
    state       TEXT NOT NULL,                 -- running | waiting | done | interrupted | failed
    is_over     INTEGER NOT NULL,
    report      TEXT NOT NULL,                 -- JSON
    asked_at_ms INTEGER NOT NULL               -- world time
) STRICT, WITHOUT ROWID;
CREATE INDEX reconciliations_open ON reconciliations (state, asked_at_ms) WHERE is_over = 0;
CREATE INDEX reconciliations_over ON reconciliations (asked_at_ms) WHERE is_over = 1;
