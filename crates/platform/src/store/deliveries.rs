//! Deliveries, their attempts, and their read models.

use rusqlite::{Connection, OptionalExtension, Row, params};
use selfsame_runtime::clock::ProcessTime;
use selfsame_wire::flow::LoginFlow;

use super::grants::flow_from_name;
use super::{StoreError, Tx};
use crate::domain::delivery::DeliveryStatus;
use crate::domain::keys::{AccountKey, AppKey, AttemptKey, DeliveryKey};
use crate::domain::view::{AttemptView, DeliveryView, rfc3339};
use crate::hub::StreamEvent;

macro_rules! select_view {
    ($condition:literal) => {
        concat!(
            "SELECT d.id, p.name, a.username, d.flow, d.field, d.mid, d.comment_id, d.status, d.reason, d.remedy, d.raw, d.batch, ",
            "d.next_attempt_at_ms, d.created_at_ms FROM deliveries d JOIN accounts a ON a.id = d.account_id LEFT JOIN apps p ON p.id = d.app_id ",
            $condition
        )
    };
}

pub(super) const VIEW: &str = select_view!("WHERE d.id = ?1");
const VIEWS: &str = select_view!(
    "WHERE d.id > ?1 AND ?2 IS NULL AND (?3 IS NULL OR p.name = ?3) AND (?4 IS NULL OR a.username = ?4) \
     AND (?5 IS NULL OR d.field = ?5) ORDER BY d.id LIMIT ?6"
);
pub(super) const VIEWS_IN_STATUS: &str = select_view!(
    "WHERE d.status = ?2 AND d.id > ?1 AND (?3 IS NULL OR p.name = ?3) AND (?4 IS NULL OR a.username = ?4) \
     AND (?5 IS NULL OR d.field = ?5) ORDER BY d.id LIMIT ?6"
);
pub(super) const NEWEST_VIEWS_IN_STATUS: &str = select_view!(
    "WHERE d.status = ?2 AND d.id < ?1 AND (?3 IS NULL OR p.name = ?3) AND (?4 IS NULL OR a.username = ?4) \
     AND (?5 IS NULL OR d.field = ?5) AND (?6 IS NULL OR d.mid = ?6) ORDER BY d.id DESC LIMIT ?7"
);
const NEWEST_VIEWS: &str = select_view!(
    "WHERE d.id < ?1 AND ?2 IS NULL AND (?3 IS NULL OR p.name = ?3) AND (?4 IS NULL OR a.username = ?4) \
     AND (?5 IS NULL OR d.field = ?5) AND (?6 IS NULL OR d.mid = ?6) ORDER BY d.id DESC LIMIT ?7"
);
pub(super) const VIEWS_OF_MID: &str =
    select_view!("WHERE substr(d.mid, -24) = substr(?1, -24) AND d.mid = ?1 ORDER BY d.id");
pub(super) const VIEWS_OF_COMMENT: &str = select_view!("WHERE d.comment_id = ?1 ORDER BY d.id");
pub(super) const ATTEMPTS: &str = "SELECT id, delivery_id, at_ms, url, status, error, latency_ms, request_headers, response_body FROM attempts \
                        WHERE delivery_id = ?1 ORDER BY id";
const ATTEMPT: &str = "SELECT id, delivery_id, at_ms, url, status, error, latency_ms, request_headers, response_body FROM attempts WHERE id = ?1";
const INSERT: &str = "INSERT INTO deliveries (app_id, account_id, flow, field, mid, comment_id, status, reason, remedy, raw, next_attempt_at_ms, \
                      created_at_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
pub(super) const DUE: &str = "SELECT d.id, d.app_id, d.account_id, d.flow, d.field, d.raw, d.attempt_count, d.created_at_ms, d.batch IS d.id FROM deliveries d WHERE d.id = ?1";
/// Fields `messages` and `message_echoes` alone tell what was said; an edit, a reaction or a read has the mid of a message too.
pub(super) const TYPED_TEXT: &str = "SELECT m.text FROM deliveries d JOIN messages m ON substr(m.mid, -24) = substr(d.mid, -24) AND m.mid = d.mid \
                          WHERE d.id = ?1 AND m.origin = 'phone' AND d.field IN ('messages', 'message_echoes')";
const BATCH: &str = "UPDATE deliveries SET batch = ?2 WHERE id = ?1";
pub(super) const BATCHED: &str =
    "SELECT id FROM deliveries WHERE batch = ?1 AND id <> ?1 AND status IN ('pending', 'failed') ORDER BY id";
