//! What became of the webhooks of one gesture, without their payloads: what the phone shows under it.

use rusqlite::{Connection, Row, params};
use selfsame_runtime::clock::ProcessTime;

use super::StoreError;
use crate::domain::delivery::DeliveryStatus;

macro_rules! select_receipt {
    ($condition:literal) => {
        concat!(
            "SELECT d.id, p.name, d.field, d.status, d.reason, d.remedy, d.next_attempt_at_ms, d.created_at_ms, ",
            "l.id, l.status, l.error, l.ended_process_ms ",
            "FROM deliveries d LEFT JOIN apps p ON p.id = d.app_id ",
            "LEFT JOIN attempts l ON l.id = (SELECT max(a.id) FROM attempts a WHERE a.delivery_id = d.id) ",
            $condition
        )
    };
}

pub(super) const OF_MID: &str =
    select_receipt!("WHERE substr(d.mid, -24) = substr(?1, -24) AND d.mid = ?1 ORDER BY d.id");
const OF_COMMENT: &str = select_receipt!("WHERE d.comment_id = ?1 ORDER BY d.id");

/// What became of one webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryReceipt {
    /// Delivery id.
    pub id: i64,
    /// Name of the app; `None` when the account is connected to none.
    pub app: Option<String>,
    /// Webhook field.
    pub field: String,
    /// Where it stands.
    pub status: DeliveryStatus,
    /// Why it was suppressed or given up; a stable code.
    pub reason: Option<String>,
    /// What to do about it.
    pub remedy: Option<String>,
    /// ms of world time.
    pub next_attempt_at_ms: Option<i64>,
    /// ms of world time.
    pub created_at_ms: i64,
    /// The last attempt that ended.
    pub last_attempt: Option<LastAttempt>,
}

/// The last attempt at a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastAttempt {
    /// HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// Why there was none.
    pub error: Option<String>,
    /// When it ended, in process time; comparable within one process.
    pub ended_at: ProcessTime,
}

/// Receipts of everything that was told about a message, oldest first.
pub fn of_mid(connection: &Connection, mid: &str) -> Result<Vec<DeliveryReceipt>, StoreError> {
    many(connection, OF_MID, mid)
}

/// Receipts of everything that was told about a comment, oldest first.
pub fn of_comment(connection: &Connection, comment_id: &str) -> Result<Vec<DeliveryReceipt>, StoreError> {
    many(connection, OF_COMMENT, comment_id)
}

fn many(connection: &Connection, sql: &'static str, subject: &str) -> Result<Vec<DeliveryReceipt>, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![subject])?;
    let mut receipts = Vec::new();
    while let Some(row) = rows.next()? {
        receipts.push(receipt(row)?);
    }
    Ok(receipts)
}

fn receipt(row: &Row<'_>) -> Result<DeliveryReceipt, StoreError> {
    let status: String = row.get(3)?;
    let last_attempt_id: Option<i64> = row.get(8)?;
    let last_attempt = match last_attempt_id {
        None => None,
        Some(_) => Some(LastAttempt {
            status: row.get(9)?,
            error: row.get(10)?,
            ended_at: ProcessTime::from_millis(row.get(11)?),
        }),
    };
    Ok(DeliveryReceipt {
        id: row.get(0)?,
        app: row.get(1)?,
        field: row.get(2)?,
        status: DeliveryStatus::parse(&status).ok_or(StoreError::Corrupt {
            what: "delivery status",
            value: status,
        })?,
        reason: row.get(4)?,
        remedy: row.get(5)?,
        next_attempt_at_ms: row.get(6)?,
        created_at_ms: row.get(7)?,
        last_attempt,
    })
}
