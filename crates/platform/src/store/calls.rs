//! The journal of Graph and OAuth calls.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{StoreError, Tx};
use crate::domain::keys::{AccountKey, AppKey};
use crate::domain::view::{CallView, rfc3339};
use crate::hub::StreamEvent;

macro_rules! select_view {
    ($condition:literal) => {
        concat!(
            "SELECT c.id, c.at_ms, c.host, c.method, c.path, c.query, c.request_headers, c.request_body, c.status, c.response_body, p.name, ",
            "a.username, c.latency_ms, c.why FROM calls c LEFT JOIN apps p ON p.id = c.app_id LEFT JOIN accounts a ON a.id = c.account_id ",
            $condition
        )
    };
}

const VIEW: &str = select_view!("WHERE c.id = ?1");
const VIEWS: &str = select_view!(
    "WHERE c.id > ?1 AND (?2 IS NULL OR c.method = ?2) AND (?3 IS NULL OR c.path = ?3 OR substr(c.path, -length(?4)) = ?4) \
     AND (?5 IS NULL OR c.status = ?5) AND (?6 IS NULL OR p.name = ?6) AND (?7 IS NULL OR a.username = ?7) ORDER BY c.id LIMIT ?8"
);
const NEWEST_VIEWS: &str = select_view!(
    "WHERE c.id < ?1 AND (?2 IS NULL OR c.method = ?2) AND (?3 IS NULL OR c.path = ?3 OR substr(c.path, -length(?4)) = ?4) \
     AND (?5 IS NULL OR c.status = ?5) AND (?6 IS NULL OR p.name = ?6) AND (?7 IS NULL OR a.username = ?7) ORDER BY c.id DESC LIMIT ?8"
);
const INSERT: &str = "INSERT INTO calls (at_ms, host, method, path, query, request_headers, request_body, status, response_body, app_id, account_id, \
                      latency_ms, why) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";

/// One answered call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCall {
    /// ms of world time.
    pub at_ms: i64,
    /// As the client addressed it.
    pub host: String,
    /// Upper case.
    pub method: String,
    /// Without the query.
    pub path: String,
    /// Without the `?`.
    pub query: String,
    /// JSON object, lower-case names.
    pub request_headers: String,
    /// Capped.
    pub request_body: String,
    /// HTTP status.
    pub status: u16,
    /// Capped.
    pub response_body: String,
    /// Whose token or id it was.
    pub app: Option<AppKey>,
    /// Whose token it was.
    pub account: Option<AccountKey>,
    /// Real time.
    pub latency_ms: i64,
    /// Cause and remedy of a refusal.
    pub why: Option<String>,
}

/// Which calls a list shows; `None` means any.
#[derive(Debug, Clone, Default)]
pub struct CallFilter {
    /// Made after the call with this id.
    pub after: i64,
    /// At most so many.
    pub limit: i64,
    /// HTTP method, upper case.
    pub method: Option<String>,
    /// The whole path, or its end: `/me/messages` finds every version.
    pub path: Option<String>,
    /// HTTP status.
    pub status: Option<u16>,
    /// App name.
    pub app: Option<String>,
    /// Account name without `@`.
    pub account: Option<String>,
}

/// Records a call and tells the stream.
pub fn insert(tx: &Tx<'_>, call: &NewCall) -> Result<(), StoreError> {
    let key = tx.prepare_cached(INSERT)?.insert(params![
        call.at_ms,
        call.host,
        call.method,
        call.path,
        call.query,
        call.request_headers,
        call.request_body,
        call.status,
        call.response_body,
        call.app.map(|app| app.0),
        call.account.map(|account| account.0),
        call.latency_ms,
        call.why
    ])?;
    tx.tell(StreamEvent::Call, key)?;
    Ok(())
}

/// Read models of calls, oldest first.
pub fn views(connection: &Connection, filter: &CallFilter) -> Result<Vec<CallView>, StoreError> {
    list(connection, VIEWS, filter, filter.after)
}

/// Read models of the newest calls made before the call with id `before`, newest first; `after` is not looked at.
pub fn newest_views(
    connection: &Connection,
    filter: &CallFilter,
    before: Option<i64>,
) -> Result<Vec<CallView>, StoreError> {
    list(connection, NEWEST_VIEWS, filter, before.unwrap_or(i64::MAX))
}

fn list(
    connection: &Connection,
    sql: &'static str,
    filter: &CallFilter,
    bound: i64,
) -> Result<Vec<CallView>, StoreError> {
    let ending = filter.path.as_deref().filter(|path| path.starts_with('/'));
    let params = params![
        bound,
        filter.method,
        filter.path,
        ending,
        filter.status,
        filter.app,
        filter.account,
        filter.limit
    ];
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map(params, view_of)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The read model of one call.
pub fn view(connection: &Connection, id: i64) -> Result<Option<CallView>, StoreError> {
    Ok(connection.prepare_cached(VIEW)?.query_row([id], view_of).optional()?)
}

fn view_of(row: &Row<'_>) -> rusqlite::Result<CallView> {
    let headers: String = row.get(6)?;
    Ok(CallView {
        id: row.get(0)?,
        at: rfc3339(row.get(1)?),
        host: row.get(2)?,
        method: row.get(3)?,
        path: row.get(4)?,
        query: row.get(5)?,
        request_headers: serde_json::from_str(&headers).unwrap_or_default(),
        request_body: row.get(7)?,
        status: row.get(8)?,
        response_body: row.get(9)?,
        app: row.get(10)?,
        account: row.get(11)?,
        latency_ms: row.get(12)?,
        why: row.get(13)?,
    })
}
