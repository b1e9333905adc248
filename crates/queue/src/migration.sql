-- Jobs of every queue of this database. Done jobs are deleted; buried ones stay until somebody revives or removes them.
-- A keyed job waits until it is the head of its key's line; only heads and jobs without a key are ready.
-- due_at_ms is in whichever clock the queue's owner uses; lease_expires_ms is process time.
CREATE TABLE jobs (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    queue            TEXT    NOT NULL,
    key              TEXT,
    state            TEXT    NOT NULL CHECK (state IN ('waiting', 'ready', 'leased', 'buried')),
    is_head          INTEGER NOT NULL CHECK (is_head IN (0, 1)),
    due_at_ms        INTEGER NOT NULL,
    attempts         INTEGER NOT NULL DEFAULT 0,
    lease_number     INTEGER NOT NULL DEFAULT 0,
    lease_expires_ms INTEGER,
    interrupted      INTEGER NOT NULL DEFAULT 0 CHECK (interrupted IN (0, 1)),
    cause            TEXT,
    payload          BLOB    NOT NULL,
    CHECK ((state = 'leased') = (lease_expires_ms IS NOT NULL)),
    CHECK (is_head = 0 OR (key IS NOT NULL AND state IN ('ready', 'leased'))),
    CHECK (state <> 'waiting' OR key IS NOT NULL)
) STRICT;

-- One head per line, whatever happens above.
CREATE UNIQUE INDEX jobs_head ON jobs (queue, key) WHERE is_head = 1;
-- Each state has its own small index, so that a backlog of one costs the others nothing.
CREATE INDEX jobs_waiting ON jobs (queue, key, id) WHERE state = 'waiting';
CREATE INDEX jobs_ready ON jobs (queue, due_at_ms, id) WHERE state = 'ready';
CREATE INDEX jobs_leased ON jobs (queue, lease_expires_ms) WHERE state = 'leased';
CREATE INDEX jobs_buried ON jobs (queue, id) WHERE state = 'buried';
