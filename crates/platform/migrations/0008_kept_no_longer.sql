-- A list of deliveries in one status reads those only.
CREATE INDEX deliveries_by_status ON deliveries (status, id);

-- Files whose address has ended, or whose message was unsent, are erased; their rows say so.
ALTER TABLE assets ADD COLUMN erased INTEGER NOT NULL DEFAULT 0;
CREATE INDEX assets_to_erase ON assets (expires_at_ms) WHERE erased = 0 AND expires_at_ms IS NOT NULL;
CREATE INDEX assets_of_message ON assets (message_id) WHERE message_id IS NOT NULL;
UPDATE assets SET body = x'', erased = 1 WHERE message_id IN (SELECT id FROM messages WHERE deleted_at_ms IS NOT NULL);
