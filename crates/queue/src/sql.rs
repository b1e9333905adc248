//! Every statement of the queue, each with a name. The tests prepare all of them and look at their plans.

/// The schema, for the caller's list of migrations.
pub const MIGRATION_SQL: &str = include_str!("migration.sql");

pub(crate) const INSERT: &str = "\
INSERT INTO jobs (queue, key, state, is_head, due_at_ms, payload) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";

pub(crate) const HAS_HEAD: &str = "\
SELECT 1 FROM jobs WHERE queue = ?1 AND key = ?2 AND is_head = 1";

pub(crate) const LEASE: &str = "\
UPDATE jobs SET state = 'leased', attempts = attempts + 1, lease_number = lease_number + 1, lease_expires_ms = ?3
WHERE id IN (
    SELECT id FROM jobs WHERE queue = ?1 AND state = 'ready' AND due_at_ms <= ?2 ORDER BY due_at_ms, id LIMIT ?4
)
RETURNING id, key, payload, attempts, lease_number, interrupted, due_at_ms, is_head";

/// The oldest waiting job of a line, if it is this one and due.
pub(crate) const NEXT_IN_LINE: &str = "\
SELECT id, key, payload, attempts, lease_number, interrupted, due_at_ms, is_head FROM jobs
WHERE id = ?3 AND due_at_ms <= ?4
    AND id = (SELECT id FROM jobs WHERE queue = ?1 AND key = ?2 AND state = 'waiting' ORDER BY id LIMIT 1)";

/// Makes a waiting job the head of its line, leased. The caller knows that the line has no head.
pub(crate) const LEASE_NEXT: &str = "\
UPDATE jobs SET state = 'leased', is_head = 1, attempts = attempts + 1, lease_number = lease_number + 1, lease_expires_ms = ?2
WHERE id = ?1";

/// What is due, in the order of [`LEASE`].
pub(crate) const LIST_DUE: &str = "\
SELECT id, key FROM jobs WHERE queue = ?1 AND state = 'ready' AND due_at_ms <= ?2 ORDER BY due_at_ms, id LIMIT ?3";

pub(crate) const LEASE_ONE: &str = "\
UPDATE jobs SET state = 'leased', attempts = attempts + 1, lease_number = lease_number + 1, lease_expires_ms = ?3
WHERE id = ?1 AND queue = ?2 AND state = 'ready'
RETURNING id, key, payload, attempts, lease_number, interrupted, due_at_ms, is_head";

/// Makes the oldest waiting job of a line its head. The caller knows that the line has none.
pub(crate) const PROMOTE: &str = "\
UPDATE jobs SET state = 'ready', is_head = 1
WHERE id = (SELECT id FROM jobs WHERE queue = ?1 AND key = ?2 AND state = 'waiting' ORDER BY id LIMIT 1)";

/// Of a job whose lease was looked at. Without RETURNING, for which SQLite makes a table of its own each time.
pub(crate) const DONE: &str = "\
DELETE FROM jobs WHERE id = ?1";

/// The head of a line, to see whether the settling job was it.
pub(crate) const LEASED_IS_HEAD: &str = "\
SELECT key, is_head FROM jobs WHERE id = ?1 AND queue = ?2 AND state = 'leased' AND lease_number = ?3";

pub(crate) const RETRY: &str = "\
UPDATE jobs SET state = 'ready', is_head = ?2, due_at_ms = ?3, lease_expires_ms = NULL, interrupted = 0, cause = ?4 WHERE id = ?1";

pub(crate) const BURY: &str = "\
UPDATE jobs SET state = 'buried', is_head = 0, lease_expires_ms = NULL, interrupted = 0, cause = ?2 WHERE id = ?1";

pub(crate) const EXTEND: &str = "\
UPDATE jobs SET lease_expires_ms = ?4 WHERE id = ?1 AND queue = ?2 AND state = 'leased' AND lease_number = ?3";

pub(crate) const LEASED_IDS: &str = "\
SELECT id, key, is_head FROM jobs WHERE queue = ?1 AND state = 'leased'";

pub(crate) const EXPIRED_IDS: &str = "\
SELECT id, key, is_head FROM jobs WHERE queue = ?1 AND state = 'leased' AND lease_expires_ms <= ?2";

pub(crate) const INTERRUPT: &str = "\
UPDATE jobs SET state = 'ready', is_head = ?2, lease_expires_ms = NULL, interrupted = 1 WHERE id = ?1";