const HOLD: &str = "UPDATE deliveries SET held = 1, next_attempt_at_ms = NULL WHERE id = ?1";
const HELD: &str = "SELECT id FROM deliveries WHERE held = 1 ORDER BY id";
const RELEASE: &str = "UPDATE deliveries SET held = 0, next_attempt_at_ms = ?2 WHERE id = ?1 AND held = 1";
pub(super) const SETTLE: &str = "UPDATE deliveries SET status = ?2, reason = ?3, next_attempt_at_ms = ?4, attempt_count = attempt_count + 1 WHERE id = ?1";
const RESENDS: &str = "UPDATE deliveries SET resend_count = max(resend_count + ?2, 0) WHERE id = ?1";
const GIVE_UP: &str = "UPDATE deliveries SET status = ?2, reason = ?3, next_attempt_at_ms = NULL WHERE id = ?1";
const INSERT_ATTEMPT: &str = "INSERT INTO attempts (delivery_id, at_ms, url, status, error, latency_ms, ended_process_ms, \
                              request_headers, response_body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";

/// A delivery to store: to be sent, or suppressed for a reason.
#[derive(Debug, Clone)]
pub struct NewDelivery {
    /// To which app; `None` when the account is connected to none.
    pub app: Option<AppKey>,
    /// About which account.
    pub account: AccountKey,
    /// Whose secret signs it.
    pub flow: Option<LoginFlow>,
    /// Webhook field.
    pub field: String,
    /// Message it is about.
    pub mid: Option<String>,
    /// Comment it is about.
    pub comment_id: Option<String>,
    /// `None`: send it. Otherwise (reason code, remedy).
    pub suppressed: Option<(String, String)>,
    /// The exact body.
    pub raw: Vec<u8>,
    /// ms of world time.
    pub created_at_ms: i64,
}

/// What the worker needs to attempt a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueDelivery {
    /// Row key.
    pub key: DeliveryKey,
    /// To which app.
    pub app: AppKey,
    /// About which account.
    pub account: AccountKey,
    /// Whose secret signs it.
    pub flow: LoginFlow,
    /// Webhook field.
    pub field: String,
    /// The exact body.
    pub raw: Vec<u8>,
    /// Attempts that ended.
    pub attempt_count: i64,
    /// ms of world time.
    pub created_at_ms: i64,
    /// Whether it takes others along.
    pub is_batch_lead: bool,
}

/// One ended attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAttempt {
    /// ms of world time.
    pub at_ms: i64,
    /// Callback.
    pub url: String,
    /// HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// Why there was none.
    pub error: Option<String>,
    /// Real time.
    pub latency_ms: i64,
    /// When it ended, in process time.
    pub ended_at: ProcessTime,
    /// JSON object, lower-case names.
    pub request_headers: String,
    /// Capped.
    pub response_body: String,
}

/// How a delivery stands after an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settlement {
    /// Answered 200.
    Delivered,
    /// To be retried at this instant, ms of world time.
    RetryAt(i64),
    /// Given up for this reason code.
    Dead(String),
}

/// A resend of this delivery waits in the queue now: it is not forgotten before that has ended.
pub fn resend_begins(tx: &Tx<'_>, key: DeliveryKey) -> Result<(), StoreError> {
    tx.prepare_cached(RESENDS)?.execute([key.0, 1])?;
    Ok(())
}

/// A resend was carried out.
pub fn resend_ended(tx: &Tx<'_>, key: DeliveryKey) -> Result<(), StoreError> {
    tx.prepare_cached(RESENDS)?.execute([key.0, -1])?;
    Ok(())
}

/// Inserts a delivery, `pending` or `suppressed`. The caller enqueues the job of a pending one.
pub fn insert(tx: &Tx<'_>, new: &NewDelivery) -> Result<DeliveryKey, StoreError> {
    let (status, reason, remedy) = match &new.suppressed {
        None => (DeliveryStatus::Pending, None, None),
        Some((reason, remedy)) => (DeliveryStatus::Suppressed, Some(reason), Some(remedy)),
    };
    let next_attempt_at_ms = (status == DeliveryStatus::Pending).then_some(new.created_at_ms);
    let key = tx.prepare_cached(INSERT)?.insert(params![
        new.app.map(|app| app.0),
        new.account.0,
        new.flow.map(LoginFlow::name),
        new.field,
        new.mid,
        new.comment_id,
        status.as_str(),
        reason,
        remedy,
        new.raw,
        next_attempt_at_ms,
        new.created_at_ms
    ])?;
    tx.tell(StreamEvent::Delivery, key)?;
    Ok(DeliveryKey(key))
}

/// What a person typed, when the delivery tells of it.
pub fn typed_text(connection: &Connection, key: DeliveryKey) -> Result<Option<String>, StoreError> {
    let text = connection
        .prepare_cached(TYPED_TEXT)?
        .query_row([key.0], |row| row.get::<_, Option<String>>(0))
        .optional()?;
    Ok(text.flatten())
}

