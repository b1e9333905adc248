-- What Instagram delivered, byte for byte, before anybody has read it. A webhook is answered 200 only
-- after its row here is synced; everything later is derived from it. The splitter walks the ids with a
-- cursor, so taking one in writes one row and nothing else.
CREATE TABLE raw_deliveries (
    id                INTEGER PRIMARY KEY,
    received_at_ms    INTEGER NOT NULL,         -- process time
    received_world_ms INTEGER NOT NULL,         -- world time
    signed_with       TEXT NOT NULL,            -- whose app secret matched: instagram | facebook
    body              BLOB NOT NULL
) STRICT;

-- The last raw delivery that was split. Retention never removes the row it points at, so ids are never
-- used again.
CREATE TABLE split_cursor (
    only        INTEGER PRIMARY KEY CHECK (only = 1),
    delivery_id INTEGER NOT NULL
) STRICT;
INSERT INTO split_cursor (only, delivery_id) VALUES (1, 0);

-- Bodies whose signature failed: enough to find out why, never acted on, bounded in number.
CREATE TABLE failed_signatures (
    id             INTEGER PRIMARY KEY,
    received_at_ms INTEGER NOT NULL,            -- process time
    length_bytes   INTEGER NOT NULL,
    head           BLOB NOT NULL,               -- the first bytes of the body
    reason         TEXT NOT NULL,
    secrets_tried  TEXT NOT NULL                -- which secrets, by name: instagram,facebook
) STRICT;