pub(crate) const CANCEL: &str = "\
DELETE FROM jobs WHERE id = ?1 AND queue = ?2 AND state <> 'leased' RETURNING key, is_head";

pub(crate) const RESCHEDULE: &str = "\
UPDATE jobs SET due_at_ms = ?3 WHERE id = ?1 AND queue = ?2 AND state IN ('waiting', 'ready')";

pub(crate) const BRING_READY_FORWARD: &str = "\
UPDATE jobs SET due_at_ms = due_at_ms - ?2 WHERE queue = ?1 AND state = 'ready' AND due_at_ms < ?3";

pub(crate) const BRING_WAITING_FORWARD: &str = "\
UPDATE jobs SET due_at_ms = due_at_ms - ?2 WHERE queue = ?1 AND state = 'waiting' AND due_at_ms < ?3";

pub(crate) const BURIED_KEY: &str = "\
SELECT key FROM jobs WHERE id = ?1 AND queue = ?2 AND state = 'buried'";

pub(crate) const REVIVE: &str = "\
UPDATE jobs SET state = ?2, is_head = ?3, due_at_ms = ?4, cause = NULL WHERE id = ?1";

pub(crate) const COUNT_READY: &str = "\
SELECT count(*) FROM jobs WHERE queue = ?1 AND state = 'ready'";

pub(crate) const COUNT_LEASED: &str = "\
SELECT count(*) FROM jobs WHERE queue = ?1 AND state = 'leased'";

pub(crate) const COUNT_WAITING: &str = "\
SELECT count(*) FROM jobs WHERE queue = ?1 AND state = 'waiting'";

pub(crate) const COUNT_BURIED: &str = "\
SELECT count(*) FROM jobs WHERE queue = ?1 AND state = 'buried'";

pub(crate) const NEXT_DUE: &str = "\
SELECT due_at_ms FROM jobs WHERE queue = ?1 AND state = 'ready' ORDER BY due_at_ms LIMIT 1";

pub(crate) const NEXT_EXPIRY: &str = "\
SELECT lease_expires_ms FROM jobs WHERE queue = ?1 AND state = 'leased' ORDER BY lease_expires_ms LIMIT 1";

pub(crate) const GET: &str = "\
SELECT id, key, state, due_at_ms, attempts, interrupted, cause, payload FROM jobs WHERE id = ?1 AND queue = ?2";

pub(crate) const LIST_BURIED: &str = "\
SELECT id, key, state, due_at_ms, attempts, interrupted, cause, payload FROM jobs
WHERE queue = ?1 AND state = 'buried' AND id > ?2 ORDER BY id LIMIT ?3";

pub(crate) const LIST_LINE: &str = "\
SELECT id, key, state, due_at_ms, attempts, interrupted, cause, payload FROM jobs
WHERE queue = ?1 AND key = ?2 AND state = 'waiting' ORDER BY id LIMIT ?3";

/// All statements with their names, so that the databases that contain the schema can check them too.
pub const STATEMENTS: &[(&str, &str)] = &[
    ("insert", INSERT),
    ("has_head", HAS_HEAD),
    ("lease", LEASE),
    ("list_due", LIST_DUE),
    ("lease_one", LEASE_ONE),
    ("next_in_line", NEXT_IN_LINE),
    ("lease_next", LEASE_NEXT),
    ("promote", PROMOTE),
    ("done", DONE),
    ("leased_is_head", LEASED_IS_HEAD),
    ("retry", RETRY),
    ("bury", BURY),
    ("extend", EXTEND),
    ("leased_ids", LEASED_IDS),
    ("expired_ids", EXPIRED_IDS),
    ("interrupt", INTERRUPT),
    ("cancel", CANCEL),
    ("reschedule", RESCHEDULE),
    ("bring_ready_forward", BRING_READY_FORWARD),
    ("bring_waiting_forward", BRING_WAITING_FORWARD),
    ("buried_key", BURIED_KEY),
    ("revive", REVIVE),
    ("count_ready", COUNT_READY),
    ("count_leased", COUNT_LEASED),
    ("count_waiting", COUNT_WAITING),
    ("count_buried", COUNT_BURIED),
    ("next_due", NEXT_DUE),
    ("next_expiry", NEXT_EXPIRY),
    ("get", GET),
    ("list_buried", LIST_BURIED),
    ("list_line", LIST_LINE),
];