/// Puts a delivery into the batch that the delivery `lead` takes along.
pub fn join_batch(tx: &Tx<'_>, key: DeliveryKey, lead: DeliveryKey) -> Result<(), StoreError> {
    tx.prepare_cached(BATCH)?.execute([key.0, lead.0])?;
    Ok(())
}

/// What `lead` takes along and is not settled yet, oldest first.
pub fn batched(connection: &Connection, lead: DeliveryKey) -> Result<Vec<DueDelivery>, StoreError> {
    let mut statement = connection.prepare_cached(BATCHED)?;
    let keys: Vec<i64> = statement
        .query_map([lead.0], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let mut members = Vec::with_capacity(keys.len());
    for key in keys {
        members.extend(due(connection, DeliveryKey(key))?);
    }
    Ok(members)
}

/// Holds a pending delivery back until it is released; it has no job meanwhile.
pub fn hold(tx: &Tx<'_>, key: DeliveryKey) -> Result<(), StoreError> {
    tx.prepare_cached(HOLD)?.execute([key.0])?;
    Ok(())
}

/// Held deliveries, oldest first.
pub fn held(connection: &Connection) -> Result<Vec<DeliveryKey>, StoreError> {
    let mut statement = connection.prepare_cached(HELD)?;
    let rows = statement.query_map([], |row| Ok(DeliveryKey(row.get(0)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Takes the hold off one delivery; the caller enqueues its job. False when it was not held.
pub fn release(tx: &Tx<'_>, key: DeliveryKey, now_ms: i64) -> Result<bool, StoreError> {
    Ok(tx.prepare_cached(RELEASE)?.execute(params![key.0, now_ms])? == 1)
}

/// What the worker needs, `None` when the delivery is gone or has no app.
pub fn due(connection: &Connection, key: DeliveryKey) -> Result<Option<DueDelivery>, StoreError> {
    let mut statement = connection.prepare_cached(DUE)?;
    let mut rows = statement.query([key.0])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let (Some(app), Some(flow)) = (row.get::<_, Option<i64>>(1)?, row.get::<_, Option<String>>(3)?) else {
        return Ok(None);
    };
    Ok(Some(DueDelivery {
        key: DeliveryKey(row.get(0)?),
        app: AppKey(app),
        account: AccountKey(row.get(2)?),
        flow: flow_from_name(flow)?,
        field: row.get(4)?,
        raw: row.get(5)?,
        attempt_count: row.get(6)?,
        created_at_ms: row.get(7)?,
        is_batch_lead: row.get(8)?,
    }))
}

/// Records an attempt and how the delivery stands after it.
pub fn settle(
    tx: &Tx<'_>,
    key: DeliveryKey,
    attempt: &NewAttempt,
    settlement: &Settlement,
) -> Result<AttemptKey, StoreError> {
    let attempt_key = insert_attempt(tx, key, attempt)?;
    let (status, reason, next) = match settlement {
        Settlement::Delivered => (DeliveryStatus::Delivered, None, None),
        Settlement::RetryAt(at_ms) => (DeliveryStatus::Failed, None, Some(*at_ms)),
        Settlement::Dead(reason) => (DeliveryStatus::Dead, Some(reason), None),
    };
    tx.prepare_cached(SETTLE)?
        .execute(params![key.0, status.as_str(), reason, next])?;
    tx.tell(StreamEvent::Delivery, key.0)?;
    Ok(attempt_key)
}

/// Gives a delivery up that cannot be attempted at all.
pub fn give_up(tx: &Tx<'_>, key: DeliveryKey, reason: &str) -> Result<(), StoreError> {
    tx.prepare_cached(GIVE_UP)?
        .execute(params![key.0, DeliveryStatus::Dead.as_str(), reason])?;
    tx.tell(StreamEvent::Delivery, key.0)?;
    Ok(())
}

/// Records an attempt without changing how the delivery stands.
pub fn insert_attempt(tx: &Tx<'_>, key: DeliveryKey, attempt: &NewAttempt) -> Result<AttemptKey, StoreError> {
    let attempt_key = tx.prepare_cached(INSERT_ATTEMPT)?.insert(params![
        key.0,
        attempt.at_ms,
        attempt.url,
        attempt.status,
        attempt.error,
        attempt.latency_ms,
        attempt.ended_at.as_millis(),
        attempt.request_headers,
        attempt.response_body
    ])?;
    tx.tell(StreamEvent::Attempt, attempt_key)?;
    Ok(AttemptKey(attempt_key))
}

/// Which deliveries a list shows; `None` means any.
#[derive(Debug, Clone, Default)]
pub struct DeliveryFilter {
    /// Made after the delivery with this id.
    pub after: i64,
    /// At most so many.
    pub limit: i64,
    /// Status name.
    pub status: Option<String>,
    /// App name.
    pub app: Option<String>,
    /// Account name without `@`.
    pub account: Option<String>,
    /// Webhook field.
    pub field: Option<String>,
    /// Message it is about; the other filters except `after` and `limit` then apply to few rows.
    pub mid: Option<String>,
}

/// Read models of deliveries with their attempts, oldest first.
pub fn views(connection: &Connection, filter: &DeliveryFilter) -> Result<Vec<DeliveryView>, StoreError> {
    if let Some(mid) = &filter.mid {
        let all = many(connection, VIEWS_OF_MID, params![mid])?;
        return Ok(all.into_iter().filter(|view| filter.matches(view)).collect());
    }
    let params = params![
        filter.after,
        filter.status,
        filter.app,
        filter.account,
        filter.field,
        filter.limit
    ];
    let views = if filter.status.is_some() {
        VIEWS_IN_STATUS
    } else {
        VIEWS
    };
    many(connection, views, params)
}

/// Read models of the newest deliveries made before the delivery with id `before`, newest first; `after` is not looked at.
pub fn newest_views(
    connection: &Connection,
    filter: &DeliveryFilter,
    before: Option<i64>,
) -> Result<Vec<DeliveryView>, StoreError> {
    let before = before.unwrap_or(i64::MAX);
    let params = params![
        before,
        filter.status,
        filter.app,
        filter.account,
        filter.field,
        filter.mid,
        filter.limit
    ];
    let views = if filter.status.is_some() {
        NEWEST_VIEWS_IN_STATUS
    } else {
        NEWEST_VIEWS
    };
    many(connection, views, params)
}

impl DeliveryFilter {
    /// Whether a delivery passes the filter, `limit` apart.
    pub fn matches(&self, view: &DeliveryView) -> bool {
        let same =
            |wanted: &Option<String>, have: Option<&str>| wanted.as_deref().is_none_or(|wanted| have == Some(wanted));
        view.id > self.after
            && same(&self.status, Some(&view.status))
            && same(&self.app, view.app.as_deref())
            && same(&self.account, Some(&view.account))
            && same(&self.field, Some(&view.field))
            && same(&self.mid, view.mid.as_deref())
    }
}

/// Deliveries about one comment.
pub fn views_of_comment(connection: &Connection, comment_id: &str) -> Result<Vec<DeliveryView>, StoreError> {
    many(connection, VIEWS_OF_COMMENT, params![comment_id])
}

/// The read model of one delivery.
pub fn view(connection: &Connection, key: DeliveryKey) -> Result<Option<DeliveryView>, StoreError> {
    Ok(many(connection, VIEW, params![key.0])?.pop())
}

/// The read model of one attempt.
pub fn attempt_view(connection: &Connection, key: AttemptKey) -> Result<Option<AttemptView>, StoreError> {
    Ok(connection
        .prepare_cached(ATTEMPT)?
        .query_row([key.0], attempt)
        .optional()?)
}

fn many(
    connection: &Connection,
    sql: &'static str,
    params: &[&dyn rusqlite::ToSql],
) -> Result<Vec<DeliveryView>, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut views = Vec::new();
    while let Some(row) = rows.next()? {
        let mut view = delivery(row)?;
        let mut attempts = connection.prepare_cached(ATTEMPTS)?;
        view.attempts = attempts.query_map([view.id], attempt)?.collect::<Result<_, _>>()?;
        views.push(view);
    }
    Ok(views)
}

fn delivery(row: &Row<'_>) -> Result<DeliveryView, StoreError> {
    let raw: Vec<u8> = row.get(10)?;
    Ok(DeliveryView {
        id: row.get(0)?,
        app: row.get(1)?,
        account: row.get(2)?,
        flow: row.get(3)?,
        field: row.get(4)?,
        mid: row.get(5)?,
        comment_id: row.get(6)?,
        status: row.get(7)?,
        reason: row.get(8)?,
        remedy: row.get(9)?,
        payload: serde_json::from_slice(&raw).unwrap_or(serde_json::Value::Null),
        raw: String::from_utf8_lossy(&raw).into_owned(),
        batch: row.get(11)?,
        next_attempt_at: row.get::<_, Option<i64>>(12)?.map(rfc3339),
        created_at: rfc3339(row.get(13)?),
        attempts: Vec::new(),
    })
}

fn attempt(row: &Row<'_>) -> rusqlite::Result<AttemptView> {
    let headers: String = row.get(7)?;
    Ok(AttemptView {
        id: row.get(0)?,
        delivery_id: row.get(1)?,
        at: rfc3339(row.get(2)?),
        url: row.get(3)?,
        status: row.get(4)?,
        error: row.get(5)?,
        latency_ms: row.get(6)?,
        request_headers: serde_json::from_str(&headers).unwrap_or_default(),
        response_body: row.get(8)?,
    })
}
