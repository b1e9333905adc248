-- The accounts that businesses have connected, and what we may do for them. One row per Instagram
-- account, and one token per login flow it was connected through: the same account may have both.
CREATE TABLE accounts (
    account             TEXT PRIMARY KEY,              -- Instagram user id: entry.id of its webhooks
    username            TEXT NOT NULL,
    name                TEXT,
    account_type        TEXT,
    profile_picture_url TEXT,
    app_scoped_id       TEXT,                          -- id of /me: not the account's id anywhere else
    self_igsid          TEXT,                          -- the account as it sees itself; learned from its own events
    page_id             TEXT,
    mode                TEXT NOT NULL,                 -- live | preview_only: whether anybody but the owner is answered
    self_mode           TEXT NOT NULL,                 -- always | session | off: when the owner herself is answered
    connected_at_ms     INTEGER NOT NULL               -- world time
) STRICT, WITHOUT ROWID;
CREATE INDEX accounts_by_self_igsid ON accounts (self_igsid) WHERE self_igsid IS NOT NULL;
CREATE INDEX accounts_by_app_scoped_id ON accounts (app_scoped_id) WHERE app_scoped_id IS NOT NULL;

CREATE TABLE account_tokens (
    account           TEXT NOT NULL REFERENCES accounts (account) ON DELETE CASCADE,
    flow              TEXT NOT NULL,                   -- instagram | facebook
    sealed            BLOB NOT NULL,                   -- the token, encrypted with the key of gateway.key
    scopes            TEXT,                            -- JSON list; null: Instagram was not asked
    obtained_at_ms    INTEGER NOT NULL,                -- world time
    expires_at_ms     INTEGER,                         -- world time; null: never, or unknown
    broken            TEXT,                            -- why it must be reconnected; null: it works
    subscribed_fields TEXT,                            -- JSON list; null: webhooks are not installed
    webhook_error     TEXT,                            -- why they could not be installed
    PRIMARY KEY (account, flow)
) STRICT, WITHOUT ROWID;

-- Confirmation codes of data deletions, for the page that Meta's users are sent to.
CREATE TABLE data_deletions (
    confirmation_code TEXT PRIMARY KEY,
    requested_at_ms   INTEGER NOT NULL,                -- world time
    completed_at_ms   INTEGER
) STRICT, WITHOUT ROWID;

-- Keys of the API. Only a digest is kept: a key is long and random, so a fast digest protects it, and
-- whoever reads this table can call nothing. A revoked key stays, so that its last use can be seen.
CREATE TABLE api_keys (
    id              INTEGER PRIMARY KEY,
    name            TEXT NOT NULL,
    hint            TEXT NOT NULL,                     -- the first characters, to tell keys apart
    digest          BLOB NOT NULL UNIQUE,              -- SHA-256 of the whole key
    scopes          TEXT NOT NULL,                     -- JSON list
    created_at_ms   INTEGER NOT NULL,                  -- world time
    last_used_at_ms INTEGER,                           -- world time; to the minute
    revoked_at_ms   INTEGER                            -- world time
) STRICT;

-- Where the events of an account go instead of to the automations, where that was said for the account
-- itself; an account without a row goes by the gateway's own setting.
CREATE TABLE forwards (
    account TEXT PRIMARY KEY REFERENCES accounts (account) ON DELETE CASCADE,
    url     TEXT,                                      -- null: nowhere; the automations answer
    shape   TEXT NOT NULL                              -- meta | inbound
) STRICT, WITHOUT ROWID;

-- Keys with which somebody's own engine speaks for one account, through the Graph-shaped calls.
CREATE TABLE engine_keys (
    digest        BLOB PRIMARY KEY,                    -- SHA-256 of the key, which is shown once
    account       TEXT NOT NULL REFERENCES accounts (account) ON DELETE CASCADE,
    created_at_ms INTEGER NOT NULL                     -- world time
) STRICT, WITHOUT ROWID;
CREATE INDEX engine_keys_by_account ON engine_keys (account);
