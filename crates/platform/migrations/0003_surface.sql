-- A file that is fetched to be published: while it is fetched, once it can be published, and why it cannot be.
ALTER TABLE containers ADD COLUMN file_state TEXT NOT NULL DEFAULT 'ready' CHECK (file_state IN ('fetching', 'ready', 'failed'));
ALTER TABLE containers ADD COLUMN failed_subcode INTEGER CHECK (
  file_state <> 'failed' OR coalesce(failed_subcode, 0) IN (2207003, 2207004, 2207005, 2207026, 2207052));
CREATE INDEX containers_fetching ON containers (id) WHERE file_state = 'fetching';

-- A picture or film of an album is media of its own that no list shows.
ALTER TABLE media ADD COLUMN parent_id INTEGER REFERENCES media (id) ON DELETE CASCADE;
CREATE INDEX media_of_parent ON media (parent_id) WHERE parent_id IS NOT NULL;

-- Who likes what, each once.
CREATE TABLE media_likes (
  media_id      INTEGER NOT NULL REFERENCES media (id) ON DELETE CASCADE,
  account_id    INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  created_at_ms INTEGER NOT NULL,
  PRIMARY KEY (media_id, account_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE comment_likes (
  comment_id    INTEGER NOT NULL REFERENCES comments (id) ON DELETE CASCADE,
  account_id    INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  created_at_ms INTEGER NOT NULL,
  PRIMARY KEY (comment_id, account_id)
) STRICT, WITHOUT ROWID;

-- When something last happened in a thread that an app owns: control ends after a time of idleness.
ALTER TABLE thread_owners ADD COLUMN active_at_ms INTEGER NOT NULL DEFAULT 0;

-- What Instagram holds against an account, in the words of `/_sim`; null: nothing.
ALTER TABLE accounts ADD COLUMN standing TEXT CHECK (standing IN ('sending_restricted', 'unverified', 'messaging_blocked', 'not_eligible',
  'actions_blocked', 'checkpoint', 'unconfirmed', 'page_role_lost'));
