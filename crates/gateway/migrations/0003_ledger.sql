-- Decided events and everything we say because of them. An event's row and the rows of its answers are
-- written by one transaction, so an event is decided once; a send leaves `ready` by a durable commit
-- before its call begins, so it is never made twice by itself.

-- One row for each event that was decided or set aside. Events that repeat an identity have none.
CREATE TABLE events (
    id             INTEGER PRIMARY KEY,
    delivery_id    INTEGER NOT NULL,            -- the raw body it came in
    position       INTEGER NOT NULL,            -- which event of that body, from 0
    account        TEXT,                        -- Instagram user id; null: nobody's
    kind           TEXT NOT NULL,               -- message, postback, comment, …
    identity       TEXT,                        -- what makes two deliveries the same event; null: nothing does
    person         TEXT,                        -- scoped id
    own            INTEGER NOT NULL,            -- whether the owner herself did it
    subject        TEXT,                        -- the mid or comment id it is about
    said           TEXT,                        -- what she wrote or tapped
    occurred_at_ms INTEGER NOT NULL,            -- world time
    state          TEXT NOT NULL,               -- answered | forwarded | no_rule | parked | failed | ours | ignored | unknown_account
    reason         TEXT,
    trace          TEXT,                        -- JSON: why the automations decided as they did
    decided_at_ms  INTEGER NOT NULL,            -- process time
    payload        BLOB                         -- the event itself, for those that are decided later or looked at
) STRICT;
CREATE UNIQUE INDEX events_identity ON events (account, identity) WHERE identity IS NOT NULL;
CREATE INDEX events_by_person ON events (account, person);
CREATE INDEX events_by_subject ON events (account, subject) WHERE subject IS NOT NULL;
CREATE INDEX events_by_state ON events (state, id);
CREATE INDEX events_by_delivery ON events (delivery_id);
-- Dead letters: what nobody could be found for, or could not be carried out.
CREATE INDEX events_dead ON events (delivery_id) WHERE state IN ('failed', 'unknown_account');
-- The budget of a self thread counts these.
CREATE INDEX events_own_answers ON events (account, decided_at_ms)
    WHERE own = 1 AND state IN ('answered', 'forwarded');

-- One row for each thing to say or do. `lane` orders them: one at a time per person. `place` is where
-- the echo shows up: a thread, or the comments of an account; null for steps that have no echo.
CREATE TABLE sends (
    id                    INTEGER PRIMARY KEY,
    event_id              INTEGER REFERENCES events (id),
    step_index            INTEGER NOT NULL,
    again_of              INTEGER REFERENCES sends (id),
    account               TEXT NOT NULL,
    person                TEXT NOT NULL,
    lane                  TEXT NOT NULL,
    place                 TEXT,
    own                   INTEGER NOT NULL,     -- whether it goes to the owner herself
    media                 TEXT,                 -- of public replies, where known
    kind                  TEXT NOT NULL,        -- text | template | attachment | typing | react | pause
    said                  TEXT,                 -- text: the words; template: its words; attachment: its kind
    step                  TEXT NOT NULL,        -- JSON: the planned step
    state                 TEXT NOT NULL,        -- ready | calling | sent | in_doubt | parked | failed | cancelled | sent_again
    reason                TEXT,
    mid                   TEXT,                 -- or the comment id of a public reply
    echo_seen             INTEGER NOT NULL DEFAULT 0,
    attempts              INTEGER NOT NULL DEFAULT 0,
    created_at_ms         INTEGER NOT NULL,     -- process time
    job_id                INTEGER,              -- its place in the lane, while it has one
    job_token             BLOB,                 -- of the lease it is called or in doubt under
    call_started_at_ms    INTEGER,              -- process time
    call_deadline_ms      INTEGER,              -- process time
    call_ended_at_ms      INTEGER,              -- process time
    call_started_world_ms INTEGER,
    call_ended_world_ms   INTEGER,
    call_skew_ms          INTEGER,              -- Instagram's clock minus ours, when the call began
    next_check_at_ms      INTEGER,              -- process time: when to look for it on Instagram
    call_before_ms        INTEGER,              -- process time: whoever asked for it waits no longer; null: nobody waits
    rate_class            TEXT,                 -- which of Instagram's rate limits its calls count for
    refusal               TEXT                  -- JSON: Instagram's refusal, for whoever waits for the end of it
) STRICT;
CREATE UNIQUE INDEX sends_by_event ON sends (event_id, step_index, ifnull(again_of, 0)) WHERE event_id IS NOT NULL;
CREATE INDEX sends_by_mid ON sends (account, mid) WHERE mid IS NOT NULL;
CREATE INDEX sends_open_at_place ON sends (place) WHERE state IN ('calling', 'in_doubt', 'parked', 'sent_again');
CREATE INDEX sends_without_echo ON sends (place, call_started_world_ms) WHERE state = 'sent' AND echo_seen = 0;
CREATE INDEX sends_by_state ON sends (state, id);
CREATE INDEX sends_by_job ON sends (job_id) WHERE job_id IS NOT NULL;

-- A restart goes on counting what is limited by the hour.
CREATE INDEX sends_private_replies ON sends (call_started_at_ms) WHERE rate_class = 'private_reply';

-- What was learned about Instagram's behaviour, per account.
CREATE TABLE ledger_accounts (
    account          TEXT PRIMARY KEY,
    self_send_form   TEXT NOT NULL DEFAULT 'path',    -- path | standard
    self_thread_open INTEGER NOT NULL DEFAULT 0,      -- whether the owner has written to herself
    echo_mids        TEXT NOT NULL DEFAULT 'unknown', -- unknown | same | different
    skew_ms          INTEGER,                         -- Instagram's clock minus ours, newest
    held_until_ms    INTEGER NOT NULL DEFAULT 0,      -- world time: nothing is called before; Instagram asked for a pause
    n_throttled      INTEGER NOT NULL DEFAULT 0       -- refusals for calling too often, in a row
) STRICT, WITHOUT ROWID;

-- Usernames that webhooks told us, for the texts of automations.
CREATE TABLE people (
    account  TEXT NOT NULL,
    person   TEXT NOT NULL,
    username TEXT NOT NULL,
    PRIMARY KEY (account, person)
) STRICT, WITHOUT ROWID;

-- Switches of the whole gateway, such as the kill switch.
CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
