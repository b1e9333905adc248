-- The world of the platform: apps, accounts and what binds them, what people wrote, and what was told to whom.
-- Instants are milliseconds of world time since 1970 unless a name says otherwise. External ids are decimal strings
-- (docs/contract/ids-and-objects.md); integer primary keys never leave the program except as ids of deliveries and calls.

CREATE TABLE settings (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Fidelity switches that differ from their defaults. Values are JSON.
CREATE TABLE switches (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Faults, in the order in which they are tried. The rule is JSON in the shape of /_sim/chaos.
CREATE TABLE chaos_rules (
  id         INTEGER PRIMARY KEY,
  rule       TEXT NOT NULL,
  times_left INTEGER,
  -- Asked for in a message (docs/faults.md); gone when it is used up.
  magic      INTEGER NOT NULL DEFAULT 0
) STRICT;

-- One developer app with both its identities: the Meta pair (Facebook login) and the Instagram pair (Instagram login).
CREATE TABLE apps (
  id                   INTEGER PRIMARY KEY,
  name                 TEXT NOT NULL UNIQUE,
  meta_app_id          TEXT NOT NULL UNIQUE,
  meta_app_secret      TEXT NOT NULL,
  instagram_app_id     TEXT NOT NULL UNIQUE,
  instagram_app_secret TEXT NOT NULL,
  mode                 TEXT NOT NULL CHECK (mode IN ('live', 'development')),
  redirect_uris        TEXT NOT NULL DEFAULT '[]',
  deauthorize_url      TEXT,
  data_deletion_url    TEXT,
  settings             TEXT NOT NULL DEFAULT '{}',
  -- Permissions at Standard Access, a JSON array of names; the app has Advanced Access to the others.
  standard_access      TEXT NOT NULL DEFAULT '[]',
  created_at_ms        INTEGER NOT NULL
) STRICT;

-- App-level webhook subscription to the object `instagram`. `state` is the result of the handshake of this very URL and token.
CREATE TABLE app_subscriptions (
  app_id         INTEGER PRIMARY KEY REFERENCES apps (id) ON DELETE CASCADE,
  callback_url   TEXT NOT NULL,
  verify_token   TEXT NOT NULL,
  fields         TEXT NOT NULL DEFAULT '[]',
  include_values INTEGER NOT NULL DEFAULT 1,
  state          TEXT NOT NULL CHECK (state IN ('unverified', 'verified')),
  handshake_error TEXT,
  handshake_attempts INTEGER NOT NULL DEFAULT 0,
  -- Whether the handshake worker shall keep trying every second (dashboard, --callback) or the caller was told already.
  keep_trying    INTEGER NOT NULL DEFAULT 1,
  generation     INTEGER NOT NULL DEFAULT 0,
  verified_at_ms INTEGER
) STRICT;

-- A person or professional account on Instagram. `ig_id` exists for professional accounts only.
CREATE TABLE accounts (
  id             INTEGER PRIMARY KEY,
  username       TEXT NOT NULL UNIQUE,
  name           TEXT NOT NULL,
  kind           TEXT NOT NULL CHECK (kind IN ('business', 'creator', 'personal')),
  ig_id          TEXT UNIQUE,
  is_public      INTEGER NOT NULL DEFAULT 1,
  message_access INTEGER NOT NULL DEFAULT 1,
  created_at_ms  INTEGER NOT NULL
) STRICT;

-- A Facebook Page linked to one professional account.
CREATE TABLE pages (
  id         INTEGER PRIMARY KEY,
  page_id    TEXT NOT NULL UNIQUE,
  account_id INTEGER NOT NULL UNIQUE REFERENCES accounts (id) ON DELETE CASCADE,
  name       TEXT NOT NULL
) STRICT;

-- `person_id` as `account_id` sees it. The row where both are equal is the self IGSID.
CREATE TABLE scoped_ids (
  account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  person_id  INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  igsid      TEXT NOT NULL UNIQUE,
  PRIMARY KEY (account_id, person_id)
) STRICT, WITHOUT ROWID;

-- An account as one app sees it: `/me` id of the Instagram login, and the Facebook user behind the Facebook login.
CREATE TABLE app_scoped_ids (
  app_id            INTEGER NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  account_id        INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  instagram_user_id TEXT NOT NULL UNIQUE,
  facebook_user_id  TEXT NOT NULL UNIQUE,
  PRIMARY KEY (app_id, account_id)
) STRICT, WITHOUT ROWID;

-- Roles on an app; one that is not accepted is an invitation.
CREATE TABLE app_roles (
  app_id     INTEGER NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  role       TEXT NOT NULL,
  accepted   INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (app_id, account_id)
) STRICT, WITHOUT ROWID;

-- What an account allowed an app through one login flow. Scopes are a JSON array of permission names.
CREATE TABLE grants (
  id            INTEGER PRIMARY KEY,
  app_id        INTEGER NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  account_id    INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  flow          TEXT NOT NULL CHECK (flow IN ('instagram', 'facebook')),
  scopes        TEXT NOT NULL DEFAULT '[]',
  declined      TEXT NOT NULL DEFAULT '[]',
  revoked_at_ms INTEGER,
  created_at_ms INTEGER NOT NULL,
  UNIQUE (app_id, account_id, flow)
) STRICT;

-- Access tokens of grants. `expires_at_ms` is world time, null means never. `invalid_subcode` says why a dead token is dead.
CREATE TABLE tokens (
  token           TEXT PRIMARY KEY,
  grant_id        INTEGER NOT NULL REFERENCES grants (id) ON DELETE CASCADE,
  kind            TEXT NOT NULL CHECK (kind IN ('instagram_short', 'instagram_long', 'facebook_user_short', 'facebook_user_long', 'page')),
  issued_at_ms    INTEGER NOT NULL,
  expires_at_ms   INTEGER,
  invalid_subcode INTEGER,
  invalid_at_ms   INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX tokens_by_grant ON tokens (grant_id);

-- Authorization codes of both dialogs: single use, expiring.
CREATE TABLE authorization_codes (
  code                  TEXT PRIMARY KEY,
  grant_id              INTEGER NOT NULL REFERENCES grants (id) ON DELETE CASCADE,
  redirect_uri          TEXT NOT NULL,
  code_challenge        TEXT,
  code_challenge_method TEXT,
  expires_at_ms         INTEGER NOT NULL,
  used_at_ms            INTEGER
) STRICT, WITHOUT ROWID;

-- Account-level webhook subscription, per login flow: an account connected through both is told twice, as at Meta.
CREATE TABLE installs (
  app_id         INTEGER NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  account_id     INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  flow           TEXT NOT NULL CHECK (flow IN ('instagram', 'facebook')),
  fields         TEXT NOT NULL DEFAULT '[]',
  failing_since_ms INTEGER,
  disabled_at_ms INTEGER,
  created_at_ms  INTEGER NOT NULL,
  PRIMARY KEY (app_id, account_id, flow)
) STRICT, WITHOUT ROWID;

-- Rate limits with windows of an hour or more: when their buckets are full again, in microseconds of world time. Account 0 stands for
-- all accounts of the app. Written every few seconds; the levels in force are in memory.
CREATE TABLE rate_levels (
  app_id     INTEGER NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  account_id INTEGER NOT NULL,
  class      TEXT NOT NULL,
  full_at_us INTEGER NOT NULL,
  PRIMARY KEY (app_id, account_id, class)
) STRICT, WITHOUT ROWID;

-- Who blocked or restricted whom.
CREATE TABLE blocks (
  account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  other_id   INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  kind       TEXT NOT NULL CHECK (kind IN ('blocked', 'restricted')),
  PRIMARY KEY (account_id, other_id)
) STRICT, WITHOUT ROWID;

-- A thread of two accounts, `a_id` the business side; both equal: the self thread. The `wrote` instants are gestures of a person
-- (messages and taps on the phone), which open the windows of the other side and, in the self thread, sending at all.
CREATE TABLE threads (
  id              INTEGER PRIMARY KEY,
  a_id            INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  b_id            INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  number          INTEGER NOT NULL UNIQUE,
  conversation_id TEXT NOT NULL UNIQUE,
  folder          TEXT NOT NULL DEFAULT 'primary' CHECK (folder IN ('primary', 'general', 'requests')),
  a_wrote_at_ms   INTEGER,
  b_wrote_at_ms   INTEGER,
  a_seen_message  INTEGER,
  b_seen_message  INTEGER,
  b_consented     INTEGER NOT NULL DEFAULT 0,
  a_consented     INTEGER NOT NULL DEFAULT 0,
  created_at_ms   INTEGER NOT NULL,
  updated_at_ms   INTEGER NOT NULL,
  UNIQUE (a_id, b_id)
) STRICT;
CREATE INDEX threads_of_a ON threads (a_id, updated_at_ms);
CREATE INDEX threads_of_b ON threads (b_id, updated_at_ms);

-- The app that owns a thread on the side of an account, by its Meta app id; the inbox of Instagram is one, too. No row: nobody in particular.
CREATE TABLE thread_owners (
  thread_id   INTEGER NOT NULL REFERENCES threads (id) ON DELETE CASCADE,
  account_id  INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  meta_app_id TEXT NOT NULL,
  PRIMARY KEY (thread_id, account_id)
) STRICT, WITHOUT ROWID;

-- One message. `attachments`, `buttons`, `quick_replies`, `reply_to` and `referral` are JSON; `buttons` lists every tappable button
-- of the message in order, those of templates included.
CREATE TABLE messages (
  id             INTEGER PRIMARY KEY,
  mid            TEXT NOT NULL UNIQUE,
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
CREATE INDEX messages_of_thread ON messages (thread_id, id);

-- Taps on buttons, ice breakers and menu items. A tap is no message, but the phone shows it in its place: `after_message` is the newest
-- message of the thread when it was made.
CREATE TABLE taps (
  id            INTEGER PRIMARY KEY,
  mid           TEXT NOT NULL UNIQUE,
  thread_id     INTEGER NOT NULL REFERENCES threads (id) ON DELETE CASCADE,
  person_id     INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  title         TEXT NOT NULL,
  after_message INTEGER NOT NULL,
  created_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX taps_of_thread ON taps (thread_id, after_message);

CREATE TABLE reactions (
  message_id INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
  account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  reaction   TEXT NOT NULL,
  emoji      TEXT NOT NULL,
  at_ms      INTEGER NOT NULL,
  PRIMARY KEY (message_id, account_id)
) STRICT, WITHOUT ROWID;

-- Posts, reels, stories, lives. `children` is a JSON array of media ids of an album.
CREATE TABLE media (
  id                 INTEGER PRIMARY KEY,
  media_id           TEXT NOT NULL UNIQUE,
  account_id         INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  media_product_type TEXT NOT NULL,
  media_type         TEXT NOT NULL,
  caption            TEXT,
  shortcode          TEXT NOT NULL UNIQUE,
  media_url          TEXT,
  children           TEXT NOT NULL DEFAULT '[]',
  ad                 TEXT,
  comments_enabled   INTEGER NOT NULL DEFAULT 1,
  is_live            INTEGER NOT NULL DEFAULT 0,
  live_ended_at_ms   INTEGER,
  deleted_at_ms      INTEGER,
  created_at_ms      INTEGER NOT NULL
) STRICT;
CREATE INDEX media_of_account ON media (account_id, id);

-- Media that an app has prepared and not published yet, or has published. `children` is a JSON array of container ids of an album.
CREATE TABLE containers (
  id              INTEGER PRIMARY KEY,
  container_id    TEXT NOT NULL UNIQUE,
  account_id      INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  kind            TEXT NOT NULL CHECK (kind IN ('IMAGE', 'VIDEO', 'REELS', 'STORIES', 'CAROUSEL')),
  is_video        INTEGER NOT NULL,
  is_item         INTEGER NOT NULL,
  media_url       TEXT,
  caption         TEXT,
  children        TEXT NOT NULL DEFAULT '[]',
  published_at_ms INTEGER,
  created_at_ms   INTEGER NOT NULL
) STRICT;
CREATE INDEX containers_published ON containers (account_id, published_at_ms);

CREATE TABLE comments (
  id            INTEGER PRIMARY KEY,
  comment_id    TEXT NOT NULL UNIQUE,
  media_id      INTEGER NOT NULL REFERENCES media (id) ON DELETE CASCADE,
  author_id     INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  parent_id     INTEGER REFERENCES comments (id) ON DELETE CASCADE,
  origin        TEXT NOT NULL CHECK (origin IN ('phone', 'api')),
  app_id        INTEGER REFERENCES apps (id) ON DELETE SET NULL,
  text          TEXT NOT NULL,
  hidden        INTEGER NOT NULL DEFAULT 0,
  deleted_at_ms INTEGER,
  created_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX comments_of_media ON comments (media_id, id);
CREATE INDEX comments_of_parent ON comments (parent_id, id);

-- At most one private reply per comment, whoever races.
CREATE TABLE private_replies (
  comment_id INTEGER PRIMARY KEY REFERENCES comments (id) ON DELETE CASCADE,
  message_id INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
  app_id     INTEGER REFERENCES apps (id) ON DELETE SET NULL,
  at_ms      INTEGER NOT NULL
) STRICT;

-- Media that people or apps put in: uploads with an attachment id, phone attachments, fetched URLs.
CREATE TABLE assets (
  id            INTEGER PRIMARY KEY,
  asset_id      TEXT NOT NULL UNIQUE,
  account_id    INTEGER REFERENCES accounts (id) ON DELETE CASCADE,
  app_id        INTEGER REFERENCES apps (id) ON DELETE SET NULL,
  message_id    INTEGER REFERENCES messages (id) ON DELETE SET NULL,
  kind          TEXT NOT NULL,
  content_type  TEXT NOT NULL,
  body          BLOB NOT NULL,
  reusable      INTEGER NOT NULL DEFAULT 0,
  signature     TEXT NOT NULL,
  expires_at_ms INTEGER,
  created_at_ms INTEGER NOT NULL
) STRICT;

-- Ice breakers and persistent menu of an account, JSON as the app set them.
CREATE TABLE messenger_profiles (
  account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  name       TEXT NOT NULL,
  value      TEXT NOT NULL,
  PRIMARY KEY (account_id, name)
) STRICT, WITHOUT ROWID;

-- One notification to one callback, or the reason why there was none. `raw` is built once; every attempt sends these bytes.
CREATE TABLE deliveries (
  id                 INTEGER PRIMARY KEY,
  app_id             INTEGER REFERENCES apps (id) ON DELETE CASCADE,
  account_id         INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  flow               TEXT CHECK (flow IN ('instagram', 'facebook')),
  field              TEXT NOT NULL,
  mid                TEXT,
  comment_id         TEXT,
  status             TEXT NOT NULL CHECK (status IN ('pending', 'delivered', 'failed', 'dead', 'suppressed')),
  reason             TEXT,
  remedy             TEXT,
  raw                BLOB NOT NULL,
  batch              INTEGER,
  held               INTEGER NOT NULL DEFAULT 0,
  attempt_count      INTEGER NOT NULL DEFAULT 0,
  next_attempt_at_ms INTEGER,
  created_at_ms      INTEGER NOT NULL
) STRICT;
CREATE INDEX deliveries_held ON deliveries (id) WHERE held = 1;
CREATE INDEX deliveries_of_batch ON deliveries (batch) WHERE batch IS NOT NULL;
CREATE INDEX deliveries_by_mid ON deliveries (mid) WHERE mid IS NOT NULL;
CREATE INDEX deliveries_by_comment ON deliveries (comment_id) WHERE comment_id IS NOT NULL;

CREATE TABLE attempts (
  id              INTEGER PRIMARY KEY,
  delivery_id     INTEGER NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE,
  at_ms           INTEGER NOT NULL,
  url             TEXT NOT NULL,
  status          INTEGER,
  error           TEXT,
  latency_ms      INTEGER NOT NULL,
  -- Process time: how long a bot has been quiet is a question of real time, whatever was done to world time.
  ended_process_ms INTEGER NOT NULL,
  request_headers TEXT NOT NULL,
  response_body   TEXT NOT NULL
) STRICT;
CREATE INDEX attempts_of_delivery ON attempts (delivery_id, id);

-- Journal of calls to Graph and OAuth.
CREATE TABLE calls (
  id              INTEGER PRIMARY KEY,
  at_ms           INTEGER NOT NULL,
  host            TEXT NOT NULL,
  method          TEXT NOT NULL,
  path            TEXT NOT NULL,
  query           TEXT NOT NULL,
  request_headers TEXT NOT NULL,
  request_body    TEXT NOT NULL,
  status          INTEGER NOT NULL,
  response_body   TEXT NOT NULL,
  app_id          INTEGER,
  account_id      INTEGER,
  latency_ms      INTEGER NOT NULL,
  why             TEXT
) STRICT;

-- The sequence behind /_sim/stream. `subject` is the row id in the table that `event` names (for clock: 0).
CREATE TABLE stream (
  id      INTEGER PRIMARY KEY,
  event   TEXT NOT NULL CHECK (event IN ('message', 'comment', 'delivery', 'attempt', 'call', 'clock')),
  subject INTEGER NOT NULL
) STRICT;
