//! Decided events.

use rusqlite::{Connection, OptionalExtension as _, params};
use selfsame_runtime::db::Tx;
use selfsame_wire::ids::{IgScopedId, IgUserId};

use super::StoreError;
use crate::outbox::state::EventState;

/// An event that was decided or set aside, about to be recorded.
#[derive(Debug, Clone)]
pub struct NewEvent<'a> {
    /// The raw body it came in.
    pub delivery_id: i64,
    /// Which event of that body.
    pub position: i64,
    /// Whose webhook it is.
    pub account: Option<&'a IgUserId>,
    /// `message`, `postback`, …
    pub kind: &'a str,
    /// What makes two deliveries the same event.
    pub identity: Option<&'a str>,
    /// Whose thread or comment.
    pub person: Option<&'a IgScopedId>,
    /// Whether the owner herself did it.
    pub own: bool,
    /// The mid or comment id it is about.
    pub subject: Option<&'a str>,
    /// What she wrote or tapped.
    pub said: Option<&'a str>,
    /// World time in milliseconds.
    pub occurred_at_ms: i64,
    /// What it came to.
    pub state: EventState,
    /// Why, for people.
    pub reason: Option<&'a str>,
    /// JSON of the trace.
    pub trace: Option<&'a str>,
    /// Process time in milliseconds.
    pub decided_at_ms: i64,
    /// The event itself, if it is to be decided later or looked at.
    pub payload: Option<&'a [u8]>,
}

/// Records an event and answers its number.
pub fn insert(tx: &Tx<'_>, event: &NewEvent<'_>) -> Result<i64, StoreError> {
    const SQL: &str = "INSERT INTO events (delivery_id, position, account, kind, identity, person, own, subject,
        said, occurred_at_ms, state, reason, trace, decided_at_ms, payload)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)";
    tx.prepare_cached(SQL)?.execute(params![
        event.delivery_id,
        event.position,
        event.account.map(IgUserId::as_str),
        event.kind,
        event.identity,
        event.person.map(IgScopedId::as_str),
        event.own,
        event.subject,
        event.said,
        event.occurred_at_ms,
        event.state.as_str(),
        event.reason,
        event.trace,
        event.decided_at_ms,
        event.payload,
    ])?;
    Ok(tx.last_insert_rowid())
}

/// Remembers whether an answered event has led to no send, by which it is listed.
pub fn set_silent(tx: &Tx<'_>, id: i64, silent: bool) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE events SET silent = ?2 WHERE id = ?1";
    tx.prepare_cached(SQL)?.execute(params![id, silent])?;
    Ok(())
}

/// Whether an event of this identity was recorded before.
pub fn is_known(connection: &Connection, account: &IgUserId, identity: &str) -> Result<bool, StoreError> {
    const SQL: &str = "SELECT 1 FROM events WHERE account = ?1 AND identity = ?2";
    Ok(connection
        .prepare_cached(SQL)?
        .exists(params![account.as_str(), identity])?)
}

/// The number of an event, and what was asked for.
pub type FoundRequest = (i64, Option<Vec<u8>>);

/// The event that stands for an API request of this identity, with what was asked for.
pub fn find_request(
    connection: &Connection,
    account: &IgUserId,
    identity: &str,
) -> Result<Option<FoundRequest>, StoreError> {
    const SQL: &str = "SELECT id, payload FROM events WHERE account = ?1 AND identity = ?2";
    let found = connection
        .prepare_cached(SQL)?
        .query_row(params![account.as_str(), identity], |row| {
            Ok((row.get(0)?, row.get(1)?))
        });
    Ok(found.optional()?)
}

/// Lets another event have the identity of this one.
pub fn free_identity(tx: &Tx<'_>, id: i64) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE events SET identity = NULL WHERE id = ?1";
    tx.prepare_cached(SQL)?.execute([id])?;
    Ok(())
}

/// Whether this person did anything before.
pub fn has_met(connection: &Connection, account: &IgUserId, person: &IgScopedId) -> Result<bool, StoreError> {
    const SQL: &str = "SELECT 1 FROM events WHERE account = ?1 AND person = ?2 LIMIT 1";
    Ok(connection
        .prepare_cached(SQL)?
        .exists(params![account.as_str(), person.as_str()])?)
}

