-- Pages of GET /api/v1/messages begin at an event and take one state, or one account: both are found in the
-- order of their events, however long the history is.
DROP INDEX sends_by_state;
CREATE INDEX sends_by_state ON sends (state, event_id, id);
CREATE INDEX events_by_account ON events (account, id);

-- Whether an answered event led to no send. Nearly all of them did, so these few are found by themselves.
ALTER TABLE events ADD COLUMN silent INTEGER NOT NULL DEFAULT 0;
UPDATE events SET silent = 1
    WHERE state = 'answered' AND NOT EXISTS (SELECT 1 FROM sends WHERE sends.event_id = events.id);
CREATE INDEX events_silent ON events (id) WHERE silent = 1;
