-- A mid begins with account and thread and ends with a number that only grows. An index that begins with its end is written at its own end,
-- whichever of many threads a message is in; one of whole mids is written in as many places as there are busy threads.
DROP INDEX deliveries_by_mid;
CREATE INDEX deliveries_by_mid ON deliveries (substr(mid, -24)) WHERE mid IS NOT NULL;

-- The index of whole mids goes only with its table. What refers to messages is put aside, so that dropping the table does not take it along.
CREATE TABLE messages_kept (
  id             INTEGER PRIMARY KEY,
  mid            TEXT NOT NULL,
  thread_id      INTEGER NOT NULL REFERENCES threads (id) ON DELETE CASCADE,
  sender_id      INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  side           TEXT NOT NULL CHECK (side IN ('business', 'person')),
  origin         TEXT NOT NULL CHECK (origin IN ('phone', 'api')),
  app_id         INTEGER REFERENCES apps (id) ON DELETE SET NULL,
  text           TEXT,
  attachments    TEXT,
  buttons        TEXT,
  quick_replies  TEXT,
  quick_reply    TEXT,
  reply_to       TEXT,
  referral       TEXT,
  comment_id     INTEGER REFERENCES comments (id) ON DELETE SET NULL,
  edit_count     INTEGER NOT NULL DEFAULT 0,
  edited_at_ms   INTEGER,
  deleted_at_ms  INTEGER,
  created_at_ms  INTEGER NOT NULL
) STRICT;
INSERT INTO messages_kept SELECT id, mid, thread_id, sender_id, side, origin, app_id, text, attachments, buttons, quick_replies, quick_reply,
  reply_to, referral, comment_id, edit_count, edited_at_ms, deleted_at_ms, created_at_ms FROM messages;
CREATE TABLE reactions_kept AS SELECT * FROM reactions;
CREATE TABLE private_replies_kept AS SELECT * FROM private_replies;
CREATE TABLE assets_kept AS SELECT id AS asset, message_id AS message FROM assets WHERE message_id IS NOT NULL;
DROP TABLE messages;
ALTER TABLE messages_kept RENAME TO messages;
CREATE UNIQUE INDEX messages_by_mid ON messages (substr(mid, -24), mid);
CREATE INDEX messages_of_thread ON messages (thread_id, id);
INSERT INTO reactions SELECT * FROM reactions_kept;
INSERT INTO private_replies SELECT * FROM private_replies_kept;
UPDATE assets SET message_id = message FROM assets_kept WHERE asset = assets.id;
DROP TABLE reactions_kept;
DROP TABLE private_replies_kept;
DROP TABLE assets_kept;