/// How many events of the owner were answered, or handed to her own engine, since `since_ms` (process
/// time).
pub fn count_own_answers(connection: &Connection, account: &IgUserId, since_ms: i64) -> Result<u32, StoreError> {
    const SQL: &str = "SELECT count(*) FROM events
        WHERE account = ?1 AND own = 1 AND state IN ('answered', 'forwarded') AND decided_at_ms > ?2";
    Ok(connection
        .prepare_cached(SQL)?
        .query_row(params![account.as_str(), since_ms], |row| row.get(0))?)
}

/// An event that was set aside and can be decided again.
#[derive(Debug, Clone)]
pub struct SetAside {
    /// Its number.
    pub id: i64,
    /// The raw body it came in.
    pub delivery_id: i64,
    /// Which event of that body.
    pub position: i64,
    /// The event itself.
    pub payload: Vec<u8>,
}

/// The event of that number, if it is parked, failed or taken for ours by its words, and was kept.
pub fn find_set_aside(connection: &Connection, id: i64) -> Result<Option<SetAside>, StoreError> {
    const SQL: &str = "SELECT id, delivery_id, position, payload FROM events
        WHERE id = ?1 AND state IN ('parked', 'failed', 'ours') AND payload IS NOT NULL";
    let found = connection.prepare_cached(SQL)?.query_row([id], |row| {
        Ok(SetAside {
            id: row.get(0)?,
            delivery_id: row.get(1)?,
            position: row.get(2)?,
            payload: row.get(3)?,
        })
    });
    Ok(found.optional()?)
}

/// Gives an event that was set aside its final state.
pub fn settle(
    tx: &Tx<'_>,
    id: i64,
    state: EventState,
    reason: Option<&str>,
    trace: Option<&str>,
    decided_at_ms: i64,
) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE events SET state = ?2, reason = ?3, trace = coalesce(?4, trace), decided_at_ms = ?5,
        payload = CASE WHEN ?2 IN ('parked', 'failed') THEN payload END WHERE id = ?1";
    tx.prepare_cached(SQL)?
        .execute(params![id, state.as_str(), reason, trace, decided_at_ms])?;
    Ok(())
}

/// An event could not be handed to somebody's own engine: it is set aside with the event itself, so that it
/// can be decided again. Answers whether it was on its way.
pub fn give_back(
    tx: &Tx<'_>,
    id: i64,
    state: EventState,
    reason: &str,
    payload: &[u8],
    now_ms: i64,
) -> Result<bool, StoreError> {
    const SQL: &str = "UPDATE events SET state = ?2, reason = ?3, payload = ?4, decided_at_ms = ?5
        WHERE id = ?1 AND state = 'forwarded'";
    let changed = tx
        .prepare_cached(SQL)?
        .execute(params![id, state.as_str(), reason, payload, now_ms])?;
    Ok(changed > 0)
}

/// Says about an event on its way to an engine how it fares.
pub fn note(tx: &Tx<'_>, id: i64, reason: &str) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE events SET reason = ?2 WHERE id = ?1 AND state = 'forwarded'";
    tx.prepare_cached(SQL)?.execute(params![id, reason])?;
    Ok(())
}

/// What is known of a comment that came in.
#[derive(Debug, Clone)]
pub struct KnownComment {
    /// Who wrote it.
    pub person: Option<IgScopedId>,
    /// Whether that was the owner herself.
    pub own: bool,
    /// Whether it stands under a live broadcast.
    pub live: bool,
}

/// The comment of that id, if it came in.
pub fn find_comment(
    connection: &Connection,
    account: &IgUserId,
    comment_id: &str,
) -> Result<Option<KnownComment>, StoreError> {
    const SQL: &str = "SELECT person, own, kind FROM events
        WHERE account = ?1 AND subject = ?2 AND kind IN ('comment', 'live_comment') LIMIT 1";
    let found = connection
        .prepare_cached(SQL)?
        .query_row(params![account.as_str(), comment_id], |row| {
            Ok(KnownComment {
                person: row.get::<_, Option<String>>(0)?.map(IgScopedId::new),
                own: row.get(1)?,
                live: row.get::<_, String>(2)? == "live_comment",
            })
        });
    Ok(found.optional()?)
}

