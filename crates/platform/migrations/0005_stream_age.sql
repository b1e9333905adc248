-- When a row of the stream was made, ms of world time. Rows from before this column count as old.
ALTER TABLE stream ADD COLUMN at_ms INTEGER NOT NULL DEFAULT 0;

-- Resends that wait in the queue: a delivery with one is not forgotten.
ALTER TABLE deliveries ADD COLUMN resend_count INTEGER NOT NULL DEFAULT 0;