/// JSON of the trace of an event.
pub fn trace(connection: &Connection, id: i64) -> Result<Option<String>, StoreError> {
    const SQL: &str = "SELECT trace FROM events WHERE id = ?1";
    let found = connection.prepare_cached(SQL)?.query_row([id], |row| row.get(0));
    Ok(found.optional()?.flatten())
}

/// Replaces the trace of an event.
pub fn set_trace(tx: &Tx<'_>, id: i64, trace: &str) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE events SET trace = ?2 WHERE id = ?1";
    tx.prepare_cached(SQL)?.execute(params![id, trace])?;
    Ok(())
}

/// A message that was taken for the person's although it was ours: marks it as ours, and answers the
/// numbers of its events.
pub fn reclaim(tx: &Tx<'_>, account: &IgUserId, subject: &str, reason: &str) -> Result<Vec<i64>, StoreError> {
    // Nearly always there is none: looking first is cheaper than an UPDATE that RETURNs, for which SQLite makes a table of its own.
    const TAKEN: &str = "SELECT id FROM events
        WHERE account = ?1 AND subject = ?2 AND kind IN ('message', 'comment', 'live_comment')
          AND state IN ('answered', 'forwarded', 'no_rule', 'parked', 'failed')";
    const OURS: &str = "UPDATE events SET state = 'ours', reason = ?2 WHERE id = ?1";
    let mut statement = tx.prepare_cached(TAKEN)?;
    let rows = statement.query_map(params![account.as_str(), subject], |row| row.get(0))?;
    let ids = rows.collect::<rusqlite::Result<Vec<i64>>>()?;
    for id in &ids {
        tx.prepare_cached(OURS)?.execute(params![id, reason])?;
    }
    Ok(ids)
}

/// How many events are parked.
pub fn count_parked(connection: &Connection) -> Result<i64, StoreError> {
    const SQL: &str = "SELECT count(*) FROM events WHERE state = 'parked'";
    Ok(connection.prepare_cached(SQL)?.query_row([], |row| row.get(0))?)
}

/// How many events could not be decided.
pub fn count_failed(connection: &Connection) -> Result<i64, StoreError> {
    const SQL: &str = "SELECT count(*) FROM events WHERE state = 'failed'";
    Ok(connection.prepare_cached(SQL)?.query_row([], |row| row.get(0))?)
}

/// An event as its delivery shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventOfDelivery {
    /// Its number.
    pub id: i64,
    /// Which event of the body.
    pub position: i64,
    /// `message`, `postback`, …
    pub kind: String,
    /// What it came to.
    pub state: String,
    /// Why, for people.
    pub reason: Option<String>,
    /// Whether it is a dead letter that led to nothing: it may be decided afresh.
    pub is_dead: bool,
}

/// The events of a body that have a row: those that repeat an identity have none.
pub fn of_delivery(connection: &Connection, delivery_id: i64) -> Result<Vec<EventOfDelivery>, StoreError> {
    const SQL: &str = "SELECT id, position, kind, state, reason, state IN ('failed', 'unknown_account')
            AND NOT EXISTS (SELECT 1 FROM sends WHERE sends.event_id = events.id)
        FROM events WHERE delivery_id = ?1 ORDER BY position, id";
    let mut statement = connection.prepare_cached(SQL)?;
    let rows = statement.query_map([delivery_id], |row| {
        Ok(EventOfDelivery {
            id: row.get(0)?,
            position: row.get(1)?,
            kind: row.get(2)?,
            state: row.get(3)?,
            reason: row.get(4)?,
            is_dead: row.get(5)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Forgets a dead letter, so that it can be decided afresh.
pub fn forget_dead(tx: &Tx<'_>, id: i64) -> Result<(), StoreError> {
    const SQL: &str = "DELETE FROM events WHERE id = ?1 AND state IN ('failed', 'unknown_account')";
    tx.prepare_cached(SQL)?.execute([id])?;
    Ok(())
}
